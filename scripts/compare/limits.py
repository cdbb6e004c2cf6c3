"""What this machine can do at most, and how far networks are from it.

python scripts/compare/limits.py                   the machine; Brunel's network, Hodgkin-Huxley cells, small networks
python scripts/compare/limits.py --scale 1         and the cortical microcircuit
mpirun -n 2 python scripts/compare/limits.py       what an exchange takes, and an interval of a small network with it

The machine is measured by loops that do nothing but one thing. A limit is what must be done at the least (operations
are counted in the equations by hand, without divisions), each at the machine's best; no work is counted twice.
"""

import argparse
import contextlib
import io
import runpy
import sys
from collections.abc import Callable
from time import perf_counter, process_time
from typing import Any

import numpy as np

import parsim as ps
from parsim.jit import entry_point, kernel, widest
from parsim.kernels.draws import uniforms_of_all
from parsim.kernels.maths import exp

TERMS = 16
SMALL, LARGE = 2_048, 1 << 23  # numbers: in the first-level cache, and in none
# kB: a step of the mailbox of 12,500 cells; all of that of the microcircuit at scale 1
NEAR, FAR = 100, 37_000


@kernel
def triad(a, b, c):
    """Two arrays read, one written."""
    for i in range(a.size):
        a[i] = b[i] + 3.0 * c[i]


@kernel
def polynomials(x, y):
    """A multiplication and an addition in each of `TERMS` terms of four polynomials, so that none waits for another."""
    widest()
    for i in range(x.size):
        a, b, c, d = x[i], x[i] + 1.0, x[i] + 2.0, x[i] + 3.0
        for _ in range(TERMS):
            a, b, c, d = a * x[i] + 0.5, b * x[i] + 0.5, c * x[i] + 0.5, d * x[i] + 0.5
        y[i] = (a + b) + (c + d)


@kernel
def exponentials(x, y):
    widest()
    for i in range(x.size):
        y[i] = exp(x[i])


@kernel
def add_to_places(place, total):
    """What delivering does, without looking up anything."""
    for i in range(place.size):
        total[np.uint64(place[i])] += 1.0


def least(act: Callable[..., Any], *given: Any, times: int = 15) -> float:
    """The least seconds of the processor of some calls."""
    run = entry_point(act, *given)
    run(*given)
    seconds = []
    for _ in range(times):
        began = process_time()
        for _ in range(4):
            run(*given)
        seconds.append((process_time() - began) / 4)
    return min(seconds)


def adding(kilobytes: int) -> float:
    """To random places in an array of that size, ns."""
    place = np.random.default_rng(1).integers(0, kilobytes << 7, 1 << 20).astype(np.int32)
    return least(add_to_places, place, np.zeros(kilobytes << 7)) / place.size * 1e9


class Machine:
    """Its best, in ns."""

    def __init__(self) -> None:
        random = np.random.default_rng(1)
        a, b, c = (np.ones(LARGE) for _ in range(3))
        x, y = random.uniform(-0.9, 0.9, SMALL), np.empty(SMALL)
        gids = np.arange(256)
        draw = (1, 2, gids, np.zeros(256, np.int64), 3, np.empty(256), np.empty(256))
        self.byte = least(triad, a, b, c) / (24 * LARGE) * 1e9
        self.operation = least(polynomials, x, y) / (8 * TERMS * SMALL) * 1e9
        self.exp = least(exponentials, x, y) / SMALL * 1e9
        self.draw = least(uniforms_of_all, *draw) / 512 * 1e9
        self.near, self.far = adding(NEAR), adding(FAR)

    def __str__(self) -> str:
        return "\n".join(
            [
                "| one core | |",
                "|---|---|",
                f"| memory, two arrays read and one written | {1.0 / self.byte:.1f} GB/s |",
                f"| multiplications and additions, vectorized | {1.0 / self.operation:.1f} GFLOP/s |",
                f"| `exp`, vectorized | {self.exp:.2f} ns |",
                f"| a uniform number of Philox | {self.draw:.2f} ns |",
                f"| adding to random places within 100 kB, within 37 MB | {self.near:.2f} ns, {self.far:.1f} ns |",
            ]
        )


def told(case: str, bound: str, limit: float, measured: float, unit: str) -> None:
    """One row of the table."""
    print(
        f"| {case} | {bound} | {limit:.3g} {unit} | {measured:.3g} {unit} | {measured / limit:.1f} |",
        flush=True,
    )


def script(path: str, *options: str) -> dict[str, Any]:
    """Run a script, and what it has made; nothing is printed."""
    sys.argv = [path, *options]
    with contextlib.redirect_stdout(io.StringIO()):
        return runpy.run_path(path)


def of_network(
    machine: Machine, name: str, sim: Any, duration: float, kilobytes: int, operations: int
) -> None:
    """Delivering, integrating and driving of a network of which each cell hears one Poisson generator."""
    before, began = sim.report(), process_time()
    sim.run(duration)
    spent, after = process_time() - began, sim.report()
    seconds = dict(zip(after.NAMES, after.seconds[0] - before.seconds[0], strict=True))
    # Where others compute too, what is by the clock is less by the processor.
    own = spent / seconds["run"] * 1e9
    cell_steps = after.cells * duration / 0.1
    events = (after.spikes - before.spikes) * after.connections / after.cells
    place, where = adding(kilobytes), f"{kilobytes:,} kB"
    page = 2 * 3 * 8  # bytes of two ports read, and set to 0 again
    told(
        f"{name}, an event delivered",
        f"adding to places within {where}",
        place,
        seconds["deliver"] / events * own,
        "ns",
    )
    told(
        f"{name}, a cell moved by a step", f"{operations} operations, or {page} bytes",
        max(operations * machine.operation, page * machine.byte), seconds["integrate"] / cell_steps * own, "ns",
    )  # fmt: skip
    told(
        f"{name}, a Poisson number",
        "a uniform number",
        machine.draw,
        seconds["drive"] / cell_steps * own,
        "ns",
    )


def silent(machine: Machine) -> None:
    """Hodgkin-Huxley cells at rest: two stages of a step."""
    net = ps.Network()
    net.create("hh_cond_exp_traub", 4000, I_e=-200.0, t_ref=2.0)
    sim = ps.Simulation(net, dt=0.1, progress=False)
    sim.run(50.0)
    seconds = []
    for _ in range(5):
        began = process_time()
        sim.run(20.0)
        seconds.append(process_time() - began)
    limit = 2 * machine.exp + 330 * machine.operation
    told(
        "hh_cond_exp_traub, silent, a step", "2 exponentials and 330 operations", limit,
        min(seconds) / (4000 * 200) * 1e9, "ns",
    )  # fmt: skip


def small_network(n: int) -> Any:
    """iaf_psc_alpha cells with noise and a delay of a step."""
    net = ps.Network()
    cells = net.create("iaf_psc_alpha", n)
    noise = net.create("poisson_generator", rate=9000.0)
    synapse = ps.static_synapse(weight=20.0, delay=0.1)
    net.connect(noise, cells, ps.AllToAll(), ps.static_synapse(weight=90.0, delay=0.1))
    net.connect(cells, cells, ps.FixedIndegree(min(n, 100)), synapse)
    net.record_spikes(cells)
    sim = ps.Simulation(net, dt=0.1, progress=False)
    sim.run(100.0)
    return sim


def interval(sim: Any, duration: float) -> float:
    """Processor time of an interval, us."""
    seconds = []
    for _ in range(5):
        began = process_time()
        sim.run(duration)
        seconds.append(process_time() - began)
    return min(seconds) / (duration / 0.1) * 1e6


def on_one_rank(scale: float) -> None:
    """The machine, and the table."""
    machine = Machine()
    print(machine)
    print("\n| case | bounded by | limit | measured | times the limit |\n|---|---|---|---|---|")
    brunel = script("examples/brunel.py", "--order", "2500", "--time", "20")["sim"]
    of_network(machine, "Brunel 12,500", brunel, 500.0, NEAR, operations=24)
    silent(machine)
    many = interval(small_network(1000), 200.0) / 100
    told(
        "10 cells, an interval of a step",
        "10 of 1,000 such cells",
        many,
        interval(small_network(10), 2000.0),
        "us",
    )
    if scale:
        circuit = script("scripts/compare/microcircuit.py", "--scale", str(scale), "--time", "20")["sim"]
        of_network(
            machine, f"microcircuit at scale {scale:g}", circuit, 300.0, round(FAR * scale), operations=16
        )


def on_two_ranks(comm: Any) -> None:
    """What 64 words to all take by MPI itself, and an interval of ten cells."""
    from mpi4py import MPI

    world = MPI.COMM_WORLD
    mine, all_of_them = np.zeros(64, np.int64), np.zeros(64 * world.size, np.int64)
    seconds = []
    for _ in range(15):
        began = perf_counter()
        for _ in range(2000):
            world.Allgather(mine, all_of_them)
        seconds.append((perf_counter() - began) / 2000)
    took = interval(small_network(10), 500.0)
    if comm.rank == 0:
        told(
            f"10 cells on {world.size} processes, an interval",
            "an Allgather of 64 words",
            min(seconds) * 1e6,
            took,
            "us",
        )


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--scale", type=float, default=0.0, help="of the microcircuit; 0: leave it out")
    said = options.parse_args()
    comm = ps.Simulation(ps.Network(), progress=False).comm
    if comm.size > 1:
        on_two_ranks(comm)
    else:
        on_one_rank(said.scale)


if __name__ == "__main__":
    main()

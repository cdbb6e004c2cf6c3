"""Small networks: microseconds an interval, and against NEST where a python that has it is given.

python scripts/compare/small.py [--nest /path/to/a/python] [--threads 2] [--cells 10 1000] [--delays 0.1]
mpiexec -n 2 python scripts/compare/small.py

iaf_psc_alpha cells with up to 100 connections each and Poisson noise. Times are processor time of this process: the
least of some runs, of model time that is not the first. NEST is timed alike, in turn, in processes of its own.
"""

import argparse
import json
import subprocess
import sys
from time import process_time

SIZES, DELAYS = (2, 10, 100, 1000), (0.1, 1.0)
CELL = {"V_th": -55.0, "V_reset": -70.0, "E_L": -70.0, "C_m": 250.0, "tau_m": 10.0, "t_ref": 2.0}


def case(n: int) -> dict[str, float]:
    """Rate of the noise (Hz), weights of connections and noise (pA), connections onto a cell."""
    few = n < 100
    return {
        "rate": 9000.0 if few else 6000.0,
        "weight": 20.0 if few else 8.0,
        "noise": 90.0,
        "degree": min(n, 100),
    }


def duration(n: int) -> float:
    """ms of model time for each measurement."""
    return max(200.0, min(5000.0, 200_000.0 / n))


def parsim_seconds(n: int, delay: float, threads: int, times: int) -> tuple[float, int, int]:
    """Processor seconds, spikes, and ranks."""
    import parsim as ps

    said, net = case(n), ps.Network(seed=5)
    cells = net.create("iaf_psc_alpha", n, V_m=ps.Uniform(-70.0, -56.0), **CELL)
    noise = net.create("poisson_generator", rate=said["rate"])
    synapse = ps.static_synapse(weight=said["weight"], delay=delay)
    net.connect(cells, cells, ps.FixedIndegree(int(said["degree"])), synapse)
    net.connect(noise, cells, ps.AllToAll(), ps.static_synapse(weight=said["noise"], delay=delay))
    spikes = net.record_spikes(cells)
    sim = ps.Simulation(net, dt=0.1, progress=False, threads=threads)
    sim.run(10.0)
    return least(lambda: sim.run(duration(n)), times), len(spikes.times), sim.comm.size


def nest_seconds(n: int, delay: float, times: int) -> tuple[float, int]:
    """The same in NEST, on one thread."""
    import nest

    said = case(n)
    nest.set_verbosity("M_ERROR") if hasattr(nest, "set_verbosity") else None
    nest.ResetKernel()
    nest.resolution, nest.rng_seed = 0.1, 5
    cells = nest.Create("iaf_psc_alpha", n, CELL | {"V_m": -60.0})
    noise = nest.Create("poisson_generator", params={"rate": said["rate"]})
    recorder = nest.Create("spike_recorder")
    rule = {"rule": "fixed_indegree", "indegree": int(said["degree"])}
    nest.Connect(cells, cells, rule, {"weight": said["weight"], "delay": delay})
    nest.Connect(noise, cells, "all_to_all", {"weight": said["noise"], "delay": delay})
    nest.Connect(cells, recorder)
    nest.Simulate(10.0)
    return least(lambda: nest.Simulate(duration(n)), times), int(recorder.n_events)


def least(act, times: int) -> float:
    """The least processor time of some runs."""
    spent = []
    for _ in range(times):
        began = process_time()
        act()
        spent.append(process_time() - began)
    return min(spent)


def of_nest(python: str, n: int, delay: float, times: int) -> tuple[float, int]:
    """`nest_seconds` by another python."""
    command = [python, __file__, "--as-nest", str(n), str(delay), "--times", str(times)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    seconds, spikes = json.loads(said.strip().splitlines()[-1])
    return seconds, spikes


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--nest", help="a python in which NEST can be imported")
    options.add_argument("--as-nest", nargs=2, help=argparse.SUPPRESS)
    options.add_argument("--threads", type=int, default=1)
    options.add_argument("--cells", type=int, nargs="+", default=SIZES)
    options.add_argument("--delays", type=float, nargs="+", default=DELAYS)
    options.add_argument("--times", type=int, default=3)
    said = options.parse_args()
    if said.as_nest:
        n, delay = said.as_nest
        print(json.dumps(nest_seconds(int(n), float(delay), said.times)))
        return
    for n in said.cells:
        for delay in said.delays:
            seconds, spikes, ranks = parsim_seconds(n, delay, said.threads, said.times)
            line = (
                f"{n:5d} cells, delay {delay} ms: {seconds / (duration(n) / delay) * 1e6:8.2f} us an interval"
            )
            if ranks > 1:
                line += f" on {ranks} ranks (processor time of this process)"
            if said.nest:
                nests, nest_spikes = of_nest(said.nest, n, delay, said.times)
                line += f"; {duration(n):g} ms: {seconds:.4f} s, NEST {nests:.4f} s: {nests / seconds:.2f} times as"
                line += f" fast ({spikes} spikes, NEST {nest_spikes})"
            print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())

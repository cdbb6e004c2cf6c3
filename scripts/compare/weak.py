"""Weak scaling of a ring of branched cells: python weak.py, or mpiexec -n 2 python weak.py

As many cells of `cable_ring` a rank, 256, on one rank and on two: processor seconds of all ranks for 50 ms of model
time, the least of several runs in turn. The efficiency is twice the time of one rank over that of two. Alone, two ranks
are threads of this process; under mpiexec each process says what it takes, and the time of one rank is to be found by
`python weak.py --process`.
"""

import sys
import time

import cable_ring as ring
from mpi4py import MPI

import parsim as ps

CELLS, TIME, RUNS = 256, 50.0, 6


def simulation(cells: int, threads: int | None = None) -> ps.Simulation:
    """A ring in which every sixteenth cell is made to fire."""
    net = ps.Network()
    made = net.create(ring.model(1), cells)
    synapse = ps.static_synapse(weight=ring.FIRES, delay=ring.DELAY)
    start = net.create("VecStim", cells // 16, spike_times=[[1.0]] * (cells // 16))
    net.connect(start, made[::16].at("syn"), ps.OneToOne(), synapse)
    sources = list(range(cells))
    net.connect(made, made.at("syn"), ps.Lists(sources, sources[1:] + sources[:1]), synapse)
    net.record_spikes(made)
    more = {} if threads is None else {"threads": threads}
    return ps.Simulation(net, dt=ring.DT, progress=False, **more)


def least(simulations: list[ps.Simulation]) -> list[float]:
    """Processor seconds of a run of each, in turn."""
    for one in simulations:
        one.run(TIME)
    found = [float("inf")] * len(simulations)
    for _ in range(RUNS):
        for k, one in enumerate(simulations):
            begin = time.process_time()
            one.run(TIME)
            found[k] = min(found[k], time.process_time() - begin)
    return found


def main() -> None:
    """What it takes."""
    ranks = MPI.COMM_WORLD.size
    if ranks > 1 or "--process" in sys.argv:
        print(
            f"{CELLS} cells a rank on {ranks} processes, in one of them: {least([simulation(ranks * CELLS)])[0]:.4f} s"
        )
        return
    one, two = least([simulation(CELLS, 1), simulation(2 * CELLS, 2)])
    print(
        f"{CELLS} cells on 1 rank: {one:.4f} s; {2 * CELLS} on 2 ranks: {two:.4f} s; efficiency {2 * one / two:.3f}"
    )


if __name__ == "__main__":
    main()

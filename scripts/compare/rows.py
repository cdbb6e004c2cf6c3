"""What reading and setting 15 million connections takes, in processor time: python scripts/compare/rows.py [RANKS]."""

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import parsim as ps

CELLS, DEGREE = 10_000, 1_500


def timed(what: str, act: Callable[[], Any]) -> Any:
    """Do it, and say how long that took and how much memory the process has had at most."""
    began = time.process_time()
    found = act()
    spent, most = time.process_time() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"{what:40} {spent:6.2f} s {most // 1024:6,} MB", flush=True)
    return found


def main(ranks: int) -> None:
    """All of it, in one process of so many ranks."""
    net = ps.Network(seed=3)
    cells = net.create("iaf_psc_exp", CELLS)
    drawn = ps.static_synapse(weight=ps.Normal(0.0, 1.0), delay=ps.Uniform(0.5, 3.0))
    net.connect(cells, cells, ps.FixedIndegree(DEGREE), drawn)
    sim = timed("build", lambda: ps.Simulation(net, threads=ranks, progress=False))
    few = sim.connections(cells[:10])
    few.set(weight=few.get("weight"))  # compiles what is needed
    found = timed("find", sim.connections)
    weights = timed("read weights the first time", lambda: found.get("weight"))
    timed("read weights again", lambda: found.get("weight"))
    timed("read sources", lambda: found.sources)
    timed("read targets", lambda: found.targets)
    delays = timed("read delays", lambda: found.get("delay"))
    some = timed("choose by a mask", lambda: found[weights > 1.0])
    timed("set those to a number", lambda: some.set(weight=1.5))
    timed("set weights to an array", lambda: found.set(weight=weights))
    timed("set delays to an array", lambda: found.set(delay=delays))
    timed("draw weights anew", lambda: found.set(weight=ps.Normal(1.0, 0.1)))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state"
        timed("save weights and delays", lambda: sim.save(path))
        timed("build and restore", lambda: ps.Simulation(net, threads=ranks, progress=False, restore=path))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)

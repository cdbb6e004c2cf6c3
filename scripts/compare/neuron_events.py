"""1,000 IntFire2 cells of in-degree 100 for 1 s, in parsim and in NEURON in turn: events and set-up per second.

python scripts/compare/neuron_events.py /path/to/neuron/python

The network is the same in both, connection by connection: delays between 1 and 5 ms, weights of both
signs whose mean is a little below 0, and for each cell a Poisson NetStim of its own. Times are of the
processor, wall time behind; parsim's best of three simulations in one process, since the first loads kernels.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

CELLS, INDEGREE, DURATION, TURNS = 1_000, 100, 1_000.0, 3
DRIVE = dict(interval=5.0, number=1e9, start=0.0, noise=1.0)
DRIVE_WEIGHT = 0.3


def rows() -> tuple[Any, Any, Any]:
    """Sources, weights and delays of the connections between cells, [target, connection]."""
    rng = np.random.default_rng(1)
    shape = (CELLS, INDEGREE)
    return rng.integers(0, CELLS, shape), rng.normal(-0.002, 0.02, shape), rng.uniform(1.0, 5.0, shape)


def timed(function: Callable[[], Any]) -> tuple[float, float]:
    """Seconds of the processor, and of the clock."""
    wall, cpu = time.perf_counter(), time.process_time()
    function()
    return time.process_time() - cpu, time.perf_counter() - wall


def in_neuron() -> dict[str, Any]:
    """Set-up and run in NEURON on one core."""
    from neuron import h  # type: ignore[import-not-found]

    sources, weights, delays = (a.tolist() for a in rows())
    cells = [h.IntFire2() for _ in range(CELLS)]
    stims = [h.NetStim() for _ in range(CELLS)]
    kept = []
    for stim in stims:
        for name, value in DRIVE.items():
            setattr(stim, name, value)
        stim.noiseFromRandom123(stims.index(stim), 1, 1)

    def connect() -> None:
        for i, target in enumerate(cells):
            for source, weight, delay in zip(sources[i], weights[i], delays[i], strict=True):
                kept.append(h.NetCon(cells[source], target, 0.0, delay, weight))

    setup = timed(connect)
    kept += [h.NetCon(a, b, 0.0, 1.0, DRIVE_WEIGHT) for a, b in zip(stims, cells, strict=True)]
    times, ids = h.Vector(), h.Vector()
    context = h.ParallelContext()
    for gid, cell in enumerate(cells):
        context.set_gid2node(gid, 0)
        context.cell(gid, h.NetCon(cell, None))
        context.spike_record(gid, times, ids)
    context.set_maxstep(10.0)
    h.dt = 0.1
    h.finitialize()
    run = timed(lambda: context.psolve(DURATION))
    return {"setup": setup, "run": run, "spikes": int(times.size())}


def in_parsim() -> dict[str, Any]:
    """The same in parsim; the best of a few."""
    import parsim as ps

    sources, weights, delays = rows()
    best: dict[str, Any] = {}
    for _ in range(TURNS):
        net = ps.Network(seed=1)
        cells = net.create("IntFire2", CELLS)
        stims = net.create("NetStim", CELLS, **DRIVE)
        net.connect(stims, cells, ps.OneToOne(), ps.static_synapse(weight=DRIVE_WEIGHT, delay=1.0))
        spikes = net.record_spikes(cells)
        built: list[Any] = []

        def connect(net: Any = net, cells: Any = cells, built: list[Any] = built) -> None:
            lists = ps.Lists(sources.ravel(), np.repeat(np.arange(CELLS), INDEGREE))
            synapse = ps.static_synapse(weight=weights.ravel(), delay=delays.ravel())
            net.connect(cells, cells, lists, synapse)
            built.append(ps.Simulation(net, dt=0.1, progress=False))

        setup = timed(connect)
        run = timed(lambda sim=built[0]: sim.run(DURATION))
        found = {"setup": setup, "run": run, "spikes": len(spikes)}
        best = {k: min(v, best.get(k, v)) for k, v in found.items()}
    return best


def told(name: str, found: dict[str, Any]) -> tuple[float, float]:
    """One line; events and connections in a second of the processor."""
    (run, run_wall), (setup, setup_wall) = found["run"], found["setup"]
    events = found["spikes"] * INDEGREE + CELLS * DURATION / DRIVE["interval"]
    rates = events / run, CELLS * INDEGREE / setup
    print(
        f"{name:<7}{found['spikes'] / CELLS / DURATION * 1e3:7.1f} Hz {run:9.3f} s ({run_wall:.3f})"
        f" {rates[0] / 1e6:8.2f} M events/s; set-up {setup:7.4f} s ({setup_wall:.4f}) {rates[1] / 1e6:8.3f} M/s"
    )
    return rates


def main() -> None:
    """In turn, then the ratios."""
    if sys.argv[1] in ("neuron", "parsim"):
        print(json.dumps(in_neuron() if sys.argv[1] == "neuron" else in_parsim()))
        return
    ratios = []
    for _ in range(TURNS):
        both = []
        for python, name in ((sys.argv[1], "neuron"), (sys.executable, "parsim")):
            ended = subprocess.run([python, __file__, name], capture_output=True, text=True, check=True)
            both.append(told(name, json.loads(ended.stdout.splitlines()[-1])))
        ratios.append([ours / theirs for theirs, ours in zip(*both, strict=True)])
    events, setup = np.median(ratios, axis=0)
    print(f"parsim / NEURON: events {events:.1f}, set-up {setup:.1f} (median of {TURNS})")


if __name__ == "__main__":
    main()

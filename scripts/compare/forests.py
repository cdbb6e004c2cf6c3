"""Nanoseconds a compartment and step of unequal cable cells in forests, in blocks of their own, and of equal ones.

200 cells with random trees of 49 to 127 compartments (or, `equal`, as many of one tree), each a model of its own, dt
0.025 ms: hh in the soma and pas on branches, or hh everywhere; nothing reaches them, or ten ExpSyn each hear 20 spikes
a second after 1 ms; somata are sampled every 0.1 ms, or not. Processor time of runs of 50 ms, the best of four; the
first is not counted.

    python forests.py [CASE [HOW]]      of CASES and HOWS below, all of them without
"""

import sys
import time

import numpy as np

import parsim as ps
from parsim.shard.cable import forest

CELLS, SYNAPSES, SPAN, DT = 200, 10, 50.0, 0.025
CASES = {  # is hh everywhere, do they hear, are they sampled?
    "soma": (False, False, False),
    "soma hears": (False, True, False),
    "soma sampled": (False, False, True),
    "soma hears sampled": (False, True, True),
    "everywhere": (True, False, False),
    "everywhere hears sampled": (True, True, True),
}
HOWS = ("blocks", "forests", "equal")


def tree(k: int, everywhere: bool, synapses: int) -> tuple[ps.CableModel, int]:
    """A model, and its compartments."""
    rng = np.random.default_rng(k)
    branches = int(rng.integers(24, 64))
    sections = [ps.Section("soma", L=20.0, diam=20.0, Ra=100.0)]
    for b in range(branches):
        parent = "soma" if b == 0 or rng.random() < 0.2 else f"b{rng.integers(b)}"
        length = rng.uniform(30.0, 80.0)
        sections.append(ps.Section(f"b{b}", L=length, diam=1.0, nseg=2, Ra=100.0, parent=parent))
    names = [section.name for section in sections[1:]]
    inserted = [ps.insert("hh", on="soma"), ps.insert("pas", on=names, g=1e-4, e=-65.0)]
    model = ps.CableModel(
        f"tree{k}",
        sections,
        insert=[ps.insert("hh")] if everywhere else inserted,
        place=[
            ps.place(f"syn{j}", "ExpSyn", at=f"{rng.choice(names)}(0.3)", tau=2.0) for j in range(synapses)
        ],
        detector=ps.detector("soma"),
    )
    return model, 1 + 2 * branches


def measured(everywhere: bool, hear: bool, sampled: bool, how: str) -> float:
    """Nanoseconds a compartment and step."""
    forest.FEW = 0 if how == "blocks" else 8
    models = [tree(k, everywhere, SYNAPSES if hear else 0) for k in range(1 if how == "equal" else CELLS)]
    each = CELLS // len(models)
    net, rng = ps.Network(seed=1), np.random.default_rng(5)
    cells = [net.create(model, each) for model, _ in models]
    if hear:
        trains = [np.sort(rng.uniform(0.0, 300.0, 6)) for _ in range(500)]
        sources = net.create("VecStim", 500, spike_times=trains)
        for some in cells:
            for j in range(SYNAPSES):
                synapse = ps.static_synapse(weight=3e-4, delay=1.0)
                net.connect(sources[50 * j : 50 * j + 50], some.at(f"syn{j}"), ps.FixedIndegree(1), synapse)
    for some in cells:
        net.record_spikes(some)
        if sampled:
            net.record(some, "soma.v", interval=0.1)
    simulation, found = ps.Simulation(net, dt=DT, progress=False), []
    for _ in range(5):
        begin = time.process_time()
        simulation.run(SPAN)
        found.append(time.process_time() - begin)
    return min(found[1:]) / (SPAN / DT * each * sum(size for _, size in models)) * 1e9


if __name__ == "__main__":
    cases = sys.argv[1:2] or CASES
    for case in cases:
        for way in sys.argv[2:3] or HOWS:
            print(f"{case}, {way}: {measured(*CASES[case], way):.2f} ns", flush=True)

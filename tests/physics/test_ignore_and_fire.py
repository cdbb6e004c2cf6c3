"""Cells that fire at a rate whatever they hear, against NEST 3.10; data in tests/data."""

import json
from pathlib import Path

import numpy as np

import parsim as ps

STORED = json.loads((Path(__file__).parents[1] / "data" / "ignore_and_fire.json").read_text())


def test_spikes_are_those_of_nest_also_after_another_rate_is_set():
    net = ps.Network()
    said = {name: [case["params"][name] for case in STORED] for name in ("rate", "phase")}
    cells = net.create("ignore_and_fire", len(STORED), **said)
    noise = net.create("poisson_generator", rate=1_000.0)
    net.connect(noise, cells, ps.AllToAll(), ps.static_synapse(weight=100.0))
    spikes, sim = net.record_spikes(cells), ps.Simulation(net, dt=0.1)
    sim.run(STORED[0]["at"])
    sim.set(cells, **STORED[0]["later"])
    sim.run(STORED[0]["until"] - STORED[0]["at"])
    for i, case in enumerate(STORED):
        assert spikes.times[spikes.gids == i].round(6).tolist() == case["times"]
        assert np.diff(case["times"]).max() > 1.0  # the later rate is met

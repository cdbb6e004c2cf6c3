"""Traces against NEST 3.10 for the models that are integrated exactly; data in tests/data."""

import json
from pathlib import Path

import numpy as np
import pytest

import parsim as ps

DATA = Path(__file__).parents[1] / "data"

# Both integrate exactly, so they differ by rounding: some ulp (1.4e-14 mV at 70 mV) a step, damped
# by the membrane, stay far below 1e-10.
TOLERANCE = 1e-10


@pytest.mark.parametrize("model", ["iaf_psc_alpha", "iaf_psc_exp", "iaf_psc_delta"])
def test_a_driven_cell_has_the_trace_and_spikes_of_nest(model):
    data = np.load(DATA / f"neuron_{model}.npz")
    meta = json.loads(str(data["meta"]))

    net = ps.Network()
    cell = net.create(model, 1, **meta["params"])
    for kind in ("ex", "in"):
        train = net.create("spike_generator", spike_times=meta[f"{kind}_times"])
        net.connect(
            train, cell, ps.OneToOne(), ps.static_synapse(weight=meta[f"w_{kind}"], delay=meta[f"d_{kind}"])
        )
    current = {name: meta["dc"][name] for name in ("amplitude", "start", "stop")}
    dc = net.create("dc_generator", **current)
    net.connect(dc, cell, ps.OneToOne(), ps.static_synapse(delay=meta["dc"]["delay"]))
    spikes = net.record_spikes(cell)
    traces = {name: net.record(cell, name, interval=0.1) for name in meta["recordables"]}
    ps.Simulation(net, dt=meta["resolution"]).run(meta["T"])

    assert np.array_equal(spikes.times, data["spike_times"])
    for name, trace in traces.items():
        n = meta["n"]
        assert trace.times[0] == meta["t_first"] and trace.times[n - 1] == meta["t_last"]
        assert np.abs(trace.values[:n, 0] - data[name]).max() < TOLERANCE


def test_a_parrot_repeats_duplicates_and_multiplicities_as_in_nest():
    case = json.loads((DATA / "parrot.json").read_text())
    net = ps.Network()
    parrot = net.create("parrot_neuron")
    train = net.create(
        "spike_generator", spike_times=case["spike_times"], spike_multiplicities=case["multiplicities"]
    )
    net.connect(train, parrot, ps.OneToOne(), ps.static_synapse(weight=-3.0, delay=case["delay"]))
    spikes = net.record_spikes(parrot)
    ps.Simulation(net, dt=0.1).run(5.0)
    assert spikes.times.tolist() == case["parrot_out"]

"""Weights that connections bring, spike by spike, against those of NEST 3.10 (tests/data/synapses.json)."""

import json
from pathlib import Path

import numpy as np
import pytest

import parsim as ps
from tests.plasticity.listener import listener

STORED = json.loads((Path(__file__).parents[1] / "data" / "synapses.json").read_text())


def train(which, case):
    """Bursts, coincidences and ties with the delays are among them; some times come two or three times."""
    return np.repeat(STORED[which], STORED[f"{which}_multiplicities"] if case["multiplicities"] else 1)


def modulated(case, net):
    """What the connection feels, half a step of a millisecond after what drives it."""
    if "dopamine" not in case["model"]:
        return {}
    dopamine = net.create("parrot_neuron")
    train = net.create("spike_generator", spike_times=np.array(STORED["dopamine"]) - 0.5)
    net.connect(train, dopamine, ps.OneToOne(), ps.static_synapse(delay=0.5))
    return {"vt": ps.VolumeTransmitter(dopamine, delay=1.0)}


def brought(case):
    """What arrives at the target in each step, and in which."""
    net = ps.Network()
    # Sources are parrots, half a step of a millisecond after what drives them; the target is told 1 ms later.
    trains = [train("pre", case) - 0.5, train("post", case) - 1.5]
    told = net.create("parrot_neuron", 2)
    net.connect(
        net.create("spike_generator", 2, spike_times=trains),
        told,
        ps.OneToOne(),
        ps.static_synapse(delay=0.5),
    )
    cell = net.create(listener, **case["target"])
    model = getattr(ps, case["model"])
    if "tables" in case:
        model = ps.facetshw_tables(model, **case["tables"])
    synapse = model(**case["params"], **modulated(case, net), delay=case["delay"], receptor="other")
    net.connect(told[:1], cell, ps.OneToOne(), synapse)
    net.connect(told[1:], cell, ps.OneToOne(), ps.static_synapse(receptor="told"))
    heard = net.record(cell, "heard", interval=0.1)
    ps.Simulation(net, dt=0.1).run(STORED["T"])
    return np.rint(heard.times * 10).astype(int), heard.values[:, 0]


@pytest.mark.parametrize("name", STORED["cases"])
def test_weights_are_those_of_nest(name):
    case = STORED["cases"][name]
    steps, found = brought(case)
    arrivals = np.rint(np.array(case["times"]) * 10).astype(int) + round(case["delay"] * 10)
    wanted = np.zeros(steps[-1] + 1)
    np.add.at(wanted, arrivals, case["weights"])
    # NEST's own rounding of some 80 pairs of spikes, of weights up to 250.
    assert np.count_nonzero(found) == np.count_nonzero(wanted[steps]) > 50
    assert found == pytest.approx(wanted[steps], rel=1e-12, abs=1e-12)

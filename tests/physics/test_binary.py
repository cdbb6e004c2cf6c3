"""Cells that are on or off: what they hear, and how often they are on; closed forms, and what NEST 3.10 gave."""

import math

import numpy as np
import pytest

import parsim as ps


def test_two_spikes_at_once_add_a_weight_and_a_single_one_takes_it_away():
    """As NEST gave it for the same trains: the times of changes and what h came to."""
    net = ps.Network()
    cell = net.create("mcculloch_pitts_neuron", theta=100.0)
    for weight, delay, times in (
        (1.5, 1.0, [1.0, 1.0, 3.0, 6.0, 6.0]),
        (-0.5, 1.7, [2.0, 2.0, 5.0]),
        (0.25, 1.0, [4.0]),
    ):
        train = net.create("spike_generator", spike_times=times)
        net.connect(train, cell, ps.OneToOne(), ps.static_synapse(weight=weight, delay=delay))
    h = net.record(cell, "h", interval=0.1)
    ps.Simulation(net, dt=0.1).run(12.0)
    values = h.values[:, 0]
    changes = [(float(h.times[k]), float(values[k])) for k in np.flatnonzero(np.diff(values)) + 1]
    assert changes == [(2.0, 1.5), (3.7, 1.0), (4.0, -0.5), (5.0, -0.75), (6.7, -0.25), (7.0, 1.25)]


@pytest.mark.parametrize(
    ("model", "values", "c"),
    [
        ("ginzburg_neuron", dict(c_3=0.5), 1.0 / (1.0 + np.exp(-2.0 * 0.5 * (0.3 - 1.0)))),
        ("erfc_neuron", dict(sigma=1.4), 0.5 * math.erfc((1.0 - 0.3) / (1.4 * np.sqrt(2.0)))),
    ],
    ids=["sigmoid", "normal"],
)
def test_a_cell_is_on_as_often_as_its_input_says_and_its_spikes_say_when(model, values, c):
    """Of n = 400 cells with chance c, looks at 1/tau: c of them are on, and 2 c (1 - c) of all looks change that.

    Going on is two spikes and going off one, so that is 3 c (1 - c) T/tau spikes a cell; looks wait for the end of a
    step, which makes them rarer by dt/(2 tau) or so. Standard errors: sqrt(c (1 - c)/(400 * 50)) = 0.003 of the time
    that is on, for 50 independent looks; some 1.2 % of the spikes.
    """
    net = ps.Network(seed=2)
    cells = net.create(model, 400, h=0.3, theta=1.0, tau_m=10.0, **values)
    on, spikes = net.record(cells, "S", interval=1.0), net.record_spikes(cells)
    ps.Simulation(net, dt=0.1).run(1050.0)
    assert abs(on.values[50:].mean() - c) < 0.012
    late = spikes.times > 50.0
    assert abs(late.sum() / (3.0 * c * (1.0 - c) * 100.0 * 400.0) - 1.0) < 0.03
    times, counts = np.unique(spikes.times[spikes.gids == 7], return_counts=True)
    changes = np.diff(np.concatenate([[0.0], on.values[:, 7]]))
    assert counts[0] == 2 and (counts[:-1] + counts[1:] == 3).all()
    assert np.abs(changes).sum() <= times.size


def test_a_network_is_as_active_as_in_nest():
    """NEST's excitatory cells were on 0.208 and 0.205 of the time (two seeds), with 19,091 and 19,303 spikes in 1 s."""
    net = ps.Network(seed=3)
    values = dict(theta=1.0, c_3=0.5)
    exc, inh = net.create("ginzburg_neuron", 400, **values), net.create("ginzburg_neuron", 100, **values)
    for source, n, weight in ((exc, 40, 0.1), (inh, 20, -0.3)):
        rule = ps.FixedIndegree(n, allow_multapses=False)
        net.connect(source, exc + inh, rule, ps.static_synapse(weight=weight, delay=0.5))
    on, spikes = net.record(exc, "S", interval=1.0), net.record_spikes(exc)
    ps.Simulation(net, dt=0.1).run(1000.0)
    assert abs(on.values[200:].mean() - 0.206) < 0.01
    assert abs(len(spikes) - 19_200) < 600

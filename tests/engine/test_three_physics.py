"""Cells of sections, cells that move by steps and event-driven ones in one network, joined in every way there is."""

import numpy as np
import pytest

import parsim as ps
from tests.cable_models import CABLE


def network():
    """A ring of the three; cables joined among themselves and to cells with gap junctions; synapses that learn."""
    net = ps.Network(seed=11)
    cables = net.create(CABLE, 4, amp=ps.Uniform(0.1, 0.4), tau_minus=15.0)
    points = net.create("iaf_psc_alpha", 5, I_e=ps.Uniform(300.0, 450.0))
    joined = net.create("hh_psc_alpha_gap", 2, I_e=ps.Uniform(200.0, 600.0))
    events = net.create("IntFire2", 6, taum=ps.Uniform(5.0, 10.0), ib=ps.Uniform(0.5, 1.1))
    strong = ps.static_synapse(weight=ps.Normal(200.0, 40.0), delay=ps.Uniform(0.8, 2.0))
    learning = ps.stdp_synapse(weight=ps.Uniform(1e-4, 5e-4), delay=1.0, Wmax=1e-3)
    net.connect(cables, points, ps.FixedIndegree(3), strong)
    net.connect(points, events, ps.FixedIndegree(2), ps.static_synapse(weight=0.3, delay=0.8))
    net.connect(events, events, ps.FixedIndegree(2), ps.static_synapse(weight=-0.1, delay=0.3))
    net.connect(events, cables.at("exc[0]"), ps.FixedIndegree(3), learning)
    net.connect(
        events + cables, cables.at("sat"), ps.FixedIndegree(3), ps.static_synapse(weight=1e-3, delay=0.7)
    )
    net.connect(joined, cables.at("exc[1]"), ps.AllToAll(), ps.static_synapse(weight=3e-4, delay=1.3))
    net.couple(cables.at("dend(0.5)"), cables.at("dend(0.5)"), ps.AllToAll(), weight=0.3)
    net.couple(joined, cables.at("soma(0.5)"), ps.AllToAll(), weight=0.5)
    return net, [net.record_spikes(kind) for kind in (cables, points, joined, events)]


def seen(threads, cuts=(40.0,)):
    net, recorded = network()
    sim = ps.Simulation(net, dt=0.025, threads=threads, progress=False)
    for time in cuts:
        sim.run(time)
    weights = sim.connections(synapse="stdp_synapse").get("weight")
    return [(one.gids.tolist(), one.times.tolist()) for one in recorded], weights


@pytest.fixture(scope="module")
def alone():
    return seen(1)


def test_all_of_them_fire_and_what_learns_has_learned(alone):
    spikes, weights = alone
    assert all(times for _, times in spikes)
    assert np.ptp(weights) > 0.0


@pytest.mark.parametrize("threads", [2, 5])
def test_ranks_and_cuts_change_nothing(alone, threads):
    spikes, weights = seen(threads, (7.3, 0.2, 32.5))
    assert spikes == alone[0] and np.array_equal(weights, alone[1])


def test_a_restart_on_other_ranks_goes_on_with_spikes_and_events_on_their_way(alone, tmp_path):
    """Half of a step after some were sent: of cells and synapses, and what mechanisms have sent to themselves."""
    net, before = network()
    first = ps.Simulation(net, dt=0.025, threads=2, progress=False)
    first.run(17.325)
    first.save(tmp_path / "state.h5")
    net, after = network()
    second = ps.Simulation(net, dt=0.025, threads=3, progress=False, restore=tmp_path / "state.h5")
    second.run(22.675)
    found = [
        (a.gids.tolist() + b.gids.tolist(), a.times.tolist() + b.times.tolist())
        for a, b in zip(before, after, strict=True)
    ]
    assert found == alone[0]
    assert np.array_equal(second.connections(synapse="stdp_synapse").get("weight"), alone[1])

"""Connections that learn in a network that grows, is changed and begins anew: the same on any number of ranks."""

import numpy as np
import pytest

import parsim as ps


def weights_through_changes(threads=1):
    """Weights by statement as they were after each change."""
    net = ps.Network(seed=3)
    source = net.create("parrot_neuron", 8)
    cells = net.create("iaf_psc_exp", 6, V_m=ps.Uniform(-70.0, -56.0))
    noise = net.create("poisson_generator", 2, rate=[60.0, 6_000.0])
    net.connect(noise[:1], source, ps.AllToAll())
    net.connect(noise[1:], cells, ps.AllToAll(), ps.static_synapse(weight=40.0))
    learning = ps.stdp_synapse(weight=ps.Uniform(20.0, 40.0), Wmax=80.0, lambda_=0.1, delay=1.5)
    net.connect(source, cells[:0], ps.AllToAll(), learning)
    net.connect(source, cells, ps.AllToAll(), learning)
    sim = ps.Simulation(net, threads=threads, progress=False)
    said = sim.connections(source, cells).get("weight")
    sim.run(50.3)
    sim.set(cells, tau_minus=ps.Uniform(10.0, 30.0))
    more = net.create("iaf_psc_exp", 5, V_m=-56.0, I_e=400.0)
    triplets = ps.stdp_triplet_synapse(weight=30.0, Aplus=0.1, Aminus=0.1, delay=0.7)
    net.connect(source + cells, more, ps.FixedIndegree(4), triplets)
    calming = ps.vogels_sprekeler_synapse(weight=-30.0, Wmax=-60.0, eta=1.0)
    net.connect(more, cells, ps.FixedIndegree(2), calming)
    sim.run(60.0)
    found = sim.connections(source, cells)
    found[:3].set(weight=10.0, Kplus=0.0)
    sim.run(20.0)
    ends = [(source, cells), (source, more), (more, cells)]
    late = [sim.connections(*pair).get("weight") for pair in ends]
    sim.reset(keep=("weights",))
    kept = [sim.connections(*pair).get("weight") for pair in ends]
    sim.reset()
    return said, *late, *kept, sim.connections(source, cells).get("weight")


@pytest.fixture(scope="module")
def alone():
    return weights_through_changes()


def test_they_have_learnt_and_a_reset_keeps_weights_or_forgets_them(alone):
    said, late, *others, kept, kept_more, kept_calming, anew = alone
    assert (late != said).all() and (others[0] != 30.0).any() and (others[1] != -30.0).any()
    assert np.array_equal(kept, late) and np.array_equal(kept_more, others[0])
    assert np.array_equal(kept_calming, others[1]) and np.array_equal(anew, said)


@pytest.mark.parametrize("threads", [2, 3])
def test_the_number_of_ranks_changes_nothing(alone, threads):
    found = weights_through_changes(threads)
    assert all(np.array_equal(a, b) for a, b in zip(found, alone, strict=True))


def test_more_sites_may_be_ready_at_first_than_there_are():
    """All of them release at the first spike, and only as many as there are recover."""
    net = ps.Network()
    source, cell = (
        net.create("spike_train_injector", spike_times=[1.0, 2.0, 500.0]),
        net.create("iaf_psc_exp"),
    )
    rows = net.connect(source, cell, ps.OneToOne(), ps.quantal_stp_synapse(n=2, a=5, U=1.0, tau_rec=1.0))
    sent = net.record_transmissions(rows)
    ps.Simulation(net).run(510.0)
    assert sent.weights[[0, -1]].tolist() == [5.0, 2.0]

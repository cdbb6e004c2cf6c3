"""A wing is added in files of its own: a kind of group, a model with receptors and a place, a synapse with state."""

import numpy as np
import pytest

import parsim as ps
from tests.wing.model import toy
from tests.wing.synapse import wearing


def network(rested=False):
    """Toy cells among themselves and with point neurons, both ways, over connections of which most wear off.

    Where `rested` is there, event-driven cells are, too, and what moves them is another loop.
    """
    net = ps.Network(seed=4)
    cells = net.create(toy, 37, tau=ps.Uniform(8.0, 12.0))
    points = net.create("iaf_psc_exp", 11)
    noise = net.create("poisson_generator", rate=6_000.0)
    net.connect(noise, cells.at("far"), ps.AllToAll(), ps.static_synapse(weight=0.6, delay=0.4))
    net.connect(noise, points, ps.AllToAll(), ps.static_synapse(weight=100.0))
    worn = wearing(weight=ps.Uniform(1.0, 3.0), delay=ps.Uniform(0.7, 2.5), tau=ps.Normal(30.0, 2.0))
    net.connect(cells, cells.at("near"), ps.FixedIndegree(5), worn)
    net.connect(points, cells, ps.PairwiseBernoulli(0.3), wearing(weight=-0.5, use=0.3, receptor="far"))
    net.connect(
        cells, points, ps.FixedIndegree(4), wearing(weight=120.0, delay=1.1, use=ps.Uniform(0.2, 0.9))
    )
    net.connect(cells, points, ps.FixedIndegree(2), ps.static_synapse(weight=-20.0, delay=0.9))
    if rested:
        net.create("IntFire1", 2)
    spikes = net.record_spikes(cells + points)
    dend = net.record(cells[::5].at("dend"), "V_m", interval=0.3)
    return net, cells, points, spikes, dend


def left_over(sim, cells):
    """What connections remember, by target, as a checkpoint has it: here of all ranks, sorted by what it is."""
    found = []
    for rank in sim._ranks:
        for table in rank.tables:
            if table.transmission is not None:
                state, target = table.transmission.state, table.group.gids[table.local()]
                found += zip(target.tolist(), *(c.tolist() for c in state), strict=True)
    return sorted(found)


def result(sim, net, cells, points, spikes, dend):
    return (
        spikes.times.tolist(), spikes.gids.tolist(), dend.values.tolist(), sim.get(cells, "dend.V_m").tolist(),
        sim.get(points, "V_m").tolist(), left_over(sim, cells),
    )  # fmt: skip


def run(threads=1, runs=(60.0,)):
    said = network()
    sim = ps.Simulation(said[0], threads=threads)
    for duration in runs:
        sim.run(duration)
    return result(sim, *said)


@pytest.fixture(scope="module")
def once():
    found = run()
    assert len(set(found[1])) > 40 and len(found[0]) > 300 and len(found[5]) > 300
    return found


@pytest.mark.parametrize("threads", [2, 3])
def test_the_number_of_ranks_changes_nothing(once, threads):
    assert run(threads) == once


@pytest.mark.parametrize("runs", [(0.3, 20.0, 39.7), (30.1, 29.9)])
def test_cuts_change_nothing(once, runs):
    assert run(2, runs) == once


def test_both_loops_give_the_same(once):
    said = network(rested=True)
    sim = ps.Simulation(said[0], threads=2)
    sim.run(60.0)
    assert result(sim, *said) == once


def test_a_restart_on_other_ranks_goes_on_as_if_never_stopped(once, tmp_path):
    said = network()
    sim = ps.Simulation(said[0], threads=2)
    sim.run(31.4)
    sim.save(tmp_path / "c.h5")
    before = said[3].times.tolist()
    again = network()
    sim = ps.Simulation(again[0], threads=3, restore=tmp_path / "c.h5")
    sim.run(28.6)
    times, _, _, dend, points, remembered = result(sim, *again)
    assert before + times == once[0]
    assert (dend, points, remembered) == once[3:]


def test_after_a_reset_connections_are_fresh(once):
    said = network()
    sim = ps.Simulation(said[0], threads=2)
    sim.run(20.0)
    sim.reset()
    sim.run(60.0)
    assert result(sim, *said) == once


def test_a_connection_wears_off_and_recovers():
    net = ps.Network()
    parrot, cell = net.create("parrot_neuron"), net.create(toy, 1, tau=1e9, flow=0.0, V_th=1e9)
    train = net.create("spike_generator", spike_times=[1.0, 2.0, 12.0, 52.0])
    net.connect(train, parrot, ps.OneToOne(), ps.static_synapse(delay=0.5))
    net.connect(parrot, cell, ps.OneToOne(), wearing(weight=8.0, delay=0.5, receptor="near"))
    sim, brought = ps.Simulation(net), []
    for until in (2.5, 3.5, 13.5, 54.0):
        sim.run(until - sim.now)
        brought.append(sim.get(cell, "V_m")[0])
    # Fresh 1, uses half; 0.55 after 1 ms of 20, uses half; 0.275 + 0.5 after 10 ms; all after 40 ms.
    assert np.diff([0.0, *brought]) == pytest.approx([4.0, 2.2, 3.1, 4.0], rel=1e-6)


def test_what_all_connections_share_is_kept_once():
    net = ps.Network()
    cells = net.create("iaf_psc_exp", 20)
    net.connect(cells, cells, ps.AllToAll(), wearing(weight=2.0, tau=ps.Uniform(10.0, 20.0)))
    (table,) = ps.Simulation(net)._ranks[0].tables
    params = table.transmission.params
    assert (params.weight.shape, params.use.shape, params.rate.shape) == ((), (), (400,))


@pytest.mark.parametrize(
    ("act", "text"),
    [
        (lambda net, a, b: net.connect(a, b, ps.AllToAll(), wearing(use=1.5)), "use of wearing is 1.5; it must be at "),
        (lambda net, a, b: net.connect(a, b, ps.AllToAll(), wearing(use=ps.Uniform(0.5, 1.5))), "it must be at most 1"),
        (lambda net, a, b: net.connect(a, b, ps.AllToAll(), wearing(left=0.5)), "left is a state of wearing"),
        (lambda net, a, b: net.connect(a, b, ps.AllToAll(), wearing(tua=5.0)), "Did you mean 'tau'"),
        (lambda net, a, b: net.connect(net.create("poisson_generator"), b, ps.AllToAll(), wearing()),
         "poisson_generator sends over no connection, so wearing has nothing to remember."),
        (lambda net, a, b: net.connect(a, net.create("IntFire1"), ps.AllToAll(), wearing()),
         "IntFire1 hears exact times, to which wearing cannot lead."),
        (lambda net, a, b: net.create(wearing), "wearing is a synapse model; use it in connect."),
        (lambda net, a, b: ps.SynapseModel("bare", params=(ps.Param("weight", 1.0),)),
         "bare has no parameter 'delay', which every synapse needs. It has: weight."),
        (lambda net, a, b: ps.SynapseModel("half", params=wearing.params, prepare=wearing.prepare),
         "half has one of prepare and transmit; both are needed"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(act, text):
    net = ps.Network()
    with pytest.raises(ps.ParsimError) as error:
        act(net, net.create(toy, 5), net.create("iaf_psc_exp", 5))
        ps.Simulation(net)
    assert text in str(error.value)

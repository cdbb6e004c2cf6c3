"""A wing is added in files of its own: a kind of group, a model with receptors and a place, a synapse with state."""

from dataclasses import replace

import numpy as np
import pytest

import parsim as ps
from tests.wing.model import joined_step, step, toy
from tests.wing.synapse import wearing


@ps.kernel
def advance(s, p, inputs, span, out):
    for k in range(span.first, span.stop):
        for i in range(span.begin, span.end):
            if step(s, p, inputs.spikes, k - span.origin, i):
                ps.emit(out, i, k + 1)


@ps.kernel
def coupled(s, p, inputs, gap, span, out):
    for k in range(span.first, span.stop):
        for i in range(span.begin, span.end):
            if joined_step(s, p, inputs.spikes, gap, k - span.origin, k - gap.first, i):
                ps.emit(out, i, k + 1)


SAME = ("params", "state", "recordables", "ports", "prepare", "weight_unit", "takes_current", "detectors")
clocked = ps.CellModel(
    "toy", advance=advance, coupled=coupled, **{name: getattr(toy, name) for name in SAME}
)  # the same cells, moved step by step


def network(joined=False, rested=False, model=toy):
    """Toy cells among themselves and with point neurons, both ways, over connections of which most wear off.

    Where cells are `joined`, gap junctions are at their somata and dendrites, some between the two. Where `rested` is
    there, event-driven cells are, too, and what moves them is another loop.
    """
    net = ps.Network(seed=4)
    cells = net.create(model, 37, tau=ps.Uniform(8.0, 12.0))
    points = net.create("iaf_psc_exp", 11)
    noise = net.create("poisson_generator", rate=6_000.0)
    net.connect(noise, cells.at("far"), ps.AllToAll(), ps.static_synapse(weight=0.6, delay=0.4))
    net.connect(noise, points, ps.AllToAll(), ps.static_synapse(weight=100.0))
    worn = wearing(weight=ps.Uniform(1.0, 3.0), delay=ps.Uniform(0.7, 2.5), tau=ps.Normal(30.0, 2.0))
    net.connect(cells, cells.at("near"), ps.FixedIndegree(5), worn)
    net.connect(points, cells, ps.PairwiseBernoulli(0.3), wearing(weight=-0.5, use=0.3, receptor="far"))
    net.connect(
        cells.at("soma"),
        points,
        ps.FixedIndegree(4),
        wearing(weight=120.0, delay=1.1, use=ps.Uniform(0.2, 0.9)),
    )
    net.connect(cells, points, ps.FixedIndegree(2), ps.static_synapse(weight=-20.0, delay=0.9))
    if joined:
        some, dend = cells[:30], cells.at("dend")
        net.couple(dend[:30], dend[:30], ps.PairwiseBernoulli(0.1), weight=ps.Uniform(5.0, 20.0))
        net.couple(some.at("soma"), dend[20:], ps.FixedIndegree(2), weight=8.0)
        net.couple(points, cells[5:16].at("dend"), ps.OneToOne(), weight=3.0)
    if rested:
        net.create("IntFire1", 2)
    spikes = net.record_spikes(cells + points)
    recorded = net.record(cells[::5].at("dend"), "V_m", interval=0.3)
    return net, cells, points, spikes, recorded


def left_over(sim, cells):
    """What connections remember, by target, as a checkpoint has it: here of all ranks, sorted by what it is."""
    found = []
    for rank in sim._ranks:
        for table in rank.built.tables:
            if table.transmission is not None:
                state, target = table.transmission.state, table.group.gids[table.local()]
                found += zip(target.tolist(), *(c.tolist() for c in state), strict=True)
    return sorted(found)


def result(sim, net, cells, points, spikes, dend):
    return (
        spikes.times.tolist(), spikes.gids.tolist(), dend.values.tolist(), sim.get(cells, "dend.V_m").tolist(),
        sim.get(points, "V_m").tolist(), left_over(sim, cells),
    )  # fmt: skip


def run(joined, threads=1, runs=(60.0,)):
    said = network(joined)
    sim = ps.Simulation(said[0], threads=threads)
    for duration in runs:
        sim.run(duration)
    return result(sim, *said)


@pytest.fixture(scope="module", params=[False, True], ids=["apart", "joined"])
def once(request):
    joined, found = request.param, run(request.param)
    assert len(set(found[1])) > 40 and len(found[0]) > 300 and len(found[5]) > 300
    return joined, found


@pytest.mark.parametrize("threads", [2, 3])
def test_the_number_of_ranks_changes_nothing(once, threads):
    joined, expected = once
    assert run(joined, threads) == expected


@pytest.mark.parametrize("runs", [(0.3, 20.0, 39.7), (30.1, 29.9)])
def test_cuts_change_nothing(once, runs):
    joined, expected = once
    assert run(joined, 2, runs) == expected


def test_both_loops_give_the_same(once):
    joined, expected = once
    said = network(joined, rested=True)
    sim = ps.Simulation(said[0], threads=2)
    sim.run(60.0)
    assert result(sim, *said) == expected


def test_cells_with_places_of_another_kind_of_group_give_the_same(once):
    joined, expected = once
    said = network(joined, model=clocked)
    sim = ps.Simulation(said[0], threads=2)
    sim.run(60.0)
    assert result(sim, *said) == expected


def test_a_restart_on_other_ranks_goes_on_as_if_never_stopped(once, tmp_path):
    joined, expected = once
    said = network(joined)
    sim = ps.Simulation(said[0], threads=2)
    sim.run(31.4)
    sim.save(tmp_path / "c.h5")
    before = said[3].times.tolist()
    again = network(joined)
    sim = ps.Simulation(again[0], threads=3, restore=tmp_path / "c.h5")
    sim.run(28.6)
    times, _, _, *states = result(sim, *again)
    assert before + times == expected[0]
    assert tuple(states) == expected[3:]


def test_after_a_reset_connections_are_fresh(once):
    joined, expected = once
    said = network(joined)
    sim = ps.Simulation(said[0], threads=2)
    sim.run(20.0)
    sim.reset()
    sim.run(60.0)
    assert result(sim, *said) == expected


def test_cells_are_joined_where_it_is_said():
    net = ps.Network()
    a, b = net.create(toy, 2, tau=1e18, flow=0.0, V_th=1e9), net.create(toy, 1, tau=1e18, flow=0.0, V_th=1e9)
    net.couple(a[1].at("soma"), b.at("dend"), ps.OneToOne(), weight=200.0)
    sim = ps.Simulation(net, dt=0.1)
    sim.set(a, **{"soma.V_m": 8.0, "dend.V_m": 3.0})
    for steps in (1, 2):
        sim.run(0.1)
        # 200 nS and 100 pF: in a step of 0.1 ms each of the two goes a fifth of the way to the other, 0.6 of which
        # are left of what they were apart, whatever the others do.
        apart = 8.0 * 0.6**steps
        assert sim.get(a, "soma.V_m") == pytest.approx([8.0, 4.0 + 0.5 * apart], rel=1e-9)
        assert sim.get(b, "dend.V_m") == pytest.approx([4.0 - 0.5 * apart], rel=1e-9)
    assert sim.get(a, "dend.V_m").tolist() == [3.0, 3.0] and sim.get(b, "soma.V_m").tolist() == [0.0]
    assert [column.tolist() for column in sim.junctions()] == [[1], [2], [200.0]]


def test_two_places_of_a_cell_are_joined_but_none_with_itself():
    net = ps.Network()
    cells = net.create(toy, 3)
    net.couple(cells.at("soma"), cells.at("dend"), ps.AllToAll())
    net.couple(cells.at("dend"), cells.at("dend"), ps.AllToAll())
    found = ps.Simulation(net).junctions()
    pairs = list(zip(found.a.tolist(), found.b.tolist(), strict=True))
    both_ways, once = [(i, j) for i in range(3) for j in range(3)], [(1, 0), (2, 0), (2, 1)]
    assert sorted(pairs) == sorted(both_ways + once)


def test_a_connection_wears_off_and_recovers():
    net = ps.Network()
    parrot, cell = net.create("parrot_neuron"), net.create(toy, 1, tau=1e9, flow=0.0, V_th=1e9)
    train = net.create("spike_generator", spike_times=[1.0, 2.0, 12.0, 52.0])
    net.connect(train, parrot, ps.OneToOne(), ps.static_synapse(delay=0.5))
    net.connect(parrot, cell, ps.OneToOne(), wearing(weight=8.0, delay=0.5, receptor="near"))
    sim, brought = ps.Simulation(net), []
    for until in (2.5, 3.5, 13.5, 54.0):
        sim.run(until - sim.now)
        brought.append(sim.get(cell, "soma.V_m")[0])
    # Fresh 1, uses half; 0.55 after 1 ms of 20, uses half; 0.275 + 0.5 after 10 ms; all after 40 ms.
    assert np.diff([0.0, *brought]) == pytest.approx([4.0, 2.2, 3.1, 4.0], rel=1e-6)


def test_what_all_connections_share_is_kept_once():
    net = ps.Network()
    cells = net.create("iaf_psc_exp", 20)
    net.connect(cells, cells, ps.AllToAll(), wearing(weight=2.0, tau=ps.Uniform(10.0, 20.0)))
    (table,) = ps.Simulation(net)._ranks[0].built.tables
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
        (lambda net, a, b: net.create(wearing), "wearing is a synapse model; use it in connect."),
        (lambda net, a, b: ps.SynapseModel("bare", params=(ps.Param("weight", 1.0),)),
         "bare has no parameter 'delay', which every synapse needs. It has: weight."),
        (lambda net, a, b: ps.SynapseModel("half", params=wearing.params, prepare=wearing.prepare),
         "half has one of prepare and transmit; both are needed"),
        (lambda net, a, b: net.connect(a.at("dend"), b, ps.AllToAll()),
         "toy cells do not fire at 'dend'. Their spikes come from: soma."),
        (lambda net, a, b: net.record_spikes(a.at("near")), "toy cells do not fire at 'near'. Their spikes come from"),
        (lambda net, a, b: net.couple(a, b, ps.AllToAll()),
         'toy has several places: soma, dend. Say which one: cells.at("soma").'),
        (lambda net, a, b: net.couple(a.at("near"), b, ps.AllToAll()),
         "toy cells cannot be joined at 'near'. They have a membrane at: soma, dend."),
        (lambda net, a, b: net.couple(a.at("dend"), b.at("ex"), ps.AllToAll()),
         "iaf_psc_exp cells are one place, and are joined to others as a whole. Leave .at('ex') out."),
        (lambda net, a, b: replace(toy, detectors=("soma", "dend")),
         "toy has the detectors soma, dend; a cell can fire at one place."),
        (lambda net, a, b: replace(toy, detectors="soma"), "detectors of toy are 'soma'; a tuple of names"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(act, text):
    net = ps.Network()
    with pytest.raises(ps.ParsimError) as error:
        act(net, net.create(toy, 5), net.create("iaf_psc_exp", 5))
        ps.Simulation(net)
    assert text in str(error.value)

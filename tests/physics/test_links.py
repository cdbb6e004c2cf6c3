"""POINTERs that follow other cells: as in NEURON, on any number of ranks."""

from pathlib import Path

import numpy as np
import pytest

import parsim as ps
from parsim.assembly import links
from tests.cable_models import LINKED
from tests.cables import find
from tests.helpers import link

GAPS = np.load(Path(__file__).parents[1] / "data" / "neuron_gaps.npz")
DATA = np.load(Path(__file__).parents[1] / "data" / "neuron_links.npz")


def run(net, until, threads=1):
    ps.Simulation(net, dt=0.025, progress=False, threads=threads).run(until)


def cable(at, resistance):
    return ps.CableModel(
        "cable", [ps.Section("c", 1000.0, 10.0, 10, 35.4)], insert=[ps.insert("hh")],
        place=[
            ps.place("kick", "IClamp", at="c(0.05)", delay=2.0, dur=1.0, amp=0.0),
            ps.place("gap", "Gap", at=at, r=resistance),
        ],
        params={"kick": "kick.amp"},
    )  # fmt: skip


@pytest.mark.parametrize("resistance", [3, 30])
def test_two_halves_of_a_junction_are_those_of_neuron_on_any_number_of_ranks(resistance):
    def traces(threads):
        net = ps.Network()
        a, b = net.create(cable("c(0.95)", resistance), kick=5.0), net.create(cable("c(0.05)", resistance))
        net.link(b, "c(0.05).v", a.at("gap"), "vgap")
        net.link(a, "c(0.95).v", b.at("gap"), "vgap")
        places = ("c(0.05).v", "c(0.95).v")
        recorded = [net.record(cell, name, interval=0.5) for cell in (a, b) for name in places]
        run(net, 40.0, threads)
        return np.array([one.values[:, 0] for one in recorded])

    found = traces(1)
    assert np.abs(found - GAPS[f"gap_{resistance}"][:, 1:]).max() < 1e-9
    for threads in (2, 3):
        assert np.array_equal(traces(threads), found)


def test_a_graded_synapse_reads_the_calcium_of_a_bouton():
    """In NEURON what BREAKPOINT assigns is recorded a step behind; so is g here, of which that step is computed."""
    pre = ps.CableModel(
        "pre", [ps.Section("bouton", 0.5, 1.0)], insert=[ps.insert("cachan"), ps.insert("cdp")], v=-70.0,
        # Between samples at each step the command was a straight line: its middle is less by this factor.
        place=[ps.place("clamp", find("sineclamp"), at="bouton", amplitude=-20.0 * np.cos(np.pi * 0.025 / 400.0))],
    )  # fmt: skip
    post = ps.CableModel(
        "post", [ps.Section("soma", 10.0, 3.1830988618379)], insert=[ps.insert("pas", g=1.0 / 30000.0, e=-70.0)],
        v=-70.0, place=[ps.place("syn", "GradSyn", at="soma", k=0.2)],
    )  # fmt: skip
    net = ps.Network()
    a, b = net.create(pre), net.create(post)
    net.link(a, "bouton.cai", b.at("syn"), "capre")
    rows = [net.record(a, "bouton.v", interval=8.0), net.record(a, "bouton.cai", interval=8.0)]
    rows += [net.record(b, "soma.v", interval=8.0), net.record(b, "syn.capre", interval=8.0)]
    run(net, 800.0, threads=2)
    v, cai, soma, capre = (row.values[:, 0] for row in rows)
    stored = DATA["gradsyn"][:, 1:]
    assert np.abs(cai - stored[1]).max() < 1e-8
    assert max(np.abs(v - stored[0]).max(), np.abs(soma - stored[3]).max()) < 1e-6
    assert np.array_equal(cai, capre)
    assert np.ptp(soma) > 5.0


SLOW = find("slowgrad")


def inhibiting(scheme="backward_euler", **more):
    return ps.CableModel(
        "half", [ps.Section("c", 20.0, 20.0)], insert=[ps.insert("hh")], scheme=scheme,
        place=[
            ps.place("syn", SLOW, at="c", gmax=0.02),
            ps.place("clamp", "IClamp", at="c", delay=2.0, dur=1e9, amp=0.15),
        ],
        params={"drive": "clamp.amp"}, **more,
    )  # fmt: skip


@pytest.mark.parametrize("scheme", ["backward_euler", "trapezoid"])
def test_states_follow_a_voltage_of_their_own_step_and_begin_by_it(scheme):
    def traces(threads):
        net = ps.Network()
        cells = net.create(inhibiting(scheme), 2, drive=[0.15, 0.12])
        net.link(cells, "c.v", cells[::-1].at("syn"), "vpre")
        recorded = [net.record(cells, name, interval=0.5) for name in ("c.v", "syn.s")]
        run(net, 60.0, threads)
        return np.concatenate([one.values.T for one in recorded])

    found = traces(1)
    stored = DATA["slow" if scheme == "backward_euler" else "slow_trapezoid"]
    assert np.abs(found - stored[:, 1:]).max() < 1e-9
    assert np.array_equal(traces(2), found)


def test_cells_that_are_linked_in_small_groups_are_held_by_one_rank_and_nothing_is_sent():
    net = ps.Network()
    cells = net.create(inhibiting(), 32)
    other = cells.gids.reshape(-1, 2)[:, ::-1].reshape(-1)
    net.link(cells, "c.v", cells[other].at("syn"), "vpre")
    sim = ps.Simulation(net, dt=0.025, progress=False, threads=2)
    sim.run(1.0)
    ranks = [rank.built.groups[cells.model].gids for rank in sim._crew.ranks]
    assert [part.tolist() for part in ranks] == [list(range(16)), list(range(16, 32))]
    assert all(rank.built.linker.traffic == (0, 0) for rank in sim._crew.ranks)


def test_a_ring_is_held_by_one_rank_where_ranks_would_exchange_for_longer_than_it_moves(monkeypatch):
    monkeypatch.setattr(links, "EXCHANGE", 12.0)

    def held(n):
        net = ps.Network()
        cells = net.create(inhibiting(), n)
        net.link(cells, "c.v", cells.at("syn"), "vpre", ps.Lists((np.arange(n) + 1) % n, np.arange(n)))
        sim = ps.Simulation(net, dt=0.025, progress=False, threads=2)
        return [rank.built.groups[cells.model].gids.size for rank in sim._crew.ranks]

    assert held(100) == [100, 0]
    assert held(4000) == [2000, 2000]


def complaint(say):
    """The error of a network, or of its simulation."""
    net = ps.Network()
    cells = net.create(inhibiting(), 2)
    with pytest.raises((ps.DescriptionError, ps.BuildError)) as error:
        say(net, cells)
        ps.Simulation(net, dt=0.025, progress=False).run(1.0)
    return str(error.value)


@pytest.mark.parametrize(
    ("say", "text"),
    [
        (lambda net, c: None,
         "vpre of syn of gid 0 (half) is a pointer that follows nothing. Say what it follows: "
         'net.link(cells, "soma.v", others.at("syn"), "vpre").'),
        (lambda net, c: [net.link(c, "c.v", c.at("syn"), "vpre", ps.AllToAll())],
         "vpre of syn of gid 0 (half) would follow c.v of gid 0 and c.v of gid 1; a pointer follows one variable."),
        (lambda net, c: net.link(c, "syn.vpre", c[::-1].at("syn"), "vpre"),
         "syn.vpre of half follows another variable itself: pointers that follow each other in a circle would read "),
        (lambda net, c: net.link(c, "syn.g", c[::-1].at("syn"), "vpre"),
         "syn.g of half is computed within a step, from what links bring: to follow it would be to read the same step"),
        (lambda net, c: net.link(c, "c.v", c.at("syn"), "tau"),
         "syn.tau of half is no pointer, so it follows nothing; set it. Its pointers are: syn.vpre."),
        (lambda net, c: net.link(c, "c.v", c.at("syn"), "vprae"),
         "half has no pointer 'syn.vprae'. Did you mean 'syn.vpre'? Its pointers are: syn.vpre."),
        (lambda net, c: net.link(c, "d.v", c.at("syn"), "vpre"), "there is no 'd.v' in half."),
        (lambda net, c: net.link(net.create("iaf_psc_exp", 2), "V_m", c.at("syn"), "vpre"),
         "are iaf_psc_exp. Links lead from cable cells to pointers of cable cells."),
        (lambda net, c: net.link(c, "c.v", c.at("syn"), "vpre", delay=1.0),
         "delay is 1.0, but a link brings each step what stood at the end of the one before. Leave delay out."),
        (lambda net, c: net.link(c, "c.v", c.at("syn"), "vpre", ps.static_synapse()), "the rule is "),
    ],
    ids=["nothing", "two", "circle", "own-step", "parameter", "name", "variable", "point-neuron", "delay", "synapse"],
)  # fmt: skip
def test_what_cannot_be_linked_is_told(say, text):
    assert text in complaint(say)


@pytest.mark.parametrize("joined", [False, True], ids=["linked", "joined-too"])
def test_a_voltage_that_is_no_number_ends_all_ranks_of_linked_cells(joined):
    net = ps.Network()
    cells = net.create(LINKED, 8)[:]
    link(net, cells)
    if joined:
        net.couple(cells.at("soma"), cells.at("twig(0.9)"), ps.PairwiseBernoulli(0.5), weight=2.0)
    sim = ps.Simulation(net, dt=0.1, threads=3, progress=False)
    sim.run(3.3)
    sim.set(cells[3], amp=1e308)
    with pytest.raises(ps.SimulationError, match=r"the voltage of gid 3 \(linked\) became"):
        sim.run(20.0)


def test_a_report_says_what_was_sent_for_links():
    """Each of eight cells follows the next, which is on the other rank: four numbers of 8 bytes in each step."""
    net = ps.Network()
    gap = ps.place("gap", "Gap", at="soma", r=300.0)
    model = ps.CableModel(
        "a", [ps.Section("soma", L=10.0, diam=10.0)], insert=[ps.insert("pas")], place=[gap]
    )
    cells, others = net.create(model, 3), net.create(model, 5)
    cells = cells + others
    net.link(cells, "v", cells.at("gap"), "vgap", ps.Lists((np.arange(8) + 1) % 8, np.arange(8)))
    sim = ps.Simulation(net, dt=0.1, threads=2, progress=False)
    sim.run(1.0)
    report = sim.report()
    messages = report.followed[:, 0]
    assert report.links == 8 and (messages >= 10).all() and (report.followed[:, 1] == messages * 4 * 8).all()
    assert f"8 links; at most {messages.max():.0f} messages and 0.000 MB sent by a rank" in str(report)

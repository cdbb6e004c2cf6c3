"""Receptors of cells that hear exact times: an event enters by that of its connection or stimulus."""

from typing import NamedTuple

import numpy as np
import pytest

import parsim as ps
from parsim.clock import heard_by, last_time_of, step_of, time_of
from parsim.shard.events.queue import net_event
from parsim.shard.outbox import emit_at

STATES = tuple(ps.Variable(f"got_{port}", of="got") for port in "abc")
COMMON = dict(params=(ps.Param("V_th", 1.0),), recordables=(ps.Variable("v"), *STATES), ports=("a", "b", "c"))


class State(NamedTuple):
    v: ps.Floats
    got: ps.Floats  # [port, cell]


class Params(NamedTuple):
    v_th: ps.Floats


@ps.kernel
def hear(s, p, i, port, weight):
    """What enters by a adds, by b halves, by c takes off; does the cell fire?"""
    s.got[port, i] += weight
    s.v[i] = s.v[i] + weight if port == 0 else 0.5 * s.v[i] if port == 1 else s.v[i] - weight
    fires = s.v[i] >= p.v_th[i]
    if fires:
        s.v[i] = 0.0
    return fires


@ps.kernel
def advance(s, p, inputs, span, out):
    events, grid = inputs.events, inputs.grid
    after, until = heard_by(grid, span.first, span.origin), last_time_of(grid, span.stop)
    for i in range(span.begin, span.end):
        for e in range(events.start[i], events.start[i + 1]):
            t = events.time[e]
            if after < t <= until and hear(s, p, i, events.port[events.row[e]], events.weight[e]):
                step = max(step_of(grid, t), span.first + 1)
                emit_at(out, i, step, time_of(grid, step) - t)


@ps.kernel
def receive(s, p, c, e, q):
    if hear(s, p, e.cell, c.port[e.row], e.weight):
        net_event(q, e, e.t)


class Port(NamedTuple):
    port: ps.Ints


class Use(NamedTuple):
    uses: ps.Floats
    port: ps.Ints


@ps.kernel
def receive_less(s, p, c, e, q):
    """Each use of a connection brings less."""
    c.uses[e.row] += 1.0
    if hear(s, p, e.cell, c.port[e.row], e.weight / (1.0 + 0.1 * c.uses[e.row])):
        net_event(q, e, e.t)


by_steps = ps.CellModel(
    "by_steps", state=State, prepare=lambda p, clock: Params(p.V_th), advance=advance, precise=True,
    takes_current=False, **COMMON,
)  # fmt: skip
by_events = ps.EventModel(
    "by_events", state=State, prepare=lambda p: Params(p.V_th), receive=receive, connection=Port, **COMMON
)
remembering = ps.EventModel(
    "remembering",
    state=State,
    prepare=lambda p: Params(p.V_th),
    receive=receive_less,
    connection=Use,
    **COMMON,
)
HEARERS = pytest.mark.parametrize("model", [by_steps, by_events, remembering], ids=str)
SYN = ps.static_synapse


def network(model):
    """Cells that hear each other and senders by all receptors, also within a step; stimuli where these may be."""
    net = ps.Network(seed=3)
    cells, senders = (
        net.create(model, 13),
        net.create("NetStim", 8, interval=4.0, number=1e9, start=0.0, noise=1.0),
    )
    some = dict(weight=ps.Uniform(0.1, 0.6), delay=ps.Uniform(0.5, 3.0))
    for port, k in (("a", 4), ("b", 1), ("c", 1)):
        net.connect(senders, cells.at(port), ps.FixedIndegree(k), SYN(**some))
    net.connect(cells, cells, ps.FixedIndegree(2), SYN(weight=0.3, delay=1.3, receptor="a"))
    net.connect(cells, cells[::2].at("c"), ps.FixedIndegree(1), SYN(weight=0.2, delay=0.7))
    if not model.host.clocked:
        net.connect(cells[:4], cells[1:5].at("b"), ps.OneToOne(), SYN(weight=1.0, delay=0.03))
    if model is not remembering:
        noise = net.create("poisson_generator", rate=100.0)
        net.connect(noise, cells.at("c"), ps.AllToAll(), SYN(weight=0.2, delay=0.4))
        train = net.create("spike_generator", spike_times=[3.05, 17.33, 41.0], precise_times=True)
        net.connect(train, cells.at("b"), ps.AllToAll(), SYN(weight=2.0, delay=1.1))
    return net, cells, net.record_spikes(cells)


def result(sim, cells, spikes):
    states = [sim.get(cells, name).tolist() for name in ("v", "got_a", "got_b", "got_c")]
    return list(zip(spikes.times.tolist(), spikes.gids.tolist(), strict=True)), states


@HEARERS
def test_they_keep_the_laws(model, tmp_path):
    net, cells, spikes = network(model)
    sim = ps.Simulation(net)
    sim.run(60.0)
    alone = result(sim, cells, spikes)
    assert len(alone[0]) > 40 and np.min(alone[1][1:]) >= 0.0 < np.min(np.max(alone[1][1:], 1))

    net, cells, spikes = network(model)
    sim = ps.Simulation(net, threads=2)
    sim.run(20.3)
    sim.run(5.0)
    sim.save(tmp_path / "c.h5")
    before = result(sim, cells, spikes)[0]
    net, cells, spikes = network(model)
    sim = ps.Simulation(net, threads=3, restore=tmp_path / "c.h5")
    sim.run(34.7)
    after, states = result(sim, cells, spikes)
    assert (before + after, states) == alone
    sim.reset()
    sim.run(60.0)
    assert result(sim, cells, spikes) == alone


@pytest.mark.parametrize("model", [by_steps, by_events], ids=str)
def test_each_event_enters_by_its_receptor(model):
    net = ps.Network()
    cells = net.create(model, 3, V_th=100.0)
    sender = net.create("VecStim", 1, spike_times=[[1.0, 2.25]])
    net.connect(sender, cells.at("a"), ps.AllToAll(), SYN(weight=5.0, delay=0.6))
    net.connect(sender, cells[1:].at("c"), ps.AllToAll(), SYN(weight=[[0.5], [0.75]], delay=0.7))
    train = net.create("spike_generator", spike_times=[1.0])
    net.connect(train, cells[2].at("b"), ps.AllToAll(), SYN(weight=-3.0, delay=0.5))
    later = net.create(model, 2, V_th=100.0)  # cells of the first statements stay where they are
    net.connect(sender, later.at("b"), ps.AllToAll(), SYN(weight=1.0, delay=3.0))
    sim = ps.Simulation(net)
    sim.run(6.0)
    assert sim.get(cells, "got_a").tolist() == [10.0] * 3
    assert sim.get(cells, "got_b").tolist() == [0.0, 0.0, -3.0]
    assert sim.get(cells, "got_c").tolist() == [0.0, 1.0, 1.5]
    assert sim.get(later, "got_b").tolist() == [2.0, 2.0]
    # 5 twice; of the last cell b halves nothing, at 1.5 ms; c takes off after 1.7 and 2.95 ms.
    assert sim.get(cells, "v").tolist() == [10.0, 9.0, 8.5]
    net.connect(sender, cells.at("b"), ps.AllToAll(), SYN(weight=1.0, delay=3.0))
    sim.run(1.0)


def test_several_receptors_of_event_driven_cells_need_a_field_for_their_number():
    with pytest.raises(
        ps.DescriptionError, match=r"bare has the receptors a, b, c, and its connections no fields\. "
    ):
        ps.EventModel("bare", state=State, prepare=lambda p: Params(p.V_th), receive=receive, **COMMON)
    with pytest.raises(ps.DescriptionError, match=r"one has the receptors all, and its connections port\. "):
        ps.EventModel(
            "one", state=State, prepare=lambda p: Params(p.V_th), receive=receive, connection=Port,
            **COMMON | dict(ports=("all",)),
        )  # fmt: skip

"""What receiving kernels may ask for: self-events, moved ones, spikes to come; and what they can do wrong."""

from typing import Any, NamedTuple

import numpy as np
import pytest

import parsim as ps
from parsim.arrays import Floats, Ints
from parsim.engine.event_driven import EventDriven
from parsim.jit import kernel
from parsim.models.base import Param, Variable
from parsim.models.event_model import EventModel
from parsim.models.events.int_fire1 import IntFire1
from parsim.models.events.int_fire2 import IntFire2
from parsim.models.events.net_stim import NetStim
from parsim.models.events.vec_stim import VecStim
from parsim.shard.events.queue import connection_move, net_event, net_move, net_send
from parsim.shard.stages import in_python
from tests.event_driver import Driver, drive
from tests.reference import Connection


class NoState(NamedTuple):
    count: Ints


class Period(NamedTuple):
    period: Floats


def model_of(receive, name="own", **more):
    """A model with one parameter, `period`, and a counter."""
    return EventModel(
        name,
        params=(Param("period", 4.0, "ms"),),
        state=NoState,
        recordables=(Variable("count"),),
        prepare=lambda p: Period(p.period),
        receive=receive,
        **more,
    )


@kernel
def pace(s, p, c, e, q):
    """Fires every period; an input puts the next spike off by its weight."""
    if e.flag == 1:
        net_event(q, e, e.t)
        net_move(q, e, e.t + p.period[e.cell])
    elif q.at[e.slot] + e.weight >= e.t:
        net_move(q, e, q.at[e.slot] + e.weight)


@kernel
def begin(s, p, e, q):
    net_send(q, e, p.period[e.cell], 1)


@kernel
def burst(s, p, c, e, q):
    """An input makes three spikes, each a period apart, by events of their own and by a spike to come."""
    if e.flag == 0:
        net_send(q, e, p.period[e.cell], 2)
        net_send(q, e, 2.0 * p.period[e.cell], 3)
        net_event(q, e, e.t + 3.0 * p.period[e.cell])
    else:
        net_event(q, e, e.t)
    s.count[e.cell] += 1


def times_of(driver, gid=0):
    return [t for t, of in driver.spikes if of == gid]


def test_a_pacemaker_is_put_off_by_its_inputs():
    pacemaker = model_of(pace, start=begin)
    assert times_of(drive(pacemaker, [(5.0, 1.5), (6.0, -0.5)], 14.0)) == [4.0, 9.0, 13.0]


@pytest.mark.parametrize("alone", [False, True])
def test_a_burst_is_made_of_self_events_and_a_spike_to_come(alone):
    burster = model_of(burst, alone=alone)
    driver = drive(burster, [(1.0, 1.0), (2.5, 1.0)], 20.0)
    assert times_of(driver) == [5.0, 6.5, 9.0, 10.5, 13.0, 14.5]
    assert driver.sim.get(driver.cells, "count") == 2 + 4  # spikes to come are not received


def test_many_events_may_wait_at_a_cell_and_none_is_lost():
    burster = model_of(burst)
    inputs = [(k / 1024.0, 1.0) for k in range(1, 1024)]
    times = times_of(drive(burster, inputs, 20.0, period=5.0))
    assert times == sorted(t + d for t, _ in inputs for d in (5.0, 10.0, 15.0))


def test_a_cell_with_a_train_has_more_than_numbers_of_its_own():
    with pytest.raises(ps.DescriptionError, match=r"own has a train, .* Leave out alone=True"):
        EventModel("own", (Param("times", (), "ms", kind="train"),), NoState, Period, pace, alone=True)


class Onset(NamedTuple):
    """How many connections are in their onset, and when and with which sum each change came."""

    open: Floats
    changes: Ints


class Stream(NamedTuple):
    on: Ints


class OnsetParams(NamedTuple):
    duration: Floats


@kernel
def open_or_prolong(s, p, c, e, q):
    """A saturating synapse: an input opens its connection or prolongs it; fires whenever one closes."""
    i, row = e.cell, e.row
    if e.flag == 0:
        s.open[i] += e.weight * (1 - c.on[row])
        c.on[row] = 1
        connection_move(q, e, e.t + p.duration[i])
    else:
        s.open[i] -= e.weight
        c.on[row] = 0
        net_event(q, e, e.t)


SYNAPSE = EventModel(
    "synapse",
    params=(Param("duration", 1.0, "ms"),),
    state=Onset,
    recordables=(Variable("open"),),
    connection=Stream,
    prepare=lambda p: OnsetParams(p.duration),
    receive=open_or_prolong,
)


def test_each_connection_of_a_stimulus_has_a_state():
    """As those of cells have, which come first here and are gone later."""

    def run(source):
        net = ps.Network()
        cells, train = (
            net.create(SYNAPSE, 2),
            net.create(source, 2, spike_times=[[4.0, 4.5, 5.0], [4.3, 4.9]]),
        )
        other = net.create("VecStim", spike_times=[2.0])
        for sources in (other, train):
            net.connect(sources, cells, ps.AllToAll(), ps.static_synapse(weight=2.0, delay=1.0))
        spikes = net.record_spikes(cells)
        sim = ps.Simulation(net, dt=0.1, progress=False, threads=2)
        sim.run(5.7)
        held = [sim.connections(train, cells).get("on"), sim.get(cells, "open")]
        sim.disconnect(sim.connections(other, cells))
        sim.run(4.0)
        return [*held, spikes.times, sim.get(cells, "open")]

    for mine, theirs in zip(run("spike_generator"), run("VecStim"), strict=True):
        assert mine == pytest.approx(theirs, abs=1e-12)


def test_each_connection_moves_its_own_event():
    # With one movable event for all of them, the first stream would end at 6.0 instead of 7.0.
    cells = [
        (SYNAPSE, {}),
        (VecStim, {"spike_times": [4.0, 4.5, 5.0]}),
        (VecStim, {"spike_times": [4.3, 4.9]}),
    ]
    wires = [Connection(1, 0, 0.001, 1.0), Connection(2, 0, 0.002, 1.0)]
    driver = Driver(cells, wires, dt=0.1)
    driver.run(10.0)
    assert np.allclose(times_of(driver), [6.9, 7.0], atol=1e-12)
    assert abs(driver.sim.get(driver.populations[0], "open")) < 1e-18
    assert Driver(cells, wires, dt=0.1, together=True).run(10.0) == driver.spikes


@kernel
def err(s, p, c, e, q):
    """Makes the mistake that the parameter numbers."""
    which = p.period[e.cell]
    if which == 1:
        net_send(q, e, -1.0, 1)
    elif which == 2:
        net_move(q, e, e.t - 1.0)
    elif which == 3:
        net_event(q, e, e.t - 1.0)
    elif which == 4:
        connection_move(q, e, e.t)
    elif which == 5:
        for _ in range(1_000):
            net_send(q, e, 1.0, 2)
    elif which == 6:
        net_send(q, e, 1.0, 0)
    else:
        net_send(q, e, 0.0, 1)


ERRING = model_of(err)


@pytest.mark.parametrize(
    ("which", "complaint"),
    [
        (1, "net_send with a delay that is negative"),
        (2, "net_move or connection_move with a time that has passed"),
        (3, "net_event with a time that has passed"),
        (4, "has no connection state"),
        (5, "sent more than 64 events in one call"),
        (6, "net_send with a flag below 1"),
        (7, "more than 10,000 self-events or spikes at one instant"),
    ],
)
def test_a_mistake_of_a_receiving_kernel_names_cell_and_time(which, complaint):
    with pytest.raises(ps.SimulationError) as error:
        drive(ERRING, [(2.5, 1.0)], 4.0, period=float(which))
    assert complaint in str(error.value)
    assert "gid 0 (own) at t = 2.5 ms" in str(error.value)


def test_a_loop_without_delay_is_an_error_that_names_its_cells():
    cells = [(IntFire1, {"refrac": 0.0})] * 3 + [(VecStim, {"spike_times": [2.0]}), (IntFire1, {})]
    wires = [(0, 1, 1.1, 0.0), (1, 2, 1.1, 0.0), (2, 0, 1.1, 0.0), (3, 0, 1.1, 0.0), (2, 4, 1.1, 0.0)]
    with pytest.raises(ps.SimulationError) as error:
        Driver(cells, [Connection(*w) for w in wires]).run(5.0)
    assert "loop of connections without delay among gids 0, 1, 2," in str(error.value)


def test_a_chain_without_delay_fires_at_one_instant():
    cells = [(VecStim, {"spike_times": [1.1]})] + [(IntFire1, {})] * 50
    driver = Driver(cells, [Connection(k, k + 1, 1.5, 0.0) for k in range(50)], dt=0.1)
    assert driver.run(4.0) == [(pytest.approx(1.1, abs=1e-15), gid) for gid in range(51)]


def test_what_waits_stays_when_a_network_grows_and_its_islands_with_it():
    cells = [
        (model_of(burst), {"period": 1.75}),
        (NetStim, {"noise": 1.0, "number": np.inf, "start": 0.0, "interval": 2.0}),
        (IntFire2, {"ib": 1.5}),
    ]
    wires = [Connection(1, 0, 1.0, 2.0)]
    right = Driver(cells, wires).run(40.0)
    for threads in (1, 2):
        growing = Driver(cells, wires, threads=threads)
        for t in np.arange(1, 11) * 4.0:
            growing.run(t - 0.5)
            more = growing.net.create(growing.populations[int(t / 4.0) % 3].model, 2)
            growing.net.connect(
                growing.cells[:1], more, ps.AllToAll(), ps.static_synapse(weight=0.1, delay=0.01)
            )
        assert [t for t, _ in growing.run(40.0)] == [t for t, _ in right]


def test_what_is_set_moves_the_next_spike():
    driver = drive(IntFire2, [], 4.0, ib=1.5)
    driver.sim.set(driver.cells, ib=1.5)  # brings the states to now
    assert driver.sim.get(driver.cells, "m") == pytest.approx(1.5 * (1.0 - np.exp(-0.4)), rel=1e-15)
    driver.sim.set(driver.cells, m=0.0)
    driver.run(16.0)
    assert times_of(driver) == [pytest.approx(14.986122886681096, abs=1e-12)]


@pytest.mark.parametrize("threads", [1, 3])
def test_an_hour_of_quiet_takes_a_few_intervals(threads, monkeypatch):
    """What there is to do follows the events, neither the cells nor the time of the model."""
    turns: list[int] = []
    gather_ops = EventDriven.gather_ops

    def counted(self: EventDriven, stages: Any) -> None:
        gather_ops(self, stages)
        stages.begin.append(in_python(lambda first, stop, origin: turns.append(first)))

    monkeypatch.setattr(EventDriven, "gather_ops", counted)
    net = ps.Network()
    cells = net.create("IntFire2", 100)
    stim = net.create("VecStim", 1, spike_times=[[5.0, 1.8e6]])
    net.connect(stim, cells, ps.AllToAll(), ps.static_synapse(weight=4.0, delay=1.5))
    net.connect(cells, cells, ps.FixedIndegree(5), ps.static_synapse(weight=-0.1, delay=1.0))
    spikes = net.record_spikes(cells)
    sim = ps.Simulation(net, dt=0.1, threads=threads)
    sim.run(3.6e6)
    assert spikes.times.size >= 200 and sim.now == 3.6e6
    # A spike, its arrival, and spikes of cells in a few intervals, twice; and the first and the last interval.
    assert len(turns) <= 40 * threads

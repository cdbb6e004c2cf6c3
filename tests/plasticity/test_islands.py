"""Connections of less than a step that remember, among event-driven cells: told as spikes leave."""

from typing import NamedTuple

import numpy as np
import pytest

import parsim as ps

TIMES = np.array([1.0, 11.0, 11.03, 30.0])


def chain_network(delay):
    """One source makes one cell fire at each of its spikes, over a connection that learns."""
    net = ps.Network()
    source = net.create("VecStim", spike_times=TIMES)
    cell = net.create("IntFire1", refrac=0.0, tau_minus=20.0)
    learning = ps.stdp_synapse(weight=2.0, Wmax=4.0, lambda_=0.1, delay=delay)
    return net, net.connect(source, cell, ps.OneToOne(), learning)


def chain(delay, dt=0.1):
    """What that brings."""
    net, rows = chain_network(delay)
    sent, spikes = net.record_transmissions(rows), net.record_spikes(net.populations[1])
    sim = ps.Simulation(net, dt=dt, progress=False)
    sim.run(40.0)
    assert np.allclose(spikes.times, TIMES + delay, rtol=0.0, atol=1e-12)
    return sent.weights


def expected(delay):
    """The rule by hand: the target fires `delay` after each spike, and is heard as much later."""
    w, kplus, brought = 2.0, 0.0, []
    for k, t in enumerate(TIMES):
        back = TIMES[:k] + 2.0 * delay
        for b in back[back > (TIMES[k - 1] - 1e-9 if k else np.inf)]:
            w += 4.0 * 0.1 * (1.0 - w / 4.0) * kplus * np.exp(-(b - TIMES[k - 1]) / 20.0)
        w -= 0.1 * w * np.exp(-(t - back) / 20.0).sum()
        kplus = kplus * np.exp(-(t - TIMES[k - 1]) / 20.0) + 1.0 if k else 1.0
        brought.append(w)
    return brought


@pytest.mark.parametrize("delay", [0.0, 0.01])
def test_what_is_brought_follows_from_the_rule_by_hand(delay):
    assert np.allclose(chain(delay), expected(delay), rtol=1e-13, atol=0.0)


def net_of(model, delay, **values):
    """Event-driven cells that drive each other."""
    net = ps.Network(seed=3)
    driving = net.create("VecStim", 4, spike_times=[np.cumsum(np.full(60, 2.7 + 0.41 * i)) for i in range(4)])
    cells = net.create("IntFire1", 8, refrac=1.3, tau=ps.Uniform(8.0, 12.0), tau_minus=15.0)
    net.connect(driving, cells, ps.FixedIndegree(2), ps.static_synapse(weight=0.9, delay=0.1))
    rows = net.connect(driving + cells, cells, ps.FixedIndegree(5), model(delay=delay, **values))
    return net, rows, net.record_spikes(cells)


def outcome(dt):
    """Spikes and weights of cells that reach each other in 0.05 ms, at steps of dt."""
    net, _, spikes = net_of(ps.stdp_synapse, 0.05, weight=ps.Uniform(0.1, 0.4), Wmax=0.8, lambda_=0.02)
    sim = ps.Simulation(net, dt=dt, progress=False)
    sim.run(80.0)
    return spikes.times, spikes.gids, sim.connections(synapse=ps.stdp_synapse).get("weight")


def test_within_a_step_is_as_over_many_smaller_ones():
    times, gids, weights = outcome(0.1)
    found = outcome(0.025)
    assert times.size > 150 and np.unique(weights).size > 30
    assert np.array_equal(gids, found[1])
    assert np.allclose(times, found[0], rtol=0.0, atol=1e-10) and np.allclose(weights, found[2], rtol=1e-11)


def by_hand(delay, at, interval):
    """The weight at some times, once what is back by the interval's beginning is heard, or by the last spike."""
    events = sorted([(t, 1) for t in TIMES] + [(t + 2.0 * delay, 0) for t in TIMES])
    w, kplus, kminus, last, last_back, found = 2.0, 0.0, 0.0, 0.0, 0.0, []
    waiting = list(events)
    for t in at:
        begin = (np.ceil(t / interval - 1e-9) - 1) * interval
        heard = max([begin, *TIMES[t + 1e-9 >= TIMES]])
        while waiting and waiting[0][0] <= heard + 1e-9:
            now, fires = waiting.pop(0)
            if fires:
                w -= 0.1 * w * kminus * np.exp(-(now - last_back) / 20.0)
                kplus, last = kplus * np.exp(-(now - last) / 20.0) + 1.0, now
            else:
                w += 4.0 * 0.1 * (1.0 - w / 4.0) * kplus * np.exp(-(now - last) / 20.0)
                kminus, last_back = kminus * np.exp(-(now - last_back) / 20.0) + 1.0, now
        found.append(w)
    return found


def test_samples_of_them_are_of_their_very_time():
    net, rows = chain_network(0.01)
    weights, rough = net.record(rows, "weight", interval=0.1), net.record(rows, "Kplus", interval=0.3)
    sim = ps.Simulation(net, dt=0.1, progress=False)
    sim.run(40.0)
    expected = by_hand(0.01, weights.times, sim.interval)
    assert np.unique(expected).size == 7 and np.allclose(weights.values[:, 0], expected, rtol=1e-13, atol=0.0)
    assert rough.values[:, 0].max() > 1.9 and np.isin([0.0, 1.0], rough.values[:, 0]).all()


def sampled(threads, *runs):
    """Samples of connections within islands and of states of their cells."""
    net, rows, _ = net_of(ps.stdp_synapse, 0.05, weight=ps.Uniform(0.1, 0.4), Wmax=0.8, lambda_=0.02)
    weights = net.record(rows, "weight", interval=0.3)
    sim = ps.Simulation(net, dt=0.1, progress=False, threads=threads)
    for run in runs:
        sim.run(run)
    return weights.values


def test_samples_are_the_same_on_any_number_of_ranks_and_in_cuts():
    alone = sampled(1, 60.0)
    assert alone.shape == (200, 40) and np.unique(alone[-1]).size > 20 and (alone[-1] != alone[0]).any()
    assert np.array_equal(sampled(2, 60.0), alone) and np.array_equal(sampled(1, 20.2, 39.8), alone)


class Begun(NamedTuple):
    heard: ps.Floats


class Nothing(NamedTuple):
    none: ps.Floats


@ps.kernel
def begin(s, p, e, q):
    ps.net_event(q, e, e.t)


@ps.kernel
def hear_it(s, p, c, e, q):
    s.heard[e.cell] += e.weight


at_once = ps.EventModel(
    "at_once",
    params=(),
    state=Begun,
    recordables=(ps.Variable("heard"),),
    prepare=lambda p: Nothing(p.tau_minus),
    receive=hear_it,
    start=begin,
)


@pytest.mark.parametrize("threads", [1, 2])
def test_what_cells_send_as_they_begin_is_recorded(threads):
    net = ps.Network()
    cells, source = net.create(at_once, 4), net.create("VecStim", spike_times=[2.0])
    rows = net.connect(cells, cells, ps.OneToOne(), ps.stdp_synapse(weight=2.0, delay=0.03))
    net.connect(source, cells, ps.AllToAll(), ps.static_synapse(weight=3.0, delay=0.01))
    sent = net.record_transmissions(rows)
    sim = ps.Simulation(net, threads=threads, progress=False)
    for _ in range(2):
        sim.run(3.0)
        assert sent.times.tolist() == [0.0] * 4 and sent.weights.tolist() == [2.0] * 4
        assert sent.senders.tolist() == cells.gids.tolist() and sent.targets.tolist() == cells.gids.tolist()
        assert sim.get(cells, "heard").tolist() == [5.0] * 4
        later = net.record_transmissions(rows)
        more = net.create(at_once, 2)
        net.connect(more, more, ps.OneToOne(), ps.stdp_synapse(weight=1.0, delay=0.03))
        sim.run(1.0)
        assert len(sent.times) == 4 and len(later.times) == 0
        sim.reset()

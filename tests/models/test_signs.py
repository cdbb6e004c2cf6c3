"""Input of stimuli enters by the port that its sign says: the sign of weight times factor, not of the weight."""

from typing import NamedTuple

import numpy as np
import pytest

import parsim as ps
from parsim.shard import drive as drives


class Heard(NamedTuple):
    ex: ps.Floats
    in_: ps.Floats


class Nothing(NamedTuple):
    n: ps.Ints


def nothing(p, clock):
    return Nothing(np.zeros(1, np.int64))


@ps.kernel
def hear(s, p, inputs, span, out):
    for k in range(span.first, span.stop):
        for i in range(span.begin, span.end):
            s.ex[i] += inputs.spikes[k - span.origin, 0, i]
            s.in_[i] += inputs.spikes[k - span.origin, 1, i]


LISTENER = ps.CellModel(
    "listener", (), Heard, nothing, hear, recordables=(ps.Variable("ex"), ps.Variable("in_"))
)


class Factors(NamedTuple):
    even: ps.Floats
    odd: ps.Floats


@ps.kernel
def alternate(p, rows, span, key, page):
    for k in range(span.first, span.stop):
        for r in range(rows.slot.size):
            sent, g = k + 1 - rows.delay[r], rows.stimulus[r]
            if key.since <= sent < key.until and sent > 0:
                page[k - span.origin, rows.slot[r]] += rows.weight[r] * (p.odd[g] if sent % 2 else p.even[g])


ALTERNATING = ps.StimulusModel(
    "alternating",
    (ps.Param("even", 1.0), ps.Param("odd", -1.0)),
    lambda p, clock: Factors(p.even, p.odd),
    alternate,
)


def heard(build, threads=1, then=None):
    """What two listeners have heard by each port after 2 ms, [cell, port]; `then` builds more, for 2 ms more."""
    net = ps.Network()
    cells = net.create(LISTENER, 2)
    build(net, cells)
    sim = ps.Simulation(net, dt=0.1, threads=threads)
    sim.run(2.0)
    if then is not None:
        then(net)
        sim.run(2.0)
    return np.stack([sim.get(cells, "ex"), sim.get(cells, "in_")], axis=1).tolist()


@pytest.mark.parametrize(
    ("weight", "times", "factors", "expected"),
    [
        (2.0, [0.5], [-3.0], [0.0, -6.0]),
        (-2.0, [0.5], [-3.0], [6.0, 0.0]),
        (-2.0, [0.5], [3.0], [0.0, -6.0]),
        (2.0, [0.5, 0.5, 0.7], [3.0, -5.0, 0.0], [6.0, -10.0]),
        (-2.0, [0.5, 0.5, 0.7], [3.0, -5.0, 1.0], [10.0, -8.0]),
    ],
)
def test_a_factor_below_0_turns_excitation_to_inhibition_and_the_reverse(weight, times, factors, expected):
    def build(net, cells):
        source = net.create("spike_generator", spike_times=times, spike_weights=factors)
        net.connect(source, cells, ps.AllToAll(), ps.static_synapse(weight=weight, delay=0.3))

    assert heard(build) == heard(build, threads=2) == [expected] * 2


def test_each_row_of_a_stimulus_of_ones_own_enters_by_its_own_sign_also_where_rows_meet():
    """From step 1 to 17, of which 9 are odd, come 1 over the weight 1 and -3 over the weight -3, and the reverse."""

    def build(net, cells):
        source = net.create(ALTERNATING, 2, even=[1.0, 2.0], odd=[-1.0, 0.0])
        for weight in (1.0, -3.0):
            net.connect(source[:1], cells, ps.AllToAll(), ps.static_synapse(weight=weight, delay=0.3))
        both = ps.static_synapse(weight=[1.0, -3.0], delay=0.3)
        net.connect(source[1:], cells[1:], ps.Lists([0, 0], [0, 0]), both)

    first = [8.0 + 27.0, -9.0 - 24.0]
    assert heard(build) == heard(build, threads=3) == [first, [first[0] + 16.0, first[1] - 48.0]]


def test_signs_are_sorted_the_same_in_small_parts_and_after_cells_were_added(monkeypatch):
    def build(net, cells):
        source = net.create(ALTERNATING, even=ps.Uniform(1.0, 2.0))
        net.connect(source, cells, ps.AllToAll(), ps.static_synapse(weight=ps.Normal(0.0, 1.0)))
        negative = net.create("spike_generator", spike_times=[0.4, 1.9, 2.2], spike_weights=[-1.0, 2.0, -4.0])
        net.connect(negative, cells, ps.AllToAll(), ps.static_synapse(weight=1.0, delay=0.3))

    def grow(net):
        net.create(LISTENER, 5)

    whole = heard(build, then=grow)
    assert np.all(np.array(whole)[:, 0] > 2.0) and np.all(np.array(whole)[:, 1] < -5.0)
    monkeypatch.setattr(drives, "AT_ONCE", 6)
    assert heard(build, then=grow, threads=2) == whole


@pytest.mark.parametrize("model", ["iaf_cond_exp", "iaf_psc_exp_ps"])
def test_cells_do_with_a_weight_and_a_negative_factor_what_they_do_with_a_negative_weight(model):
    def voltage(weight, factor):
        net = ps.Network()
        cell = net.create(model, tau_syn_ex=1.0, tau_syn_in=5.0)
        source = net.create("spike_generator", spike_times=[1.0, 2.0], spike_weights=[factor, factor])
        net.connect(source, cell, ps.AllToAll(), ps.static_synapse(weight=weight))
        seen = net.record(cell, "V_m", interval=0.1)
        ps.Simulation(net).run(10.0)
        return seen.values

    assert np.array_equal(voltage(-10.0, 1.0), voltage(10.0, -1.0))
    assert np.array_equal(voltage(10.0, 1.0), voltage(-10.0, -1.0))

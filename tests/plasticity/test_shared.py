"""Parameters that are said once for each target of a statement, or once for the statement."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest

import parsim as ps


class Params(NamedTuple):
    """Of what is brought: weight x gain + shift."""

    weight: ps.Floats
    gain: ps.Floats
    shift: ps.Floats


@ps.kernel
def transmit(s, p, r, spike):
    """What a spike brings."""
    return ps.at_row(p.weight, r) * ps.at_row(p.gain, r) + ps.at_row(p.shift, r)


GAIN = ps.Param("gain", 2.0, "", "of all connections onto a target", above=0.0, per="target")
SHIFT = ps.Param("shift", 0.25, "", "of all connections of a statement", per="statement")
WEIGHT, DELAY = ps.Param("weight", 1.0), ps.Param("delay", 1.0, "ms")


def model(*params, **parts):
    """A synapse with these parameters beside weight and delay."""
    params = (WEIGHT, DELAY, *(params or (GAIN, SHIFT)))
    prepare = {"prepare": lambda p, clock: Params(p.weight, p.gain, p.shift), "transmit": transmit}
    return ps.SynapseModel("gaining", params=params, **(prepare | parts))


gaining = model()


class Gained:
    """Three sources in two statements onto four cells of two kinds, and what came of it."""

    def __init__(self, threads=1, restore=None, **said):
        net = ps.Network(seed=5)
        self.source = net.create("VecStim", 3, spike_times=[[1.0, 12.0], [2.0, 13.0], [3.0]])
        self.cells = net.create("iaf_psc_exp", 2) + net.create("iaf_psc_exp_ps", 3)
        weight, gain = ps.Uniform(1.0, 2.0), ps.Uniform(3.0, 4.0)
        synapse = gaining(**({"weight": weight, "gain": gain} | said))
        self.rows = net.connect(self.source, self.cells, ps.AllToAll(), synapse)
        net.connect(self.source[:2], self.cells, ps.AllToAll(), gaining(gain=gain, weight=weight, shift=1.0))
        self.sent = net.record_transmissions(self.rows)
        self.sim = ps.Simulation(net, threads=threads, restore=restore, progress=False)

    def by_target(self, name="gain"):
        """What the first statement's connections have, [target], after a look that they share it."""
        found = self.sim.connections(self.rows)
        table = found.get(name).reshape(3, 5)
        assert (table == table[0]).all()
        return table[0]


def brought(one, gain, shift=0.25):
    """What each spike brings, by the closed form, in the order of transmissions."""
    weights = one.sim.connections(one.rows).get("weight").reshape(3, 5)
    sources = one.sent.senders - one.source.gids[0]
    targets = one.sent.targets - one.cells.gids[0]
    return weights[sources, targets] * gain[targets] + shift


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_a_value_is_drawn_for_each_target_and_statement(threads):
    one = Gained(threads)
    gain = one.by_target()
    assert np.unique(gain).size == 5 and np.array_equal(gain, Gained().by_target())
    one.sim.run(10.0)
    assert one.sent.weights.size == 15 and np.array_equal(one.sent.weights, brought(one, gain))
    both = one.sim.connections(one.source[:2], one.cells).get("gain")
    assert np.unique(both).size == 10


def test_it_may_be_a_list_of_the_targets_or_a_function_of_them():
    gain = np.array([5.0, 4.0, 3.0, 2.0, 1.0])
    assert np.array_equal(Gained(2, gain=gain).by_target(), gain)
    assert np.array_equal(
        Gained(2, gain=2 * ps.Uniform(1, 1) + gain.tolist()[0]).by_target(), np.full(5, 7.0)
    )
    assert np.array_equal(
        Gained(2, gain=lambda targets: 1.0 + targets).by_target(), 1.0 + Gained().cells.gids
    )


@pytest.mark.parametrize("threads", [1, 2])
def test_set_reaches_all_connections_that_share_it(threads, tmp_path):
    one = Gained(threads)
    gain = one.by_target()
    other = one.sim.connections(one.source[:2], one.cells)[1::2].get("gain")
    found = one.sim.connections(one.rows)
    found[[1, 7]].set(gain=[8.0, 9.0], shift=0.5)
    expected = gain.copy()
    expected[[1, 2]] = 8.0, 9.0
    assert np.array_equal(one.by_target(), expected) and (one.by_target("shift") == 0.5).all()
    second = one.sim.connections(one.source[:2], one.cells)[1::2]
    assert np.array_equal(second.get("gain")[:10] != other[:10], np.isin(second.get("gain")[:10], [8.0, 9.0]))
    one.sim.run(5.0)
    assert np.array_equal(one.sent.weights, brought(one, expected, 0.5))
    one.sim.save(tmp_path / "half.h5")
    one.sim.run(15.0)
    again = Gained(3 - threads, restore=tmp_path / "half.h5")
    again.sim.run(15.0)
    late = one.sent.times > 5.0
    assert late.sum() == 10 and np.array_equal(again.sent.weights, one.sent.weights[late])
    found.set(gain=ps.Uniform(1.0, 2.0))
    drawn = one.by_target()
    assert np.unique(drawn).size == 5 and drawn.max() < 2.0
    again.sim.connections(again.rows).set(gain=drawn.tolist() * 3)
    assert np.array_equal(again.by_target(), drawn)
    one.sim.reset()
    assert np.array_equal(one.by_target(), gain)


def wrong_set(**values):
    """Set of the first statement."""
    one = Gained(2)
    one.sim.connections(one.rows).set(**values)


@pytest.mark.parametrize(
    ("act", "text"),
    [
        (lambda: Gained(gain=[1.0, 2.0]), "gain has 2 values; 5 are needed"),
        (lambda: Gained(gain=-1.0), "gain of gaining is -1; it must be greater than 0"),
        (lambda: Gained(gain=lambda a, b: a), "target gids"),
        (lambda: Gained(gain=1.0 + ps.distance), "gain of gaining is one for all connections onto a target, which"),
        (lambda: Gained(shift=[1.0] * 15), "shift has 15 values"),
        (lambda: Gained(shift=ps.Uniform(0, 1)), "shift of gaining is one for all connections of a statement; "),
        (lambda: wrong_set(gain=np.arange(15.0) + 1.0),
         "gain is one for all connections of a statement onto a target, but those onto gid"),
        (lambda: wrong_set(gain=0.0), "gain of gaining is 0; it must be greater than 0"),
        (lambda: wrong_set(gain=lambda targets: targets), "as f(found.targets)"),
        (lambda: wrong_set(shift=[1.0] * 15), "shift has 15 values"),
        (lambda: model(ps.Param("gain", 1.0, per="cell")), "per of gain is 'cell'; it must be 'target' or 'statement'"),
        (lambda: ps.SynapseModel("own", params=(ps.Param("weight", 1.0, per="target"), DELAY)),
         "weight of own is said per target, but each connection has its own. Leave out per."),
        (lambda: model(GAIN, ps.Param("shift", "gain")), None),
        (lambda: model(ps.Param("gain", "shift", per="target"), ps.Param("shift", 1.0)),
         "gain of gaining is said per target, but it is shift by default, which is not."),
        (lambda: replace(ps.dc_generator, params=(GAIN,)),
         "gain of dc_generator is said per target, which connections have."),
    ],
    ids=["short", "negative", "of_pairs", "distance", "list", "drawn", "set_apart", "set_outside", "set_function",
         "set_list", "kind", "weight", "follows", "default", "stimulus"],
)  # fmt: skip
def test_what_does_not_fit_is_refused(act, text):
    if text is None:
        act()
        return
    with pytest.raises(ps.ParsimError) as error:
        act()
    assert text in str(error.value)


def late(values):
    """No connection that brings more than its delay; reads all that there is."""
    return "it brings too much" if (values.weight * values.gain > values.delay).any() else None


@pytest.mark.parametrize("delay", [3.0, ps.Uniform(2.9, 3.1)], ids=["said", "drawn"])
def test_a_check_that_does_not_say_what_it_reads_is_given_delays_in_ms(delay):
    net = ps.Network()
    source, cells = net.create("parrot_neuron", 2), net.create("iaf_psc_exp", 3)
    checked = model(check=late)
    net.connect(source, cells, ps.AllToAll(), checked(weight=ps.Uniform(1.0, 1.1), gain=2.0, delay=delay))
    net.connect(source, cells, ps.AllToAll(), ps.static_synapse(delay=0.5))
    sim = ps.Simulation(net)
    for value in ({"gain": 3.0}, {"delay": 1.0}, {"weight": ps.Uniform(2.0, 3.0)}):
        with pytest.raises(ps.ParsimError, match="it brings too much"):
            sim.connections(synapse=checked)[:1].set(**value)
    net.connect(source, cells, ps.AllToAll(), checked(weight=ps.Uniform(4.0, 4.1), delay=delay))
    with pytest.raises(ps.ParsimError, match="it brings too much"):
        ps.Simulation(net)

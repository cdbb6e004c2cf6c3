"""What all connections of a source share is kept once, and they come to the same as those that have it each."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest

import parsim as ps

LEARNING = {
    "pairs": ps.stdp_synapse(weight=ps.Uniform(20.0, 40.0), Wmax=80.0, lambda_=0.1, delay=1.5),
    "triplets": ps.stdp_triplet_synapse(weight=ps.Uniform(20.0, 40.0), Aplus=0.1, Aminus=0.1, delay=0.7),
}


class Learner:
    """Connections onto cells that fire, which share what they can, or are `apart` in it from the beginning."""

    def __init__(self, kind, *, apart=False, threads=1, restore=None):
        net = ps.Network(seed=4)
        source = net.create("parrot_neuron", 8)
        cells = net.create("iaf_psc_exp", 6, V_m=ps.Uniform(-70.0, -56.0))
        noise = net.create("poisson_generator", 2, rate=[90.0, 6_000.0])
        net.connect(noise[:1], source, ps.AllToAll())
        net.connect(noise[1:], cells, ps.AllToAll(), ps.static_synapse(weight=40.0))
        rows = net.connect(source, cells, ps.FixedIndegree(5), LEARNING[kind])
        self.trace = net.record(rows, "Kplus", interval=2.0)
        self.sim = ps.Simulation(net, threads=threads, restore=restore, progress=False)
        self.found = self.sim.connections(rows)
        if apart:
            self.found.set(Kplus=self.found.get("Kplus"))

    def kept(self):
        """How many traces there are."""
        tables = [table.transmission for table in self.sim._ranks[0].built.tables]
        return sum(rows.state.Kplus.size for rows in tables if rows is not None)

    def columns(self):
        """Weights, traces, and samples of them."""
        return self.found.get("weight"), self.found.get("Kplus"), self.trace.values

    def part(self):
        """Some get a trace or a time constant of their own."""
        self.found[[0, 7, 8]].set(Kplus=0.5)
        self.sim.run(21.0)
        self.found[3:9].set(tau_plus=9.0)
        self.sim.run(20.0)


def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one.columns(), other.columns(), strict=True))


@pytest.mark.parametrize("kind", LEARNING)
def test_a_trace_is_kept_once_for_all_connections_of_a_source(kind):
    one = Learner(kind)
    one.sim.run(40.0)
    other = Learner(kind, apart=True)
    other.sim.run(40.0)
    assert one.kept() == 8 and other.kept() == 30 and same(one, other)
    weights, traces, samples = one.columns()
    assert np.unique(traces).size == 8 and np.unique(weights).size == 30 and samples.max() > 1.5
    one.found.set(Kplus=0.25)
    assert one.kept() == 8 and (one.found.get("Kplus") == 0.25).all()
    one.sim.reset()
    one.sim.run(40.0)
    found = one.sim.connections(synapse=LEARNING[kind].model)
    assert one.kept() == 8 and np.array_equal(found.get("Kplus"), traces)


@pytest.mark.parametrize("kind", LEARNING)
def test_connections_that_get_their_own_go_on_from_what_they_shared(kind, tmp_path):
    first, apart, two = Learner(kind), Learner(kind, apart=True), Learner(kind, threads=2)
    for one in (first, apart, two):
        one.sim.run(40.0)
        one.part()
    assert first.kept() == 30 and np.unique(first.found.get("Kplus")).size > 8
    assert same(first, apart) and same(two, apart)
    two.sim.save(tmp_path / "half.h5")
    again = Learner(kind, restore=tmp_path / "half.h5")
    assert again.kept() == 30
    for one in (first, again):
        one.sim.run(30.0)
    assert all(np.array_equal(a, b) for a, b in zip(first.columns()[:2], again.columns()[:2], strict=True))


def test_a_checkpoint_of_what_is_shared_leaves_it_shared(tmp_path):
    first = Learner("pairs", threads=2)
    first.sim.run(33.0)
    first.sim.save(tmp_path / "half.h5")
    first.sim.run(30.0)
    again = Learner("pairs", restore=tmp_path / "half.h5")
    again.sim.run(30.0)
    assert again.kept() == 8
    assert all(np.array_equal(a, b) for a, b in zip(first.columns()[:2], again.columns()[:2], strict=True))


def test_connections_may_go_while_others_share():
    one, other = Learner("pairs"), Learner("pairs", apart=True)
    for each in (one, other):
        each.sim.run(30.0)
        each.sim.disconnect(each.found[::3])
        each.found = each.sim.connections(synapse=ps.stdp_synapse)
        each.sim.run(30.0)
    assert one.kept() == 8 and other.kept() == 20 and len(one.found) == 20
    assert np.array_equal(one.trace.values, other.trace.values, equal_nan=True)
    assert np.array_equal(one.found.get("weight"), other.found.get("weight"))
    assert np.array_equal(one.found.get("Kplus"), other.found.get("Kplus"))


class Counted(NamedTuple):
    spikes: ps.Ints


class Params(NamedTuple):
    weight: ps.Floats
    step: ps.Floats


@ps.kernel
def transmit(s, p, r, spike):
    """The weight, as often as the source has fired."""
    return ps.at_row(p.weight, r) * s.spikes[ps.shared_at(spike, r)]


@ps.kernel
def leave(s, p, r, spike):
    """A spike more."""
    s.spikes[ps.shared_at(spike, r)] += np.int64(ps.at_row(p.step, r))


counting = ps.SynapseModel(
    "counting",
    params=(ps.Param("weight", 1.0), ps.Param("delay", 1.0, "ms"), ps.Param("step", 2.0)),
    state=Counted,
    recordables=(ps.Variable("spikes", initial=1.0, per="source", reads=("step",)),),
    prepare=lambda p, clock: Params(p.weight, p.step),
    transmit=transmit,
    leave=leave,
)


@pytest.mark.parametrize("apart", [False, True], ids=["shared", "apart"])
def test_a_synapse_of_a_script_may_have_such_a_state(apart):
    net = ps.Network()
    source = net.create("VecStim", 2, spike_times=[[1.0, 2.0, 3.0], [2.0]])
    rows = net.connect(source, net.create("iaf_psc_exp", 3), ps.AllToAll(), counting(weight=0.5))
    sent = net.record_transmissions(rows)
    sim = ps.Simulation(net)
    found = sim.connections(rows)
    if apart:
        found[:1].set(step=3.0)
    sim.run(5.0)
    assert found.get("spikes").tolist() == [10 if apart else 7, 7, 7, 3, 3, 3]
    first = sent.weights[(sent.senders == 0) & (sent.targets == 2)]
    assert first.tolist() == ([0.5, 2.0, 3.5] if apart else [0.5, 1.5, 2.5])


@pytest.mark.parametrize(
    ("act", "text"),
    [
        (lambda: replace(counting, leave=None), "counting has one of leave and states per source; both are needed"),
        (lambda: replace(counting, recordables=()), "counting has one of leave and states per source"),
        (lambda: ps.Variable("spikes", per="target"), "per of spikes is 'target'; it must be 'source'"),
        (lambda: ps.Variable("spikes", reads="step"), "reads of spikes is 'step'; a tuple of names"),
        (lambda: replace(counting, recordables=(ps.Variable("spikes", per="source", reads=("stop",)),)),
         "spikes of counting reads 'stop', which is no parameter. Did you mean 'step'?"),
        (lambda: replace(counting, recordables=(ps.Variable("spikes", initial=lambda p: p.step, per="source"),)),
         "its initial must be a number or the name of a parameter"),
        (lambda: replace(ps.parrot_neuron, recordables=(ps.Variable("spikes", per="source"),)), "spikes"),
    ],
    ids=["no_leave", "no_state", "kind", "reads", "unknown", "initial", "cell"],
)  # fmt: skip
def test_what_does_not_fit_is_refused(act, text):
    with pytest.raises(ps.ParsimError) as error:
        act()
    assert text in str(error.value)

"""Receptors and places by name: what a connection or a recording may name, and what it means."""

import copy
import pickle
from typing import NamedTuple

import numpy as np
import pytest

import parsim as ps
from parsim.arrays import Floats

THREE = ps.iaf_psc_exp_multisynapse.with_receptors(
    fast=dict(tau_syn=2.0), slow=dict(tau_syn=50.0), inh=dict(tau_syn=8.0)
)


class Params(NamedTuple):
    half: Floats


class State(NamedTuple):
    v: Floats  # [compartment, cell]


def prepare(p, clock):
    return Params(np.full(p.E_L.size, 0.5))


@ps.kernel
def advance(s, p, inputs, span, out):
    for k in range(span.first, span.stop):
        for i in range(span.begin, span.end):
            s.v[0, i] += inputs.spikes[k - span.origin, 0, i]
            s.v[1, i] += inputs.spikes[k - span.origin, 1, i] + p.half[i]


two_compartments = ps.CellModel(
    "two_compartments", params=(ps.Param("E_L", -70.0, "mV"),), state=State, prepare=prepare, advance=advance,
    recordables=(
        ps.Variable("soma.V_m", "mV", of="v", initial="E_L"),
        ps.Variable("dend.V_m", "mV", of="v", initial=-60.0),
    ),
    ports=("near", "far"), takes_current=False,
)  # fmt: skip


def pulse(net, cells, synapse, at=2.0):
    net.connect(net.create("spike_generator", spike_times=[at]), cells, ps.AllToAll(), synapse)


def test_a_spike_enters_by_the_receptor_that_is_named_whatever_its_sign():
    net = ps.Network()
    cells = net.create(THREE, 2)
    pulse(net, cells.at("slow"), ps.static_synapse(weight=30.0))
    pulse(net, cells, ps.static_synapse(weight=-7.0, receptor="inh"))
    source = net.create("parrot_neuron")
    pulse(net, source, ps.static_synapse())
    net.connect(source, cells[1:], ps.AllToAll(), ps.static_synapse(weight=-2.5, receptor="fast"))
    sim = ps.Simulation(net, threads=2)
    sim.run(3.0)
    assert sim.get(cells, "I_syn_slow").tolist() == [30.0, 30.0]
    assert sim.get(cells.at("inh"), "I_syn").tolist() == [-7.0, -7.0]
    assert sim.get(cells, "I_syn_fast").tolist() == [0.0, 0.0]
    sim.run(1.0)
    assert sim.get(cells, "I_syn_fast").tolist() == [0.0, -2.5]


def test_rows_of_their_own_weights_keep_their_receptor():
    net = ps.Network()
    cells = net.create(THREE, 5)
    source = net.create("parrot_neuron", 4)
    pulse(net, source, ps.static_synapse())
    weights = np.linspace(-3.0, 4.0, 20).reshape(5, 4)
    net.connect(source, cells.at("inh"), ps.AllToAll(), ps.static_synapse(weight=weights))
    sim = ps.Simulation(net, threads=3)
    sim.run(4.0)
    assert sim.get(cells, "I_syn_inh").tolist() == pytest.approx(weights.sum(axis=1).tolist())
    assert not sim.get(cells, "I_syn_fast").any() and not sim.get(cells, "I_syn_slow").any()


def test_receptors_stay_where_they_are_when_cells_are_added():
    net = ps.Network()
    cells = net.create(THREE, 2)
    source = net.create("parrot_neuron")
    pulse(net, source, ps.static_synapse(), at=3.0)
    net.connect(source, cells, ps.AllToAll(), ps.static_synapse(weight=5.0, receptor="inh"))
    pulse(net, cells.at("slow"), ps.static_synapse(weight=9.0), at=3.0)
    sim = ps.Simulation(net)
    sim.run(1.0)
    net.create(THREE, 3)
    sim.run(4.0)
    found = sim.get(net.populations[0] + net.populations[-1], "I_syn_inh")
    assert found[0] == found[1] == 5.0 and not found[2:].any()
    assert sim.get(cells, "I_syn_slow").tolist() == pytest.approx([9.0 * np.exp(-1.0 / 50.0)] * 2)


def test_each_receptor_has_parameters_of_its_own():
    net = ps.Network()
    cells = net.create(THREE, 3, tau_syn_slow=[20.0, 30.0, 40.0])
    sim = ps.Simulation(net)
    assert sim.get(cells, "tau_syn_fast").tolist() == [2.0] * 3
    assert sim.get(cells.at("slow"), "tau_syn").tolist() == [20.0, 30.0, 40.0]
    sim.set(cells.at("fast"), tau_syn=3.0)
    assert sim.get(cells, "tau_syn_fast").tolist() == [3.0] * 3


def test_a_model_with_other_receptors_is_a_value():
    assert THREE.ports == ("fast", "slow", "inh")
    again = THREE.with_receptors(ampa=dict(tau_syn="5 ms"))
    assert [p.name for p in again.params if "syn" in p.name] == ["tau_syn_ampa"]
    assert [v.name for v in again.recordables] == ["V_m", "I_syn_ampa"]
    assert next(p for p in again.params if p.name == "tau_syn_ampa").default == 5.0
    other = pickle.loads(pickle.dumps(THREE))
    assert (other.ports, other.params, other.advance) == (THREE.ports, THREE.params, THREE.advance)
    assert copy.deepcopy(THREE) is THREE
    assert pickle.loads(pickle.dumps(ps.iaf_psc_exp_multisynapse)) is ps.iaf_psc_exp_multisynapse


def test_places_hold_rows_of_a_state():
    net = ps.Network()
    cells = net.create(two_compartments, 2, E_L=[-70.0, -65.0])
    pulse(net, cells.at("far"), ps.static_synapse(weight=-4.0))
    soma, dend = net.record(cells.at("soma"), "V_m"), net.record(cells, "dend.V_m")
    sim = ps.Simulation(net, threads=2)
    assert sim.get(cells, "soma.V_m").tolist() == [-70.0, -65.0]
    sim.set(cells[1].at("soma"), V_m=-50.0)
    sim.run(4.0)
    assert soma.variable == "soma.V_m" and soma.unit == "mV"
    assert soma.values[-1].tolist() == [-70.0, -50.0]
    assert dend.values[:, 0].tolist() == [-55.0, -50.0, -49.0, -44.0]


def test_a_place_stays_with_parts_and_sums():
    net = ps.Network()
    one, two = net.create(THREE, 4), net.create(THREE, 2)
    both = one.at("slow") + two.at("slow")
    assert both.place == one.at("slow")[1:3].place == one.at("slow")[[3, 0]].place == "slow"
    assert repr(one.at("slow")[:2]) == "<2 of iaf_psc_exp_multisynapse at 'slow'>"
    with pytest.raises(
        ps.DescriptionError, match=r"are at different places. Join the cells first: \(a \+ b\).at"
    ):
        one.at("slow") + two.at("fast")


def run(act):
    net = ps.Network()
    act(net, net.create(THREE, 3), net.create("iaf_cond_exp", 3), net.create("iaf_psc_alpha_ps", 2))
    ps.Simulation(net)


SYN = ps.static_synapse
EVERY = ps.AllToAll()


@pytest.mark.parametrize(
    ("act", "text"),
    [
        (lambda net, a, b, c: net.connect(b, a, EVERY),
         "iaf_psc_exp_multisynapse has the receptors fast, slow, inh; say which one: "
         'static_synapse(receptor="fast") or cells.at("fast").'),
        (lambda net, a, b, c: net.connect(b, a, EVERY, SYN(receptor="slo")),
         "iaf_psc_exp_multisynapse has no receptor 'slo'. Did you mean 'slow'? It has: fast, slow, inh."),
        (lambda net, a, b, c: net.connect(b, a.at("fats"), EVERY),
         "iaf_psc_exp_multisynapse has no receptor or place 'fats'. Did you mean 'fast'? It has the receptors fast, "
         "slow, inh."),
        (lambda net, a, b, c: net.connect(b, a.at("fast"), EVERY, SYN(receptor="slow")),
         "the receptor is 'slow' in the synapse and 'fast' in the targets. Name it once."),
        (lambda net, a, b, c: net.connect(b, a, EVERY, SYN(receptor=1)), "receptor is 1; a text is needed."),
        (lambda net, a, b, c: net.connect(b.at("ex"), b, EVERY), "Leave .at(...) out."),
        (lambda net, a, b, c: net.record_spikes(b.at("ex")),
         "iaf_cond_exp cells fire as a whole, and not at 'ex'. Leave .at(...) out."),
        (lambda net, a, b, c: net.connect(net.create("dc_generator"), a.at("fast"), EVERY),
         "dc_generator brings a current, which enters by no receptor. Leave out 'fast'."),
        (lambda net, a, b, c: net.connect(b, b, EVERY, SYN(receptor="in", weight=2.0)),
         "weight is 2, and a weight of this sign enters iaf_cond_exp by 'ex', not by 'in'. Change its sign or leave "
         "the receptor out."),
        (lambda net, a, b, c: net.connect(b, b.at("ex"), EVERY, SYN(weight=ps.Uniform(-2.0, -1.0))),
         "enters iaf_cond_exp by 'in', not by 'ex'"),
        (lambda net, a, b, c: net.connect(net.create("poisson_generator"), b.at("ex"), EVERY,
                                          SYN(weight=ps.Uniform(-2.0, -1.0))),
         "enters iaf_cond_exp by 'in', not by 'ex'"),
        (lambda net, a, b, c: net.connect(b, c.at("slow"), EVERY),
         "iaf_psc_alpha_ps has no receptor or place 'slow'. It has the receptors ex, in."),
        (lambda net, a, b, c: net.record(a.at("fast"), "g"), "iaf_psc_exp_multisynapse has no recordable 'g'."),
        (lambda net, a, b, c: net.create(two_compartments, 1).at("den"),
         "two_compartments has no receptor or place 'den'. Did you mean 'dend'? It has the receptors near, far and "
         "the places soma, dend."),
        (lambda net, a, b, c: net.connect(b, net.create(two_compartments).at("dend"), EVERY),
         "'dend' of two_compartments is a place that receives nothing. Events are received at: near, far."),
        (lambda net, a, b, c: THREE.with_receptors(), "needs at least one receptor"),
        (lambda net, a, b, c: THREE.with_receptors(ampa=2.0), "receptor ampa of iaf_psc_exp_multisynapse is 2.0; give "
         "its parameters: ampa=dict(tau_syn=2)."),
        (lambda net, a, b, c: THREE.with_receptors(ampa=dict(tau=2.0)), "a receptor of iaf_psc_exp_multisynapse has no "
         "parameter 'tau'. Did you mean 'tau_syn'? It has: tau_syn."),
        (lambda net, a, b, c: THREE.with_receptors(ampa=dict(tau_syn=-2.0)), "tau_syn_ampa of iaf_psc_exp_multisynapse "
         "is -2 ms; it must be greater than 0 ms."),
        (lambda net, a, b, c: ps.iaf_cond_exp.with_receptors(ampa=dict(tau_syn=2.0)),
         "iaf_cond_exp has the receptors ex, in and no others."),
    ],
)  # fmt: skip
def test_what_cannot_be_named_is_refused(act, text):
    with pytest.raises(ps.ParsimError) as error:
        run(act)
    assert text in str(error.value)


def test_a_receptor_may_be_named_where_the_sign_would_choose_the_same():
    def spikes(synapse):
        net = ps.Network()
        cells = net.create("iaf_psc_alpha", 3)
        noise = net.create("poisson_generator", rate=9_000.0)
        net.connect(noise, cells, EVERY, synapse)
        recording = net.record_spikes(cells)
        ps.Simulation(net).run(50.0)
        return recording.times.tolist()

    named = spikes(SYN(weight=60.0, receptor="ex"))
    assert named == spikes(SYN(weight=60.0)) and len(named) > 5


def test_the_receptor_is_part_of_what_was_said(tmp_path):
    def network(receptor):
        net = ps.Network()
        cells = net.create(THREE, 3)
        net.connect(cells, cells.at(receptor), EVERY)
        return net

    ps.Simulation(network("fast")).save(tmp_path / "c.h5")
    ps.Simulation(network("fast"), restore=tmp_path / "c.h5")
    with pytest.raises(ps.DescriptionError, match="was saved from another network"):
        ps.Simulation(network("slow"), restore=tmp_path / "c.h5")

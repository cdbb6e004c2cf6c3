"""Connections are given new values: when these count, what stays shared, and what is refused."""

import dataclasses

import numpy as np
import pytest

import parsim as ps
from parsim.engine.rows import row_changes
from tests.models.test_exact_receptors import by_steps
from tests.rows import world


def jumps(model, change, delay=2.0, threads=2):
    """What a cell that adds up weights has heard of spikes at 1, 2, ... ms, after each ms; changed at 5.5 ms."""
    net = ps.Network()
    source = net.create("spike_generator", spike_times=np.arange(1.0, 12.0))
    relay = net.create("parrot_neuron")
    cell = net.create(model, tau_m=1e9, V_th=1e9) if model.startswith("iaf") else net.create(model, tau=1e9)
    net.connect(source, relay, ps.AllToAll(), ps.static_synapse(delay=0.1))
    said = net.connect(relay, cell, ps.AllToAll(), ps.static_synapse(weight=0.001, delay=delay))
    name = "V_m" if model.startswith("iaf") else "m"
    sim = ps.Simulation(net, threads=threads, progress=False)
    sim.run(5.5)
    change(sim.connections(said), sim)
    heard = []
    for _ in range(8):
        sim.run(1.0)
        heard.append(sim.get(cell, name)[0])
    return np.diff(heard).round(6).tolist()


@pytest.mark.parametrize("model", ["iaf_psc_delta", "IntFire1"])
def test_what_was_sent_before_arrives_as_it_was_sent(model):
    """A spike at 5 ms reaches its source at 5.1 and the cell at 7.1; those after it come with the new weight."""
    assert jumps(model, lambda found, sim: found.set(weight=0.003)) == [0.001] + [0.003] * 6


@pytest.mark.parametrize("model", ["iaf_psc_delta", "IntFire1"])
def test_delays_count_from_the_next_spike_on(model):
    """The one at 5.1 takes 2 ms and comes at 7.1; that at 6.1 takes 4 and comes at 10.1."""
    assert jumps(model, lambda found, sim: found.set(delay=4.0)) == [
        0.001,
        0.0,
        0.0,
        0.001,
        0.001,
        0.001,
        0.001,
    ]


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("model", ["iaf_psc_delta", "IntFire1"])
def test_a_delay_may_be_shorter_than_any_was(model, threads):
    """From 6.5 to 7.5 ms come the spike at 5.1, which takes 2 ms, and that at 7.1, which takes 0.3; then one each."""
    heard = jumps(model, lambda found, sim: found.set(delay=0.3), threads=threads)
    assert heard == [0.002, *[0.001] * 4, 0.0, 0.0]


def test_a_delay_that_was_short_for_a_while_changes_nothing_of_what_a_checkpoint_goes_on_with(tmp_path):
    def network():
        net = ps.Network(seed=4)
        cells = net.create("iaf_psc_exp", 12, I_e=ps.Uniform(400.0, 600.0))
        said = net.connect(cells, cells, ps.FixedIndegree(4), ps.static_synapse(weight=80.0, delay=1.5))
        return net, said, net.record_spikes(cells)

    net, said, whole = network()
    sim = ps.Simulation(net, threads=2, progress=False)
    sim.run(20.7)
    sim.connections(said)[:9].set(delay=0.4)
    sim.run(10.5)
    sim.connections(said)[:9].set(delay=[1.1, 2.0, 1.3] * 3)
    sim.run(11.1)
    sim.save(tmp_path / "file")
    sim.run(20.0)
    net, _, rest = network()
    again = ps.Simulation(net, progress=False, restore=tmp_path / "file")
    again.run(20.0)
    late = whole.times > 42.3
    assert late.sum() > 10
    assert np.array_equal(whole.times[late], rest.times) and np.array_equal(whole.gids[late], rest.gids)


def test_what_stimuli_have_sent_is_weighed_when_it_arrives():
    net = ps.Network()
    source = net.create("spike_generator", spike_times=[1.0, 2.0])
    cell = net.create("iaf_psc_delta", tau_m=1e9)
    said = net.connect(source, cell, ps.AllToAll(), ps.static_synapse(weight=1.0, delay=3.0))
    sim = ps.Simulation(net, progress=False)
    sim.run(4.5)
    before = sim.get(cell, "V_m")[0]
    sim.connections(said).set(weight=5.0)
    sim.run(1.0)
    assert sim.get(cell, "V_m")[0] - before == pytest.approx(5.0)


def test_weights_enter_where_their_sign_says():
    """Currents of either sign decay with time constants of their own."""
    net = ps.Network()
    source = net.create("spike_generator", spike_times=[1.0, 20.0])
    relay = net.create("parrot_neuron")
    cells = net.create("iaf_psc_exp", 2, tau_syn_ex=1.0, tau_syn_in=5.0)
    net.connect(source, relay, ps.AllToAll())
    said = net.connect(relay, cells, ps.AllToAll(), ps.static_synapse(weight=[[10.0], [-10.0]]))
    direct = net.connect(source, cells, ps.AllToAll(), ps.static_synapse(weight=[[10.0], [-10.0]]))
    sim = ps.Simulation(net, progress=False)
    for found in (sim.connections(said), sim.connections(direct)):
        found.set(weight=-found.get("weight"))
    sim.run(22.5)
    assert (sim.get(cells, "I_syn_ex") > 0.0).tolist() == [False, True]
    assert (sim.get(cells, "I_syn_in") < 0.0).tolist() == [True, False]


def test_what_all_connections_share_stays_shared_and_is_spread_when_some_are_set():
    w = world()
    (table,) = [
        t for t in w.sim._ranks[0].built.tables if t.serial.ndim == 0 and int(t.serial) == w.large.serial
    ]
    found = w.sim.connections(w.large)
    found.set(weight=2.5, delay=1.5)
    assert table.weight.ndim == table.delay.ndim == 0 and (found.weights == 2.5).all()
    found[found.targets == 3].set(weight=4.0)
    assert table.weight.shape == (2100,) and table.delay.ndim == 0
    assert np.array_equal(found.weights, np.where(found.targets == 3, 4.0, 2.5))
    found[:7].set(delay=40.0)
    assert set(found.delays[:7]) == {40.0} and set(found.delays[7:]) == {1.5}


def test_draws_hang_on_the_target_and_how_often_was_set():
    def drawn(threads, first):
        sim = world(threads).sim
        found = sim.connections()
        if first:
            found[:1].set(weight=0.0)
        found.set(weight=ps.Normal(0.0, 1.0))
        return found.weights

    assert np.array_equal(drawn(1, False), drawn(3, False)) and not np.array_equal(
        drawn(1, False), drawn(1, True)
    )
    weights = drawn(1, False)
    assert (
        np.unique(weights).size == weights.size
        and abs(weights.mean()) < 0.1
        and abs(weights.std() - 1.0) < 0.1
    )


def test_expressions_may_hold_arrays_and_the_ends():
    found = world(2).sim.connections()
    found[10:40].set(weight=np.arange(30.0) * 2.0 + 0.0 * ps.Uniform(0.0, 1.0))
    assert found[10:40].weights.tolist() == (np.arange(30.0) * 2.0).tolist()
    found.set(weight=0.0 * ps.Uniform(0.0, 1.0) + (lambda source, target: source - target))
    assert np.array_equal(found.weights, found.sources - found.targets)


def test_values_are_numbers_text_and_arrays_of_units():
    found = world().sim.connections()
    for raw, number in (("0.2 nA", 200.0), (np.float32(3.0), 3.0), (0.0 * ps.Normal(1.0, 1.0) + 2.0, 2.0)):
        grid = found[np.isin(found.targets, range(7))]
        grid.set(weight=raw)
        assert (grid.weights == number).all()
    found[:3].set(weight=[1, 2, 3], delay="0.0015 s")
    assert found[:3].weights.tolist() == [1.0, 2.0, 3.0] and found[:3].delays.tolist() == [1.5] * 3
    found[:0].set(weight=3.0, delay=[])
    assert found[:0].weights.size == found[:0].get("tau").size == 0


MISTAKES = {
    "name": (dict(weigth=1.0), ps.DescriptionError, "no parameter 'weigth'. Did you mean 'weight'"),
    "length": (dict(weight=[1.0, 2.0]), ps.DescriptionError, "weight has 2 values; 65 are needed"),
    "NaN": (dict(weight=np.nan), ps.DescriptionError, "weight is NaN"),
    "infinite": (dict(weight=np.inf), ps.DescriptionError, "weight of static_synapse is inf"),
    "unit": (dict(delay="3 mV"), ps.DescriptionError, "a voltage; ms is needed"),
    "negative delay": (dict(delay=-1.0), ps.DescriptionError, "is -1 ms; it must be"),
    "no delay": (dict(delay=0.0), ps.DescriptionError, "it must be greater than 0"),
    "off the grid": (dict(delay=1.23), ps.DescriptionError, "delay 1.23 ms is not a multiple of dt"),
    "drawn below a step": (
        dict(delay=ps.Uniform(0.0, 0.09)),
        ps.BuildError,
        r"less than one step \(dt = 0.1 ms",
    ),
    "too long": (dict(delay=1e12), ps.DescriptionError, "at most 2,147,483,647 can be held"),
    "a function": (dict(weight=lambda source: source), ps.DescriptionError, "cannot be called as f"),
    "that fails": (dict(weight=lambda s, t: 1 / 0), ps.ParsimError, "raised ZeroDivisionError"),
    "a class": (dict(weight=ps.Normal), ps.DescriptionError, "is the class Normal; call it"),
}


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("mistake", MISTAKES)
def test_what_cannot_be_is_refused_before_anything_is_changed(mistake, threads):
    values, kind, text = MISTAKES[mistake]
    w = world(threads)
    before = w.sim.connections().columns()
    with pytest.raises(kind, match=text):
        w.sim.connections(w.both).set(**({"weight": 7.0} | values))
    assert all(np.array_equal(a, b) for a, b in zip(w.sim.connections().columns(), before, strict=True))
    w.sim.run(1.0)


def test_what_these_connections_cannot_have_is_refused():
    w = world(2)
    relays = w.net.create("parrot_neuron", 2)
    to_relays = w.net.connect(w.exact, relays, ps.AllToAll(), ps.static_synapse(delay=1.0))
    signed = w.net.connect(w.exact, w.grid, ps.AllToAll(), ps.static_synapse(weight=3.0, receptor="ex"))
    short = w.sim.connections(w.isles)
    short = short[short.get("delay") < 0.1]
    for found, values, text in (
        (
            w.sim.connections(w.noise),
            dict(delay=2.0),
            "delays of .* cannot be changed: what stimuli have sent",
        ),
        (w.sim.connections(w.wears), dict(use=1.5), "use of wearing is 1.5; it must be at most 1"),
        (
            w.sim.connections(to_relays),
            dict(weight=2.0),
            "parrot_neuron hears that a spike comes, but not its weight",
        ),
        (w.sim.connections(signed), dict(weight=-2.0), "enters iaf_psc_exp by 'in', not by 'ex'"),
        (short, dict(delay=0.5), "reach these targets within a step"),
    ):
        assert len(found)
        with pytest.raises(ps.DescriptionError, match=text):
            found.set(**values)
    short.set(delay=0.0)
    w.sim.run(2.0)
    with pytest.raises(ps.BuildError, match=r"use.*must be"):
        w.sim.connections(w.wears).set(use=ps.Uniform(0.5, 1.5))


def test_where_events_are_told_apart_by_connections_weights_keep_the_sign_that_chose_the_receptor():
    model = dataclasses.replace(by_steps, name="sorting", ports=("ex", "in", "c"))
    net = ps.Network()
    cells = net.create(model, 5)
    net.connect(cells, cells, ps.AllToAll(), ps.static_synapse(weight=0.5, delay=1.0))
    sim = ps.Simulation(net, threads=2, progress=False)
    found = sim.connections()
    found.set(weight=0.7)
    with pytest.raises(
        ps.DescriptionError, match="would change its sign, which chooses the receptor of sorting"
    ):
        found[3:].set(weight=-0.7)
    assert (found.weights == 0.7).all()


def placed(threads=1):
    """Two populations in a square that wraps, and one without positions, all to all."""
    net = ps.Network(seed=2)
    cells = net.create("iaf_psc_exp", positions=ps.grid([4, 3], wrap=True))
    exact = net.create("iaf_psc_delta", positions=ps.grid([2, 2], wrap=True))
    nowhere = net.create("iaf_psc_exp", 3)
    noise = net.create("poisson_generator", positions=ps.grid([2, 1], wrap=True), rate=10.0)
    near = ps.static_synapse(weight=ps.distance, delay=2.0)
    said = [net.connect(cells, target, ps.AllToAll(), near) for target in (cells, exact)]
    driven = net.connect(noise, cells, ps.AllToAll(), ps.static_synapse(weight=ps.distance))
    net.connect(cells, nowhere, ps.AllToAll(), ps.static_synapse(delay=2.0))
    return ps.Simulation(net, threads=threads, progress=False), said, driven, nowhere


@pytest.mark.parametrize("threads", [1, 3])
def test_values_of_where_ends_are_are_those_of_connect(threads):
    sim, said, driven, nowhere = placed(threads)
    for one in (*said, driven):
        found = sim.connections(one)
        apart = found.weights
        assert np.unique(apart).size > 2
        found.set(weight=3.0)
        found.set(weight=2.0 * ps.distance)
        assert np.array_equal(found.weights, 2.0 * apart)
    both = sim.connections(target=said[0].target + said[1].target)
    both[5:].set(delay=2.0 + ps.distance)
    assert np.allclose(both[5:].delays, 2.0 + both[5:].weights / 2.0, atol=0.05 + 1e-9)
    before = sim.connections().weights
    with pytest.raises(ps.DescriptionError, match="have no positions; say where they are"):
        sim.connections().set(weight=ps.distance)
    assert np.array_equal(sim.connections().weights, before) and len(sim.connections(target=nowhere)) == 36


def test_what_is_drawn_in_blocks_is_what_is_drawn_at_once(monkeypatch):
    def drawn():
        found = world(2).sim.connections()
        found.set(
            weight=ps.Normal(0.0, 1.0) + np.arange(len(found)) + (lambda source, target: source * target)
        )
        return found.weights

    whole = drawn()
    monkeypatch.setattr(row_changes, "BLOCK", 7)
    assert np.array_equal(drawn(), whole)

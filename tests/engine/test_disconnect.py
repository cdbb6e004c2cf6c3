"""Connections are taken away: what was sent arrives, the others stay as they are, and a reset brings them back."""

import numpy as np
import pytest

import parsim as ps
from tests.engine.test_set_connections import jumps
from tests.models.test_exact_receptors import HEARERS, SYN, network, remembering
from tests.plasticity.network import Plastic
from tests.rows import change, outcome, world


@pytest.mark.parametrize("model", ["iaf_psc_delta", "IntFire1"])
def test_what_was_sent_before_arrives_and_nothing_after_it(model):
    """A spike at 5.1 reaches the cell at 7.1; connections are taken away at 5.5."""
    assert jumps(model, lambda found, sim: sim.disconnect(found)) == [0.001] + [0.0] * 6


def test_the_others_are_as_they_were():
    w = world(3)
    everyone = w.sim.connections()
    keep = np.arange(len(everyone)) % 5 != 2
    columns, worn = everyone.columns(), w.sim.connections(w.wears)
    stays = keep[
        [said is w.wears for said in everyone.statements for _ in range(len(w.sim.connections(said)))]
    ]
    tau = worn.get("tau")[stays]
    w.sim.disconnect(everyone[~keep])
    found = w.sim.connections()
    assert len(found) == keep.sum() and np.array_equal(w.sim.connections(w.wears).get("tau"), tau)
    assert all(np.array_equal(a, b[keep]) for a, b in zip(found.columns(), columns, strict=True))
    change(w)
    w.sim.run(5.0)


def test_all_and_none_can_be_taken_away():
    w, alone = world(25), world()
    for one in (w, alone):
        one.sim.disconnect(one.sim.connections()[:0])
        one.sim.run(3.0)
        one.sim.disconnect(one.sim.connections())
        one.sim.disconnect(one.sim.connections(one.noise))
        assert len(one.sim.connections()) == len(one.sim.connections(one.noise)) == 0
        one.sim.run(10.0)
    assert outcome(w) == outcome(alone)
    more = w.net.connect(w.grid, w.exact, ps.AllToAll(), ps.static_synapse(delay=1.0))
    assert len(w.sim.connections(more)) == len(w.sim.connections()) == 42
    w.sim.run(3.0)
    w.sim.reset()
    assert len(w.sim.connections()) == len(world().sim.connections()) + 42


def test_what_is_recorded_of_them_ends():
    w = world(2)
    found = w.sim.connections(w.plain)
    sampled, some = (
        w.net.record(w.plain, "weight", interval=1.0),
        w.net.record(found[[0, 5, 9]], "weight", interval=1.0),
    )
    heard = w.net.record_transmissions(w.plain)
    w.sim.run(8.0)
    targets = found.targets
    w.sim.disconnect(found[targets == 5])
    w.sim.run(12.0)
    gone = np.isnan(sampled.values)
    assert not gone[:8].any() and gone[8:, targets == 5].all() and not gone[8:, targets != 5].any()
    assert np.isnan(some.values).tolist() == [[False] * 3] * 8 + [[False, True, False]] * 12
    assert {5} < set(heard.targets[heard.times < 8.0]) and 5 not in heard.targets[heard.times > 8.0]
    assert len(heard.targets[heard.times > 8.0]) > 5
    w.sim.reset()
    w.sim.run(2.0)
    assert (sampled.values == 30.0).all() and (some.values == 30.0).all() and sampled.values.shape == (2, 42)


def test_recordings_that_begin_later_know_who_is_left(tmp_path):
    w = world(2)
    w.sim.disconnect(w.sim.connections(w.large)[::3])
    found = w.sim.connections(w.large)[5:2000:100]
    sampled = w.net.record(found, "weight", interval=1.0)
    w.sim.run(2.0)
    assert np.array_equal(sampled.values, [found.weights] * 2)
    w.sim.save(tmp_path / "state")
    again = world(3, restore=tmp_path / "state")
    part = again.sim.connections(again.large)[5:2000:100]
    later = again.net.record(part, "weight", interval=1.0)
    again.sim.run(1.0)
    assert np.array_equal(later.values, [found.weights])
    w.sim.reset()
    w.sim.run(1.0)
    assert np.array_equal(sampled.values[0], later.values[0]) and np.array_equal(
        sampled.sources, later.sources
    )


def test_values_of_those_that_are_left_can_be_kept_through_a_reset():
    w = world(2)
    change(w)
    before = w.sim.connections().columns()
    gone = np.arange(before.weights.size) % 4 == 1
    w.sim.disconnect(w.sim.connections()[gone])
    w.sim.reset(keep=("weights",))
    found, said = w.sim.connections().columns(), world().sim.connections().columns()
    for name in ("weights", "delays"):
        now, was, new = (getattr(one, name) for one in (found, before, said))
        assert np.array_equal(now[~gone], was[~gone]) and np.array_equal(now[gone], new[gone])


@pytest.mark.parametrize("model", [ps.stdp_synapse, ps.tsodyks_synapse], ids=str)
def test_rows_that_learn_are_taken_away_on_any_number_of_ranks(model):
    def run(threads):
        w = Plastic(model)
        sim = w.simulation(threads=threads)
        sim.run(15.3)
        sim.disconnect(sim.connections(synapse=model)[1::3])
        sim.run(15.0)
        found = sim.connections(synapse=model)
        values = [found.get(name).tolist() for name in [p.name for p in model.params]]
        return values, found.sources.tolist(), w.spikes.times.tolist(), w.spikes.gids.tolist()

    assert run(1) == run(3)


def test_what_cannot_be_taken_away_is_refused():
    w, other = world(2), world()
    found = w.sim.connections(w.plain)
    for given, text in (
        (other.sim.connections(), "are those of another simulation"),
        (w.plain, "are no connections. Give what sim.connections"),
        (None, "None are no connections"),
    ):
        with pytest.raises(ps.DescriptionError, match=text):
            w.sim.disconnect(given)
    w.sim.disconnect(found[:3])
    for call in (
        lambda: w.sim.disconnect(found),
        lambda: found.get("weight"),
        lambda: found.set(weight=1.0),
        lambda: found[0],
    ):
        with pytest.raises(ps.DescriptionError, match="were found before reset or disconnect was called"):
            call()
    assert len(w.sim.connections(w.plain)) == 39


@HEARERS
def test_connections_onto_receptors_told_apart_are_taken_away(model, tmp_path):
    """The same from then on whatever the number of ranks, and after a checkpoint; all others stay as they are."""

    def run(threads, path=None):
        net, cells, spikes = network(model)
        sim = ps.Simulation(net, threads=threads, progress=False)
        sim.run(20.0)
        found = sim.connections()
        keep = np.arange(len(found)) % 3 != 1
        columns = found.columns()
        sim.disconnect(found[~keep])
        left = sim.connections().columns()
        assert all(np.array_equal(a, b[keep]) for a, b in zip(left, columns, strict=True))
        if path is not None:
            sim.save(path)
            net, cells, spikes = network(model)
            sim = ps.Simulation(net, threads=2, progress=False, restore=path)
        sim.run(20.0)
        late = spikes.times > 20.0
        assert late.sum() > 5
        return spikes.times[late].tolist(), spikes.gids[late].tolist(), sim.get(cells, "v").tolist()

    alone = run(1)
    assert alone == run(3) == run(1, tmp_path / "state")


@HEARERS
def test_what_was_sent_arrives_by_its_receptor_unless_the_connection_has_a_state(model):
    """A spike at 1 takes 3 ms; at 2 ms the first cell loses its connections. The other hears that of 6, too."""
    net = ps.Network()
    cells, sender = net.create(model, 2), net.create("VecStim", spike_times=[[1.0, 6.0]])
    for port in "abc":
        net.connect(sender, cells.at(port), ps.AllToAll(), SYN(weight=0.4, delay=3.0))
    sim = ps.Simulation(net, progress=False)
    sim.run(2.0)
    found = sim.connections()
    sim.disconnect(found[found.targets == cells.gids[0]])
    sim.run(8.0)
    heard = np.array([sim.get(cells, f"got_{port}") for port in "abc"])
    used = 0.4 / 1.1, 0.4 / 1.2
    second, first = (sum(used), 0.0) if model is remembering else (0.8, 0.4)
    assert np.allclose(heard, [[first, second]] * 3, rtol=1e-12, atol=0.0)


def brought(gone=()):
    """When which of six connections of one pair bring something, by their weights, and the weights of those that go."""
    net = ps.Network(seed=2)
    source, cell = net.create("parrot_neuron", 1), net.create("iaf_psc_delta", 1)
    net.connect(net.create("spike_generator", spike_times=np.arange(1.0, 61.0)), source, ps.AllToAll())
    risky = ps.bernoulli_synapse(weight=ps.Uniform(1.0, 2.0), p_transmit=0.5)
    heard = net.record_transmissions(net.connect(source, cell, ps.FixedIndegree(6), risky))
    sim = ps.Simulation(net, threads=2, progress=False)
    weights = sim.connections(source, cell).get("weight")[list(gone)]
    for one in sorted(gone, reverse=True):  # one by one
        sim.disconnect(sim.connections(source, cell)[[one]])
    sim.run(65.0)
    return set(zip(heard.times.tolist(), heard.weights.tolist(), strict=True)), set(weights.tolist())


def test_others_of_the_same_pair_draw_as_before():
    whole, _ = brought()
    left, gone = brought([1, 3])
    assert 120 < len(whole) < 240 and len(gone) == 2
    assert left == {one for one in whole if one[1] not in gone}

"""Connections are recorded: what they have, at intervals, and every spike that goes over them."""

import json
from pathlib import Path

import numpy as np
import pytest

import parsim as ps
from tests.plasticity.network import Plastic
from tests.rows import change, outcome, world

DATA = Path(__file__).parents[1] / "data"


def recorded(w):
    """What is recorded of connections of all kinds; those that were found, and those of statements."""
    net, sim = w.net, w.sim
    return [
        net.record(w.wears, "left", interval=0.7),
        net.record(w.driven, "weight", interval=2.0),
        net.record(sim.connections(target=w.grid)[::7], "weight", interval=1.3),
        net.record(sim.connections(w.isles)[[3, 7, 11]], "delay", interval=5.0),
        net.record_transmissions(w.both),
        net.record_transmissions(w.wears),
        net.record_transmissions(sim.connections(w.wears)[::4]),
        net.record_transmissions(w.large),
        net.record_transmissions(sim.connections(w.isles)[2::3]),
        net.record_transmissions(sim.connections(target=w.exact)[::2]),
    ]


def columns(recordings):
    found = []
    for one in recordings:
        names = ("times", "values", "sources", "targets") if hasattr(one, "interval") else ()
        found += [
            getattr(one, name).tolist()
            for name in names or ("times", "senders", "targets", "weights", "ports")
        ]
    return found


def run(threads, cuts=()):
    w = world(threads)
    w.sim.run(3.4)
    recordings = recorded(w)
    for at, duration in enumerate((8.3, 9.6, 4.0)):
        for part in cuts:
            w.sim.run(part)
            duration -= part
        w.sim.run(round(duration, 9))
        if at < 2:
            change(w)
    return columns(recordings), outcome(w)


@pytest.mark.parametrize(("threads", "cuts"), [(2, ()), (25, ()), (1, (0.1, 1.3)), (3, (2.2,))])
def test_what_is_recorded_hangs_on_no_rank_and_no_cut(threads, cuts):
    assert run(threads, cuts) == run(1)


def test_recording_changes_nothing():
    w = world()
    w.sim.run(3.4)
    for duration in (8.3, 9.6):
        w.sim.run(duration)
        change(w)
    w.sim.run(4.0)
    assert outcome(w) == run(2)[1]


@pytest.mark.parametrize("threads", [1, 3])
def test_every_spike_over_every_connection_is_recorded(threads):
    """With its weight at the time, and the receptor; of all kinds of connections that bring their weight."""
    w = world(threads)
    w.sim.run(2.0)
    names = ("both", "isles", "large", "plain")
    said = [getattr(w, name) for name in names]
    heard = [w.net.record_transmissions(one) for one in said]
    new = world()
    was = [new.sim.connections(getattr(new, name)).weights for name in names]
    w.sim.run(8.0)
    sets = {w.plain: -12.0, w.both: 3.0}
    for one, weight in sets.items():
        w.sim.connections(one)[::2].set(weight=weight)
    w.sim.run(10.0)
    spikes, gids = w.spikes.times, w.spikes.gids
    late = (spikes > 2.0) & (
        spikes <= 20.0 - w.sim.interval
    )  # those of the last interval may be still to be delivered
    for one, found, before in zip(said, heard, was, strict=True):
        rows = w.sim.connections(one)
        columns = rows.columns()
        expected = []
        for time, gid in zip(spikes[late], gids[late], strict=True):
            weights = before if time <= 10.0 else columns.weights
            for row in np.flatnonzero(columns.sources == gid):
                by = int(not weights[row] > 0.0) if columns.targets[row] < 13 else 0
                expected.append((time, gid, int(columns.targets[row]), weights[row], by))
        listed = zip(found.times, found.senders, found.targets, found.weights, found.ports, strict=True)
        known = [row for row in listed if row[0] <= 20.0 - w.sim.interval]
        assert len(expected) > 20 and known == expected


def test_samples_show_what_was_there():
    w = world(2)
    first = w.sim.connections(w.plain)
    recording, other = (
        w.net.record(w.plain, "weight", interval=0.4),
        w.net.record(first[[40, 3]], "weight", interval=1.0),
    )
    w.sim.run(2.0)
    first[3].set(weight=-1.0)
    w.sim.run(2.0)
    assert recording.times.tolist() == [round(0.4 * k, 9) for k in range(1, 11)]
    assert np.array_equal(recording.sources, first.sources) and np.array_equal(
        recording.targets, first.targets
    )
    assert recording.values[:, 3].tolist() == [30.0] * 5 + [-1.0] * 5
    assert (np.delete(recording.values, 3, axis=1) == 30.0).all() and recording.unit == "pA"
    assert other.targets.tolist() == first.targets[[3, 40]].tolist()
    assert other.values.tolist() == [[30.0, 30.0]] * 2 + [[-1.0, 30.0]] * 2
    w.sim.reset()
    assert len(recording) == len(other) == 0
    w.sim.run(1.0)
    assert recording.values.tolist() == [[30.0] * 42] * 2 and other.values.tolist() == [[30.0, 30.0]]


def test_recordings_go_on_where_a_checkpoint_was_saved(tmp_path):
    w = world(2)
    recordings = recorded(w)
    w.sim.run(9.3)
    change(w)
    w.sim.run(4.1)
    w.sim.save(tmp_path / "state")
    before = columns(recordings)
    w.sim.run(8.0)
    whole = columns(recordings)
    again = world(3, restore=tmp_path / "state")
    recordings = recorded(again)
    again.sim.run(8.0)
    for found, early, all_ in zip(columns(recordings), before, whole, strict=True):
        assert found == all_ or early + found == all_
    assert any(len(column) for column in before)


def test_what_cannot_be_recorded_of_connections_is_refused():
    w, other = world(), world()
    for call, text in (
        (lambda: w.net.record(w.plain, "weigth"), "Did you mean 'weight'"),
        (lambda: w.net.record(w.plain, "weight", interval=0.05), "less than one step"),
        (lambda: w.net.record(w.plain, "weight", to="file.h5"), "recorded in memory alone"),
        (lambda: w.net.record(other.plain, "weight"), "belongs to another network"),
        (lambda: w.net.record(other.sim.connections(), "weight"), "belongs to another network"),
        (
            lambda: w.net.record_transmissions(w.driven),
            "what poisson_generator sends is computed where it arrives",
        ),
        (
            lambda: w.net.record_transmissions(w.grid),
            "give what connect or Simulation.connections has returned",
        ),
    ):
        with pytest.raises(ps.DescriptionError, match=text):
            call()
    assert len(w.net.recordings) == 1
    empty = (
        w.net.record_transmissions(w.sim.connections()[:0]),
        w.net.record(w.sim.connections()[:0], "weight"),
    )
    w.sim.run(2.0)
    assert len(empty[0]) == 0 and len(empty[1]) == 0


@pytest.mark.parametrize("model", [ps.stdp_synapse, ps.bernoulli_synapse], ids=str)
def test_what_rows_that_learn_or_fail_bring_is_recorded(model):
    """On cells of every kind; nothing else changes, whatever the number of ranks."""

    def run(threads, recorded):
        w = Plastic(model)
        sim = w.simulation(threads=threads)
        found = sim.connections(synapse=model)
        kept = [w.net.record_transmissions(found), w.net.record_transmissions(found[::3])] if recorded else []
        if recorded:
            kept.append(w.net.record(found[::2], "weight", interval=1.3))
        sim.run(20.0)
        return found, found.get("weight"), w.spikes.times.tolist(), w.spikes.gids.tolist(), kept

    found, weights, *spikes, (heard, third, sampled) = run(3, True)
    assert run(1, False)[2:4] == tuple(spikes) and np.array_equal(run(1, False)[1], weights)
    alone = run(1, True)[4]
    assert columns([heard, third, sampled]) == columns(alone) and 0 < len(third) < len(heard)
    sources, targets = found.sources, found.targets
    pairs = list(zip(sources.tolist(), targets.tolist(), strict=True))
    last = dict(
        zip(zip(heard.senders.tolist(), heard.targets.tolist(), strict=True), heard.weights, strict=True)
    )
    single = [k for k, pair in enumerate(pairs) if pairs.count(pair) == 1 and pair in last]
    assert len(single) > 30
    if model is ps.bernoulli_synapse:  # brings its weight or nothing
        assert len(heard) < sum(np.count_nonzero(sources == gid) for gid in spikes[1])
        assert all(last[pairs[k]] == weights[k] for k in single)
    else:  # as long as the target has not fired since
        assert 20 < sum(last[pairs[k]] == weights[k] for k in single) < len(single)
        assert all(last[pairs[k]] <= weights[k] for k in single)
        assert (np.diff(sampled.values, axis=0) > 0.0).any() and (np.diff(sampled.values, axis=0) < 0.0).any()


@pytest.mark.parametrize("threads", [1, 2])
def test_transmissions_are_those_that_nest_records(threads):
    """A pair of equal times is two spikes; weights are as they were sent, to rounding of sums of a dozen numbers."""
    expected = json.loads((DATA / "weight_recorder.json").read_text())
    net = ps.Network()
    trains = [[1.0, 3.0, 3.0, 7.5, 12.3, 20.0], [2.0, 5.0, 8.0, 12.4, 18.9]]
    source = net.create("spike_generator", 2, spike_times=trains)
    pre, post = net.create("parrot_neuron", 2), net.create("parrot_neuron", 2)
    net.connect(source, pre, ps.OneToOne(), ps.static_synapse(delay=1.0))
    net.connect(source, post, ps.OneToOne(), ps.static_synapse(delay=2.3))
    static = ps.static_synapse(weight=[[1.5, 2.5], [3.5, 4.5]], delay=1.0)
    stdp = ps.stdp_synapse(weight=5.0, Wmax=10.0, lambda_=0.02, tau_plus=15.0, delay=1.2)
    cells = net.create("iaf_psc_exp", 2)
    heard = {
        "static": net.record_transmissions(net.connect(pre, cells, ps.AllToAll(), static)),
        "stdp": net.record_transmissions(net.connect(pre, post, ps.AllToAll(), stdp)),
    }
    sim = ps.Simulation(net, dt=0.1, threads=threads, progress=False)
    sim.run(30.0)
    for name, found in heard.items():
        nest = {key: np.array(column) for key, column in expected[name].items()}
        order = np.lexsort((nest["targets"], nest["senders"], nest["times"]))
        assert np.allclose(found.times, nest["times"][order], rtol=1e-13)
        assert np.array_equal(found.senders, nest["senders"][order] - nest["senders"].min())
        assert np.array_equal(
            found.targets - found.targets.min(), nest["targets"][order] - nest["targets"].min()
        )
        assert np.allclose(found.weights, nest["weights"][order], rtol=1e-13)

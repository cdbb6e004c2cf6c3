"""The laws, where connections are changed and taken away between runs."""

from functools import cache

import pytest

import parsim.assembly.tables as tables
import parsim.engine.keeping.recording as recording
import parsim.engine.rows.row_recorders as row_recorders
import parsim.shard.events.arrivals as arrivals
import parsim.shard.found as found
from tests.rows import change, cut, outcome, world

RUNS = (11.3, 7.1, 5.0, 15.0)  # ms, between which connections are changed, and some taken away
ACTS = (change, cut, change)


def run(w, cuts=()):
    """Runs with changes between them; each run may be cut."""
    for at, duration in enumerate(RUNS):
        if at:
            ACTS[at - 1](w)
        for part in cuts:
            w.sim.run(part)
            duration -= part
        w.sim.run(round(duration, 9))
    return outcome(w)


@cache
def whole():
    found = run(world())
    assert {gid for gid in found["gids"]} == set(range(18)) and len(found["times"]) > 80
    return found


def test_changes_change_something():
    w = world()
    w.sim.run(sum(RUNS))
    assert outcome(w)["times"] != whole()["times"]


@pytest.mark.parametrize("ranks", [2, 3, 25])
def test_ranks(ranks):
    assert run(world(ranks)) == whole()


def test_cuts():
    assert run(world(2), (0.1, 1.3, 2.0)) == whole()


@pytest.mark.parametrize(("saved_on", "restored_on", "runs"), [(1, 3, 0), (3, 2, 1), (2, 1, 2), (1, 2, 3)])
def test_restart(saved_on, restored_on, runs, tmp_path):
    """Saved before the first change, after it and within an interval, after the cut, and after the second change."""
    first = world(saved_on)
    for at, duration in enumerate(RUNS[: runs + 1]):
        if at:
            ACTS[at - 1](first)
        first.sim.run(duration if at < runs else 4.3)
    first.sim.save(tmp_path / "state")
    before = first.spikes.times.tolist(), first.spikes.gids.tolist()
    second = world(restored_on, restore=tmp_path / "state")
    assert [c.tolist() for c in second.sim.connections().columns()] == [
        c.tolist() for c in first.sim.connections().columns()
    ]
    second.sim.run(round(RUNS[runs] - 4.3, 9))
    for act, duration in zip(ACTS[runs:], RUNS[runs + 1 :], strict=True):
        act(second)
        second.sim.run(duration)
    found = outcome(second)
    assert before[0] + found["times"] == whole()["times"] and before[1] + found["gids"] == whole()["gids"]
    assert all(found[name] == whole()[name] for name in ("rows", "states"))


def test_reset():
    w = world(2)
    w.sim.run(5.7)
    change(w)
    w.sim.run(3.0)
    cut(w)
    w.sim.run(1.3)
    w.sim.reset()
    assert run(w) == whole()
    w.sim.reset()
    new = world()
    assert outcome(w) == outcome(new)


def test_alone():
    one, other = world(2), world()
    for w in (one, other):
        w.sim.run(RUNS[0])
    for act, duration in zip(ACTS, RUNS[1:], strict=True):
        for w in (one, other):
            act(w)
        for w in (other, one):
            w.sim.run(duration)
    assert outcome(one) == outcome(other) == whole()


@pytest.mark.parametrize("grows", [False, True])
def test_values_of_connections_can_be_kept(grows):
    def run(kept):
        w = world(2)
        w.sim.run(3.3)
        if grows:
            more = w.net.create("iaf_psc_exp", 3)
            w.later = w.net.connect(w.exact, w.grid + more, type(w.plain.rule)(), w.plain.synapse(weight=4.0))
        change(w)
        expected = w.sim.connections().columns()
        if kept:
            w.sim.run(5.0)
            w.sim.reset(keep=("weights",))
            left = w.sim.connections(w.wears).get("left")
            assert (left == 1.0).all()
        return expected, w.sim.connections().columns()

    expected, found = run(True)
    assert all(a.tolist() == b.tolist() for a, b in zip(expected, found, strict=True))


@pytest.mark.parametrize("sparse", [False, True])
def test_room(sparse, monkeypatch):
    """Every buffer as small as can be; and sources that are looked up in buckets."""
    if sparse:
        monkeypatch.setattr(tables, "SPARSE", 0)
        monkeypatch.setattr(tables, "FEW", -1)
    for room, names in ((found, ["FEWEST"]), (recording, ["KEPT", "BUFFER"]), (arrivals, ["BATCH", "SENT"])):
        for name in names:
            monkeypatch.setattr(room, name, 1)
    monkeypatch.setattr(row_recorders, "ROOM", 1)
    w = world(2)
    heard = [w.net.record_transmissions(said) for said in (w.large, w.wears, w.both)]
    sampled = w.net.record(w.wears, "left", interval=0.1)
    assert run(w) == whole() and all(map(len, heard)) and len(sampled) == round(sum(RUNS) / 0.1)


def test_after_each_call_the_ops_work_on_what_the_rank_holds():
    w = world()
    w.net.record(w.wears, "left", interval=1.0)
    w.net.record_transmissions(w.wears)
    for act in (change, cut, change, lambda w: w.sim.reset(), cut):
        act(w)
        w.sim.run(2.0)
        assert w.sim._ranks[0].laid_out.runner.stages.stale() == []

"""Connections as data: which are found, in which order, what they have, and some of them."""

import sys

import numpy as np
import pytest

import parsim as ps
from tests.rows import world


@pytest.mark.parametrize("threads", [2, 3, 40])
def test_connections_stand_in_one_order_on_any_number_of_ranks(threads):
    def read(w):
        everyone, driven = w.sim.connections(), w.sim.connections(w.noise)
        heavy = everyone[everyone.get("weight") > 0.5]
        some = heavy[3:40:2][[1, 5, 7]]
        worn = w.sim.connections(synapse="wearing")
        found = [*everyone.columns(), *driven.columns(), *heavy.columns(), *some.columns()]
        return [*found, worn.get("tau"), worn.get("left"), w.sim.connections(w.both).sources]

    for alone, found in zip(read(world()), read(world(threads)), strict=True):
        assert np.array_equal(alone, found)


def test_connections_come_by_statement_source_and_target():
    w = world()
    found = w.sim.connections()
    assert (
        len(found) == 5 * 13 + 25 + 10 + 2100 + 30 + 42 == found.sources.size
        and len(w.sim.connections(w.noise)) == 39
    )
    assert found.statements == [w.both, w.isles, w.ticks, w.large, w.wears, w.plain]
    assert [model.name for model in found.synapses] == ["static_synapse", "wearing"]
    serial = np.repeat([said.serial for said in found.statements], [65, 25, 10, 2100, 30, 42])
    assert np.array_equal(np.lexsort((found.targets, found.sources, serial)), np.arange(len(found)))
    assert (found[-42:].weights == 30.0).all() and found[-42:].statements == [w.plain]
    assert repr(found[-42:]) == "<42 connections by static_synapse>" and repr(found[:0]) == "<0 connections>"


def test_connections_are_found_by_ends_statement_and_synapse():
    w = world(2)
    everyone = w.sim.connections()
    columns, wears = everyone.columns(), np.repeat([False, True, False], [2200, 30, 42])
    exact, grid = np.isin(columns.sources, w.exact.gids), np.isin(columns.targets, w.grid.gids)
    for found, wanted in (
        (w.sim.connections(w.exact), exact),
        (w.sim.connections(target=w.grid[2:4]), np.isin(columns.targets, w.grid[2:4].gids)),
        (w.sim.connections(w.exact, w.grid), exact & grid),
        (w.sim.connections(w.wears), wears),
        (w.sim.connections(synapse="wearing"), wears),
        (w.sim.connections(w.wears, w.grid[3]), wears & np.isin(columns.targets, w.grid[3].gids)),
        (w.sim.connections(w.exact, w.grid, synapse=ps.static_synapse), exact & grid & ~wears),
    ):
        assert 0 < len(found) == wanted.sum()
        expected = [column[wanted].tolist() for column in columns]
        assert [column.tolist() for column in found.columns()] == expected
        assert [column.tolist() for column in everyone[wanted].columns()] == expected
    assert len(w.sim.connections(w.noise, w.events)) == len(w.sim.connections(w.grid[:0])) == 0
    assert w.sim.connections(w.driven).sources.tolist() == [0] * 13 + [1] * 13 + [2] * 13


def test_what_they_remember_is_read_as_it_is():
    w = world(2)
    found = w.sim.connections(w.wears)
    assert (found.get("left") == 1.0).all() and set(found.get("delay")) == {2.0}
    w.sim.run(50.0)
    assert 0.0 < found.get("left").min() < 1.0


def test_what_is_not_there_is_refused():
    w = world()
    found = w.sim.connections()
    other = world()
    for call, text in (
        (lambda: found.get("weigth"), "static_synapse has no parameter 'weigth'. Did you mean 'weight'"),
        (lambda: found.get("tau"), "static_synapse has no parameter 'tau'"),
        (lambda: found.get(3), "has no parameter '3'"),
        (lambda: w.sim.connections(synapse="static_synaps"), "Did you mean 'static_synapse'"),
        (lambda: w.sim.connections(synapse=3), "synapse is 3, which is no synapse model"),
        (lambda: w.sim.connections(w.grid, w.noise), "are stimuli, which are no targets"),
        (lambda: w.sim.connections(other.grid), "belongs to another network"),
        (lambda: w.sim.connections(other.both), "belongs to another network"),
        (
            lambda: w.sim.connections(w.net.couple(w.grid, w.grid, ps.OneToOne())),
            "are gap junctions, over which no",
        ),
    ):
        with pytest.raises(ps.DescriptionError, match=text):
            call()
    for key, text in (
        (np.ones(3, bool), "a mask of shape"),
        (len(found), "have no number"),
        ([0, 0], "names a connection twice"),
        (slice(None, None, -1), "one order alone"),
        ("a", "is no index"),
    ):
        with pytest.raises(ps.MemberError, match=text):
            found[key]
    w.sim.reset()
    with pytest.raises(ps.DescriptionError, match="were found before reset"):
        found.get("weight")
    ps.Simulation(w.net, progress=False)
    with pytest.raises(ps.DescriptionError, match="a newer Simulation has taken"):
        w.sim.connections()


def test_connections_that_are_said_later_are_not_among_those_that_were_found():
    w = world(2)
    found, before = w.sim.connections(), w.sim.connections().columns()
    w.sim.run(1.3)
    more = w.net.create("iaf_psc_exp", 5)
    later = w.net.connect(w.exact, more + w.exact, ps.AllToAll(), ps.static_synapse(weight=2.0, delay=0.7))
    assert all(np.array_equal(a, b) for a, b in zip(found.columns(), before, strict=True))
    assert later not in found.statements and len(w.sim.connections(later)) == 66
    assert len(w.sim.connections()) == len(found) + 66


def test_connections_are_sparse_arrays_and_frames():
    w = world(2)
    for found, n in (
        (w.sim.connections(), 20),
        (w.sim.connections(w.noise), 3),
        (w.sim.connections()[:0], 20),
    ):
        columns = found.columns()
        matrix = found.to_scipy()
        assert matrix.shape == (n, 20) and matrix.nnz == len(found)
        dense = np.zeros((n, 20))
        np.add.at(dense, (columns.sources, columns.targets), columns.weights)
        assert np.allclose(matrix.toarray(), dense, rtol=1e-12)
    pytest.importorskip("pandas")
    found, worn = w.sim.connections(), w.sim.connections(w.wears)
    frame = found.to_pandas()
    for name in ("source", "target", "weight", "delay"):
        assert np.array_equal(frame[name], found.get(name))
    assert frame["tau"].notna().sum() == 30 and np.array_equal(frame["left"].dropna(), worn.get("left"))
    assert found[:0].to_pandas().shape == (0, 4)


def test_a_package_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ps.DescriptionError, match="to_pandas needs pandas, which cannot be imported"):
        world().sim.connections().to_pandas()

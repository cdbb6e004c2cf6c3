"""Members by place and places of members, as if all were written down."""

import numpy as np
import pytest

import parsim as ps
from parsim.network.members import MOST_PIECES
from parsim.network.population import n_shared


def network():
    net = ps.Network()
    return net, net.create("iaf_psc_exp", 10), net.create("iaf_psc_delta", 7), net.create("iaf_psc_exp", 5)


def chosen():
    net, a, b, c = network()
    return {
        "all": a[:],
        "behind another": b[2:6],
        "every third": a[1::3],
        "several in order": a[3:] + c,
        "several the other way round": c + a[:4],
        "that reach into each other": a[::2] + a[1::2],
        "listed": a[[7, 2, 5]],
        "one by one": sum((a[i] for i in (1, 4, 3)), net.create("iaf_psc_exp", 0)[:]),
        "mixed": b[::2] + a[[4, 1]] + c[1:],
        "none": a[3:3],
        "one": b[4],
        "backwards": a[::-1],
    }


@pytest.mark.parametrize("name", chosen())
def test_members_and_places_are_those_of_the_selection(name):
    cells = chosen()[name]
    gids, found = cells.gids, cells.members
    assert found.size == len(cells) == gids.size and found.all.tolist() == gids.tolist()
    some = np.arange(0, gids.size, 2, dtype=np.int32)
    assert found.at(some).tolist() == gids[some].tolist() and found.at(some).dtype == np.int64
    where = {gid: place for place, gid in enumerate(gids.tolist())}
    asked = np.arange(-3, 30)
    assert found.places_of(asked).tolist() == [where.get(gid, -1) for gid in asked.tolist()]
    assert found.has(asked).sum() == gids.size
    assert (found.least, found.most) == ((gids.min(), gids.max()) if gids.size else (0, -1))
    assert found.in_a_row == (np.diff(gids) == 1).all()


@pytest.mark.parametrize("one", chosen())
def test_runs_hold_those_that_are_also_among_others(one):
    every = chosen()
    for other, cells in every.items():
        begin, end = every[one].members.runs_among(cells.members)
        found = [place for run in zip(begin, end, strict=True) for place in range(*run)]
        assert found == np.flatnonzero(np.isin(every[one].gids, cells.gids)).tolist(), other
        assert (begin < end).all()


@pytest.mark.parametrize("one", chosen())
def test_cells_that_are_in_two_selections_are_counted(one):
    every = chosen()
    for other, cells in every.items():
        assert n_shared(every[one], cells) == np.isin(every[one].gids, cells.gids).sum(), other


def test_stimuli_as_sources_are_no_cells():
    net = ps.Network()
    noise = net.create("poisson_generator", 4)
    found = noise[1:].members.as_sources("stimulus")
    assert found.at(np.arange(3)).tolist() == [-2, -3, -4] and found.size == 3
    assert found.places_of(np.arange(9)).tolist() == [-1] * 9
    listed = noise[[3, 1]].members.as_sources("stimulus")
    assert listed.all.tolist() == [-4, -2] and not listed.has(np.arange(9)).any()


def test_many_cells_one_by_one_are_members_too():
    net = ps.Network()
    cells = net.create("iaf_psc_exp", 2 * MOST_PIECES + 4)
    cells = cells[list(range(0, len(cells), 2))]
    found = cells.members
    assert found.places_of(np.array([4, 5, 6])).tolist() == [2, -1, 3]


def test_so_many_cells_as_no_machine_holds_take_no_memory():
    net = ps.Network()
    cells = net.create("iaf_psc_exp", 2**31 - 1)[5:] + net.create("iaf_psc_exp", 2**31 - 1)
    places = np.array([0, 2**31 - 7, 2**31 - 6, 2**32 - 8])
    gids = cells.members.at(places)
    assert gids.tolist() == [5, 2**31 - 2, 2**31 - 1, 2**32 - 3]
    assert cells.members.places_of(gids).tolist() == places.tolist()
    backwards, parted = cells[::-1].members, (cells[::3] + cells[1::3]).members
    assert backwards.at(backwards.places_of(gids)).tolist() == gids.tolist()
    assert parted.places_of(np.array([5, 6, 7, 8])).tolist() == [0, (2**32 - 7 + 2) // 3, -1, 1]
    assert n_shared(cells[::2], cells[3::3]) == (2**32 - 7 - 3 + 2) // 6
    begin, end = cells.members.runs_among(cells[2**31 :].members)
    assert (begin.tolist(), end.tolist()) == ([2**31], [2**32 - 7])

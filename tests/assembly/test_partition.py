"""Every cell is held by one rank, and each rank knows by which."""

import numpy as np
import pytest

import parsim as ps
from parsim.assembly.partition import Partition

NOTHING = np.empty(0, np.int64)


def partitions(size, moved=NOTHING, holder=NOTHING):
    return [Partition(rank, size, moved, holder) for rank in range(size)]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 40])
@pytest.mark.parametrize(("first", "n"), [(0, 0), (0, 23), (5, 1), (8, 17)])
@pytest.mark.parametrize("moved", [[], [8, 9, 11, 22]], ids=["dealt", "islands"])
def test_each_cell_of_a_range_is_held_once_and_by_its_owner(size, first, n, moved):
    holder = np.full(len(moved), 8 % size)
    ranks = partitions(size, np.array(moved, np.int64), holder)
    held = [rank.own_range(first, n) for rank in ranks]
    assert sorted(np.concatenate(held).tolist()) == list(range(first, first + n))
    for rank, gids in zip(ranks, held, strict=True):
        assert (np.diff(gids) > 0).all() and rank.owns(gids).all()
        assert (rank.owner(gids) == rank.rank).all()


def test_cells_are_dealt_out_and_islands_stay_whole():
    ranks = partitions(3, np.array([4, 5]), np.array([1, 1]))
    assert [rank.own_range(0, 8).tolist() for rank in ranks] == [[0, 3, 6], [1, 4, 5, 7], [2]]
    assert ranks[0].owner(np.arange(8)).tolist() == [0, 1, 2, 0, 1, 1, 0, 1]


@pytest.mark.parametrize("size", [1, 2, 3, 50])
def test_places_are_those_of_the_selection(size):
    net = ps.Network()
    a, b = net.create("iaf_psc_exp", 20), net.create("iaf_psc_delta", 9)
    for cells in (a[:], b[1:8] + a[2:], a[::3], a[1::4] + b[::2], a[[7, 3, 12]] + b, a[::-1], a[:0], b[4]):
        found = [rank.own_places(cells) for rank in partitions(size, np.array([6, 7]), np.array([0, 0]))]
        assert sorted(np.concatenate([places for places, _ in found]).tolist()) == list(range(len(cells)))
        for rank, (places, gids) in enumerate(found):
            assert cells.gids[places].tolist() == gids.tolist()
            assert Partition(rank, size, np.array([6, 7]), np.array([0, 0])).owns(gids).all()


def test_a_rank_of_very_many_writes_down_its_own_alone():
    net = ps.Network()
    cells = net.create("iaf_psc_exp", 2**31 - 1)
    places, gids = Partition(99_999, 100_000).own_places(cells[1::2])
    assert gids.size == 21_474 and gids[0] == 99_999 and places[0] == 49_999
    assert Partition(8, 100_000).own_places(cells[1::2])[0].size == 0  # all its cells have even gids

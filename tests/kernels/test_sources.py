"""Sources are found by gid, however far apart they are."""

import numpy as np
import pytest

from parsim.jit import kernel
from parsim.kernels.sources import every_gid, gids_of, number_of, numbers_of, rows_from, some_gids


@kernel
def looked_up(sources, gids, begin, end):
    for j in range(gids.size):
        begin[j], end[j] = rows_from(sources, gids[j])


def rows(sources, gids):
    begin, end = np.empty(len(gids), np.int64), np.empty(len(gids), np.int64)
    looked_up(sources, np.array(gids, np.int64), begin, end)
    return list(zip(begin.tolist(), end.tolist(), strict=True))


GIDS = {
    "one": [7],
    "in a row": list(range(20, 60)),
    "spread evenly": list(range(3, 10**9, 10**7)),
    "two clusters far apart": [*range(50), *range(10**12, 10**12 + 50)],
    "at random": np.unique(np.random.default_rng(1).integers(0, 2**40, 500)).tolist(),
}


@pytest.mark.parametrize("name", GIDS)
def test_each_has_its_rows_and_no_other_gid_has_any(name):
    gids = np.array(GIDS[name])
    start = np.concatenate([[0], np.cumsum(np.random.default_rng(2).integers(0, 4, gids.size))])
    sources = some_gids(gids, start)
    assert sources.bucket.size <= 2 * gids.size + 2  # not a place for each gid
    assert gids_of(sources).tolist() == gids.tolist()
    assert rows(sources, gids) == list(zip(start[:-1].tolist(), start[1:].tolist(), strict=True))
    others = np.setdiff1d(np.concatenate([gids - 1, gids + 1, [-5, 0, 2**50]]), gids)
    assert all(begin == end for begin, end in rows(sources, others))
    numbers = np.empty(gids.size, np.int64)
    numbers_of(sources, gids, numbers)
    assert numbers.tolist() == list(range(gids.size))


def test_without_gaps_the_gid_says_the_place():
    sources = every_gid(10, np.array([0, 2, 2, 5]))
    assert rows(sources, [10, 11, 12]) == [(0, 2), (2, 2), (2, 5)]
    assert all(begin == end for begin, end in rows(sources, [-1, 9, 13, 10**15]))
    assert gids_of(sources).tolist() == [10, 11, 12] and number_of(sources, 13) == 3


def test_none_at_all():
    sources = some_gids(np.empty(0, np.int64), np.zeros(1, np.int64))
    assert rows(sources, [0, 5]) == [(0, 0), (0, 0)]

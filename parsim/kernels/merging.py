"""Numbers and spikes that ascend on each of several ranks, as they would stand in one row."""

import numpy as np

from parsim.arrays import Ints
from parsim.jit import inlined, kernel


@kernel
def add_those_before(own, other, place):
    """Add to each place how many of `other` are less than the number there; both ascend."""
    at = 0
    for j in range(own.size):
        while at < other.size and other[at] < own[j]:
            at += 1
        place[j] += at


def merged_spikes(rows: Ints) -> Ints:
    """Spikes, [spike, (bits of the time, gid, end)], by (end, time, gid): ascending runs, one of each rank, as one.

    Those that are alike stay as they come. Two runs of 50,000 take 2.8 ms, by sorting 3.3 ms. `rows` is only read:
    ranks that are threads may be given the same memory.
    """
    merged, spare = np.empty_like(rows), np.empty_like(rows)
    runs = merge_spikes(rows, rows.view(np.float64), merged)
    while runs > 1:
        runs = merge_spikes(merged, merged.view(np.float64), spare)
        merged, spare = spare, merged
    return merged


@kernel
def merge_spikes(rows, reals, into):
    """Every two neighbouring runs to one; how many are left. `reals` is the memory of `rows`."""
    n = rows.shape[0]
    runs, begin = 0, 0
    while begin < n:
        half = _end_of_run(rows, reals, begin)
        end = _end_of_run(rows, reals, half)
        a, b, j = np.uint64(begin), np.uint64(half), np.uint64(begin)
        while (a < np.uint64(half)) & (b < np.uint64(end)):
            second = np.uint64(
                _before(rows, reals, b, a)
            )  # no branch, which would be guessed wrong half of the time
            _copy(rows, b if second else a, into, j)
            a, b, j = a + (np.uint64(1) - second), b + second, j + np.uint64(1)
        while a < np.uint64(half):
            _copy(rows, a, into, j)
            a, j = a + np.uint64(1), j + np.uint64(1)
        while b < np.uint64(end):
            _copy(rows, b, into, j)
            b, j = b + np.uint64(1), j + np.uint64(1)
        runs += 1
        begin = end
    return runs


@inlined
def _end_of_run(rows, reals, begin):
    end = min(begin + 1, rows.shape[0])
    while end < rows.shape[0] and not _before(rows, reals, end, end - 1):
        end += 1
    return end


@inlined
def _before(rows, reals, a, b):
    """Must spike a stand before spike b?"""
    by_gid = (reals[a, 0] == reals[b, 0]) & (rows[a, 1] < rows[b, 1])
    return (rows[a, 2] < rows[b, 2]) | ((rows[a, 2] == rows[b, 2]) & ((reals[a, 0] < reals[b, 0]) | by_gid))


@inlined
def _copy(rows, one, into, at):
    for column in range(3):
        into[at, column] = rows[one, column]

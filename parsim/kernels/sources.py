"""Which rows of a table belong to a source, found without an element for every gid there is.

A rank of many has rows of a few of all cells: these are looked up in buckets of gids, about as many as there are
sources. Where a rank has rows of most, each gid has a place of its own, which is looked up in one step.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Gids, Ints
from parsim.jit import inlined, kernel

DENSE = 4  # gids to one that is wanted, up to which each has a place of its own

_ONE = np.uint64(1)


class Sources(NamedTuple):
    """The rows of the source with number k are those from `start[k]` to `start[k + 1]`.

    Without `bucket`, source k is gid `first` + k. Else it is `gids[k]`, ascending, and those of bucket b, in which
    (gid - first) >> shift is b, have the numbers from `bucket[b]` to `bucket[b + 1]`.
    """

    first: int
    shift: np.uint64
    bucket: NDArray[np.int32]
    gids: Gids
    start: Ints


def every_gid(first: int, start: Ints) -> Sources:
    """All gids from `first` on, with rows or without."""
    return Sources(first, np.uint64(0), np.empty(0, np.int32), np.empty(0, np.int64), start)


def some_gids(gids: Gids, start: Ints) -> Sources:
    """These, which ascend."""
    if gids.size == 0:
        return every_gid(0, np.zeros(1, np.int64))
    behind = gids - gids[0]
    shift = 0
    while (int(behind[-1]) >> shift) >= 2 * gids.size:
        shift += 1
    buckets = (int(behind[-1]) >> shift) + 1
    bucket = np.searchsorted(behind >> shift, np.arange(buckets + 1)).astype(np.int32)
    return Sources(int(gids[0]), np.uint64(shift), bucket, gids, start)


def wanted_sources(gids: Gids) -> Sources:
    """These, which ascend, with one row each: others have none."""
    if gids.size and gids[-1] - gids[0] < DENSE * gids.size:
        start = np.zeros(gids[-1] - gids[0] + 2, np.int64)
        start[gids - gids[0] + 1] = 1
        return every_gid(int(gids[0]), np.cumsum(start))
    return some_gids(gids, np.arange(gids.size + 1))


def gids_of(sources: Sources) -> Gids:
    """The gid of each source."""
    return sources.gids if sources.bucket.size else sources.first + np.arange(sources.start.size - 1)


@inlined
def number_of(sources, gid):
    """The number of a source; that behind the last for a gid that is none."""
    none = np.uint64(sources.start.size - 1)
    if gid < sources.first:
        return none
    behind = np.uint64(gid - sources.first)
    if sources.bucket.size == 0:
        return min(behind, none)
    at = behind >> sources.shift
    if at >= np.uint64(sources.bucket.size - 1):
        return none
    low, high = np.uint64(sources.bucket[at]), np.uint64(sources.bucket[at + _ONE])
    if low == high:
        return none
    while high - low > _ONE:
        middle = (low + high) >> _ONE
        if sources.gids[middle] <= gid:
            low = middle
        else:
            high = middle
    return low if sources.gids[low] == gid else none


@inlined
def rows_from(sources, gid):
    """The first row of a source and the one behind its last; the same for a gid that has none."""
    k = number_of(sources, gid)
    last = np.uint64(sources.start.size - 1)
    return np.uint64(sources.start[k]), np.uint64(sources.start[min(k + _ONE, last)])


@kernel
def numbers_of(sources, gids, numbers):
    """The number of each of these sources."""
    for j in range(gids.size):
        numbers[j] = number_of(sources, gids[j])


@inlined
def index_in(gids, gid):
    """The place of a gid among others that ascend, or -1."""
    low, high = 0, gids.size
    while low < high:
        middle = (low + high) >> 1
        if gids[middle] < gid:
            low = middle + 1
        else:
            high = middle
    return low if low < gids.size and gids[low] == gid else -1

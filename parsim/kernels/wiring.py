"""Who connects to whom, drawn target by target (or source by source), as flat arrays.

Draws are keyed by (seed, serial, gid), so a target gets the same sources on any rank. Kernels that go by target
write what fits into their output arrays and return how many rows there are, so that a call with empty arrays
counts. So do the others at the end of this file: they go through all rows of a statement and put those onto
targets here (`local_of` not -1) where `cursor` of their target says, which then points behind them.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Ints
from parsim.jit import inlined, kernel
from parsim.kernels.sources import Sources, every_gid, number_of, some_gids
from parsim.rng import exponential, uniforms

_TABLE = 1 << 20  # sources, of which 8 MB tell whether they have been drawn
WIRING = 0  # the lane; 1 and 2 are for weights and delays, 3 for in-degrees


@kernel
def draw_sources(seed, serial, gids, own, n_sources, degrees, out):
    """`degrees[target]` sources per target with repetition, target after target.

    `own[target]` is the target's own place among the sources when it may not be drawn, else -1.
    """
    half = degrees.max() // 2 + 1 if degrees.size else 0
    first, second = np.empty(half, np.int32), np.empty(half, np.int32)
    base = 0
    for t in range(gids.size):
        n = n_sources if own[t] < 0 else n_sources - 1
        degree = degrees[t]
        for block in range((degree + 1) // 2):
            u, w = uniforms(seed, serial, gids[t], block, WIRING)
            first[block], second[block] = np.int32(u * n), np.int32(w * n)
        for block in range(degree // 2):
            out[base + 2 * block] = first[block]
            out[base + 2 * block + 1] = second[block]
        if degree % 2:
            out[base + degree - 1] = first[degree // 2]
        if own[t] >= 0:
            for d in range(degree):
                out[base + d] += out[base + d] >= own[t]
        base += degree


@kernel
def draw_distinct(seed, serial, gids, own, n_sources, degree, out):
    """As `draw_sources`, without repetition: Floyd's algorithm, exactly one draw a row.

    What a target has already is looked up in a table, by the last bits of the source: of all sources if they are not
    too many, else so large that it stays half empty.
    """
    size = 1
    while size < min(max(2 * degree, _TABLE), n_sources):
        size *= 2
    drawn, by = np.empty(size, np.int32), np.full(size, -1, np.int32)
    for t in range(gids.size):
        n = n_sources if own[t] < 0 else n_sources - 1
        base = t * degree
        for d in range(degree):
            last = n - degree + d
            pick = int(uniforms(seed, serial, gids[t], d, WIRING)[0] * (last + 1))
            at = _looked_up(drawn, by, t, pick)
            if by[at] == t:
                pick = last  # which is greater than all before it
                at = _looked_up(drawn, by, t, pick)
            drawn[at], by[at] = pick, t
            out[base + d] = pick
        if own[t] >= 0:
            for d in range(degree):
                out[base + d] += out[base + d] >= own[t]


@inlined
def _looked_up(drawn, by, t, pick):
    """Where `pick` stands among what target `t` has drawn, or where it may be put."""
    at = pick & (drawn.size - 1)
    while by[np.uint64(at)] == t and drawn[np.uint64(at)] != pick:
        at = (at + 1) & (drawn.size - 1)
    return np.uint64(at)


@kernel
def draw_bernoulli(seed, serial, gids, own, n_sources, rate, counts, out):
    """Each source with probability 1 - exp(-rate), by exponential steps over the sources."""
    row = 0
    for t in range(gids.size):
        before, draw, source = row, 0, -1
        while True:
            u = uniforms(seed, serial, gids[t], draw, WIRING)[0]
            draw += 1
            skip = exponential(u) / rate
            if skip >= n_sources - source - 1:
                break
            source += 1 + int(skip)
            if source != own[t]:
                if row < out.size:
                    out[row] = source
                row += 1
        counts[t] = row - before
    return row


@kernel
def draw_poisson(seed, serial, gids, own, n_sources, mean, counts, out):
    """A Poisson number of rows from each source, by exponential steps along the sources."""
    row = 0
    for t in range(gids.size):
        before, draw, at = row, 0, 0.0
        while True:
            at += exponential(uniforms(seed, serial, gids[t], draw, WIRING)[0]) / mean
            draw += 1
            if at >= n_sources:
                break
            source = int(at)
            if source != own[t]:
                if row < out.size:
                    out[row] = source
                row += 1
        counts[t] = row - before
    return row


@kernel
def draw_symmetric(seed, serial, gids, sources, probability, counts, out):
    """Each unordered pair with one coin, so that both directions exist or neither does."""
    row = 0
    for t in range(gids.size):
        before = row
        for source in range(sources.size):
            low, high = min(gids[t], sources[source]), max(gids[t], sources[source])
            if low != high and uniforms(seed, serial, low, high, WIRING)[0] < probability:
                if row < out.size:
                    out[row] = source
                row += 1
        counts[t] = row - before
    return row


@kernel
def number_rows(gids, counts, target, gid, draw):
    """The rows of targets that have so many each: which target, its gid, and the how manyth of its rows."""
    row = np.uint64(0)
    for t in range(counts.size):
        for d in range(counts[t]):
            target[row], gid[row], draw[row] = t, gids[t], d
            row += np.uint64(1)


# Places to one of a target here, up to which each has four bytes of its own: less than its rows take, and a look-up
# takes 3 ns in place of 15.
DENSE = 64


class PlacesHere(NamedTuple):
    """The targets of a statement that are on this rank, by their places among all: found `by_place`, as gids are.

    `local[k]` is where that with number k stands among those here, -1 where there is none, as behind the last.
    """

    by_place: Sources
    local: NDArray[np.int32]


def targets_at(places: Ints) -> PlacesHere:
    """Targets here, at these places; their order is that in which they stand here."""
    n = places.size
    order = np.argsort(places, kind="stable")
    ascending = places[order]
    if n == 0 or ascending[-1] - ascending[0] >= DENSE * n:
        local = np.append(order, -1).astype(np.int32)
        return PlacesHere(some_gids(ascending, np.zeros(n + 1, np.int64)), local)
    local = np.full(ascending[-1] - ascending[0] + 2, -1, np.int32)
    local[places - ascending[0]] = np.arange(n)
    return PlacesHere(every_gid(int(ascending[0]), np.zeros(local.size, np.int64)), local)


@inlined
def local_of(here, place):
    """Where the target at a place stands among those here, or -1."""
    return here.local[number_of(here.by_place, place)]


class Gids(NamedTuple):
    """The gids of a statement's sources or targets by place, in pieces as `Members` has them, or `written` down."""

    first: Ints
    step: Ints
    end: Ints
    written: Ints


@inlined
def gid_at(gids, place):
    """The gid at a place."""
    if gids.written.size > 0:
        return gids.written[place]
    low, high = 0, gids.end.size - 1
    while low < high:
        middle = (low + high) // 2
        if gids.end[middle] <= place:
            low = middle + 1
        else:
            high = middle
    begin = gids.end[low - 1] if low > 0 else 0
    return gids.first[low] + gids.step[low] * (place - begin)


@inlined
def _place(target, of, which, cursor, source, number):
    """The row number `which` of its statement, from place `of`, behind those that its target has."""
    at = cursor[target]
    cursor[target] = at + 1
    if at < source.size:
        source[at], number[at] = of, which


@kernel
def place_targets(first, degree, targets, here, cursor, source, number):
    """`degree` targets of each source from `first` on; a row's number is that of the draw of its source."""
    for e in range(targets.size):
        t = local_of(here, targets[e])
        if t >= 0:
            _place(t, first + e // degree, e % degree, cursor, source, number)


@kernel
def place_listed(sources, targets, here, cursor, source, number):
    """Pairs that are given, numbered in their order."""
    for e in range(targets.size):
        t = local_of(here, targets[e])
        if t >= 0:
            _place(t, sources[e], e, cursor, source, number)


@kernel
def place_distinct_pairs(seed, serial, n, shape, autapses, sources, targets, here, cursor, source, number):
    """`n` different pairs: the first of a pseudo-random permutation of all, so nothing is stored.

    Of `shape` = (sources, targets) in number.
    """
    e, pair = 0, 0
    while e < n:
        s, t = _nth_pair(seed, serial, pair, shape)
        pair += 1
        if autapses or gid_at(sources, s) != gid_at(targets, t):
            local = local_of(here, t)
            if local >= 0:
                _place(local, s, e, cursor, source, number)
            e += 1


@kernel
def distinct_pairs(seed, serial, pair, shape, autapses, sources, targets, source, target):
    """Some of these pairs, from number `pair` of the permutation on, by place; returns the number to go on with."""
    e = 0
    while e < source.size:
        s, t = _nth_pair(seed, serial, pair, shape)
        pair += 1
        if autapses or gid_at(sources, s) != gid_at(targets, t):
            source[e], target[e] = s, t
            e += 1
    return pair


@inlined
def _nth_pair(seed, serial, pair, shape):
    """One of all pairs in a pseudo-random order.

    The permutation is an eight-round Feistel network on the pair's number, walked until it falls inside (Black and
    Rogaway 2002).
    """
    n_targets = shape[1]
    pairs = shape[0] * n_targets
    bits = 1
    while (1 << (2 * bits)) < pairs:
        bits += 1
    mask = (1 << bits) - 1
    at = pair
    while True:
        left, right = at >> bits, at & mask
        for turn in range(8):
            mixed = int(uniforms(seed, serial, right, turn, WIRING)[0] * 9007199254740992.0)
            left, right = right, (left ^ mixed) & mask
        at = (left << bits) | right
        if at < pairs:
            return at // n_targets, at % n_targets

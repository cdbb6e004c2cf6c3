"""Poisson counts by inversion: one uniform a count, compared with the cumulative probabilities."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Floats, Ints
from parsim.errors import DescriptionError
from parsim.jit import inlined, kernel
from parsim.rng import uniform, uniforms, uniforms_of_two

LARGEST_MEAN = 1e6
FEW = 512  # thresholds: up to here comparing with all is faster than a search (21: 2 ns a count, not 14)
SOME = 8  # targets, from which on comparing is worth its memory
TARGETS = 256  # at a time, so that their uniforms and counts stay in the first-level cache
STREAM = 1 << 62  # added to `draw`: what stimuli draw never meets what wiring or a value draws
THINNING = STREAM + (
    1 << 61
)  # and what they draw for each spike of a step never meets what they draw for the step
THINNED = (
    20  # bits of a draw that number pairs of spikes in a step: `LARGEST_MEAN` and what is possible beyond it
)

_COUNT = np.uint64(0x4330000000000000)  # or-ed to k < 2^52: the bits of the double 2^52 + k
_NEVER = 2.0  # a threshold that no uniform reaches


class Tables(NamedTuple):
    """Thresholds of several means, those of mean m from `begin[m]` to before `begin[m + 1] - 1`, where `_NEVER` stands.

    The count of a uniform u is `base[m]` + the number of its thresholds <= u. Thresholds are the cumulative
    probabilities of base, base + 1, ...; at most 2^-53 is missing from either tail. For each of equal parts of [0, 1),
    a power of 2 of them, `guide` says from `guided[m]` on with which threshold a search begins; most often it has then
    come to its end (Chen and Asau 1974, AIIE Transactions 6).
    """

    base: Ints
    begin: Ints
    thresholds: Floats
    guided: Ints
    guide: NDArray[np.int32]  # counted from begin[m]


def poisson_tables(means: Floats) -> Tables:
    """Tables of these means of spikes per step; an error for one that is out of range."""
    if (wrong := ~((means >= 0.0) & (means <= LARGEST_MEAN))).any():
        raise DescriptionError(
            f"a mean of {means[wrong][0]:g} spikes per step is asked for; it must be between 0 and {LARGEST_MEAN:g}. "
            "Use a lower rate or a smaller dt."
        )
    base, begin, guided = (np.zeros(means.size + more, np.int64) for more in (0, 1, 1))
    tables = Tables(base, begin, np.empty(0), guided, np.empty(0, np.int32))
    work = np.empty(2 * _reach(float(means.max(initial=0.0))) + 1)
    fill_thresholds(means, work, tables)  # how many there are
    tables = tables._replace(thresholds=np.empty(begin[-1]), guide=np.empty(guided[-1], np.int32))
    fill_thresholds(means, work, tables)
    fill_guide(tables)
    return tables


def poisson_thresholds(mean: float) -> tuple[int, Floats]:
    """(base, thresholds) of one mean: the count of a uniform u is base + the number of thresholds <= u."""
    tables = poisson_tables(np.full(1, float(mean)))
    return int(tables.base[0]), tables.thresholds[:-1]


@inlined
def _reach(mean: float) -> int:
    """How far from the mode counts go."""
    return int(9.0 * np.sqrt(mean)) + 40


@kernel
def fill_thresholds(means, work, tables):
    """Bases, where thresholds and guides begin, and the thresholds, if there is room for them."""
    at, guided = 0, 0
    for m in range(means.size):
        mean = means[m]
        mode = int(mean)
        first, last = max(0, mode - _reach(mean)), mode + _reach(mean)

        # Weights relative to the mode's, by recurrence outwards, so that nothing overflows. Tails are
        # summed from their thin ends, so that each is accurate by itself.
        work[mode - first] = 1.0
        for k in range(mode, first, -1):
            work[k - 1 - first] = work[k - first] * (k / mean)
        for k in range(mode + 1, last + 1):
            work[k - first] = work[k - 1 - first] * (mean / k)
        for k in range(first + 1, mode + 1):
            work[k - first] += work[k - 1 - first]
        for k in range(last - 1, mode, -1):
            work[k - first] += work[k + 1 - first]
        total = work[mode - first] + work[mode + 1 - first]

        base = first
        for k in range(first, last):
            cumulative = work[k - first] / total if k <= mode else 1.0 - work[k + 1 - first] / total
            if cumulative < 2.0**-54:
                base += 1
            elif cumulative < 1.0:
                if at < tables.thresholds.size:
                    tables.thresholds[at] = cumulative
                at += 1
        if at < tables.thresholds.size:
            tables.thresholds[at] = _NEVER
        at += 1
        parts = 1
        while parts < at - tables.begin[m]:
            parts *= 2
        guided += parts
        tables.base[m], tables.begin[m + 1], tables.guided[m + 1] = base, at, guided


@kernel
def fill_guide(tables):
    """The first threshold beyond the beginning of each part."""
    for m in range(tables.base.size):
        at, parts = 0, tables.guided[m + 1] - tables.guided[m]
        for part in range(parts):
            while tables.thresholds[tables.begin[m] + at] <= part / parts:
                at += 1
            tables.guide[tables.guided[m] + part] = at


@inlined
def count_of(u, tables, begin, guided, parts, base):
    """The count of a uniform, with what `tables` says of its mean; `parts` is how many, as a float."""
    part = np.int64(u * parts)  # exact, as the parts are a power of 2
    first = np.uint64(tables.guide[np.uint64(guided + part)])
    # Without a branch as far as nearly all go: the processor would guess wrong for one in three.
    at = first + np.uint64(tables.thresholds[np.uint64(begin) + first] <= u)
    at += np.uint64(tables.thresholds[np.uint64(begin) + at] <= u)
    while tables.thresholds[np.uint64(begin) + at] <= u:
        at += np.uint64(1)
    return np.float64(np.int64(at) + base)


@kernel
def poisson_count(tables, m, seed, serial, gid, step, lane):
    """The Poisson count of one step, of the mean m of the tables."""
    parts = tables.guided[m + 1] - tables.guided[m]
    u = uniform(seed, serial, gid, step + STREAM, lane)
    return count_of(u, tables, tables.begin[m], tables.guided[m], parts, tables.base[m])


@kernel
def thinned(count, share, seed, serial, gid, step, lane):
    """How many of a step's spikes stay, if each does with probability `share`."""
    if share >= 1.0 or count <= 0.0:
        return count
    left, draw = 0.0, THINNING + (step << THINNED)
    for pair in range((int(count) + 1) // 2):
        u, v = uniforms(seed, serial, gid, draw + pair, lane)
        left += np.float64(u < share) + np.float64((v < share) & (2 * pair + 1 < count))
    return left


@kernel
def _not_above(u: float, thresholds: Floats) -> int:
    """How many of the ascending thresholds are <= u."""
    found, left = 0, thresholds.size
    while left > 0:
        half = left >> 1
        if thresholds[found + half] <= u:
            found += half + 1
            left -= half + 1
        else:
            left = half
    return found


@kernel
def counts_of_uniforms(u, thresholds, base, out):
    """Counts of u[:out.size]."""
    if thresholds.size <= FEW and out.size > SOME:
        compare(u, thresholds, base, out)
    else:
        search(u, thresholds, base, out)


@kernel
def search(u, thresholds, base, out):
    """Counts of u[:out.size] by binary searches."""
    for i in range(out.size):
        out[i] = base + _not_above(u[i], thresholds)


@kernel
def uniforms_of_all(
    seed: int, serial: int, gids: Ints, lanes: Ints, draw: int, u0: Floats, u1: Floats
) -> None:
    """The uniforms of all targets, of one in each half together."""
    n, half = gids.size, gids.size // 2
    other_gids, other_lanes, v0, v1 = gids[half:], lanes[half:], u0[half:], u1[half:]
    for i in range(half):
        u0[i], u1[i], v0[i], v1[i] = uniforms_of_two(
            seed, serial, gids[i], other_gids[i], draw + STREAM, lanes[i], other_lanes[i]
        )
    if n > 2 * half:
        u0[n - 1], u1[n - 1] = uniforms(seed, serial, gids[n - 1], draw + STREAM, lanes[n - 1])


@kernel
def compare(u: Floats, thresholds: Floats, base: int, out: Floats) -> None:
    """Counts of u[:out.size], four thresholds at a time until all uniforms are passed.

    Counts are whole numbers in `out`'s memory until the last loop.
    """
    counts = out.view(np.uint64)
    for i in range(out.size):
        counts[i] = 0
    for j in range(0, thresholds.size, 4):
        a = thresholds[j]
        b = thresholds[j + 1] if j + 1 < thresholds.size else _NEVER
        c = thresholds[j + 2] if j + 2 < thresholds.size else _NEVER
        d = thresholds[j + 3] if j + 3 < thresholds.size else _NEVER
        beyond = np.uint64(0)
        for i in range(out.size):
            x, last = u[i], np.uint64(u[i] >= d)
            counts[i] += (np.uint64(x >= a) + np.uint64(x >= b)) + (np.uint64(x >= c) + last)
            beyond += last
        if beyond == 0:
            break
    for i in range(out.size):
        out[i] = (np.uint64(counts[i] | _COUNT).view(np.float64) - 2.0**52) + base

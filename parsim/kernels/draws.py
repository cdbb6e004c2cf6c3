"""Poisson counts by inversion: one uniform a count, compared with the cumulative probabilities."""

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.errors import DescriptionError
from parsim.jit import kernel
from parsim.rng import uniforms, uniforms_of_two

LARGEST_MEAN = 1e6
FEW = 512  # thresholds: up to here comparing with all is faster than a search (21: 2 ns a count, not 14)
SOME = 8  # targets, from which on comparing is worth its memory
TARGETS = 256  # at a time, so that their uniforms and counts stay in the first-level cache
STREAM = 1 << 62  # added to `draw`: what stimuli draw never meets what wiring or a value draws

_COUNT = np.uint64(0x4330000000000000)  # or-ed to k < 2^52: the bits of the double 2^52 + k
_NEVER = 2.0  # a threshold that no uniform reaches


def poisson_thresholds(mean: float) -> tuple[int, Floats]:
    """(base, thresholds): the count of a uniform u is base + the number of thresholds <= u.

    Thresholds are the cumulative probabilities of base, base + 1, ...; at most 2^-53 is missing
    from either tail.
    """
    if not 0.0 <= mean <= LARGEST_MEAN:
        raise DescriptionError(
            f"a mean of {mean:g} spikes per step is asked for; it must be between 0 and {LARGEST_MEAN:g}. "
            "Use a lower rate or a smaller dt."
        )
    mode = int(mean)
    reach = int(9.0 * np.sqrt(mean)) + 40
    first = max(0, mode - reach)

    # Weights relative to the mode's, by recurrence outwards, so that nothing overflows. Tails are
    # summed from their thin ends, so that each is accurate by itself.
    below = np.cumprod(np.arange(mode, first, -1) / mean if mean > 0.0 else np.empty(0))[::-1]
    above = np.cumprod(mean / np.arange(mode + 1, mode + reach + 1))
    lower = np.cumsum(np.append(below, 1.0))
    upper = np.cumsum(above[::-1])[::-1]
    total = lower[-1] + upper[0]
    cumulative = np.append(lower / total, 1.0 - upper[1:] / total)

    base = first + int(np.count_nonzero(cumulative < 2.0**-54))
    return base, np.ascontiguousarray(cumulative[(cumulative >= 2.0**-54) & (cumulative < 1.0)])


@kernel
def poisson_counts(
    seed: int,
    serial: int,
    gids: Ints,
    lanes: Ints,
    draw: int,
    thresholds: Floats,
    base: int,
    out0: Floats,
    out1: Floats,
) -> None:
    """Counts of targets (gids[i], lanes[i]) in the two steps of block `draw`, to out0 and out1."""
    if thresholds.size <= FEW and gids.size > SOME:
        counts_by_comparison(seed, serial, gids, lanes, draw, thresholds, base, out0, out1)
    else:
        counts_by_search(seed, serial, gids, lanes, draw, thresholds, base, out0, out1)


@kernel
def counts_by_search(
    seed: int,
    serial: int,
    gids: Ints,
    lanes: Ints,
    draw: int,
    thresholds: Floats,
    base: int,
    out0: Floats,
    out1: Floats,
) -> None:
    """As `poisson_counts`: two binary searches a target."""
    for i in range(gids.size):
        out0[i], out1[i] = uniforms(seed, serial, gids[i], draw + STREAM, lanes[i])
    for i in range(gids.size):
        out0[i] = base + _not_above(out0[i], thresholds)
        out1[i] = base + _not_above(out1[i], thresholds)


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
def counts_by_comparison(
    seed: int,
    serial: int,
    gids: Ints,
    lanes: Ints,
    draw: int,
    thresholds: Floats,
    base: int,
    out0: Floats,
    out1: Floats,
) -> None:
    """As `poisson_counts`: every uniform with every threshold, in loops that vectorize."""
    u0, u1 = np.empty(TARGETS), np.empty(TARGETS)
    for begin in range(0, gids.size, TARGETS):
        end = min(begin + TARGETS, gids.size)
        _uniforms(seed, serial, gids[begin:end], lanes[begin:end], draw, u0, u1)
        _compare(u0, thresholds, base, out0[begin:end])
        _compare(u1, thresholds, base, out1[begin:end])


@kernel
def _uniforms(seed: int, serial: int, gids: Ints, lanes: Ints, draw: int, u0: Floats, u1: Floats) -> None:
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
def _compare(u: Floats, thresholds: Floats, base: int, out: Floats) -> None:
    """Counts of u[:out.size], four thresholds at a time until all uniforms are passed.

    Counts are whole numbers in `out`'s memory until the last loop.
    """
    counts = out.view(np.uint64)
    counts[:] = 0
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

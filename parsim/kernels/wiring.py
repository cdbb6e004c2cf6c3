"""Who connects to whom, drawn target by target (or source by source), as flat arrays.

Draws are keyed by (seed, serial, gid), so a target gets the same sources on any rank. Each kernel
writes what fits into its output arrays and returns how many rows there are, so that a call with
empty arrays counts.
"""

import numpy as np

from parsim.jit import kernel
from parsim.rng import exponential, uniforms

WIRING, REDRAW = 0, 3  # lanes; 1 and 2 are for weights and delays


@kernel
def draw_sources(seed, serial, gids, own, n_sources, degree, out):  # type: ignore[no-untyped-def]
    """`degree` sources per target with repetition: out[target * degree + draw].

    `own[target]` is the target's own place among the sources when it may not be drawn, else -1.
    """
    first, second = np.empty(degree // 2 + 1, np.int32), np.empty(degree // 2 + 1, np.int32)
    for t in range(gids.size):
        n = n_sources if own[t] < 0 else n_sources - 1
        base = t * degree
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


@kernel
def draw_distinct(seed, serial, gids, own, n_sources, degree, seen, out):  # type: ignore[no-untyped-def]
    """As `draw_sources`, without repetition: Floyd's algorithm, exactly one draw a row.

    `seen` is scratch of one element per source, all -1.
    """
    for t in range(gids.size):
        n = n_sources if own[t] < 0 else n_sources - 1
        base = t * degree
        for d in range(degree):
            last = n - degree + d
            pick = int(uniforms(seed, serial, gids[t], d, WIRING)[0] * (last + 1))
            if seen[pick] == t:
                pick = last
            seen[pick] = t
            out[base + d] = pick
        if own[t] >= 0:
            for d in range(degree):
                out[base + d] += out[base + d] >= own[t]
    seen[:] = -1


@kernel
def draw_bernoulli(seed, serial, gids, own, n_sources, rate, counts, out):  # type: ignore[no-untyped-def]
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
def draw_poisson(seed, serial, gids, own, n_sources, mean, counts, out):  # type: ignore[no-untyped-def]
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
def draw_symmetric(seed, serial, gids, sources, probability, counts, out):  # type: ignore[no-untyped-def]
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
def draw_targets(seed, serial, gids, own, local, degree, distinct, seen, source, target, draw):  # type: ignore[no-untyped-def]
    """`degree` targets per source; rows whose target is here (`local[target]` not -1) are kept.

    `seen` is scratch of one element per target, all -1.
    """
    row, n_targets = 0, local.size
    for s in range(gids.size):
        n = n_targets if own[s] < 0 else n_targets - 1
        for d in range(degree):
            last = n - degree + d if distinct else n - 1
            pick = int(uniforms(seed, serial, gids[s], d, WIRING)[0] * (last + 1))
            if distinct:
                if seen[pick] == s:
                    pick = last
                seen[pick] = s
            if own[s] >= 0 and pick >= own[s]:
                pick += 1
            if local[pick] >= 0:
                if row < source.size:
                    source[row] = s
                    target[row] = local[pick]
                    draw[row] = d
                row += 1
    seen[:] = -1
    return row


@kernel
def keep_listed(sources, targets, local, source, target, draw):  # type: ignore[no-untyped-def]
    """Pairs that are given; those whose target is here (`local[target]` not -1) are kept."""
    row = 0
    for e in range(targets.size):
        t = local[np.uint64(targets[e])]
        if t >= 0:
            if row < source.size:
                source[row], target[row], draw[row] = sources[e], t, e
            row += 1
    return row


@kernel
def draw_pairs(seed, serial, n, sources, targets, local, autapses, source, target, draw):  # type: ignore[no-untyped-def]
    """`n` pairs with repetition; those whose target is here are kept."""
    row = 0
    for e in range(n):
        lane = WIRING
        u, w = uniforms(seed, serial, 0, e, lane)
        s, t = int(u * sources.size), int(w * targets.size)
        while not autapses and sources[s] == targets[t]:
            lane = max(lane + 1, REDRAW)
            u, w = uniforms(seed, serial, 0, e, lane)
            s, t = int(u * sources.size), int(w * targets.size)
        if local[t] >= 0:
            if row < source.size:
                source[row], target[row], draw[row] = s, local[t], e
            row += 1
    return row


@kernel
def draw_distinct_pairs(seed, serial, n, sources, targets, local, autapses, source, target, draw):  # type: ignore[no-untyped-def]
    """`n` different pairs: the first of a pseudo-random permutation of all, so nothing is stored.

    The permutation is an eight-round Feistel network on the pair's number, walked until it falls
    inside (Black and Rogaway 2002).
    """
    pairs = sources.size * targets.size
    bits = 1
    while (1 << (2 * bits)) < pairs:
        bits += 1
    mask = (1 << bits) - 1
    row, e, number = 0, 0, 0
    while e < n:
        at = number
        number += 1
        while True:
            left, right = at >> bits, at & mask
            for turn in range(8):
                mixed = int(uniforms(seed, serial, right, turn, WIRING)[0] * 9007199254740992.0)
                left, right = right, (left ^ mixed) & mask
            at = (left << bits) | right
            if at < pairs:
                break
        s, t = at // targets.size, at % targets.size
        if autapses or sources[s] != targets[t]:
            if local[t] >= 0:
                if row < source.size:
                    source[row], target[row], draw[row] = s, local[t], e
                row += 1
            e += 1
    return row

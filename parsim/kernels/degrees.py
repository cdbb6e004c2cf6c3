"""How many of n connections each target gets, when every connection chooses its target at random.

In-degrees are drawn down a binary tree over the targets: of those of a branch, a binomial number goes to its left
half. So they have the multinomial distribution, and a rank draws only along the branches that lead to targets of
its own: O(own log(all / own)) draws, whatever n is.
"""

from typing import NamedTuple

import numpy as np

from parsim.arrays import Ints
from parsim.jit import inlined, kernel
from parsim.kernels.maths import exp
from parsim.rng import log, uniforms

INDEGREE = 3  # the lane; 0 is for sources, 1 and 2 are for weights and delays
_DEEP = 64  # branches at most waiting at a time


class Pairs(NamedTuple):
    """How many pairs there are with each of `targets` targets: `sources`, and one fewer with a target in runs of these.

    Runs ascend; `less[k]` targets stand in run k, [begin[k], end[k]), and those before.
    """

    targets: int
    sources: int
    begin: Ints
    end: Ints
    less: Ints


@inlined
def pairs_before(pairs, target):
    """How many pairs there are with all targets before this one."""
    n = target * pairs.sources
    k = np.searchsorted(pairs.begin, target) - 1
    if k >= 0:
        n -= pairs.less[k] - max(pairs.end[k] - target, 0)
    return n


@kernel
def indegrees(seed, serial, n, pairs, places, counts, firsts):
    """Of `n` connections, those of targets at ascending `places` to `counts`, those of all before them to `firsts`.

    A connection goes to a target with a probability proportional to the number of its pairs.
    """
    branches = np.empty((_DEEP, 7), np.int64)  # waiting, each with what `_branch` says
    waiting = 0
    if places.size:
        _branch(branches[0], 0, pairs.targets, 0, places.size, 1, n, 0)
        waiting = 1
    while waiting:
        waiting -= 1
        one = branches[waiting]
        low, high, begin, end, node, m, before = one[0], one[1], one[2], one[3], one[4], one[5], one[6]
        if high - low == 1:
            counts[begin:end], firsts[begin:end] = m, before
            continue
        middle, left = (low + high) // 2, 0
        first, most = pairs_before(pairs, low), pairs_before(pairs, high)
        if most > first:
            part = (pairs_before(pairs, middle) - first) / (most - first)
            left = binomial(seed, serial, node, m, part)
        cut = begin + np.searchsorted(places[begin:end], middle)
        if cut < end:
            _branch(branches[waiting], middle, high, cut, end, 2 * node + 1, m - left, before + left)
            waiting += 1
        if begin < cut:
            _branch(branches[waiting], low, middle, begin, cut, 2 * node, left, before)
            waiting += 1


@kernel
def _branch(one, low, high, begin, end, node, n, before):
    """Targets [low, high), among them the wanted places [begin, end), share `n` connections after `before` others."""
    one[0], one[1], one[2], one[3], one[4], one[5], one[6] = low, high, begin, end, node, n, before


@kernel
def binomial(seed, serial, gid, n, p):
    """How many of `n` trials succeed, each with probability `p`; from the draws of (`gid`, INDEGREE)."""
    if p <= 0.0 or n == 0:
        return 0
    if p >= 1.0:
        return n
    if p > 0.5:
        return n - _at_most_half(seed, serial, gid, n, 1.0 - p)
    return _at_most_half(seed, serial, gid, n, p)


@kernel
def _at_most_half(seed, serial, gid, n, p):
    if n * p < 10.0:
        return _by_inversion(seed, serial, gid, n, p)
    return _by_rejection(seed, serial, gid, n, p)


@kernel
def _by_inversion(seed, serial, gid, n, p):
    """One uniform, compared with the cumulative probabilities from 0 successes on."""
    u = uniforms(seed, serial, gid, 0, INDEGREE)[0]
    odds = p / (1.0 - p)
    chance = exp(n * log(1.0 - p))
    k = 0
    while u >= chance and k < n:
        u -= chance
        k += 1
        chance *= odds * (n - k + 1) / k
        if chance < 2.0**-60 and k > n * p:
            break
    return k


@kernel
def _by_rejection(seed, serial, gid, n, p):
    """Transformed rejection (BTRS, Hoermann 1993): 1.2 to 1.4 pairs of uniforms a number, for n p of at least 10."""
    odds, spread = p / (1.0 - p), np.sqrt(n * p * (1.0 - p))
    b = 1.15 + 2.53 * spread
    a = -0.0873 + 0.0248 * b + 0.01 * p
    c = n * p + 0.5
    squeeze = 0.92 - 4.2 / b
    alpha = (2.83 + 5.1 / b) * spread
    mode = np.floor((n + 1) * p)
    at_mode = _stirling(mode) + _stirling(n - mode)
    draw = 0
    while True:
        u, v = uniforms(seed, serial, gid, draw, INDEGREE)
        draw += 1
        u -= 0.5
        near = 0.5 - abs(u)
        k = np.floor((2.0 * a / near + b) * u + c) if near > 0.0 else -1.0
        if k < 0.0 or k > n:
            continue
        if near >= 0.07 and v <= squeeze:
            return int(k)
        v = log(v * alpha / (a / (near * near) + b))
        bound = (mode + 0.5) * log((mode + 1.0) / (odds * (n - mode + 1.0))) + at_mode
        bound += (n + 1.0) * log((n - mode + 1.0) / (n - k + 1.0)) - _stirling(k) - _stirling(n - k)
        bound += (k + 0.5) * log(odds * (n - k + 1.0) / (k + 1.0))
        if v <= bound:
            return int(k)


@kernel
def _stirling(k):
    """log(k!) less Stirling's formula in k + 1: ln sqrt(2 pi) + (k + 1/2) ln(k + 1) - (k + 1)."""
    more = 0.0
    while k < 10.0:  # the series needs k of 10 or more; below, by the step from one k to the next
        more += (k + 1.5) * (log(k + 2.0) - log(k + 1.0)) - 1.0
        k += 1.0
    x = k + 1.0
    square = x * x
    return more + (1.0 / 12.0 - (1.0 / 360.0 - 1.0 / (1260.0 * square)) / square) / x

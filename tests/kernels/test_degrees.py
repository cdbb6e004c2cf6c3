"""In-degrees of a total number of connections: binomial and multinomial, the same however they are asked for."""

import math

import numpy as np
import pytest
import scipy.stats

from parsim.jit import entry
from parsim.kernels.degrees import Pairs, _stirling, binomial, indegrees, pairs_before


@pytest.mark.parametrize("k", [0, 1, 4, 9, 10, 11, 1000])
def test_what_stirlings_formula_lacks(k):
    formula = math.log(math.sqrt(2 * math.pi)) + (k + 0.5) * math.log(k + 1) - (k + 1)
    # The series' first term left out is 1 / (1680 (k + 1)^7), at k = 10 3.1e-11; lgamma is right to 16 digits.
    assert _stirling(float(k)) == pytest.approx(
        math.lgamma(k + 1) - formula, abs=3.2e-11 + 1e-15 * math.lgamma(k + 1)
    )


@pytest.mark.parametrize(
    "n, p",
    [
        (5, 0.3),
        (25, 0.9),
        (1000, 0.005),
        (1000, 0.02),
        (40, 0.5),
        (1000, 0.7),
        (10**6, 0.25),
        (3 * 10**8, 0.5),
    ],
)  # by inversion, mirrored, at the change to rejection, mirrored, and large
def test_counts_are_binomial(n, p):
    draws = 4000
    found = np.array([binomial(7, 3, gid, n, p) for gid in range(draws)])
    edges = np.unique(scipy.stats.binom.ppf(np.linspace(0.02, 0.98, 25), n, p))
    chances = np.diff(scipy.stats.binom.cdf(np.concatenate([[-1], edges, [n]]), n, p))
    counts = np.histogram(found, bins=np.concatenate([[-1], edges, [n]]) + 0.5)[0]
    many = chances * draws > 5
    expected = chances[many] * counts[many].sum() / chances[many].sum()
    assert scipy.stats.chisquare(counts[many], expected).pvalue > 1e-3


def test_nothing_and_everything():
    assert [binomial(1, 1, 1, n, p) for n, p in ((0, 0.5), (9, 0.0), (9, 1.0))] == [0, 0, 9]


def pairs_of(targets, sources, *runs):
    """Targets in the runs have one pair fewer."""
    begin, end = (np.array([run[i] for run in runs], np.int64) for i in (0, 1))
    return Pairs(targets, sources, begin, end, np.cumsum(end - begin))


def drawn(n, pairs, places):
    counts, firsts = np.empty(len(places), np.int64), np.empty(len(places), np.int64)
    indegrees(1, 2, n, pairs, np.array(places, np.int64), counts, firsts)
    return counts, firsts


def test_pairs_are_counted_up_to_any_target():
    pairs = pairs_of(33, 4, (0, 2), (20, 25), (25, 26), (32, 33))
    fewer = [0, 1, *range(20, 26), 32]
    expected = [sum(3 if t in fewer else 4 for t in range(target)) for target in range(34)]
    assert [entry(pairs_before)(pairs, target) for target in range(34)] == expected


@pytest.mark.parametrize("n", [0, 1, 50, 10**7])
@pytest.mark.parametrize("sources", [4, 1])
def test_degrees_of_some_targets_are_those_of_all(n, sources):
    pairs = pairs_of(33, sources, (20, 25), (30, 31))
    everyone, before = drawn(n, pairs, range(33))
    assert everyone.sum() == n and (sources > 1 or not everyone[[20, 24, 30]].any())
    assert before.tolist() == (np.cumsum(everyone) - everyone).tolist()
    for some in ([], [0], [32], [3, 4, 19, 30], list(range(1, 33, 3))):
        counts, firsts = drawn(n, pairs, some)
        assert counts.tolist() == everyone[some].tolist() and firsts.tolist() == before[some].tolist()


def test_degrees_go_by_chance():
    chances = np.repeat([2, 1], 500)
    counts, _ = drawn(400_000, pairs_of(1000, 2, (500, 1000)), range(1000))
    expected = 400_000 * chances / chances.sum()
    assert scipy.stats.chisquare(counts, expected).pvalue > 1e-3

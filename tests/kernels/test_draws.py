"""Poisson counts follow their law, in both kernels alike."""

import re

import numpy as np
import pytest
from scipy import stats

from parsim.errors import DescriptionError
from parsim.jit import interpreted, kernel
from parsim.kernels.draws import (
    LARGEST_MEAN,
    compare,
    count_of,
    counts_of_uniforms,
    poisson_tables,
    poisson_thresholds,
    search,
    uniforms_of_all,
)
from parsim.rng import uniforms

MEANS = [1e-3, 0.36, 1.78, 30.0, 400.0, 1e5]
MANY = 300 if interpreted else 100_000


def counts(mean, n, draw=3, kernel=counts_of_uniforms, lanes=None, stream=(1, 2), gids=None):
    base, thresholds = poisson_thresholds(mean)
    gids = np.arange(n) if gids is None else gids
    lanes = np.zeros(n, np.int64) if lanes is None else lanes
    u, found = np.empty((2, n)), np.full((2, n), np.nan)
    uniforms_of_all(*stream, gids, lanes, draw, u[0], u[1])
    for step in range(2):
        kernel(u[step], thresholds, base, found[step])
    return found[0], found[1]


# ---- thresholds --------------------------------------------------------------------------------------


@pytest.mark.parametrize("mean", [1e-12, 1e-6, *MEANS, 0.999, 1.0, LARGEST_MEAN])
def test_thresholds_are_the_cumulative_probabilities(mean):
    base, thresholds = poisson_thresholds(mean)
    k = base + np.arange(thresholds.size)
    assert (np.diff(thresholds) >= 0.0).all()
    assert np.allclose(thresholds, stats.poisson.cdf(k, mean), rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("mean", MEANS)
def test_either_tail_misses_less_than_a_uniform_can_tell(mean):
    base, thresholds = poisson_thresholds(mean)
    assert stats.poisson.cdf(base - 1, mean) < 2.0**-53
    # The largest uniform is below the probability of all counts up to the last.
    assert stats.poisson.sf(base + thresholds.size, mean) < 2.0**-53


def test_a_rare_spike_keeps_its_probability():
    base, thresholds = poisson_thresholds(1e-12)
    assert base == 0 and thresholds.tolist() == [pytest.approx(1.0 - 1e-12, abs=2e-16)]


def test_mean_zero_gives_no_spikes():
    assert [poisson_thresholds(0.0)[0], poisson_thresholds(0.0)[1].size] == [0, 0]
    even, odd = counts(0.0, 5)
    assert even.tolist() == odd.tolist() == [0.0] * 5


@pytest.mark.parametrize("mean", [-1.0, 1.1e6, np.inf, np.nan])
def test_a_mean_out_of_range_is_refused(mean):
    with pytest.raises(DescriptionError, match=re.escape(f"a mean of {mean:g} spikes per step")):
        poisson_thresholds(mean)


# ---- counts ------------------------------------------------------------------------------------------

# Fixed for ever: gids 0..9, lanes 0, 1, 2, 0, ..., block 5 of seed 20, serial 3.
STORED = {
    0.36: ([1, 0, 0, 1, 1, 0, 0, 1, 0, 0], [0, 0, 0, 1, 2, 0, 0, 0, 0, 2]),
    1.78: ([2, 0, 2, 4, 3, 2, 2, 4, 1, 2], [2, 0, 2, 3, 6, 1, 2, 0, 2, 5]),
    30.0: ([33, 24, 31, 38, 36, 32, 32, 38, 27, 31], [30, 22, 31, 34, 44, 27, 29, 19, 31, 41]),
    1e5: (
        [100188, 99642, 100060, 100430, 100328, 100143, 100096, 100436, 99820, 100045],
        [100008, 99546, 100081, 100221, 100790, 99816, 99980, 99317, 100057, 100606],
    ),
}


@pytest.mark.parametrize("mean", STORED)
def test_counts_are_those_of_the_first_release(mean):
    even, odd = counts(mean, 10, draw=5, lanes=np.arange(10) % 3, stream=(20, 3))
    assert (even.tolist(), odd.tolist()) == STORED[mean]


def test_a_count_is_the_number_of_thresholds_its_uniform_has_reached():
    base, thresholds = poisson_thresholds(1.78)
    even, odd = counts(1.78, 5)
    for gid in range(5):
        u, w = uniforms(1, 2, gid, 3 + (1 << 62), 0)
        assert even[gid] == base + np.count_nonzero(thresholds <= u)
        assert odd[gid] == base + np.count_nonzero(thresholds <= w)


@pytest.mark.parametrize("mean", [*MEANS, 5.0, 1200.0])
@pytest.mark.parametrize("n", [0, 1, 2, 3, 7, 30 if interpreted else 1037])
def test_comparing_and_searching_give_the_same_counts(mean, n):
    if interpreted and mean > 100.0:
        pytest.skip("thousands of comparisons a count")
    lanes = np.arange(n) % 5
    compared = counts(mean, n, kernel=compare, lanes=lanes)
    searched = counts(mean, n, kernel=search, lanes=lanes)
    assert np.array_equal(compared, searched)


def test_a_count_does_not_depend_on_the_other_targets():
    n = 20 if interpreted else 700
    even, odd = counts(1.78, n)
    for part in (slice(0, 1), slice(5, 12), slice(n // 3, n)):
        gids = np.arange(n)[part]
        a, b = counts(1.78, gids.size, gids=gids)
        assert np.array_equal(a, even[part]) and np.array_equal(b, odd[part])


def test_lanes_and_blocks_are_independent_trains():
    n = 200 if interpreted else 20_000
    even, odd = counts(1.78, n)
    lane = counts(1.78, n, lanes=np.ones(n, np.int64))[0]
    later = counts(1.78, n, draw=4)[0]
    for other in (odd, lane, later, np.roll(even, 1)):
        assert abs(np.corrcoef(even, other)[0, 1]) < 4.5 / np.sqrt(n)


@pytest.mark.parametrize("mean", MEANS)
def test_counts_follow_the_poisson_law(mean):
    n = MANY
    drawn = np.concatenate(counts(mean, n))
    # Classes of at least 20 expected counts each, bounded at quantiles of the law.
    edges = np.unique(stats.poisson.ppf(np.linspace(0, 1, 31)[1:-1], mean))
    expected = np.diff(np.concatenate([[0.0], stats.poisson.cdf(edges, mean), [1.0]])) * drawn.size
    found = np.bincount(np.searchsorted(edges, drawn), minlength=edges.size + 1)
    enough = expected >= (20.0 if not interpreted else 5.0)
    found = np.append(found[enough], found[~enough].sum())
    expected = np.append(expected[enough], expected[~enough].sum())
    if expected[-1] < 1e-6:
        found, expected = found[:-1], expected[:-1]
    if expected.size > 1:
        assert stats.chisquare(found, expected * found.sum() / expected.sum()).pvalue > 1e-3
    assert abs(drawn.mean() - mean) < 4.0 * np.sqrt(mean / drawn.size)
    assert np.array_equal(drawn, np.rint(drawn))


# ---- tables of many means ----------------------------------------------------------------------------


@kernel
def count_each(u, tables, m, out):
    for i in range(u.size):
        parts = float(tables.guided[m + 1] - tables.guided[m])
        out[i] = count_of(u[i], tables, tables.begin[m], tables.guided[m], parts, tables.base[m])


def test_a_guided_search_ends_where_a_search_from_the_beginning_does():
    """Also at thresholds, just below them, and at the ends of the parts that the guide knows."""
    means = np.array([0.0, 1e-12, *MEANS, 0.999, 1.0])
    tables = poisson_tables(means)
    for m, mean in enumerate(means):
        base, thresholds = poisson_thresholds(mean)
        some = thresholds[:: max(1, thresholds.size // 50)]
        parts = np.arange(64) / 64
        u = np.concatenate([some, np.nextafter(some, 0.0), parts, np.nextafter(parts, 1.0), [1.0 - 2.0**-53]])
        u = u[u < 1.0]
        found = np.empty(u.size)
        count_each(u, tables, m, found)
        assert np.array_equal(found, base + np.searchsorted(thresholds, u, side="right"))

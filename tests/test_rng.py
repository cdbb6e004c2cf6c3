"""The generator gives the published words, fixed numbers, and what statistics asks of it."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import special, stats

from parsim import rng
from parsim.jit import interpreted

MANY = 300 if interpreted else 200_000  # a draw takes some microseconds when interpreted

ONES = 0xFFFFFFFF


def hexes(words):
    return [f"{int(word):08x}" for word in words]


def floats(*texts):
    return [float.fromhex(text) for text in texts]


# Known-answer vectors of the Random123 distribution (kat_vectors, philox4x32 10).
@pytest.mark.parametrize(
    ("counter_and_key", "words"),
    [
        ((0, 0, 0, 0, 0, 0), "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ((ONES,) * 6, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344, 0xA4093822, 0x299F31D0),
            "d16cfe09 94fdcceb 5001e420 24126ea1",
        ),
    ],
)
def test_philox_gives_the_published_words(counter_and_key, words):
    assert hexes(rng.philox(*counter_and_key)) == words.split()


def test_a_block_is_keyed_by_seed_and_serial_and_counts_draw_gid_and_lane():
    # The vector of the digits of pi again: draw = high word, low word.
    u, w = rng.uniforms(0xA4093822, 0x299F31D0, 0x85A308D3, (0x03707344 << 32) + 0x243F6A88, 0x13198A2E)
    assert u == (0xD16CFE0994FDCCEB >> 11) * 2.0**-53
    assert w == (0x5001E42024126EA1 >> 11) * 2.0**-53


def test_a_uniform_is_the_first_of_its_block():
    assert rng.uniform(5, 6, 7, 8, 9) == rng.uniforms(5, 6, 7, 8, 9)[0]


def test_two_blocks_at_once_are_two_blocks():
    two = rng.uniforms_of_two(5, 6, 7, 70, 2**40 + 8, 9, 90)
    assert two == rng.uniforms(5, 6, 7, 2**40 + 8, 9) + rng.uniforms(5, 6, 70, 2**40 + 8, 90)


# Fixed for ever: a change of any of these changes every network.
GIDS = np.array([0, 1, 2, 2**32 - 1, 12345])
DRAWS = np.array([0, 7, 2**31, 2**40 + 5, 3])
STORED = {
    rng.uniform_array: floats(
        "0x1.1094abf4b7ec8p-4", "0x1.630c7237cbffbp-1", "0x1.391795feea42cp-1",
        "0x1.8251c2e95307ep-1", "0x1.c5cb8b7c18045p-1",
    ),
    rng.normal_array: floats(
        "-0x1.808355ff55f7ap+0", "0x1.02e69e091344ap-1", "0x1.220cbf7f1cd3ep-2",
        "0x1.60ac500e0d449p-1", "0x1.3509bc857c661p+0",
    ),
    rng.exponential_array: floats(
        "0x1.1a12ff53383e5p-4", "0x1.2eb103da73f36p+0", "0x1.e416552b6245ep-1",
        "0x1.679299cea10d4p+0", "0x1.16514403f1525p+1",
    ),
}  # fmt: skip


@pytest.mark.parametrize("draw", STORED, ids=lambda f: f.__name__)
def test_numbers_are_those_of_the_first_release(draw):
    assert draw(20, 3, GIDS, DRAWS, 2).tolist() == STORED[draw]


def test_arrays_hold_what_scalars_give():
    expected = [rng.uniform(20, 3, g, d, 2) for g, d in zip(GIDS, DRAWS, strict=True)]
    assert rng.uniform_array(20, 3, GIDS, DRAWS, 2).tolist() == expected
    assert rng.normal_array(20, 3, GIDS, DRAWS, 2).tolist() == [rng.normal(u) for u in expected]
    assert rng.exponential_array(20, 3, GIDS, DRAWS, 2).tolist() == [rng.exponential(u) for u in expected]


def test_no_number_depends_on_its_place_in_the_array():
    gids, draws = np.arange(40), np.arange(40) % 7
    whole = rng.normal_array(1, 2, gids, draws, 0)
    for begin, end in ((0, 1), (3, 20), (17, 40)):
        assert np.array_equal(rng.normal_array(1, 2, gids[begin:end], draws[begin:end], 0), whole[begin:end])


def test_no_gids_give_no_numbers():
    none = np.empty(0, np.int64)
    assert rng.uniform_array(1, 2, none, none, 0).size == 0


# ---- the distributions -----------------------------------------------------------------------------

EDGES = [0.0, 2.0**-53, 5.0 * 2.0**-50, 1e-10, 0.07, 0.0750001, 0.5, 0.75, 0.925, 0.9999999, 1.0 - 2.0**-53]


def test_normal_is_the_inverse_of_the_cumulative_distribution():
    u = np.rint(np.concatenate([EDGES, np.arange(1, 200) / 200.0]) * 2.0**53) * 2.0**-53
    below = np.where(u < 0.5, u, 1.0 - u)
    # Midpoints of [u, u + 2^-53), mirrored so that the reference sees a small argument.
    expected = np.where(u < 0.5, special.ndtri(below + 2.0**-54), -special.ndtri(below - 2.0**-54))
    found = np.array([rng.normal(x) for x in u])
    assert np.allclose(found, expected, rtol=2e-15, atol=2e-16)


def test_normal_is_finite_and_symmetric_at_the_ends():
    assert rng.normal(0.0) == -rng.normal(1.0 - 2.0**-53) == -8.292361075813595
    assert rng.normal(0.5) == -rng.normal(0.5 - 2.0**-53) > 0.0


def test_exponential_is_the_inverse_of_the_cumulative_distribution():
    u = np.array(EDGES)
    found = np.array([rng.exponential(x) for x in u])
    assert np.allclose(found, -np.log1p(-u.astype(np.longdouble)).astype(float), rtol=3e-16, atol=1.2e-16)
    assert found[0] == 0.0 and found.max() == pytest.approx(36.7, abs=0.1)


@pytest.mark.parametrize(
    ("draw", "law", "mean", "variance", "variance_of_squares"),
    [
        (rng.uniform_array, stats.uniform, 0.5, 1.0 / 12.0, 1.0 / 180.0),
        (rng.normal_array, stats.norm, 0.0, 1.0, 2.0),
        (rng.exponential_array, stats.expon, 1.0, 1.0, 8.0),
    ],
    ids=["uniform", "normal", "exponential"],
)
def test_numbers_follow_their_distribution(draw, law, mean, variance, variance_of_squares):
    gids = np.arange(MANY)
    x = draw(1, 2, gids, gids // 3, 4)
    # Four standard errors; the seed is fixed.
    assert abs(x.mean() - mean) < 4.0 * np.sqrt(variance / MANY)
    assert abs(((x - mean) ** 2).mean() - variance) < 4.0 * np.sqrt(variance_of_squares / MANY)
    assert stats.kstest(x, law.cdf).pvalue > 1e-3


def both(seed, serial, gids, draws, lane):
    return np.array([rng.uniforms(seed, serial, g, d, lane) for g, d in zip(gids, draws, strict=True)])


def test_neighbouring_numbers_are_independent():
    gids, zero = np.arange(MANY), np.zeros(MANY, np.int64)
    base = rng.uniform_array(1, 1, gids, zero, 0)
    neighbours = {
        "gid": np.roll(base, 1),
        "draw": rng.uniform_array(1, 1, gids, zero + 1, 0),
        "high draw": rng.uniform_array(1, 1, gids, zero + 2**32, 0),
        "lane": rng.uniform_array(1, 1, gids, zero, 1),
        "serial": rng.uniform_array(1, 2, gids, zero, 0),
        "seed": rng.uniform_array(2, 1, gids, zero, 0),
        "seed and serial exchanged": rng.uniform_array(2, 1, gids, zero, 0)[::-1],
        "gid and draw exchanged": rng.uniform_array(1, 1, zero, gids, 0)[::-1],
    }
    for name, other in neighbours.items():
        assert abs(np.corrcoef(base, other)[0, 1]) < 4.5 / np.sqrt(MANY), name


def test_the_two_numbers_of_a_block_are_independent():
    n = min(MANY, 20_000)
    pairs = both(1, 1, range(n), [3] * n, 0)
    assert abs(np.corrcoef(pairs[:, 0], pairs[:, 1])[0, 1]) < 4.5 / np.sqrt(n)
    counts, *_ = np.histogram2d(pairs[:, 0], pairs[:, 1], bins=5, range=[[0, 1], [0, 1]])
    assert stats.chisquare(counts.ravel()).pvalue > 1e-3


# ---- the logarithm ---------------------------------------------------------------------------------


def test_log_is_within_one_unit_in_the_last_place():
    many = 200 if interpreted else 20_000
    x = np.concatenate([np.logspace(-320, 308, many), np.linspace(0.3, 3.0, many), [5e-324, 2.0**-1022]])
    expected = np.log(x.astype(np.longdouble))
    found = np.array([rng.log(value) for value in x])
    known = expected != 0.0
    # Measured: 1.53e-16 at worst over 3 million points.
    assert np.abs((found - expected)[known] / expected[known]).max() < 2.2e-16


def test_log_at_its_edges():
    assert rng.log(1.0) == 0.0
    assert rng.log(0.0) == -np.inf
    assert rng.log(np.inf) == np.inf
    for x in (-1.0, -np.inf, np.nan, -5e-324):
        assert np.isnan(rng.log(x))


# ---- the compiler ----------------------------------------------------------------------------------

BITS = """
import hashlib, warnings
warnings.simplefilter("error")
import numpy as np
from parsim import rng
from parsim.kernels import maths
gids, draws = np.arange(200) ** 4, np.arange(200) * 2**33
digest = hashlib.sha256()
for draw in (rng.uniform_array, rng.normal_array, rng.exponential_array):
    digest.update(draw(5, 6, gids, draws, 2).tobytes())
digest.update(np.array([rng.uniforms(5, 6, g, 3, 0) for g in gids]).tobytes())
x = np.concatenate([np.linspace(-750, 750, 251), np.linspace(-1, 1, 100), np.logspace(-320, 308, 100)])
x = np.append(x, [np.inf, -np.inf, -0.0, -5e-324])
for function in (maths.exp, maths.expm1, maths.exprel, maths.log):
    digest.update(np.array([function(value) for value in x]).tobytes())
print(digest.hexdigest())
"""


def test_the_compiler_changes_no_bit():
    root = Path(__file__).parents[1]

    def digest(disabled):
        env = os.environ | {"PYTHONPATH": str(root), "NUMBA_DISABLE_JIT": disabled}
        command = [sys.executable, "-c", BITS]
        done = subprocess.run(command, env=env, cwd=root, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert digest("0") == digest("1")

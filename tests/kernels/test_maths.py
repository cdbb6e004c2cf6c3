"""Elementary functions against extended precision, and at their edges."""

import numpy as np
import pytest

from parsim.jit import interpreted, kernel
from parsim.kernels import elementary, maths

MANY = 300 if interpreted else 100_000
LONG = np.longdouble


@kernel
def exp_of(x, out):
    for i in range(x.size):
        out[i] = maths.exp(x[i])


@kernel
def expm1_of(x, out):
    for i in range(x.size):
        out[i] = maths.expm1(x[i])


@kernel
def exprel_of(x, out):
    for i in range(x.size):
        out[i] = maths.exprel(x[i])


@kernel
def exp_of_small_of(x, out):
    for i in range(x.size):
        out[i] = maths.exp_of_small(x[i])


def points():
    random = np.random.default_rng(1)
    tiny = 10.0 ** random.uniform(-300, -1, MANY) * random.choice([-1.0, 1.0], MANY)
    return np.concatenate(
        [
            random.uniform(-707.9, 709.78, MANY),
            random.uniform(-10, 10, MANY),
            random.uniform(-1.1, 1.1, MANY),
            tiny,
        ]
    )


# Measured over 4 million points: 1.59e-16, 2.51e-16, 3.29e-16.
@pytest.mark.skipif(np.finfo(LONG).eps > 1e-18, reason="the reference needs 80-bit numbers")
@pytest.mark.parametrize(
    ("function", "reference", "error"),
    [
        (exp_of, np.exp, 2.0e-16),
        (expm1_of, np.expm1, 3.0e-16),
        (exprel_of, lambda x: np.expm1(x) / x, 4.0e-16),
    ],
    ids=["exp", "expm1", "exprel"],
)
def test_relative_error_is_a_rounding_or_two(function, reference, error):
    x = points()
    found = np.empty_like(x)
    function(x, found)
    expected = reference(x.astype(LONG))
    assert float(np.abs((found - expected) / expected).max()) < error


# The series ends at the ninth power: the rest is 10 to the last factorial less, at 0.1 a part of a rounding.
@pytest.mark.skipif(np.finfo(LONG).eps > 1e-18, reason="the reference needs 80-bit numbers")
@pytest.mark.parametrize(("largest", "error"), [(0.1, 3.0e-16), (0.5, 5.0e-10)])
def test_exp_of_small_is_right_to_rounding_up_to_a_tenth_and_fair_up_to_a_half(largest, error):
    x = np.linspace(-largest, largest, MANY)
    found = np.empty_like(x)
    exp_of_small_of(x, found)
    expected = np.exp(x.astype(LONG))
    assert float(np.abs((found - expected) / expected).max()) < error


@kernel
def exp_and_expm1_of(x, y, ex, ey):
    for i in range(x.size):
        ex[i], ey[i] = maths.exp_and_expm1(x[i], y[i])


@pytest.mark.skipif(np.finfo(LONG).eps > 1e-18, reason="the reference needs 80-bit numbers")
@pytest.mark.parametrize("largest", [1e-9, 0.05, 0.2, 30.0])
def test_a_pair_of_exponentials_is_right_to_rounding_small_or_not(largest):
    """The two choose together how they are calculated."""
    random = np.random.default_rng(3)
    x, y = random.uniform(-largest, largest, MANY), random.uniform(-0.05, 0.05, MANY)
    ex, ey = np.empty_like(x), np.empty_like(x)
    exp_and_expm1_of(x, y, ex, ey)
    for found, expected in ((ex, np.exp(x.astype(LONG))), (ey, np.expm1(y.astype(LONG)))):
        assert float(np.abs((found - expected) / expected).max()) < 3.5e-16


def test_exp_of_small_stays_beyond_a_half_what_it_is_there():
    x = np.array([0.5, 0.6, 700.0, np.inf, -0.5, -0.6, -700.0, -np.inf, np.nan])
    found = np.empty_like(x)
    exp_of_small_of(x, found)
    assert (found[:4] == found[0]).all() and (found[4:8] == found[4]).all() and np.isnan(found[8])


@pytest.mark.parametrize("name", ["exp", "expm1", "log", "log1p"])
def test_functions_of_arrays_are_those_of_their_elements(name):
    whole, one = getattr(elementary, name), getattr(maths, name)
    x = np.linspace(-800.0, 800.0, 36).reshape(2, 3, 6)
    assert np.array_equal(
        whole(x), [[[one(value) for value in row] for row in part] for part in x], equal_nan=True
    )
    assert whole([0.5, 2]).tolist() == [one(0.5), one(2.0)]
    assert whole(0.5) == one(0.5) and np.ndim(whole(0.5)) == 0 and whole([]).size == 0


@pytest.mark.skipif(np.finfo(LONG).eps > 1e-18, reason="the reference needs 80-bit numbers")
def test_log1p_loses_nothing_near_0_and_is_a_rounding_or_two_off_elsewhere():
    x = np.concatenate([points()[-MANY:], np.random.default_rng(3).uniform(-1.0, 9.0, MANY), [1e300]])
    expected = np.log1p(x.astype(LONG))
    assert float(np.abs((elementary.log1p(x) - expected) / expected).max()) < 3.5e-16  # measured: 3.2e-16
    assert elementary.log1p([0.0, 5e-324, -1.0, np.inf]).tolist() == [0.0, 5e-324, -np.inf, np.inf]
    assert np.isnan(elementary.log1p([-2.0, np.nan])).all()


def test_exact_points():
    assert [maths.exp(0.0), maths.expm1(0.0), maths.exprel(0.0)] == [1.0, 0.0, 1.0]
    assert maths.exp(1.0) == pytest.approx(np.e, rel=2.3e-16)
    assert maths.expm1(1.0) == maths.exprel(1.0) == pytest.approx(np.e - 1.0, rel=2.6e-16)


def test_infinities():
    assert [maths.exp(-np.inf), maths.expm1(-np.inf), maths.exprel(-np.inf)] == [0.0, -1.0, 0.0]
    assert [maths.exp(np.inf), maths.expm1(np.inf), maths.exprel(np.inf)] == [np.inf] * 3


def test_nan_stays_nan():
    assert np.isnan([maths.exp(np.nan), maths.expm1(np.nan), maths.exprel(np.nan)]).all()


def test_overflow_is_infinite_from_where_the_largest_double_ends():
    assert maths.exp(709.782712893384) == pytest.approx(1.797693134862e308, rel=1e-12)
    assert maths.exp(np.nextafter(709.782712893384, 1e3)) == np.inf
    assert maths.exp(1e300) == maths.expm1(710.0) == maths.exprel(710.0) == np.inf


def test_underflow_is_zero():
    assert maths.exp(-708.0) == pytest.approx(np.exp(-708.0), rel=1e-15)
    assert maths.exp(np.nextafter(-708.0, -1e3)) == maths.exp(-1e300) == 0.0
    assert maths.expm1(-1e300) == maths.expm1(-50.0) == -1.0


@pytest.mark.parametrize("x", [1e-8, -1e-8, 1e-300, 5e-324, -5e-324])
def test_small_arguments_lose_nothing(x):
    assert maths.expm1(x) == pytest.approx(x + 0.5 * x * x, rel=3e-16, abs=0.0)
    assert maths.exprel(x) == pytest.approx(1.0 + 0.5 * x, rel=3e-16)


@kernel
def sine_of(x, out):
    for i in range(x.size):
        out[i] = maths.sine(x[i])


def test_the_sine_of_turns_is_exact_to_rounding_at_quarters_and_far_away():
    """Its error is measured against 1: 2.3e-16 over 4 million points."""
    random = np.random.default_rng(2)
    x = np.concatenate([random.uniform(-1.0, 1.0, MANY), random.uniform(-1e6, 1e6, MANY)])
    found = np.empty_like(x)
    sine_of(x, found)
    expected = np.sin(2 * LONG("3.14159265358979323846264338327950288") * (x - np.rint(x)).astype(LONG))
    assert float(np.abs(found - expected).max()) < 3e-16
    quarters = np.array([0.0, 0.25, 0.5, 0.75, 1.0, -0.25, 1e6 + 0.25])
    found = np.empty_like(quarters)
    sine_of(quarters, found)
    assert np.abs(found - [0.0, 1.0, 0.0, -1.0, 0.0, -1.0, 1.0]).max() < 2e-16


@kernel
def exponentials(x, out):
    for i in range(x.size):
        out[i] = maths.exp_alone(x[i])


def test_exp_alone_is_within_a_unit_in_the_last_place():
    random = np.random.default_rng(1)
    x = np.concatenate(
        [np.linspace(-707.0, 709.0, 20_001), random.normal(0.0, 5.0, 20_000), [0.0, -0.0, 1e-300]]
    )
    found = np.empty(x.size)
    exponentials(x, found)
    exact = np.exp(x.astype(np.longdouble))
    assert np.max(np.abs(found - exact) / exact) < 1.1 * 2.0**-52
    small = np.array([-np.inf, -1e9, -707.5])
    exponentials(small, small)
    assert small.tolist() == [0.0, 0.0, 0.0]


@kernel
def powers(x, y, out):
    for i in range(x.size):
        out[i] = maths.power(x[i], y)


@pytest.mark.parametrize("y", [0.02, 0.2, 0.5, 0.9, 2.0, 7.3])
def test_power_is_as_near_as_its_logarithm_lets_it(y):
    random = np.random.default_rng(1)
    near_1 = 1.0 - 10.0 ** -random.uniform(0.0, 16.0, 20_000)
    small = 10.0 ** -random.uniform(0.0, 300.0, 20_000)
    borders = np.outer(
        1.0 + np.arange(128) / 128.0 + [[-1e-16], [1e-16], [1 / 256], [1 / 256 - 1e-16]],
        0.5 ** np.arange(1, 9),
    )
    x = np.concatenate([random.random(50_000), near_1, small, borders[borders < 1.0], [0.5, 0.25]])
    found = np.empty(x.size)
    powers(x, y, found)
    exact = x.astype(np.longdouble) ** np.longdouble(y)
    kept = exact > 1e-300
    wrong = np.abs(found[kept] - exact[kept]) / exact[kept]
    assert np.all(wrong <= 2e-16 * (1.0 + y + np.abs(np.log2(exact[kept].astype(float)))))
    assert found[~kept].max(initial=0.0) <= 1.01e-300
    ends = np.array([0.0, 1.0, 5e-324])
    powers(ends, y, ends)
    assert ends.tolist() == [0.0, 1.0, 0.0]

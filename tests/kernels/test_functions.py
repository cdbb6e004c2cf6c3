"""Further elementary functions against numpy's, and small dense systems."""

import math

import numpy as np
import pytest

from parsim.jit import kernel
from parsim.kernels import functions as f
from parsim.kernels.dense import solve_dense
from parsim.kernels.erfc import erfc

X = np.r_[np.linspace(-30.0, 30.0, 2001), np.logspace(-12, 2, 200), -np.logspace(-12, 2, 200), 0.0]


@kernel
def all_of(x, out):
    for k in range(x.size):
        out[0, k], out[1, k], out[2, k] = f.sin(x[k]), f.cos(x[k]), f.tan(x[k])
        out[3, k], out[4, k], out[5, k] = f.sinh(x[k]), f.cosh(x[k]), f.tanh(x[k])
        out[6, k], out[7, k], out[8, k] = f.atan(x[k]), f.log10(abs(x[k])), f.fmod(x[k], 0.7)


@kernel
def powers(x, y, out):
    for i in range(x.size):
        for j in range(y.size):
            out[i, j] = f.power(x[i], y[j])


def test_functions_are_those_of_numpy():
    out = np.zeros((9, X.size))
    with np.errstate(all="ignore"):
        all_of(X, out)
        want = [
            np.sin(X),
            np.cos(X),
            np.tan(X),
            np.sinh(X),
            np.cosh(X),
            np.tanh(X),
            np.arctan(X),
            np.log10(np.abs(X)),
        ]
        want.append(np.fmod(X, 0.7))
    for k, (got, true) in enumerate(zip(out, want, strict=True)):
        scale = np.maximum(np.abs(true), 1.0) if k < 3 else np.abs(true)
        if k == 2:  # near its poles the tangent has the error of its argument, times its own square
            scale = 1.0 + true * true
        finite = np.isfinite(true)
        got, true, scale, x = got[finite], true[finite], scale[finite], np.maximum(np.abs(X[finite]), 1.0)
        near = np.abs(got - true) <= 1e-14 * (x if k < 3 else 1.0) * scale + 5e-324
        if k == 8:  # where a multiple of 0.7 is met, it may be counted or not
            apart = np.abs(got - true)
            near = np.minimum(apart, np.abs(apart - 0.7)) <= 1e-15 * x
        assert near.all(), (k, X[finite][~near][:3], got[~near][:3])
    assert (out[5][np.abs(X) > 25] == np.sign(X[np.abs(X) > 25])).all()
    assert out[7][-1] == -np.inf


def test_powers_are_those_of_numpy_at_all_corners():
    x = np.array([-3.0, -2.0, -0.5, 0.0, 0.5, 1.0, 3.0, 100.0])
    y = np.array([-3.0, -2.5, -1.0, 0.0, 0.3, 1.0, 2.0, 3.0, 7.5])
    out = np.zeros((x.size, y.size))
    with np.errstate(all="ignore"):
        powers(x, y, out)
        want = x[:, None] ** y[None, :]
    np.testing.assert_allclose(out, want, rtol=1e-14)


@pytest.mark.parametrize("n", [1, 2, 7, 40])
def test_dense_systems_are_solved_with_exchanged_rows(n):
    rng = np.random.default_rng(n)
    a, x = rng.normal(size=(n, n)), rng.normal(size=n)
    if n > 1:
        a[0, 0] = 0.0
    b = a @ x
    solve_dense(a.copy(), b)
    np.testing.assert_allclose(b, x, rtol=1e-9)


def test_erfc_is_right_to_3e_14_of_it_on_either_side_of_where_its_two_ways_meet():
    for x in np.concatenate([np.linspace(-6.0, 12.0, 301), [0.0, 1.5, np.nextafter(1.5, 0.0), 26.0]]):
        assert erfc(x) == pytest.approx(math.erfc(x), rel=3e-14)

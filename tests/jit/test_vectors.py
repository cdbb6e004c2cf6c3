"""Many numbers at a time: loops over a few cells are filled up, and no way to do so changes a bit."""

import numpy as np
import pytest

from parsim.jit import PACKED, VECTOR, interpreted, lean_kernel, pack, widest
from parsim.jit.kernels import _made
from parsim.kernels.blocks import BLOCK
from parsim.kernels.maths import exp
from parsim.kernels.postfix import CODES, Formula, Stream, calculated
from parsim.models.parts.columns import whole_vectors


@pytest.mark.parametrize("n", [1, 3, 4, 5, 8, 9, 127, 128])
def test_cells_are_filled_up_to_whole_vectors_and_not_beyond_a_block(n):
    places = int(whole_vectors(np.uint64(n)))
    assert n <= places < n + VECTOR and places % int(VECTOR) == 0 and places <= BLOCK


@pytest.mark.skipif(interpreted, reason="of compiled code")
def test_the_widest_registers_are_asked_for_and_change_no_bit():
    def plain(x):
        for i in range(x.size):
            x[i] = exp(x[i])

    def wide(x):
        widest()
        for i in range(x.size):
            x[i] = exp(x[i])

    x = np.linspace(-3.0, 3.0, 37)
    y = x.copy()
    kernels = [_made(plain, keeps=False), _made(wide, keeps=False)]
    for each, given in zip(kernels, (x, y), strict=True):
        each(given)
    assert (x == y).all()
    texts = [next(iter(each.inspect_llvm().values())) for each in kernels]
    assert ['"prefer-vector-width"="512"' in text for text in texts] == [False, True]


@lean_kernel
def packed(values, marks, out):
    to = np.uint64(0)
    for i in range(np.uint64(0), np.uint64(values.size), PACKED):
        to = pack(values, i, marks, out, to)
    return to


@pytest.mark.parametrize("dtype", [np.float64, np.int32], ids=["doubles", "whole"])
def test_what_is_marked_is_moved_together(dtype):
    rng = np.random.default_rng(3)
    values, marks = rng.uniform(0.0, 1e6, 320).astype(dtype), rng.integers(0, 2, 320).astype(np.uint8)
    marks[:16] = np.repeat([1, 0], 8)
    out = np.full(336, -1, dtype)
    n = int(packed(values, marks, out))
    assert n == marks.sum() and (out[:n] == values[marks == 1]).all() and (out[n + 8 :] == -1).all()


def quotients(x, by):
    """As expressions divide by a number."""
    code = [[CODES["column"], 0], [CODES["number"], 0], [CODES["divide"], 0]]
    program, nothing = Formula(np.array(code), np.array([by]), 2), np.zeros(0, np.int64)
    return calculated(program, x[None, :], np.empty((1, 0)), Stream(0, 0, 0), nothing, nothing, x.size)


DIVISORS = [
    0.05,
    -0.1,
    3.0,
    np.nextafter(1.0, 0.0),
    np.nextafter(2.0, 0.0),
    1e-29,
    1e300,
    1e-310,
    0.0,
    np.inf,
]


def test_quotients_by_one_number_are_those_of_division():
    rng = np.random.default_rng(4)
    near = rng.integers(1, 1 << 20, 1000) * (1.0 + 2.0**-52 * rng.integers(-4, 5, 1000))
    wide = np.ldexp(rng.uniform(-2.0, 2.0, 1000), rng.integers(-800, 800, 1000))
    odd = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 5e-324, 1e-300, 1e308])
    for by in DIVISORS:
        for x in (near, near * by if 1e-100 < abs(by) < 1e100 else near, wide, odd):
            with np.errstate(all="ignore"):
                expected = x / by
            found = quotients(x, by)
            assert np.array_equal(found, expected, equal_nan=True), by
            assert (np.signbit(found) == np.signbit(expected))[~np.isnan(expected)].all()

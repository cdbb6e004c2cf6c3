"""Where a function passes 0, by regula falsi."""

import math

import numpy as np
import pytest

from parsim.jit import kernel
from parsim.kernels.roots import illinois


@kernel
def above(c, x):
    """An exponential that decays from 1, less a constant."""
    scale, constant = c
    return scale * (math.exp(-x) - constant)


@kernel
def found(c, low, high, near, small):
    return illinois(above, c, low, above(c, low), high, above(c, high), near, small)


@kernel
def steps(c, x):
    """Below 0 up to 0.3, then above: nothing is near 0."""
    return c if x > 0.3 else -c


@kernel
def jump(c, near):
    return illinois(steps, c, 0.0, -c, 1.0, c, near, 0.0)


@pytest.mark.parametrize("scale", [1.0, -1.0, 1e-3])
@pytest.mark.parametrize("root", [1e-9, 0.1, 2.5, 4.0])
def test_a_function_that_rises_or_falls_is_0_there(scale, root):
    at = found((scale, math.exp(-root)), 0.0, 4.0, 0.0, 0.0)
    # exp is right to half an ulp, which moves the root by so much.
    assert at == pytest.approx(root, abs=3e-16 * math.exp(root))


def test_a_value_that_is_small_enough_ends_it():
    c = (1.0, 0.5)
    at = found(c, 0.0, 4.0, 0.0, 1e-3)
    assert 0.0 < abs(above(c, at)) <= 1e-3


@pytest.mark.parametrize("near", [1e-3, 1e-12, 0.0])
def test_a_jump_is_taken_from_above(near):
    at = jump(1.0, near)
    assert 0.3 < at <= 0.3 + max(near, 1e-16)


def test_an_end_that_is_the_root_is_found():
    assert found((1.0, math.exp(-2.0)), 0.0, 2.0, 0.0, 0.0) == pytest.approx(2.0, abs=1e-15)
    assert np.isfinite(found((0.0, 0.5), 0.0, 2.0, 0.0, -1.0))  # the same at both ends

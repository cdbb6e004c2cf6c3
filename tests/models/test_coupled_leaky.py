"""`iaf_psc_exp` with gap junctions: the integrals of half a step, against quadrature with 200 points."""

from typing import NamedTuple

import numpy as np
import pytest

import parsim as ps
from parsim.jit import kernel
from parsim.models.cells.iaf_psc_exp import decayed_together, half_step, response

# Gauss-Legendre over 50 parts of [0, 1], narrower towards 1, where exp(-z (1 - u)) is.
_X, _W = np.polynomial.legendre.leggauss(20)
_EDGES = np.concatenate([[0.0], 1.0 - np.logspace(0, -6, 50)[1:], [1.0]])
_WIDTH = np.diff(_EDGES)
U = (_EDGES[:-1, None] + 0.5 * _WIDTH[:, None] * (_X + 1.0)).ravel()
W = (0.5 * _WIDTH[:, None] * _W).ravel()


class Params(NamedTuple):
    leak: ps.Floats
    C_m: ps.Floats
    E_L: ps.Floats
    I_e: ps.Floats
    rate_ex: ps.Floats
    rate_in: ps.Floats
    dt: float


@kernel
def responses(z):
    return response(z)


@kernel
def together(a, b, h):
    return decayed_together(a, b, h)


@kernel
def half(p, g, c, current, ex, in_, v):
    return half_step(p, g, c, current, ex, in_, 0, v)


RATES = [0.0, 1e-9, 0.003, 0.3, 0.999999, 1.0, 1.3, 5.0, 40.0, 3e3]


@pytest.mark.parametrize("z", RATES)
def test_a_membrane_answers_powers_of_time_as_the_integrals_say(z):
    for k, found in enumerate(responses(z)):
        exact = (W * np.exp(-z * (1.0 - U)) * U**k).sum()
        assert found == pytest.approx(exact, rel=1e-13)


@pytest.mark.parametrize("a", RATES)
@pytest.mark.parametrize("b", [1e-9, 0.3, 1.3, 40.0])
def test_a_membrane_answers_a_synapse_that_decays(a, b):
    h = 0.7
    exact = h * (W * np.exp(-a * h * (1.0 - U)) * np.exp(-b * h * U)).sum()
    assert together(a, b, h) == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize("g", [0.0, 3.0, 400.0, 3e4])
def test_half_a_step_is_exact_for_a_cubic_and_both_synapses(g):
    p = Params(*(np.array([value]) for value in (0.1, 250.0, -70.0, 50.0, 0.5, 4.0)), 0.2)
    c = np.array([[g * -60.0], [30.0], [-80.0], [45.0]])
    v, slope = half(p, g, c, 20.0, 300.0, -200.0, -65.0)
    rate, h = 0.1 + g / 250.0, 0.1
    brought = c[0, 0] + U * (c[1, 0] + U * (c[2, 0] + U * c[3, 0])) + 70.0 - g * -70.0
    current = brought + 300.0 * np.exp(-0.5 * h * U) - 200.0 * np.exp(-4.0 * h * U)
    exact = -70.0 + 5.0 * np.exp(-rate * h) + h * (W * np.exp(-rate * h * (1.0 - U)) * current).sum() / 250.0
    assert v == pytest.approx(exact, rel=1e-13)
    at_end = c[:, 0].sum() + 70.0 + g * 70.0 + 300.0 * np.exp(-0.5 * h) - 200.0 * np.exp(-4.0 * h)
    assert slope == pytest.approx(at_end / 250.0 - rate * (v + 70.0), rel=1e-9)

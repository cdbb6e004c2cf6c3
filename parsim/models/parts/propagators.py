"""Propagators of linear equations with constant coefficients: of alpha currents; a matrix exponential a cell."""

import numpy as np

from parsim.arrays import Floats
from parsim.kernels import elementary

TERMS = 13  # of Taylor's series: for matrices below 1/4 the next one is below 3e-19


def propagator(a: Floats, h: float) -> Floats:
    """exp(a h) of matrices a [row, column, cell], by Taylor's series over a part of h, which is then doubled.

    Elements come about by the same operations whatever cells stand beside: no bit depends on which a rank holds.
    """
    size = np.abs(a).max(axis=(0, 1)) * (h * a.shape[0])
    doublings = np.maximum(np.frexp(size)[1] + 2, 0)
    part = a * np.ldexp(h, -doublings)
    power = np.zeros_like(a)
    power[range(a.shape[0]), range(a.shape[0])] = 1.0
    found = power.copy()
    for n in range(1, TERMS):
        power = product(power, part) / n
        found += power
    for done in range(int(doublings.max(initial=0))):
        found = np.where(done < doublings, product(found, found), found)
    return found


def product(a: Floats, b: Floats) -> Floats:
    """The matrices a b, [row, column, cell]."""
    found = np.zeros_like(a)
    for k in range(a.shape[0]):
        found += a[:, k, None] * b[None, k]
    return found


def alpha_propagators(tau_s: Floats, tau_m: Floats, c_m: Floats, h: float) -> tuple[Floats, Floats]:
    """What dI and I of an alpha current add to V in one step, also where the time constants meet.

    With u = h (1/tau_s - 1/tau_m), V gains e^(-h/tau_m)/C times h (1 - e^-u)/u from I and
    h^2 (1 - (1 + u) e^-u)/u^2 from dI; both factors are smooth in u, so near 0 they are summed as series.
    """
    u = h * (1.0 / tau_s - 1.0 / tau_m)
    near = np.abs(u) < 0.1
    safe = np.where(near, 1.0, u)
    first = np.where(near, _series(u, 1), -elementary.expm1(-safe) / safe)
    closed = (-elementary.expm1(-safe) - safe * elementary.exp(-safe)) / (safe * safe)
    second = np.where(near, _series(u, 2), closed)
    base = elementary.exp(-h / tau_m) / c_m
    return base * h * h * second, base * h * first


def _series(u: Floats, power: int) -> Floats:
    """Integrals over s in [0, 1] of e^(-u s) s^(power - 1), by Taylor's series for small u."""
    total, term = np.zeros_like(u), np.ones_like(u)
    for k in range(12):
        total = total + term / (k + power)
        term = term * -u / (k + 1)
    return total

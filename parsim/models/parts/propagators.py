"""Propagators of linear equations with constant coefficients: a matrix exponential for each cell."""

import numpy as np

from parsim.arrays import Floats

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

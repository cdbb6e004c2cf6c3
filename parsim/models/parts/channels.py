"""Voltage-gated channels: how fast voltage and gates change, and the parameters of cells that have them.

A gate obeys x' = a(V) (1 - x) - b(V) x and the voltage C V' = I - G V, so second derivatives cost little more than the
first: the same exponentials serve both.
"""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import inlined
from parsim.kernels import elementary
from parsim.models.base import Param
from parsim.models.parts.columns import (
    E_K,
    E_L,
    E_NA,
    G_K,
    G_L,
    G_NA,
    PER_C,
    Constants,
)  # fmt: skip

MEMBRANE = (
    Param("t_ref", 2.0, "ms", "time after a spike in which no other is told", at_least=0.0),
    Param("I_e", 0.0, "pA", "constant input current"),
)


def tolerance(default: float) -> Param:
    """The parameter that bounds the estimated error of each substep."""
    return Param("tolerance", default, "mV", "largest estimated error of a substep", above=0.0)


class Params(NamedTuple):
    constants: Constants
    refractory: Ints
    dt: Floats  # [1]


def parameters(p: SimpleNamespace, clock: Clock, g_K: Floats, threshold: Floats) -> Params:
    """What `advanced` needs; constants that the model does not have are 0."""
    absent, quarter = np.zeros_like(p.C_m), -0.25 * clock.dt
    known = vars(p) | dict(
        per_C=1.0 / p.C_m, g_K=g_K, rate_ex=1.0 / p.tau_syn_ex, rate_in=1.0 / p.tau_syn_in,
        quarter_ex=elementary.exp(quarter / p.tau_syn_ex),
        quarter_in=elementary.exp(quarter / p.tau_syn_in), threshold=threshold,
    )  # fmt: skip
    constants = Constants(**{name: known.get(name, absent) for name in Constants._fields})
    return Params(constants, clock.at_least(p.t_ref, "t_ref"), np.array([clock.dt]))


@inlined
def linoid(y, e):
    """y / (e^y - 1) and its derivative, also at y = 0, given e = e^y."""
    near = abs(y) < 0.005  # where the first three terms are exact to 1e-12
    inverse = 1.0 / (1.0 if near else e - 1.0)
    value = y * inverse
    slope = inverse * ((1.0 - y) - value)
    value = 1.0 + y * (y * (1.0 / 12.0) - 0.5) if near else value
    return value, (y * (1.0 / 6.0) - 0.5 if near else slope)


@inlined
def derivatives(w, j, rates, v, m, h, n, i, di, g, dg):
    """First and second derivatives of voltage and gates, with sodium current m^3 h and potassium current n^4.

    `rates` are opening and closing rate of each gate, each followed by its derivative by V. What else
    enters C dV/dt is i - g V; `di` and `dg` are its derivatives in time.
    """
    am, dam, bm, dbm, ah, dah, bh, dbh, an, dan, bn, dbn = rates
    sm, sh, sn = am + bm, ah + bh, an + bn
    fm, fh, fn = am - sm * m, ah - sh * h, an - sn * n

    m2, n3 = m * m, (n * n) * n
    to_na, to_k = w[E_NA + j] - v, w[E_K + j] - v
    g_na, g_k = w[G_NA + j] * ((m2 * m) * h), w[G_K + j] * (n3 * n)
    g = w[G_L + j] + g
    fv = w[PER_C + j] * (((i + w[G_L + j] * w[E_L + j]) - g * v) + (g_na * to_na + g_k * to_k))

    d_na = w[G_NA + j] * (m2 * ((3.0 * fm) * h + m * fh))
    d_k = w[G_K + j] * (4.0 * (n3 * fn))
    gv = w[PER_C + j] * (((di - dg * v) - (g + (g_na + g_k)) * fv) + (d_na * to_na + d_k * to_k))
    gm = (dam - (dam + dbm) * m) * fv - sm * fm
    gh = (dah - (dah + dbh) * h) * fv - sh * fh
    gn = (dan - (dan + dbn) * n) * fv - sn * fn
    return fv, fm, fh, fn, gv, gm, gh, gn

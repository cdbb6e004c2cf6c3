"""Voltage-gated channels: how fast voltage and gates change, and the parameters of cells that have them.

A gate obeys x' = a(V) (1 - x) - b(V) x and the voltage C V' = I - G V, so second derivatives cost little more than the
first: the same exponentials serve both.
"""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import inlined
from parsim.kernels import elementary
from parsim.models.base import Param
from parsim.models.parts.columns import BEND, V, gates
from parsim.models.parts.exponential_euler import CLOSING, OPENING

MEMBRANE = (
    Param("t_ref", 2.0, "ms", "time after a spike in which no other is told", at_least=0.0),
    Param("I_e", 0.0, "pA", "constant input current"),
)


def tolerance(default: float) -> Param:
    """The parameter that bounds the estimated error of each substep."""
    return Param("tolerance", default, "mV", "largest estimated error of a substep", above=0.0)


M, H, N = gates(3)  # of sodium, which opens and closes, and of potassium


class Params(NamedTuple):
    I_e: Floats
    threshold: Floats
    tolerance: Floats  # of the estimated error of a substep, mV
    constants: tuple[Floats, ...]  # of the model
    rates: tuple[Floats, ...]  # of its synapses, 1/tau
    quarters: tuple[Floats, ...]  # what a quarter of a step leaves of them
    refractory: Ints
    dt: Floats  # [1]


def parameters(
    p: SimpleNamespace,
    clock: Clock,
    constants: type[Any],
    taus: Sequence[Floats],
    threshold: Floats,
    **others: Floats,
) -> Params:
    """What kernels need of a model with such time constants of synapses, and `constants`.

    These are its parameters by name, `per_C`, which is 1/C_m, and `others`.
    """
    known = vars(p) | {"per_C": 1.0 / p.C_m} | others
    quarter, absent = -0.25 * clock.dt, np.zeros_like(p.C_m)
    return Params(
        p.I_e, threshold, known.get("tolerance", absent), constants(*(known[name] for name in constants._fields)),
        tuple(1.0 / tau for tau in taus), tuple(elementary.exp(quarter / tau) for tau in taus),
        clock.at_least(p.t_ref, "t_ref"), np.array([clock.dt]),
    )  # fmt: skip


_NEAR = 0.005  # where the first three terms of a linoid are exact to 1e-12


@inlined
def linoid(y, e):
    """y / (e^y - 1) and its derivative, also at y = 0, given e = e^y."""
    return linoid_by(y, 1.0 / divisor(y, e))


@inlined
def divisor(y, e):
    """What a linoid divides by, of which `linoid_by` takes the inverse."""
    return 1.0 if abs(y) < _NEAR else e - 1.0


@inlined
def linoid_by(y, inverse):
    """`linoid`, given the inverse of its divisor."""
    near = abs(y) < _NEAR
    value = y * inverse
    slope = inverse * ((1.0 - y) - value)
    value = 1.0 + y * (y * (1.0 / 12.0) - 0.5) if near else value
    return value, (y * (1.0 / 6.0) - 0.5 if near else slope)


@inlined
def gate(w, j, x, now, at, rates):
    """Put the slope of a gate; opening and closing rate are each followed by its derivative by V."""
    a, _, b, _ = rates
    w[x + at + j] = a - (a + b) * w[x + now + j]


@inlined
def bend(w, j, x, now, at, rates):
    """Put the second derivative of a gate, when its slope and that of the voltage are known."""
    a, da, b, db = rates
    x_now = w[x + now + j]
    w[x + at + BEND + j] = (da - (da + db) * x_now) * w[V + at + j] - (a + b) * w[x + at + j]


@inlined
def voltage(c, w, j, now, i, g):
    """The first derivative of the voltage, with leak and channels."""
    v, m, h, n = w[V + now + j], w[M + now + j], w[H + now + j], w[N + now + j]
    m2, n3 = m * m, (n * n) * n
    g_na, g_k = w[c.g_Na + j] * ((m2 * m) * h), w[c.g_K + j] * (n3 * n)
    leak = (i + w[c.g_L + j] * w[c.E_L + j]) - (w[c.g_L + j] + g) * v
    return w[c.per_C + j] * (leak + (g_na * (w[c.E_Na + j] - v) + g_k * (w[c.E_K + j] - v)))


@inlined
def derivatives(c, w, j, now, at, rates, i, di, g, dg):
    """First and second derivatives of voltage, m, h and n, with sodium current m^3 h and potassium current n^4.

    `c` are the rows of conductances and potentials; `rates` those of the three gates, as in `gate`. What else enters
    C dV/dt is i - g V; `di` and `dg` are its derivatives in time.
    """
    r_m, r_h, r_n = rates
    gate(w, j, M, now, at, r_m)
    gate(w, j, H, now, at, r_h)
    gate(w, j, N, now, at, r_n)
    v, m, h, n = w[V + now + j], w[M + now + j], w[H + now + j], w[N + now + j]
    fm, fh, fn = w[M + at + j], w[H + at + j], w[N + at + j]

    m2, n3 = m * m, (n * n) * n
    to_na, to_k = w[c.E_Na + j] - v, w[c.E_K + j] - v
    fv = voltage(c, w, j, now, i, g)
    g_na, g_k = w[c.g_Na + j] * ((m2 * m) * h), w[c.g_K + j] * (n3 * n)
    d_na = w[c.g_Na + j] * (m2 * ((3.0 * fm) * h + m * fh))
    d_k = w[c.g_K + j] * (4.0 * (n3 * fn))
    g = w[c.g_L + j] + g
    gv = w[c.per_C + j] * (((di - dg * v) - (g + (g_na + g_k)) * fv) + (d_na * to_na + d_k * to_k))
    w[V + at + j], w[V + at + BEND + j] = fv, gv
    bend(w, j, M, now, at, r_m)
    bend(w, j, H, now, at, r_h)
    bend(w, j, N, now, at, r_n)


@inlined
def put_rates(w, j, rates):
    """Opening and closing rates of m, h and n, for exponential Euler."""
    (a_m, _, b_m, _), (a_h, _, b_h, _), (a_n, _, b_n, _) = rates
    w[M + OPENING + j], w[M + CLOSING + j] = a_m, b_m
    w[H + OPENING + j], w[H + CLOSING + j] = a_h, b_h
    w[N + OPENING + j], w[N + CLOSING + j] = a_n, b_n


@inlined
def membrane(c, w, j, i, g):
    """I, G and 1/C of dV/dt = (I - G V)/C, with leak and channels."""
    m, h, n = w[M + j], w[H + j], w[N + j]
    g_na, g_k = w[c.g_Na + j] * (((m * m) * m) * h), w[c.g_K + j] * ((n * n) * (n * n))
    g = (g + w[c.g_L + j]) + (g_na + g_k)
    i = (i + w[c.g_L + j] * w[c.E_L + j]) + (g_na * w[c.E_Na + j] + g_k * w[c.E_K + j])
    return i, g, w[c.per_C + j]

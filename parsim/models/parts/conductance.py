"""What the conductance-based models share: parameters, courses of conductances, a linear membrane over one step.

Between spikes each conductance is known in closed form, g(t) = (g + dg t) exp(-t/tau). So the membrane obeys a
linear equation with known coefficients, C u' = F(t) - G(t) u with u = V(t) - V(0). Magnus' series gives

    u(h) = (F0 + W) (1 - exp(-K)) / K,    K = int G/C,  F0 = int F/C    over the step,

where W, the integral of the commutators, is bilinear in the conductances and does not depend on V. What is left out is
of fifth order in h, and vanishes with G h/C (Magnus 1954; Blanes, Casas, Oteo and Ros 2009, Physics Reports 470).
"""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Floats
from parsim.jit import inlined, kernel
from parsim.kernels import elementary
from parsim.kernels.maths import exp, expm1
from parsim.models.base import Param, Variable
from parsim.models.parts.propagators import alpha_propagators

SYNAPSES = (
    Param("E_ex", 0.0, "mV", "excitatory reversal potential"),
    Param("E_in", -85.0, "mV", "inhibitory reversal potential"),
    Param("tau_syn_ex", 0.2, "ms", "time constant of excitatory conductances", above=0.0),
    Param("tau_syn_in", 2.0, "ms", "time constant of inhibitory conductances", above=0.0),
)
CONDUCTANCES = (
    Variable("g_ex", "nS", "excitatory synaptic conductance"),
    Variable("g_in", "nS", "inhibitory synaptic conductance"),
)
ROWS_OF_G = tuple(replace(one, of="g") for one in CONDUCTANCES)  # where `g` has a row for each
MEMBRANE = (
    Param("C_m", 250.0, "pF", "capacitance of the membrane", above=0.0),
    Param("g_L", 16.6667, "nS", "leak conductance", at_least=0.0),
    Param("t_ref", 2.0, "ms", "duration of the refractory period", at_least=0.0),
    Param("E_L", -70.0, "mV", "resting potential"),
    Param("V_th", -55.0, "mV", "spike threshold"),
    Param("V_reset", -60.0, "mV", "potential after a spike"),
    Param("I_e", 0.0, "pA", "constant input current"),
)


class TimeCourse(NamedTuple):
    """The courses exp(-t/tau) and t exp(-t/tau) at times in the step, and their integrals from 0."""

    decay: Floats
    rise: Floats
    decayed: Floats
    risen: Floats


def course(tau: Floats, t: float) -> TimeCourse:
    """Both courses of a conductance at time `t`."""
    decay, decayed = elementary.exp(-t / tau), -tau * elementary.expm1(-t / tau)
    return TimeCourse(decay, t * decay, decayed, tau * (decayed - t * decay))


# Gauss's nodes in [-1, 1], those above 0, and their weights: exact for polynomials of degree 39.
_ABOVE = (
    0.07652652113349734, 0.22778585114164507, 0.37370608871541955, 0.5108670019508271, 0.636053680726515,
    0.7463319064601508, 0.8391169718222188, 0.912234428251326, 0.9639719272779138, 0.9931285991850949,
)  # fmt: skip
_ITS_WEIGHTS = (
    0.15275338713072584, 0.14917298647260374, 0.14209610931838204, 0.13168863844917664, 0.11819453196151841,
    0.10193011981724044, 0.08327674157670475, 0.06267204833410907, 0.04060142980038694, 0.017614007139152118,
)  # fmt: skip


def _nodes() -> tuple[Floats, Floats]:
    """Nodes and weights in [0, 1]; half of them in its first 16th, for short time constants."""
    above, weights = np.array(_ABOVE), np.array(_ITS_WEIGHTS)
    x = (np.concatenate([-above[::-1], above]) + 1.0) / 2.0
    w = np.concatenate([weights[::-1], weights]) / 2.0
    return np.concatenate([x / 16.0, (1.0 + 15.0 * x) / 16.0]), np.concatenate([w / 16.0, w * 15.0 / 16.0])


# Exact to rounding for time constants down to a 250th of the step.
NODES, WEIGHTS = _nodes()


class Commutators(NamedTuple):
    """How leak and conductances, and excitation and inhibition, change places within a step.

    W = (leak_ex g_ex + leak_ex_rise dg_ex) (g_L (E_ex - E_L) - I) + the same with "in"
      + (ex_in g_ex g_in + ex_in_rise g_ex dg_in + ex_rise_in dg_ex g_in + ex_rise_in_rise dg_ex dg_in) (E_in - E_ex)
    """

    leak_ex: Floats
    leak_ex_rise: Floats
    leak_in: Floats
    leak_in_rise: Floats
    ex_in: Floats
    ex_in_rise: Floats
    ex_rise_in: Floats
    ex_rise_in_rise: Floats


def commutators(p: SimpleNamespace, h: float) -> Commutators:
    """Half the integrals of a(t') b(t) - a(t) b(t') over t' < t < h, over C^2, for each pair of courses a, b."""
    sums = [np.zeros_like(p.C_m) for _ in Commutators._fields]
    for node, weight in zip(h * NODES, h * WEIGHTS, strict=True):
        ex, in_ = course(p.tau_syn_ex, node), course(p.tau_syn_in, node)
        pairs: tuple[tuple[Any, Any, Floats, Floats], ...] = (
            (1.0, node, ex.decay, ex.decayed),
            (1.0, node, ex.rise, ex.risen),
            (1.0, node, in_.decay, in_.decayed),
            (1.0, node, in_.rise, in_.risen),
            (ex.decay, ex.decayed, in_.decay, in_.decayed),
            (ex.decay, ex.decayed, in_.rise, in_.risen),
            (ex.rise, ex.risen, in_.decay, in_.decayed),
            (ex.rise, ex.risen, in_.rise, in_.risen),
        )
        for total, (a, a_integral, b, b_integral) in zip(sums, pairs, strict=True):
            total += 0.5 * weight * (a_integral * b - b_integral * a)
    return Commutators(*(total / (p.C_m * p.C_m) for total in sums))


def integrals(p: SimpleNamespace, h: float) -> tuple[Floats, Floats, Floats, Floats]:
    """Of t exp(-t/tau) and exp(-t/tau) over a time h, over C: excitatory, then inhibitory."""
    no_leak = np.array(np.inf)
    ex = alpha_propagators(p.tau_syn_ex, no_leak, p.C_m, h)
    return *ex, *alpha_propagators(p.tau_syn_in, no_leak, p.C_m, h)


@inlined
def relaxed(x: float) -> float:
    """(1 - exp(-x)) / x for x >= 0, from the continued fraction of x coth x.

    Its relative error is 4e-16 at x = 0.1, 1e-10 at 0.5 and 2e-8 at 1, from where on cells go `strongly`. It takes
    0.6 ns where `exprel(-x)` takes 4.3.
    """
    y = 0.25 * x * x
    below = 105.0 + 10.0 * y
    return below / ((1.0 + 0.5 * x) * below + y * (35.0 + y))


# ---- strong conductances -----------------------------------------------------------------------------

STRONG = 1.0  # decay of V in a step, from which the series is not trusted: 2,500 nS with 250 pF at dt 0.1 ms
PARTS = 64  # of a step, in which V is followed; with twice as many, to extrapolate


class Strong(NamedTuple):
    """What a cell needs whose conductances are strong."""

    enough: Floats  # [1] nS; no cell with less is strong
    h: Floats  # [1] the step, ms
    rate_ex: Floats  # h / tau
    rate_in: Floats


def strong_params(p: SimpleNamespace, h: float) -> Strong:
    """Rates, and the least conductance of a strong cell among these."""
    least = (STRONG * p.C_m / h - p.g_L).min(initial=np.inf)
    return Strong(np.full(1, least), np.full(1, h), h / p.tau_syn_ex, h / p.tau_syn_in)


class Within(NamedTuple):
    """A cell in a step, whose length is 1: conductances and currents times h/C, in mV and 1."""

    leak: float
    force: float  # of leak and currents
    ex: float  # and how much they rise, but for their decay
    ex_rise: float
    in_: float
    in_rise: float
    E_ex: float
    E_in: float
    rate_ex: float
    rate_in: float


@inlined
def strongly(v, c):
    """V at the end of the step, however strong conductances are: Richardson's extrapolation of `in_parts`."""
    whole = c.leak + (c.ex + 0.5 * c.ex_rise) + (c.in_ + 0.5 * c.in_rise)
    follows = whole > 0.5 * PARTS
    return (4.0 * in_parts(v, c, 2 * PARTS, follows) - in_parts(v, c, PARTS, follows)) / 3.0


@kernel
def in_parts(v, c, parts, follows):
    """V after so many parts of a step, to second order.

    Were conductances to stand still, V would come to V_inf = F/G. A membrane that `follows` it closely is integrated
    exactly for a V_inf that is linear in the integral of G; another by Magnus' first term.
    """
    d, ex, ex_rise, in_, in_rise = 1.0 / parts, c.ex, c.ex_rise, c.in_, c.in_rise
    left_ex, left_in = exp(-c.rate_ex * d), exp(-c.rate_in * d)
    sum_ex, sum_in = -expm1(-c.rate_ex * d) / c.rate_ex, -expm1(-c.rate_in * d) / c.rate_in
    risen_ex, risen_in = (sum_ex - d * left_ex) / c.rate_ex, (sum_in - d * left_in) / c.rate_in
    goal = goal_of(c, ex, in_)
    for _ in range(parts):
        passed_ex, passed_in = sum_ex * ex + risen_ex * ex_rise, sum_in * in_ + risen_in * in_rise
        decay = c.leak * d + (passed_ex + passed_in)
        lost = -expm1(-decay)
        share = lost / decay if decay > 0.0 else 1.0
        ex, in_ = left_ex * (ex + d * ex_rise), left_in * (in_ + d * in_rise)
        ex_rise, in_rise = left_ex * ex_rise, left_in * in_rise
        next_goal = goal_of(c, ex, in_)
        if follows and decay > 1e-3:
            v = next_goal + (v - goal) * (1.0 - lost) - (next_goal - goal) * share
        else:
            v = v + (c.force * d + passed_ex * c.E_ex + passed_in * c.E_in - decay * v) * share
        goal = next_goal
    return v


@inlined
def goal_of(c, ex, in_):
    """Where V would come to."""
    return (c.force + (ex * c.E_ex + in_ * c.E_in)) / max(c.leak + (ex + in_), 1e-300)


@kernel
def put_strong(s, k, begin, end, ahead):
    """Cells whose conductances were strong are where that leads to; `ahead` is NaN for others."""
    for i in range(begin, end):
        if ahead[i - begin] == ahead[i - begin] and k >= s.free[i]:
            s.V_m[i] = ahead[i - begin]

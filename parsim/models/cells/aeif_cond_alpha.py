"""Adaptive exponential integrate-and-fire with alpha-shaped synaptic conductances."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import inlined, kernel
from parsim.kernels import elementary
from parsim.kernels.blocks import BLOCK
from parsim.models.base import CellModel, Variable
from parsim.models.parts.adaptive import (
    BY_SIGN,
    EQUATIONS,
    MEMBRANE,
    SYNAPSES,
    Around,
    Quarters,
    Third,
    around,
    below_peak,
    go_around,
    integrals_to_middle,
    missed,
    moved,
    quarters,
    third,
)
from parsim.models.parts.conductance import CONDUCTANCES, commutators, integrals
from parsim.models.parts.upstroke import Alone, Open, alone, alone_params


class State(NamedTuple):
    V_m: Floats
    g_ex: Floats
    g_in: Floats
    w: Floats
    dg_ex: Floats  # nS/ms
    dg_in: Floats
    free: Ints  # first step that is not refractory
    apart: Ints  # 1 while the cell goes through a step alone


class Linear(NamedTuple):
    """The linear membrane over a whole step, or half of one."""

    leak: Floats  # integral of g_L/C_m
    gain: Floats  # what 1 pA adds, mV
    ex: Floats  # integral of an excitatory conductance of 1 nS, over C_m,
    ex_rise: Floats  # and of one that rises by 1 nS/ms
    in_: Floats
    in_rise: Floats
    lag_ex: Floats  # the commutators, mV for each nS and pA, or nS/ms and pA,
    lag_ex_rise: Floats
    lag_in: Floats
    lag_in_rise: Floats
    ex_in: Floats  # and for each nS and nS, with (nS/ms) for each that rises
    ex_in_rise: Floats
    ex_rise_in: Floats
    ex_rise_in_rise: Floats


class Params(NamedTuple):
    E_L: Floats
    E_ex: Floats
    E_in: Floats
    I_e: Floats
    force_ex: Floats  # g_L (E_ex - E_L), pA
    force_in: Floats
    full: Linear
    half: Linear
    third_ex: Third
    third_in: Third
    quarters_ex: Quarters
    quarters_in: Quarters
    around: Around
    decay_ex: Floats
    decay_in: Floats
    g_from_d_ex: Floats
    g_from_d_in: Floats
    rise_ex: Floats  # e / tau: a weight of 1 nS peaks at 1 nS
    rise_in: Floats
    alone: Alone


def linear(p: SimpleNamespace, h: float) -> Linear:
    """The terms of Magnus' series over a time h, for conductances of 1 nS or rising by 1 nS/ms."""
    ex_rise, ex, in_rise, in_ = integrals(p, h)
    pairs, apart = commutators(p, h), p.E_in - p.E_ex
    return Linear(
        h * p.g_L / p.C_m, h / p.C_m, ex, ex_rise, in_, in_rise,
        pairs.leak_ex, pairs.leak_ex_rise, pairs.leak_in, pairs.leak_in_rise,
        pairs.ex_in * apart, pairs.ex_in_rise * apart, pairs.ex_rise_in * apart, pairs.ex_rise_in_rise * apart,
    )  # fmt: skip


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """The linear membrane over half a step and a whole one, and what goes around it."""
    h = clock.dt
    ex_rise, ex, in_rise, in_ = integrals_to_middle(p, h)
    full = linear(p, h)
    half = linear(p, 0.5 * h)._replace(ex=ex, ex_rise=ex_rise, in_=in_, in_rise=in_rise)
    decay_ex, decay_in = elementary.exp(-h / p.tau_syn_ex), elementary.exp(-h / p.tau_syn_in)
    return Params(
        E_L=p.E_L, E_ex=p.E_ex, E_in=p.E_in, I_e=p.I_e,
        force_ex=p.g_L * (p.E_ex - p.E_L), force_in=p.g_L * (p.E_in - p.E_L), full=full, half=half,
        third_ex=third(p.tau_syn_ex, p, h), third_in=third(p.tau_syn_in, p, h),
        quarters_ex=quarters(p.tau_syn_ex, p, h), quarters_in=quarters(p.tau_syn_in, p, h),
        around=around(p, clock), alone=alone_params(p, clock),
        decay_ex=decay_ex, decay_in=decay_in, g_from_d_ex=h * decay_ex, g_from_d_in=h * decay_in,
        rise_ex=np.e / p.tau_syn_ex, rise_in=np.e / p.tau_syn_in,
    )  # fmt: skip


@kernel
def move_half(s, p, current, begin, end, v_half, kept_half):
    """Where the linear membranes are after half a step, and how much of a difference in V is left."""
    for i in range(begin, end):
        v, g_ex, g_in, dg_ex, dg_in = s.V_m[i], s.g_ex[i], s.g_in[i], s.dg_ex[i], s.dg_in[i]
        force = (p.I_e[i] + current[i]) - s.w[i]
        ex = p.half.ex[i] * g_ex + p.half.ex_rise[i] * dg_ex
        in_ = p.half.in_[i] * g_in + p.half.in_rise[i] * dg_in
        push = (
            (p.half.leak[i] * (p.E_L[i] - v) + p.half.gain[i] * force)
            + (ex * (p.E_ex[i] - v) + in_ * (p.E_in[i] - v))
            + (p.half.lag_ex[i] * g_ex + p.half.lag_ex_rise[i] * dg_ex) * (p.force_ex[i] - force)
            + (p.half.lag_in[i] * g_in + p.half.lag_in_rise[i] * dg_in) * (p.force_in[i] - force)
            + g_ex * (p.half.ex_in[i] * g_in + p.half.ex_in_rise[i] * dg_in)
            + dg_ex * (p.half.ex_rise_in[i] * g_in + p.half.ex_rise_in_rise[i] * dg_in)
        )  # fmt: skip
        v_half[i - begin], kept_half[i - begin] = moved(v, push, p.half.leak[i] + (ex + in_))


@kernel
def move_full(s, p, current, begin, end, v_full, kept_full):
    """The same after a whole step, one order further."""
    for i in range(begin, end):
        v, g_ex, g_in, dg_ex, dg_in = s.V_m[i], s.g_ex[i], s.g_in[i], s.dg_ex[i], s.dg_in[i]
        leak, gain = p.full.leak[i], p.full.gain[i]
        force = (p.I_e[i] + current[i]) - s.w[i]
        ex = p.full.ex[i] * g_ex + p.full.ex_rise[i] * dg_ex
        in_ = p.full.in_[i] * g_in + p.full.in_rise[i] * dg_in
        apart = p.E_in[i] - p.E_ex[i]
        force_ex, force_in = p.force_ex[i] - force, p.force_in[i] - force
        third_ex = third_order(p.third_ex, i, leak + in_, g_ex, dg_ex)
        third_in = third_order(p.third_in, i, leak + ex, g_in, dg_in)
        push = (
            (leak * (p.E_L[i] - v) + gain * force) + (ex * (p.E_ex[i] - v) + in_ * (p.E_in[i] - v))
            + (p.full.lag_ex[i] * g_ex + p.full.lag_ex_rise[i] * dg_ex) * force_ex
            + (p.full.lag_in[i] * g_in + p.full.lag_in_rise[i] * dg_in) * force_in
            + third_ex * (gain * force_ex - in_ * apart) + third_in * (gain * force_in + ex * apart)
            + g_ex * (p.full.ex_in[i] * g_in + p.full.ex_in_rise[i] * dg_in)
            + dg_ex * (p.full.ex_rise_in[i] * g_in + p.full.ex_rise_in_rise[i] * dg_in)
        )  # fmt: skip
        v_full[i - begin], kept_full[i - begin] = moved(v, push, leak + (ex + in_))


@inlined
def third_order(t, i, leak, g, dg):
    """The next term of Magnus' series for one kind of conductance, of the force between it and the rest."""
    both = t.both_decay[i] * g * g + t.mixed[i] * g * dg + t.both_rise[i] * dg * dg
    return leak * (t.decay[i] * g + t.rise[i] * dg) + both


@kernel
def quadrature_errors(s, p, current, begin, end, error_mean, error_passing):
    """What Simpson's rule misses of the exponential current, as V bends while conductances come and go."""
    ex, in_, x, y = p.quarters_ex, p.quarters_in, p.full, p.half
    for i in range(begin, end):
        v, per_delta = s.V_m[i], p.around.per_delta[i]
        to_ex, to_in = per_delta * (p.E_ex[i] - v), per_delta * (p.E_in[i] - v)
        a, b, c, d = s.g_ex[i] * to_ex, s.dg_ex[i] * to_ex, s.g_in[i] * to_in, s.dg_in[i] * to_in
        force = (p.I_e[i] + current[i]) - s.w[i]
        line = per_delta * (p.full.leak[i] * (p.E_L[i] - v) + p.full.gain[i] * force)
        error_mean[i - begin], error_passing[i - begin] = missed(
            0.25 * line
            + (ex.first[i] * a + ex.first_rise[i] * b)
            + (in_.first[i] * c + in_.first_rise[i] * d),
            0.5 * line + (ex.half[i] * a + ex.half_rise[i] * b) + (in_.half[i] * c + in_.half_rise[i] * d),
            0.75 * line
            + (ex.third[i] * a + ex.third_rise[i] * b)
            + (in_.third[i] * c + in_.third_rise[i] * d),
            line + (x.ex[i] * a + x.ex_rise[i] * b) + (x.in_[i] * c + x.in_rise[i] * d),
            0.5 * line + (y.ex[i] * a + y.ex_rise[i] * b) + (y.in_[i] * c + y.in_rise[i] * d),
        )


@kernel
def advance(s, p, inputs, span, out):
    """One step for all cells; those for which it is too long then take it again, alone."""
    rows = inputs.current.shape[0]
    # Loops of their own: LLVM does not vectorize one in which what is written might overlap too many other arrays.
    v_half, kept_half, v_full, kept_full = np.empty(BLOCK), np.empty(BLOCK), np.empty(BLOCK), np.empty(BLOCK)
    error_mean, error_passing = np.empty(BLOCK), np.empty(BLOCK)
    for begin in range(span.begin, span.end, BLOCK):
        end = min(begin + BLOCK, span.end)
        for k in range(span.first, span.stop):
            arrived_ex = inputs.spikes[k - span.origin, 0]
            arrived_in = inputs.spikes[k - span.origin, 1]
            current = inputs.current[(k - span.origin) % rows]
            move_half(s, p, current, begin, end, v_half, kept_half)
            move_full(s, p, current, begin, end, v_full, kept_full)
            quadrature_errors(s, p, current, begin, end, error_mean, error_passing)
            go_around(
                s, p.around, k, begin, end, v_half, kept_half, v_full, kept_full, error_mean, error_passing
            )

            for i in range(begin, end):
                if s.apart[i] > 0:
                    g = Open(s.g_ex[i], s.dg_ex[i], s.g_in[i], s.dg_in[i])
                    alone(s, p.alone, i, k, current[i], g, out)

            for i in range(begin, end):
                s.g_ex[i] = p.decay_ex[i] * s.g_ex[i] + p.g_from_d_ex[i] * s.dg_ex[i]
                s.g_in[i] = p.decay_in[i] * s.g_in[i] + p.g_from_d_in[i] * s.dg_in[i]
                s.dg_ex[i] = p.decay_ex[i] * s.dg_ex[i] + p.rise_ex[i] * arrived_ex[i]
                s.dg_in[i] = p.decay_in[i] * s.dg_in[i] - p.rise_in[i] * arrived_in[i]


aeif_cond_alpha = CellModel(
    "aeif_cond_alpha",
    params=(*MEMBRANE, *SYNAPSES),
    state=State,
    recordables=(
        Variable("V_m", "mV", "membrane potential", initial="E_L"),
        *CONDUCTANCES,
        Variable("w", "pA", "adaptation current"),
    ),
    prepare=prepare,
    advance=advance,
    check=below_peak,
    weight_unit="nS",
    about="Adaptive exponential integrate-and-fire with alpha-shaped synaptic conductances; spikes end inside a step.",
    equations=EQUATIONS.format(
        BY_SIGN,
        """\
g_X(t) = sum over spikes of |w| e/tau_syn_X t exp(-t/tau_syn_X)        (a weight of w nS peaks at |w| nS)
w > 0 enters g_ex, w <= 0 enters g_in""",
    ),
    source="Brette and Gerstner (2005), Journal of Neurophysiology 94; NEST's aeif_cond_alpha",
)

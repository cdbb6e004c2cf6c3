"""Adaptive exponential integrate-and-fire with exponential synaptic conductances."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import kernel
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
    free: Ints  # first step that is not refractory
    apart: Ints  # 1 while the cell goes through a step alone


class Linear(NamedTuple):
    """The linear membrane over a whole step, or half of one."""

    leak: Floats  # integral of g_L/C_m
    gain: Floats  # what 1 pA adds, mV
    ex: Floats  # integral of an excitatory conductance of 1 nS, over C_m
    in_: Floats
    lag_ex: Floats  # the commutators, mV for each nS and pA,
    lag_in: Floats
    mixed: Floats  # and for each nS of both


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
    alone: Alone


def linear(p: SimpleNamespace, h: float) -> Linear:
    """The terms of Magnus' series over a time h, for conductances of 1 nS."""
    _, ex, _, in_ = integrals(p, h)
    pairs = commutators(p, h)
    mixed = pairs.ex_in * (p.E_in - p.E_ex)
    return Linear(h * p.g_L / p.C_m, h / p.C_m, ex, in_, pairs.leak_ex, pairs.leak_in, mixed)


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """The linear membrane over half a step and a whole one, and what goes around it."""
    h = clock.dt
    _, ex, _, in_ = integrals_to_middle(p, h)
    return Params(
        E_L=p.E_L, E_ex=p.E_ex, E_in=p.E_in, I_e=p.I_e,
        force_ex=p.g_L * (p.E_ex - p.E_L), force_in=p.g_L * (p.E_in - p.E_L),
        full=linear(p, h), half=linear(p, 0.5 * h)._replace(ex=ex, in_=in_),
        third_ex=third(p.tau_syn_ex, p, h), third_in=third(p.tau_syn_in, p, h),
        quarters_ex=quarters(p.tau_syn_ex, p, h), quarters_in=quarters(p.tau_syn_in, p, h),
        around=around(p, clock), alone=alone_params(p, clock),
        decay_ex=elementary.exp(-h / p.tau_syn_ex), decay_in=elementary.exp(-h / p.tau_syn_in),
    )  # fmt: skip


@kernel
def move_half(s, p, current, begin, end, v_half, kept_half):
    """Where the linear membranes are after half a step, and how much of a difference in V is left."""
    for i in range(begin, end):
        v, g_ex, g_in = s.V_m[i], s.g_ex[i], s.g_in[i]
        force = (p.I_e[i] + current[i]) - s.w[i]
        ex, in_ = p.half.ex[i] * g_ex, p.half.in_[i] * g_in
        push = (
            (p.half.leak[i] * (p.E_L[i] - v) + p.half.gain[i] * force)
            + (ex * (p.E_ex[i] - v) + in_ * (p.E_in[i] - v))
            + p.half.lag_ex[i] * g_ex * (p.force_ex[i] - force)
            + p.half.lag_in[i] * g_in * (p.force_in[i] - force)
            + p.half.mixed[i] * g_ex * g_in
        )  # fmt: skip
        v_half[i - begin], kept_half[i - begin] = moved(v, push, p.half.leak[i] + (ex + in_))


@kernel
def move_full(s, p, current, begin, end, v_full, kept_full):
    """The same after a whole step, one order further."""
    for i in range(begin, end):
        v, g_ex, g_in = s.V_m[i], s.g_ex[i], s.g_in[i]
        leak, gain = p.full.leak[i], p.full.gain[i]
        force = (p.I_e[i] + current[i]) - s.w[i]
        ex, in_ = p.full.ex[i] * g_ex, p.full.in_[i] * g_in
        apart = p.E_in[i] - p.E_ex[i]
        force_ex, force_in = p.force_ex[i] - force, p.force_in[i] - force
        third_ex = (leak + in_) * p.third_ex.decay[i] + g_ex * p.third_ex.both_decay[i]
        third_in = (leak + ex) * p.third_in.decay[i] + g_in * p.third_in.both_decay[i]
        push = (
            (leak * (p.E_L[i] - v) + gain * force) + (ex * (p.E_ex[i] - v) + in_ * (p.E_in[i] - v))
            + g_ex * (p.full.lag_ex[i] * force_ex + third_ex * (gain * force_ex - in_ * apart))
            + g_in * (p.full.lag_in[i] * force_in + third_in * (gain * force_in + ex * apart))
            + p.full.mixed[i] * g_ex * g_in
        )  # fmt: skip
        v_full[i - begin], kept_full[i - begin] = moved(v, push, leak + (ex + in_))


@kernel
def quadrature_errors(s, p, current, begin, end, error_mean, error_passing):
    """What Simpson's rule misses of the exponential current, as V bends while conductances decay."""
    for i in range(begin, end):
        v, per_delta = s.V_m[i], p.around.per_delta[i]
        ex, in_ = per_delta * s.g_ex[i] * (p.E_ex[i] - v), per_delta * s.g_in[i] * (p.E_in[i] - v)
        force = (p.I_e[i] + current[i]) - s.w[i]
        line = per_delta * (p.full.leak[i] * (p.E_L[i] - v) + p.full.gain[i] * force)
        error_mean[i - begin], error_passing[i - begin] = missed(
            0.25 * line + (p.quarters_ex.first[i] * ex + p.quarters_in.first[i] * in_),
            0.5 * line + (p.quarters_ex.half[i] * ex + p.quarters_in.half[i] * in_),
            0.75 * line + (p.quarters_ex.third[i] * ex + p.quarters_in.third[i] * in_),
            line + (p.full.ex[i] * ex + p.full.in_[i] * in_),
            0.5 * line + (p.half.ex[i] * ex + p.half.in_[i] * in_),
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
                    alone(s, p.alone, i, k, current[i], Open(s.g_ex[i], 0.0, s.g_in[i], 0.0), out)

            for i in range(begin, end):
                s.g_ex[i] = p.decay_ex[i] * s.g_ex[i] + arrived_ex[i]
                s.g_in[i] = p.decay_in[i] * s.g_in[i] - arrived_in[i]


aeif_cond_exp = CellModel(
    "aeif_cond_exp",
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
    about="Adaptive exponential integrate-and-fire with exponential synaptic conductances; spikes end inside a step.",
    equations=EQUATIONS.format(
        BY_SIGN,
        """\
dg_X/dt = -g_X/tau_syn_X
a spike of weight w > 0 adds w to g_ex, of w <= 0 adds |w| to g_in""",
    ),
    source="Brette and Gerstner (2005), Journal of Neurophysiology 94; NEST's aeif_cond_exp",
)

"""Leaky integrate-and-fire with exponential synaptic conductances."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.kernels import elementary
from parsim.kernels.blocks import BLOCK
from parsim.models.base import CellModel, Variable
from parsim.models.parts.conductance import (
    CONDUCTANCES,
    MEMBRANE,
    STRONG,
    SYNAPSES,
    Strong,
    Within,
    commutators,
    integrals,
    put_strong,
    relaxed,
    strong_params,
    strongly,
)
from parsim.models.parts.leaky import below_threshold, refractory_steps
from parsim.shard.outbox import emit


class State(NamedTuple):
    V_m: Floats
    g_ex: Floats
    g_in: Floats
    free: Ints  # first step that is not refractory


class Params(NamedTuple):
    E_L: Floats
    E_ex: Floats
    E_in: Floats
    leak: Floats  # integral of g_L/C_m over one step
    ex: Floats  # the same of an excitatory conductance of 1 nS
    in_: Floats
    drive: Floats  # what I_e adds in one step, mV
    gain: Floats  # what 1 pA adds in one step, mV
    push_ex: Floats  # by the commutators: mV for each nS,
    lag_ex: Floats  # less for each nS and pA,
    push_in: Floats
    lag_in: Floats
    mixed: Floats  # and for each nS of both
    decay_ex: Floats
    decay_in: Floats
    V_th: Floats
    V_reset: Floats
    refractory: Ints
    strong: Strong


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """The terms of Magnus' series over one step, for conductances of 1 nS."""
    h = clock.dt
    _, ex, _, in_ = integrals(p, h)
    pairs = commutators(p, h)
    return Params(
        E_L=p.E_L, E_ex=p.E_ex, E_in=p.E_in,
        leak=h * p.g_L / p.C_m, ex=ex, in_=in_, drive=h * p.I_e / p.C_m, gain=h / p.C_m,
        push_ex=pairs.leak_ex * (p.g_L * (p.E_ex - p.E_L) - p.I_e), lag_ex=pairs.leak_ex,
        push_in=pairs.leak_in * (p.g_L * (p.E_in - p.E_L) - p.I_e), lag_in=pairs.leak_in,
        mixed=pairs.ex_in * (p.E_in - p.E_ex),
        decay_ex=elementary.exp(-h / p.tau_syn_ex), decay_in=elementary.exp(-h / p.tau_syn_in),
        V_th=p.V_th, V_reset=p.V_reset, refractory=refractory_steps(p.t_ref, clock), strong=strong_params(p, h),
    )  # fmt: skip


@kernel
def advance(s, p, inputs, span, out):
    """Magnus' series to fourth order; a refractory membrane stays at V_reset while conductances decay."""
    rows, enough = inputs.current.shape[0], p.strong.enough[0]
    ahead = np.empty(np.int64(BLOCK))
    for begin in range(span.begin, span.end, BLOCK):
        end = min(begin + BLOCK, span.end)
        strong = np.uint64(0)
        for i in range(begin, end):
            strong |= np.uint64(s.g_ex[i] + s.g_in[i] > enough)
        for k in range(span.first, span.stop):
            arrived_ex = inputs.spikes[k - span.origin, 0]
            arrived_in = inputs.spikes[k - span.origin, 1]
            current = inputs.current[(k - span.origin) % rows]

            if strong > 0:
                note_strong(s, p, current, begin, end, ahead)
            strong_now, strong, fires = strong, np.uint64(0), np.uint64(0)
            for i in range(begin, end):
                v, g_ex, g_in = s.V_m[i], s.g_ex[i], s.g_in[i]
                ex, in_ = p.ex[i] * g_ex, p.in_[i] * g_in
                force = (
                    (p.leak[i] * (p.E_L[i] - v) + (p.drive[i] + p.gain[i] * current[i]))
                    + (ex * (p.E_ex[i] - v) + in_ * (p.E_in[i] - v))
                    + (g_ex * (p.push_ex[i] - p.lag_ex[i] * current[i]) + g_ex * g_in * p.mixed[i])
                    + g_in * (p.push_in[i] - p.lag_in[i] * current[i])
                )  # fmt: skip
                v = v + force * relaxed(p.leak[i] + (ex + in_))
                v = v if k >= s.free[i] else p.V_reset[i]
                s.V_m[i] = v
                fires |= np.uint64(v >= p.V_th[i])
                g_ex = p.decay_ex[i] * g_ex + arrived_ex[i]
                g_in = p.decay_in[i] * g_in - arrived_in[i]
                s.g_ex[i], s.g_in[i] = g_ex, g_in
                strong |= np.uint64(g_ex + g_in > enough)
            if strong_now > 0:
                put_strong(s, k, begin, end, ahead)
                fires = np.uint64(1)

            if fires > 0:  # else this loop would take longer than the check for strong conductances
                for i in range(begin, end):
                    if s.V_m[i] >= p.V_th[i]:
                        s.V_m[i] = p.V_reset[i]
                        s.free[i] = k + 1 + p.refractory[i]
                        emit(out, i, k + 1)


@kernel
def note_strong(s, p, current, begin, end, ahead):
    """Where the cells with strong conductances will be after a step; NaN for the others."""
    for i in range(begin, end):
        ex, in_ = p.gain[i] * s.g_ex[i], p.gain[i] * s.g_in[i]
        ahead[i - begin] = np.nan
        if p.leak[i] + (ex + in_) > STRONG:
            force = p.leak[i] * p.E_L[i] + (p.drive[i] + p.gain[i] * current[i])
            rates = p.strong.rate_ex[i], p.strong.rate_in[i]
            c = Within(p.leak[i], force, ex, 0.0, in_, 0.0, p.E_ex[i], p.E_in[i], *rates)
            ahead[i - begin] = strongly(s.V_m[i], c)


iaf_cond_exp = CellModel(
    "iaf_cond_exp",
    params=(*MEMBRANE, *SYNAPSES),
    state=State,
    recordables=(
        Variable("V_m", "mV", "membrane potential", initial="E_L"),
        *CONDUCTANCES,
    ),
    prepare=prepare,
    advance=advance,
    check=below_threshold,
    weight_unit="nS",
    about="Leaky integrate-and-fire with exponential synaptic conductances, integrated by Magnus' series of order 4.",
    equations="""\
C_m dV_m/dt = -g_L (V_m - E_L) - g_ex (V_m - E_ex) - g_in (V_m - E_in) + I_e + I_stim
dg_X/dt = -g_X/tau_syn_X
a spike of weight w > 0 adds w to g_ex, of w <= 0 adds |w| to g_in
V_m >= V_th at a step's end: a spike; V_m := V_reset, held for t_ref""",
    source="Meffin, Burkitt and Grayden (2004), Journal of Computational Neuroscience 16; NEST's iaf_cond_exp",
)

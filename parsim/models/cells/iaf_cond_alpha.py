"""Leaky integrate-and-fire with alpha-shaped synaptic conductances."""

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
    dg_ex: Floats  # nS/ms
    dg_in: Floats
    free: Ints  # first step that is not refractory


class Params(NamedTuple):
    E_L: Floats
    E_ex: Floats
    E_in: Floats
    leak: Floats  # integral of g_L/C_m over one step
    ex: Floats  # the same of an excitatory conductance of 1 nS,
    ex_rise: Floats  # and of one that rises by 1 nS/ms
    in_: Floats
    in_rise: Floats
    drive: Floats  # what I_e adds in one step, mV
    gain: Floats  # what 1 pA adds in one step, mV
    force_ex: Floats  # g_L (E_ex - E_L) - I_e, pA
    force_in: Floats
    lag_ex: Floats  # the commutators, mV for each nS and pA, or nS/ms and pA,
    lag_ex_rise: Floats
    lag_in: Floats
    lag_in_rise: Floats
    ex_in: Floats  # and for each nS and nS, with (nS/ms) for each that rises
    ex_in_rise: Floats
    ex_rise_in: Floats
    ex_rise_in_rise: Floats
    decay_ex: Floats
    decay_in: Floats
    g_from_d_ex: Floats
    g_from_d_in: Floats
    rise_ex: Floats  # e / tau: a weight of 1 nS peaks at 1 nS
    rise_in: Floats
    V_th: Floats
    V_reset: Floats
    refractory: Ints
    strong: Strong


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """The terms of Magnus' series over one step, for conductances of 1 nS or rising by 1 nS/ms."""
    h = clock.dt
    ex_rise, ex, in_rise, in_ = integrals(p, h)
    decay_ex, decay_in = elementary.exp(-h / p.tau_syn_ex), elementary.exp(-h / p.tau_syn_in)
    pairs, apart = commutators(p, h), p.E_in - p.E_ex
    return Params(
        E_L=p.E_L, E_ex=p.E_ex, E_in=p.E_in,
        leak=h * p.g_L / p.C_m, ex=ex, ex_rise=ex_rise, in_=in_, in_rise=in_rise,
        drive=h * p.I_e / p.C_m, gain=h / p.C_m,
        force_ex=p.g_L * (p.E_ex - p.E_L) - p.I_e, force_in=p.g_L * (p.E_in - p.E_L) - p.I_e,
        lag_ex=pairs.leak_ex, lag_ex_rise=pairs.leak_ex_rise, lag_in=pairs.leak_in, lag_in_rise=pairs.leak_in_rise,
        ex_in=pairs.ex_in * apart, ex_in_rise=pairs.ex_in_rise * apart,
        ex_rise_in=pairs.ex_rise_in * apart, ex_rise_in_rise=pairs.ex_rise_in_rise * apart,
        decay_ex=decay_ex, decay_in=decay_in, g_from_d_ex=h * decay_ex, g_from_d_in=h * decay_in,
        rise_ex=np.e / p.tau_syn_ex, rise_in=np.e / p.tau_syn_in,
        V_th=p.V_th, V_reset=p.V_reset, refractory=refractory_steps(p.t_ref, clock), strong=strong_params(p, h),
    )  # fmt: skip


@kernel
def advance(s, p, inputs, span, out):
    """Magnus' series to fourth order; a refractory membrane stays at V_reset while conductances go on."""
    rows, enough, half = inputs.current.shape[0], p.strong.enough[0], 0.5 * p.strong.h[0]
    ahead = np.empty(np.int64(BLOCK))
    for begin in range(span.begin, span.end, BLOCK):
        end = min(begin + BLOCK, span.end)
        strong = np.uint64(0)
        for i in range(begin, end):
            strong |= np.uint64((s.g_ex[i] + s.g_in[i]) + half * (s.dg_ex[i] + s.dg_in[i]) > enough)
        for k in range(span.first, span.stop):
            arrived_ex = inputs.spikes[k - span.origin, 0]
            arrived_in = inputs.spikes[k - span.origin, 1]
            current = inputs.current[(k - span.origin) % rows]

            if strong > 0:
                note_strong(s, p, current, begin, end, ahead)
            fires = np.uint64(0)
            for i in range(begin, end):
                v, g_ex, g_in, dg_ex, dg_in = s.V_m[i], s.g_ex[i], s.g_in[i], s.dg_ex[i], s.dg_in[i]
                ex = p.ex[i] * g_ex + p.ex_rise[i] * dg_ex
                in_ = p.in_[i] * g_in + p.in_rise[i] * dg_in
                force = (
                    (p.leak[i] * (p.E_L[i] - v) + (p.drive[i] + p.gain[i] * current[i]))
                    + (ex * (p.E_ex[i] - v) + in_ * (p.E_in[i] - v))
                    + (p.lag_ex[i] * g_ex + p.lag_ex_rise[i] * dg_ex) * (p.force_ex[i] - current[i])
                    + (p.lag_in[i] * g_in + p.lag_in_rise[i] * dg_in) * (p.force_in[i] - current[i])
                    + g_ex * (p.ex_in[i] * g_in + p.ex_in_rise[i] * dg_in)
                    + dg_ex * (p.ex_rise_in[i] * g_in + p.ex_rise_in_rise[i] * dg_in)
                )  # fmt: skip
                v = v + force * relaxed(p.leak[i] + (ex + in_))
                v = v if k >= s.free[i] else p.V_reset[i]
                s.V_m[i] = v
                fires |= np.uint64(v >= p.V_th[i])

            if strong > 0:
                put_strong(s, k, begin, end, ahead)
                strong, fires = np.uint64(0), np.uint64(1)

            # A loop of its own: LLVM does not vectorize one in which 5 arrays written might overlap 33 others.
            for i in range(begin, end):
                g_ex = p.decay_ex[i] * s.g_ex[i] + p.g_from_d_ex[i] * s.dg_ex[i]
                g_in = p.decay_in[i] * s.g_in[i] + p.g_from_d_in[i] * s.dg_in[i]
                dg_ex = p.decay_ex[i] * s.dg_ex[i] + p.rise_ex[i] * arrived_ex[i]
                dg_in = p.decay_in[i] * s.dg_in[i] - p.rise_in[i] * arrived_in[i]
                s.g_ex[i], s.g_in[i], s.dg_ex[i], s.dg_in[i] = g_ex, g_in, dg_ex, dg_in
                strong |= np.uint64((g_ex + g_in) + half * (dg_ex + dg_in) > enough)

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
        ex_rise, in_rise = p.gain[i] * p.strong.h[0] * s.dg_ex[i], p.gain[i] * p.strong.h[0] * s.dg_in[i]
        ahead[i - begin] = np.nan
        if p.leak[i] + (ex + in_) + 0.5 * (ex_rise + in_rise) > STRONG:
            force = p.leak[i] * p.E_L[i] + (p.drive[i] + p.gain[i] * current[i])
            rates = p.strong.rate_ex[i], p.strong.rate_in[i]
            c = Within(p.leak[i], force, ex, ex_rise, in_, in_rise, p.E_ex[i], p.E_in[i], *rates)
            ahead[i - begin] = strongly(s.V_m[i], c)


iaf_cond_alpha = CellModel(
    "iaf_cond_alpha",
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
    about="Leaky integrate-and-fire with alpha-shaped synaptic conductances, integrated by Magnus' series of order 4.",
    equations="""\
C_m dV_m/dt = -g_L (V_m - E_L) - g_ex (V_m - E_ex) - g_in (V_m - E_in) + I_e + I_stim
g_X(t) = sum over spikes of |w| e/tau_syn_X t exp(-t/tau_syn_X)        (a weight of w nS peaks at |w| nS)
w > 0 enters g_ex, w <= 0 enters g_in
V_m >= V_th at a step's end: a spike; V_m := V_reset, held for t_ref""",
    source="Meffin, Burkitt and Grayden (2004), Journal of Computational Neuroscience 16; NEST's iaf_cond_alpha",
)

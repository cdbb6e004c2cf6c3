"""Leaky integrate-and-fire with alpha-shaped synaptic currents, integrated exactly."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.kernels import elementary
from parsim.kernels.blocks import BLOCK
from parsim.models.base import CellModel, Variable
from parsim.models.parts.leaky import (
    CURRENTS,
    MEMBRANE,
    SYNAPSES,
    V_MIN,
    below_threshold,
    membrane,
    refractory_steps,
)
from parsim.models.parts.propagators import alpha_propagators
from parsim.shard.outbox import emit


class State(NamedTuple):
    V_m: Floats
    I_syn_ex: Floats
    I_syn_in: Floats
    dI_ex: Floats  # pA/ms
    dI_in: Floats
    free: Ints  # first step that is not refractory


class Params(NamedTuple):
    E_L: Floats
    decay: Floats  # of the membrane over one step
    drive: Floats  # what I_e adds in one step, mV
    gain: Floats  # what 1 pA adds in one step, mV
    v_from_d_ex: Floats
    v_from_i_ex: Floats
    v_from_d_in: Floats
    v_from_i_in: Floats
    decay_ex: Floats
    decay_in: Floats
    i_from_d_ex: Floats
    i_from_d_in: Floats
    rise_ex: Floats  # e / tau: a weight of 1 pA peaks at 1 pA
    rise_in: Floats
    V_th: Floats
    V_reset: Floats
    V_min: Floats
    refractory: Ints


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """Propagators of one step: the matrix exponential of (dI, I, V), entry by entry."""
    h, decay, gain = clock.dt, *membrane(p, clock)
    v_from_d_ex, v_from_i_ex = alpha_propagators(p.tau_syn_ex, p.tau_m, p.C_m, h)
    v_from_d_in, v_from_i_in = alpha_propagators(p.tau_syn_in, p.tau_m, p.C_m, h)
    decay_ex, decay_in = elementary.exp(-h / p.tau_syn_ex), elementary.exp(-h / p.tau_syn_in)
    return Params(
        E_L=p.E_L, decay=decay, drive=gain * p.I_e, gain=gain,
        v_from_d_ex=v_from_d_ex, v_from_i_ex=v_from_i_ex, v_from_d_in=v_from_d_in, v_from_i_in=v_from_i_in,
        decay_ex=decay_ex, decay_in=decay_in, i_from_d_ex=h * decay_ex, i_from_d_in=h * decay_in,
        rise_ex=np.e / p.tau_syn_ex, rise_in=np.e / p.tau_syn_in,
        V_th=p.V_th, V_reset=p.V_reset, V_min=p.V_min, refractory=refractory_steps(p.t_ref, clock),
    )  # fmt: skip


@kernel
def advance(s, p, inputs, span, out):
    """Exact integration; a refractory membrane stays where it is while its currents move on."""
    rows = inputs.current.shape[0]
    for begin in range(span.begin, span.end, BLOCK):
        end = min(begin + BLOCK, span.end)
        for k in range(span.first, span.stop):
            ex = inputs.spikes[k - span.origin, 0]
            in_ = inputs.spikes[k - span.origin, 1]
            current = inputs.current[(k - span.origin) % rows]

            for i in range(begin, end):
                v = p.E_L[i] + (
                    p.decay[i] * (s.V_m[i] - p.E_L[i]) + (p.drive[i] + p.gain[i] * current[i])
                    + (p.v_from_d_ex[i] * s.dI_ex[i] + p.v_from_i_ex[i] * s.I_syn_ex[i])
                    + (p.v_from_d_in[i] * s.dI_in[i] + p.v_from_i_in[i] * s.I_syn_in[i])
                )  # fmt: skip
                v = v if v > p.V_min[i] else p.V_min[i]
                s.V_m[i] = v if k >= s.free[i] else s.V_m[i]
                s.I_syn_ex[i] = p.i_from_d_ex[i] * s.dI_ex[i] + p.decay_ex[i] * s.I_syn_ex[i]
                s.I_syn_in[i] = p.i_from_d_in[i] * s.dI_in[i] + p.decay_in[i] * s.I_syn_in[i]
                s.dI_ex[i] = p.decay_ex[i] * s.dI_ex[i] + p.rise_ex[i] * ex[i]
                s.dI_in[i] = p.decay_in[i] * s.dI_in[i] + p.rise_in[i] * in_[i]

            for i in range(begin, end):
                if s.V_m[i] >= p.V_th[i]:
                    s.V_m[i] = p.V_reset[i]
                    s.free[i] = k + 1 + p.refractory[i]
                    emit(out, i, k + 1)


iaf_psc_alpha = CellModel(
    "iaf_psc_alpha",
    params=(*MEMBRANE, V_MIN, *SYNAPSES),
    state=State,
    recordables=(
        Variable("V_m", "mV", "membrane potential", initial="E_L"),
        *CURRENTS,
    ),
    prepare=prepare,
    advance=advance,
    check=below_threshold,
    about="Leaky integrate-and-fire with alpha-shaped synaptic currents, integrated exactly.",
    equations="""\
dV_m/dt = -(V_m - E_L)/tau_m + (I_syn_ex + I_syn_in + I_e + I_stim)/C_m
I_syn_X(t) = sum over spikes of w e/tau_X t exp(-t/tau_X)        (a weight of w pA peaks at w pA)
w > 0 enters I_syn_ex, w <= 0 enters I_syn_in
V_m >= V_th at a step's end: a spike; V_m := V_reset, held for t_ref""",
    source="Rotter and Diesmann (1999), Biological Cybernetics 81; NEST's iaf_psc_alpha",
)

"""Leaky integrate-and-fire with exponential currents of any number of receptors, integrated exactly."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.kernels import elementary
from parsim.kernels.blocks import BLOCK
from parsim.models.base import CellModel, Param, Variable
from parsim.models.parts.leaky import MEMBRANE, below_threshold, membrane, refractory_steps
from parsim.models.parts.propagators import alpha_propagators
from parsim.models.ports import PerReceptor, of_receptors
from parsim.shard.outbox import emit

RECEPTOR = PerReceptor(
    params=(Param("tau_syn", 2.0, "ms", "time constant of the receptor's current", above=0.0),),
    states=(Variable("I_syn", "pA", "current of the receptor"),),
)


class State(NamedTuple):
    V_m: Floats
    I_syn: Floats  # [receptor, cell]
    free: Ints  # first step that is not refractory


class Params(NamedTuple):
    E_L: Floats
    decay: Floats  # of the membrane over one step
    drive: Floats  # what I_e adds in one step, mV
    gain: Floats  # what 1 pA adds in one step, mV
    v_from: Floats  # [receptor, cell]
    decay_syn: Floats
    V_th: Floats
    V_reset: Floats
    refractory: Ints


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """Propagators of one step; the receptors stand in the order in which the model has them."""
    decay, gain = membrane(p, clock)
    tau_syn = of_receptors(p, "tau_syn")
    return Params(
        E_L=p.E_L, decay=decay, drive=gain * p.I_e, gain=gain,
        v_from=np.stack([alpha_propagators(tau, p.tau_m, p.C_m, clock.dt)[1] for tau in tau_syn]),
        decay_syn=elementary.exp(-clock.dt / tau_syn),
        V_th=p.V_th, V_reset=p.V_reset, refractory=refractory_steps(p.t_ref, clock),
    )  # fmt: skip


@kernel
def advance(s, p, inputs, span, out):
    """Exact integration; a refractory membrane stays where it is while its currents move on."""
    rows = inputs.current.shape[0]
    for begin in range(span.begin, span.end, BLOCK):
        end = min(begin + BLOCK, span.end)
        for k in range(span.first, span.stop):
            current = inputs.current[(k - span.origin) % rows]
            for i in range(begin, end):
                v = p.E_L[i] + (p.decay[i] * (s.V_m[i] - p.E_L[i]) + (p.drive[i] + p.gain[i] * current[i]))
                s.V_m[i] = v if k >= s.free[i] else s.V_m[i]

            for r in range(s.I_syn.shape[0]):
                syn, v_from, decay = s.I_syn[r], p.v_from[r], p.decay_syn[r]
                spikes = inputs.spikes[k - span.origin, r]
                for i in range(begin, end):
                    s.V_m[i] += v_from[i] * syn[i] if k >= s.free[i] else 0.0
                    syn[i] = decay[i] * syn[i] + spikes[i]

            for i in range(begin, end):
                if s.V_m[i] >= p.V_th[i]:
                    s.V_m[i] = p.V_reset[i]
                    s.free[i] = k + 1 + p.refractory[i]
                    emit(out, i, k + 1)


iaf_psc_exp_multisynapse = CellModel(
    "iaf_psc_exp_multisynapse",
    params=(*MEMBRANE, *RECEPTOR.params_of("1")),
    state=State,
    recordables=(Variable("V_m", "mV", "membrane potential", initial="E_L"), *RECEPTOR.states_of("1")),
    ports=("1",),
    per_receptor=RECEPTOR,
    prepare=prepare,
    advance=advance,
    check=below_threshold,
    about="Leaky integrate-and-fire with exponential currents of any number of receptors, integrated exactly.",
    equations="""\
dV_m/dt = -(V_m - E_L)/tau_m + (sum of all I_syn_R + I_e + I_stim)/C_m
dI_syn_R/dt = -I_syn_R/tau_syn_R; a spike of weight w at receptor R adds w pA, of either sign
V_m >= V_th at a step's end is a spike; V_m := V_reset, held for t_ref
receptors: iaf_psc_exp_multisynapse.with_receptors(fast=dict(tau_syn=2.0), slow=dict(tau_syn=50.0))""",
    source="Rotter and Diesmann (1999), Biological Cybernetics 81; NEST's iaf_psc_exp_multisynapse",
)

"""Leaky integrate-and-fire with exponential synaptic currents, integrated exactly."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.kernels.maths import exp
from parsim.models.base import CellModel, Param, Variable
from parsim.models.cells.blocks import BLOCK
from parsim.models.cells.iaf_psc_alpha import alpha_propagators
from parsim.models.cells.leaky import MEMBRANE, SYNAPSES, below_threshold, membrane, refractory_steps
from parsim.rng import uniform
from parsim.shard.outbox import emit
from parsim.streams import CELL_NOISE


class State(NamedTuple):
    V_m: Floats
    I_syn_ex: Floats
    I_syn_in: Floats
    free: Ints  # first step that is not refractory


class Params(NamedTuple):
    E_L: Floats
    decay: Floats  # of the membrane over one step
    drive: Floats  # what I_e adds in one step, mV
    gain: Floats  # what 1 pA adds in one step, mV
    v_from_ex: Floats
    v_from_in: Floats
    decay_ex: Floats
    decay_in: Floats
    V_th: Floats
    V_reset: Floats
    refractory: Ints
    hazard: Floats  # expected spikes in one step at threshold; used where delta > 0
    delta: Floats


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """Propagators of one step."""
    decay, gain = membrane(p, clock)
    return Params(
        E_L=p.E_L, decay=decay, drive=gain * p.I_e, gain=gain,
        v_from_ex=alpha_propagators(p.tau_syn_ex, p.tau_m, p.C_m, clock.dt)[1],
        v_from_in=alpha_propagators(p.tau_syn_in, p.tau_m, p.C_m, clock.dt)[1],
        decay_ex=np.exp(-clock.dt / p.tau_syn_ex), decay_in=np.exp(-clock.dt / p.tau_syn_in),
        V_th=p.V_th, V_reset=p.V_reset, refractory=refractory_steps(p.t_ref, clock),
        hazard=p.rho * clock.dt * 1e-3, delta=p.delta,
    )  # fmt: skip


@kernel
def advance(s, p, inputs, span, out):  # type: ignore[no-untyped-def]
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
                    + (p.v_from_ex[i] * s.I_syn_ex[i] + p.v_from_in[i] * s.I_syn_in[i])
                )  # fmt: skip
                s.V_m[i] = v if k >= s.free[i] else s.V_m[i]
                s.I_syn_ex[i] = p.decay_ex[i] * s.I_syn_ex[i] + ex[i]
                s.I_syn_in[i] = p.decay_in[i] * s.I_syn_in[i] + in_[i]

            for i in range(begin, end):
                if p.delta[i] > 0.0:
                    fires = k >= s.free[i] and escapes(s, p, inputs, k, i)
                else:
                    fires = s.V_m[i] >= p.V_th[i]
                if fires:
                    s.V_m[i] = p.V_reset[i]
                    s.free[i] = k + 1 + p.refractory[i]
                    emit(out, i, k + 1)


@kernel
def escapes(s, p, inputs, k, i):  # type: ignore[no-untyped-def]
    """Does a cell with a soft threshold fire in step k? A draw of its own decides."""
    expected = p.hazard[i] * exp((s.V_m[i] - p.V_th[i]) / p.delta[i])
    return uniform(inputs.seed, CELL_NOISE, inputs.gids[i], k, 0) < 1.0 - exp(-expected)


iaf_psc_exp = CellModel(
    "iaf_psc_exp",
    params=(
        *MEMBRANE,
        *SYNAPSES,
        Param("rho", 0.01, "Hz", "rate of firing at threshold; used where delta > 0", at_least=0.0),
        Param("delta", 0.0, "mV", "width of a soft threshold; 0 makes it sharp", at_least=0.0),
    ),
    state=State,
    recordables=(
        Variable("V_m", "mV", "membrane potential", initial="E_L"),
        Variable("I_syn_ex", "pA", "excitatory synaptic current"),
        Variable("I_syn_in", "pA", "inhibitory synaptic current"),
    ),
    prepare=prepare,
    advance=advance,
    check=below_threshold,
    about="Leaky integrate-and-fire with exponential synaptic currents, integrated exactly.",
    equations="""\
dV_m/dt = -(V_m - E_L)/tau_m + (I_syn_ex + I_syn_in + I_e + I_stim)/C_m
dI_syn_X/dt = -I_syn_X/tau_X; a spike of weight w adds w pA
w > 0 enters I_syn_ex, w <= 0 enters I_syn_in
delta = 0: V_m >= V_th at a step's end is a spike; V_m := V_reset, held for t_ref
delta > 0: a spike with probability 1 - exp(-rho dt exp((V_m - V_th)/delta)) in each step""",
    source="Rotter and Diesmann (1999), Biological Cybernetics 81; NEST's iaf_psc_exp",
)

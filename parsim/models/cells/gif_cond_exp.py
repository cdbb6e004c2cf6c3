"""Generalized integrate-and-fire with exponential synaptic conductances."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.kernels.blocks import BLOCK
from parsim.models.base import CellModel, Param, Variable
from parsim.models.parts.after_spikes import (
    ADAPTATION,
    ESCAPE,
    GIF_MEMBRANE,
    Escape,
    adapt,
    check_escape,
    escape,
    fire_by_chance,
)
from parsim.models.parts.conductance import SYNAPSES
from parsim.models.parts.leaking import Felt, Leaking, leaking, membrane
from parsim.models.parts.leaky import refractory_steps


class State(NamedTuple):
    V_m: Floats
    g: Floats  # [excitatory and inhibitory, cell]
    I_stc: Floats
    E_sfa: Floats
    stc: Floats  # [element, cell]
    sfa: Floats
    free: Ints  # first step that is not refractory


class Params(NamedTuple):
    leaking: Leaking
    escape: Escape
    I_e: Floats
    V_reset: Floats
    refractory: Ints


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """Courses of both conductances over a step, and the membrane."""
    tau = np.array([p.tau_syn_ex, p.tau_syn_in])
    of = leaking(p, clock, tau, tau, np.array([p.E_ex, p.E_in]))
    return Params(of, escape(p, clock), p.I_e, p.V_reset, refractory_steps(p.t_ref, clock))


@kernel
def advance(s, p, inputs, span, out):
    """Magnus' series to fourth order; a refractory membrane stays at V_reset while conductances decay."""
    rows, q = inputs.current.shape[0], p.leaking
    force, after = np.empty(BLOCK), np.empty(BLOCK)
    for begin in range(span.begin, span.end, BLOCK):
        end = min(begin + BLOCK, span.end)
        for k in range(span.first, span.stop):
            current = inputs.current[(k - span.origin) % rows]
            adapt(s, p.escape, begin, end)
            for i in range(begin, end):
                force[i - begin] = (p.I_e[i] + current[i]) - s.I_stc[i]
            membrane(Felt(s.V_m, s.g, q.none), q, force, begin, end, after)
            ex, in_ = inputs.spikes[k - span.origin, 0], inputs.spikes[k - span.origin, 1]
            for i in range(begin, end):
                s.V_m[i] = after[i - begin] if k >= s.free[i] else p.V_reset[i]
                s.g[0, i] = q.courses.decay[0, i] * s.g[0, i] + ex[i]
                s.g[1, i] = q.courses.decay[1, i] * s.g[1, i] - in_[i]

            fire_by_chance(s, p.escape, p.refractory, inputs, k, begin, end, out)


gif_cond_exp = CellModel(
    "gif_cond_exp",
    params=(
        *GIF_MEMBRANE,
        *SYNAPSES[:2],
        Param("tau_syn_ex", 2.0, "ms", "time constant of excitatory conductances", above=0.0),
        Param("tau_syn_in", 2.0, "ms", "time constant of inhibitory conductances", above=0.0),
        *ESCAPE,
    ),
    state=State,
    recordables=(
        Variable("V_m", "mV", "membrane potential", initial="E_L"),
        Variable("g_ex", "nS", "excitatory synaptic conductance", of="g"),
        Variable("g_in", "nS", "inhibitory synaptic conductance", of="g"),
        *ADAPTATION,
    ),
    prepare=prepare,
    advance=advance,
    check=check_escape,
    weight_unit="nS",
    about="Generalized integrate-and-fire: exponential conductances, currents of spikes, a threshold that moves.",
    equations="""\
C_m dV_m/dt = -g_L (V_m - E_L) - g_ex (V_m - E_ex) - g_in (V_m - E_in) - I_stc + I_e + I_stim
dg_X/dt = -g_X/tau_syn_X; a spike of weight w > 0 adds w to g_ex, of w <= 0 adds |w| to g_in
I_stc = sum of all stc_j, E_sfa = V_T_star + sum of all sfa_j, each decaying with its tau
a spike with probability 1 - exp(-lambda_0 dt exp((V_m - E_sfa)/Delta_V)) in each step; stc_j and sfa_j gain q_j,
from the next step on V_m := V_reset, held for t_ref""",
    source="Mensi et al. (2012), Journal of Neurophysiology 107; Pozzorini et al. (2015), PLoS "
    "Computational Biology 11; NEST's gif_cond_exp",
)

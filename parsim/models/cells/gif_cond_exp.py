"""Generalized integrate-and-fire with exponential synaptic conductances."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.kernels.blocks import BLOCK
from parsim.models.base import Param
from parsim.models.parts.conductance import ROWS_OF_G, SYNAPSES
from parsim.models.parts.gif import Escape, adapt, escape, fire_by_chance, gif_cell
from parsim.models.parts.leaking import Felt, Leaking, leaking, membrane
from parsim.models.parts.leaky import refractory_steps


class State(NamedTuple):
    V_m: Floats
    g: Floats  # [conductance, cell]
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
    sign: Floats  # [conductance], of weights that enter


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """Courses of both conductances over a step, and the membrane."""
    tau, reversal = np.array([p.tau_syn_ex, p.tau_syn_in]), np.array([p.E_ex, p.E_in])
    return under_conductances(p, clock, tau, reversal, np.array([1.0, -1.0]))


def under_conductances(
    p: SimpleNamespace, clock: Clock, tau: Floats, reversal: Floats, sign: Floats
) -> Params:
    """The same of any number of conductances, [conductance, cell]."""
    of = leaking(p, clock, tau, tau, reversal)
    return Params(of, escape(p, clock), p.I_e, p.V_reset, refractory_steps(p.t_ref, clock), sign)


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
            for i in range(begin, end):
                s.V_m[i] = after[i - begin] if k >= s.free[i] else p.V_reset[i]
            for r in range(s.g.shape[0]):
                arrived, g, decay, sign = (
                    inputs.spikes[k - span.origin, r], s.g[r], q.courses.decay[r], p.sign[r],
                )  # fmt: skip
                for i in range(begin, end):
                    g[i] = decay[i] * g[i] + sign * arrived[i]

            fire_by_chance(s, p.escape, p.refractory, inputs, k, begin, end, out)


gif_cond_exp = gif_cell(
    "gif_cond_exp",
    (
        *SYNAPSES[:2],
        Param("tau_syn_ex", 2.0, "ms", "time constant of excitatory conductances", above=0.0),
        Param("tau_syn_in", 2.0, "ms", "time constant of inhibitory conductances", above=0.0),
    ),
    (*ROWS_OF_G,),
    """\
C_m dV_m/dt = -g_L (V_m - E_L) - g_ex (V_m - E_ex) - g_in (V_m - E_in) - I_stc + I_e + I_stim
dg_X/dt = -g_X/tau_syn_X; a spike of weight w > 0 adds w to g_ex, of w <= 0 adds |w| to g_in""",
    state=State,
    prepare=prepare,
    advance=advance,
    weight_unit="nS",
    about="Generalized integrate-and-fire: exponential conductances, currents of spikes, a threshold that moves.",
)

"""Leaky integrate-and-fire with exponential conductances, of which two come with its own spikes."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import inlined
from parsim.models.base import Param, Variable
from parsim.models.parts.conductance import ROWS_OF_G
from parsim.models.parts.leaking import Felt, Leaking, leaking
from parsim.models.parts.leaking_cell import leaking_cell
from parsim.models.parts.leaky import refractory_steps

EX, IN, SFA, RR = range(4)  # rows of the conductances


class State(NamedTuple):
    V_m: Floats
    g: Floats  # [conductance, cell]
    free: Ints  # first step that is not refractory


class Params(NamedTuple):
    leaking: Leaking
    I_e: Floats
    V_th: Floats
    V_reset: Floats
    q_sfa: Floats
    q_rr: Floats
    refractory: Ints


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """Courses of the four conductances over a step, and the membrane."""
    tau = np.array([p.tau_syn_ex, p.tau_syn_in, p.tau_sfa, p.tau_rr])
    of = leaking(p, clock, tau, tau, np.array([p.E_ex, p.E_in, p.E_sfa, p.E_rr]))
    return Params(of, p.I_e, p.V_th, p.V_reset, p.q_sfa, p.q_rr, refractory_steps(p.t_ref, clock))


@inlined
def felt(s, p):
    """Conductances that begin at once."""
    return Felt(s.V_m, s.g, p.leaking.none)


@inlined
def follow(s, p, spikes, begin, end):
    """All decay; weights below 0 inhibit."""
    for r in range(4):
        g, decay = s.g[r], p.leaking.courses.decay[r]
        for i in range(begin, end):
            g[i] *= decay[i]
    ex, in_ = spikes[0], spikes[1]
    for i in range(begin, end):
        s.g[EX, i] += ex[i]
        s.g[IN, i] -= in_[i]


@inlined
def spend(s, p, i):
    """A spike opens those that come with it."""
    s.g[SFA, i] += p.q_sfa[i]
    s.g[RR, i] += p.q_rr[i]


iaf_cond_exp_sfa_rr = leaking_cell(
    "iaf_cond_exp_sfa_rr",
    (
        Param("C_m", 289.5, "pF", "capacitance of the membrane", above=0.0),
        Param("g_L", 28.95, "nS", "leak conductance", at_least=0.0),
        Param("t_ref", 0.5, "ms", "duration of the refractory period", at_least=0.0),
        Param("E_L", -70.0, "mV", "resting potential"),
        Param("V_th", -57.0, "mV", "spike threshold"),
        Param("V_reset", -70.0, "mV", "potential after a spike"),
        Param("I_e", 0.0, "pA", "constant input current"),
        Param("E_ex", 0.0, "mV", "excitatory reversal potential"),
        Param("E_in", -75.0, "mV", "inhibitory reversal potential"),
        Param("tau_syn_ex", 1.5, "ms", "time constant of excitatory conductances", above=0.0),
        Param("tau_syn_in", 10.0, "ms", "time constant of inhibitory conductances", above=0.0),
        Param("q_sfa", 14.48, "nS", "what a spike adds to the conductance of adaptation", at_least=0.0),
        Param("q_rr", 3214.0, "nS", "what it adds to the relative refractory conductance", at_least=0.0),
        Param("tau_sfa", 110.0, "ms", "time constant of the conductance of adaptation", above=0.0),
        Param("tau_rr", 1.97, "ms", "time constant of the relative refractory conductance", above=0.0),
        Param("E_sfa", -70.0, "mV", "reversal potential of adaptation"),
        Param("E_rr", -70.0, "mV", "reversal potential of relative refractoriness"),
    ),
    (
        *ROWS_OF_G,
        Variable("g_sfa", "nS", "conductance of adaptation", of="g"),
        Variable("g_rr", "nS", "relative refractory conductance", of="g"),
    ),
    (felt, follow, spend),
    state=State,
    prepare=prepare,
    about="Leaky integrate-and-fire with exponential conductances, of which two follow its own spikes.",
    equations="""\
C_m dV_m/dt = -g_L (V_m - E_L) - g_ex (V_m - E_ex) - g_in (V_m - E_in)
              - g_sfa (V_m - E_sfa) - g_rr (V_m - E_rr) + I_e + I_stim
dg_X/dt = -g_X/tau_X; a spike of weight w > 0 adds w to g_ex, of w <= 0 adds |w| to g_in
V_m >= V_th at a step's end: a spike; V_m := V_reset, held for t_ref; g_sfa and g_rr gain q_sfa and q_rr""",
    source="Dayan and Abbott (2001), Theoretical Neuroscience; Muller et al. (2007), Neural Computation 19; "
    "NEST's iaf_cond_exp_sfa_rr",
)

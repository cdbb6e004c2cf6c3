"""Leaky integrate-and-fire with beta-shaped synaptic conductances."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import inlined
from parsim.models.base import Param, Variable
from parsim.models.parts.conductance import MEMBRANE, ROWS_OF_G, SYNAPSES
from parsim.models.parts.leaking import Felt, Leaking, leaking
from parsim.models.parts.leaking_cell import leaking_cell
from parsim.models.parts.leaky import refractory_steps


class State(NamedTuple):
    V_m: Floats
    g: Floats  # [excitatory and inhibitory, cell]
    dg: Floats  # how fast they rise, but for their decay
    free: Ints  # first step that is not refractory


class Params(NamedTuple):
    leaking: Leaking
    I_e: Floats
    V_th: Floats
    V_reset: Floats
    refractory: Ints


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """Courses of both conductances over a step, and the membrane."""
    rise, decay = np.array([p.tau_rise_ex, p.tau_rise_in]), np.array([p.tau_decay_ex, p.tau_decay_in])
    of = leaking(p, clock, rise, decay, np.array([p.E_ex, p.E_in]))
    return Params(of, p.I_e, p.V_th, p.V_reset, refractory_steps(p.t_ref, clock))


@inlined
def felt(s, p):
    """Conductances that rise and decay."""
    return Felt(s.V_m, s.g, s.dg)


@inlined
def follow(s, p, spikes, begin, end):
    """Each by its course; what inhibits has weights below 0."""
    c = p.leaking.courses
    for r in range(2):
        arrived, g, x = spikes[r], s.g[r], s.dg[r]
        decay, grown, decay_x, gain = c.decay[r], c.grown[r], c.decay_x[r], c.gain[r]
        sign = 1.0 - 2.0 * r
        for i in range(begin, end):
            g[i] = decay[i] * g[i] + grown[i] * x[i]
            x[i] = decay_x[i] * x[i] + gain[i] * (sign * arrived[i])


@inlined
def spend(s, p, i):
    """A spike does nothing to them."""


iaf_cond_beta = leaking_cell(
    "iaf_cond_beta",
    (
        *MEMBRANE,
        *SYNAPSES[:2],
        Param("tau_rise_ex", 0.2, "ms", "time constant with which excitation rises", above=0.0),
        Param("tau_decay_ex", 0.2, "ms", "time constant with which excitation decays", above=0.0),
        Param("tau_rise_in", 2.0, "ms", "time constant with which inhibition rises", above=0.0),
        Param("tau_decay_in", 2.0, "ms", "time constant with which inhibition decays", above=0.0),
    ),
    (
        *ROWS_OF_G,
        Variable("dg_ex", "nS/ms", "how fast excitation rises, but for its decay", of="dg"),
        Variable("dg_in", "nS/ms", "how fast inhibition rises, but for its decay", of="dg"),
    ),
    (felt, follow, spend),
    state=State,
    prepare=prepare,
    about="Leaky integrate-and-fire with beta-shaped synaptic conductances, integrated by Magnus' series of order 4.",
    equations="""\
C_m dV_m/dt = -g_L (V_m - E_L) - g_ex (V_m - E_ex) - g_in (V_m - E_in) + I_e + I_stim
g_X(t) = sum over spikes of |w| c_X (exp(-t/tau_decay_X) - exp(-t/tau_rise_X)), c_X such that a weight of w nS peaks at
|w| nS; where both time constants are one, that of iaf_cond_alpha
w > 0 enters g_ex, w <= 0 enters g_in
V_m >= V_th at a step's end: a spike; V_m := V_reset, held for t_ref""",
    source="Meffin, Burkitt and Grayden (2004), Journal of Computational Neuroscience 16; NEST's iaf_cond_beta",
)

"""Hodgkin-Huxley cell after Traub, with beta-shaped synaptic conductances, for networks with gap junctions."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import inlined
from parsim.models.base import Param
from parsim.models.parts.channels import Params, parameters
from parsim.models.parts.columns import layout, named
from parsim.models.parts.driving import beta_conductances
from parsim.models.parts.excitable import Formulas, excitable
from parsim.models.parts.firing import peak_gain
from parsim.models.parts.traub import traub, traub_cell


class State(NamedTuple):
    V_m: Floats
    Act_m: Floats
    Inact_h: Floats
    Act_n: Floats
    g_ex: Floats
    g_in: Floats
    dg_ex: Floats  # how fast they rise, but for their decay
    dg_in: Floats
    free: Ints  # first step in which a spike is told again


class Constants(NamedTuple):
    """What the formulas need of a cell, as arrays or as rows of the work space."""

    per_C: Floats
    g_Na: Floats
    g_K: Floats
    g_L: Floats
    E_Na: Floats
    E_K: Floats
    E_L: Floats
    V_T: Floats
    E_ex: Floats
    E_in: Floats
    per_gap_ex: Floats  # 1/(1/tau_rise - 1/tau_decay)
    per_gap_in: Floats
    gain_ex: Floats  # what a weight of 1 adds to dg
    gain_in: Floats


APART = 1e-5  # by which rates that are one are taken apart: wrong by half of it, and not by rounding


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """A spike has to reach dV_th above V_T."""
    decay, rise = np.array([p.tau_decay_ex, p.tau_decay_in]), np.array([p.tau_rise_ex, p.tau_rise_in])
    gap = 1.0 / rise - 1.0 / decay
    rise = np.where(np.abs(gap) * decay < APART, decay / (1.0 + APART), rise)
    per_gap, gain = 1.0 / (1.0 / rise - 1.0 / decay), peak_gain(1.0 / decay, 1.0 / rise)
    return parameters(
        p, clock, Constants, (*decay, *rise), p.V_T + p.dV_th,
        per_gap_ex=per_gap[0], per_gap_in=per_gap[1], gain_ex=gain[0], gain_in=gain[1],
    )  # fmt: skip


CELL = layout(gates=3, rates=4, synapses=4, constants=len(Constants._fields), exponentials=1)
ROWS = named(Constants, CELL.constants)
SYNAPSES = beta_conductances(CELL, reversal=ROWS.E_ex, shape=ROWS.per_gap_ex, signs=(1.0, -1.0))


@inlined
def states(s):
    """Voltage and gates; then both conductances, and how fast they rise."""
    return s.V_m, s.Act_m, s.Inact_h, s.Act_n, s.g_ex, s.g_in, s.dg_ex, s.dg_in


advance, coupled = excitable(Formulas(CELL, states, *traub(CELL, ROWS), SYNAPSES))

hh_cond_beta_gap_traub = traub_cell(
    "hh_cond_beta_gap_traub",
    -50.0,
    (
        Param("tau_rise_ex", 0.5, "ms", "time constant with which excitation rises", above=0.0),
        Param("tau_decay_ex", 5.0, "ms", "time constant with which excitation decays", above=0.0),
        Param("tau_rise_in", 0.5, "ms", "time constant with which inhibition rises", above=0.0),
        Param("tau_decay_in", 10.0, "ms", "time constant with which inhibition decays", above=0.0),
    ),
    """\
g_X(t) = sum over spikes of |w| c_X (exp(-t/tau_decay_X) - exp(-t/tau_rise_X)), c_X such that a weight of w nS peaks at
|w| nS; w > 0 enters g_ex, w <= 0 enters g_in""",
    "Hodgkin-Huxley cell after Traub, with beta-shaped synaptic conductances, for networks with gap junctions.",
    state=State,
    prepare=prepare,
    advance=advance,
    coupled=coupled,
)

"""Hodgkin-Huxley cell of a fast-spiking interneuron, for networks with gap junctions."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import inlined, kernel, scratch
from parsim.kernels.maths import exp
from parsim.models.base import CellModel, Param, Variable
from parsim.models.parts import channels
from parsim.models.parts.channels import (
    MEMBRANE,
    Params,
    bend,
    derivatives,
    gate,
    linoid,
    parameters,
    tolerance,
)
from parsim.models.parts.columns import V, gates, layout, named, rows
from parsim.models.parts.driving import alpha_currents
from parsim.models.parts.excitable import Formulas, excitable
from parsim.models.parts.leaky import CURRENTS


class State(NamedTuple):
    V_m: Floats
    Act_m: Floats
    Inact_h: Floats
    Act_n: Floats
    Inact_p: Floats
    I_syn_ex: Floats
    dI_ex: Floats  # pA/ms
    I_syn_in: Floats
    dI_in: Floats
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
    g_Kv3: Floats


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """A spike has to reach V_th. The potassium channels of n are Kv1."""
    return parameters(p, clock, Constants, (p.tau_syn_ex, p.tau_syn_in), p.V_th, g_K=p.g_Kv1)


CELL = layout(gates=4, rates=2, synapses=4, constants=len(Constants._fields), exponentials=8)
ROWS = named(Constants, CELL.constants)
P = gates(4)[3]
SPACE = int(CELL.end)
E_0, E_1, E_2, E_3, E_4, E_5, E_6, E_7 = rows(CELL.exponentials, 8)


@inlined
def states(s):
    """Voltage and gates; then both currents, and how fast they rise."""
    return s.V_m, s.Act_m, s.Inact_h, s.Act_n, s.Inact_p, s.I_syn_ex, s.I_syn_in, s.dI_ex, s.dI_in


@inlined
def exponentials(w, j, v):
    """Those of opening and closing rates, of m, h, n and p."""
    w[E_0 + j] = exp((75.5 - v) * (1.0 / 13.5))
    w[E_1 + j] = exp(v * (-1.0 / 42.248))
    w[E_2 + j] = exp(v * (-1.0 / 24.186))
    w[E_3 + j] = exp((-51.25 - v) * (1.0 / 5.2))
    w[E_4 + j] = exp((-44.0 - v) * (1.0 / 2.3))
    w[E_5 + j] = exp((-44.0 - v) * (1.0 / 34.0))
    w[E_6 + j] = exp((95.0 - v) * (1.0 / 11.8))
    w[E_7 + j] = exp(v * (-1.0 / 22.222))


@inlined
def rates(w, j, v):
    """Opening and closing rates of m, h and n, each followed by its derivative; 1/ms."""
    m, dm = linoid((75.5 - v) * (1.0 / 13.5), w[E_0 + j])
    m_closing, h = 1.2262 * w[E_1 + j], 0.0035 * w[E_2 + j]
    h_closing, dh_closing = linoid((-51.25 - v) * (1.0 / 5.2), w[E_3 + j])
    n, dn = linoid((-44.0 - v) * (1.0 / 2.3), w[E_4 + j])
    n_closing = 0.0043 * w[E_5 + j]
    return (
        ((40.0 * 13.5) * m, -40.0 * dm, m_closing, m_closing * (-1.0 / 42.248)),
        (h, h * (-1.0 / 24.186), (0.017 * 5.2) * h_closing, -0.017 * dh_closing),
        ((0.014 * 2.3) * n, -0.014 * dn, n_closing, n_closing * (-1.0 / 34.0)),
    )  # fmt: skip


@inlined
def rates_of_p(w, j, v):
    """Those of p."""
    p, dp = linoid((95.0 - v) * (1.0 / 11.8), w[E_6 + j])
    p_closing = 0.025 * w[E_7 + j]
    return 11.8 * p, -dp, p_closing, p_closing * (-1.0 / 22.222)


@inlined
def slopes(w, j, now, at, i, di, g, dg):
    """First and second derivatives of voltage and gates; the channels of p add to the conductance."""
    v, p = w[V + now + j], w[P + now + j]
    r_p = rates_of_p(w, j, v)
    gate(w, j, P, now, at, r_p)
    fp = w[P + at + j]
    g_p, dg_p = w[ROWS.g_Kv3 + j] * (p * p), w[ROWS.g_Kv3 + j] * (2.0 * (p * fp))
    e_k = w[ROWS.E_K + j]
    derivatives(ROWS, w, j, now, at, rates(w, j, v), i + g_p * e_k, di + dg_p * e_k, g + g_p, dg + dg_p)
    bend(w, j, P, now, at, r_p)


@inlined
def voltage(w, j, now, i, g):
    """The first derivative of the voltage."""
    p = w[P + now + j]
    g_p = w[ROWS.g_Kv3 + j] * (p * p)
    return channels.voltage(ROWS, w, j, now, i + g_p * w[ROWS.E_K + j], g + g_p)


advance, coupled = excitable(
    Formulas(CELL, states, exponentials, slopes, voltage, alpha_currents(CELL, ports=2))
)


V_REST = -69.60401191631222  # where all currents cancel, with default values


@kernel
def _at_rest():
    """The values that m, h, n and p tend to at V_REST."""
    w = scratch(SPACE)
    place = np.uint64(0)
    exponentials(w, place, V_REST)
    (am, _, bm, _), (ah, _, bh, _), (an, _, bn, _) = rates(w, place, V_REST)
    ap, _, bp, _ = rates_of_p(w, place, V_REST)
    return am / (am + bm), ah / (ah + bh), an / (an + bn), ap / (ap + bp)


def _resting(gate: int) -> Callable[[SimpleNamespace], Floats]:
    return lambda p: np.full_like(p.C_m, _at_rest()[gate])


hh_psc_alpha_gap = CellModel(
    "hh_psc_alpha_gap",
    params=(
        Param("C_m", 40.0, "pF", "capacitance of the membrane", above=0.0),
        Param("g_Na", 4500.0, "nS", "peak conductance of sodium channels", at_least=0.0),
        Param("g_Kv1", 9.0, "nS", "peak conductance of potassium channels Kv1", at_least=0.0),
        Param("g_Kv3", 9000.0, "nS", "peak conductance of potassium channels Kv3", at_least=0.0),
        Param("g_L", 10.0, "nS", "leak conductance", at_least=0.0),
        Param("E_Na", 74.0, "mV", "reversal potential of sodium"),
        Param("E_K", -90.0, "mV", "reversal potential of potassium"),
        Param("E_L", -70.0, "mV", "reversal potential of the leak"),
        Param("tau_syn_ex", 0.2, "ms", "rise time of excitatory synaptic currents", above=0.0),
        Param("tau_syn_in", 2.0, "ms", "rise time of inhibitory synaptic currents", above=0.0),
        Param("V_th", 0.0, "mV", "what V_m has to reach: a spike is told when it falls from there"),
        *MEMBRANE,
        tolerance(1e-5),
    ),
    state=State,
    recordables=(
        Variable("V_m", "mV", "membrane potential", initial=V_REST),
        Variable("Act_m", "", "activation of sodium channels", initial=_resting(0)),
        Variable("Inact_h", "", "inactivation of sodium channels", initial=_resting(1)),
        Variable("Act_n", "", "activation of potassium channels Kv1", initial=_resting(2)),
        Variable("Inact_p", "", "activation of potassium channels Kv3", initial=_resting(3)),
        *CURRENTS,
    ),
    prepare=prepare,
    advance=advance,
    coupled=coupled,
    about="Hodgkin-Huxley cell of a fast-spiking interneuron, for networks with gap junctions.",
    equations="""\
C_m dV_m/dt = -g_Na m^3 h (V_m - E_Na) - (g_Kv1 n^4 + g_Kv3 p^2) (V_m - E_K) - g_L (V_m - E_L)
              + I_syn_ex + I_syn_in + I_e + I_stim
dx/dt = a_x (1 - x) - b_x x    for x = m, h, n, p; V = V_m
  a_m = 40 (V - 75.5)/(1 - exp(-(V - 75.5)/13.5))    b_m = 1.2262 exp(-V/42.248)
  a_h = 0.0035 exp(-V/24.186)                        b_h = 0.017 (V + 51.25)/(1 - exp(-(V + 51.25)/5.2))
  a_n = 0.014 (V + 44)/(1 - exp(-(V + 44)/2.3))      b_n = 0.0043 exp(-(V + 44)/34)
  a_p = (V - 95)/(1 - exp(-(V - 95)/11.8))           b_p = 0.025 exp(-V/22.222)
I_syn_X(t) = sum over spikes of w e/tau_syn_X t exp(-t/tau_syn_X)    (a weight of w pA peaks at w pA)
w > 0 enters I_syn_ex, w <= 0 enters I_syn_in
V_m >= V_th and falling at a step's end: a spike, unless another one was told less than t_ref before""",
    source="Mancilla et al. (2007), Journal of Neuroscience 27; Hahne et al. (2015), Frontiers in "
    "Neuroinformatics 9; NEST's hh_psc_alpha_gap",
)

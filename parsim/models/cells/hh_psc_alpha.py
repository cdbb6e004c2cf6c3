"""Hodgkin-Huxley cell with the channels of the squid axon and alpha-shaped synaptic currents."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import inlined, kernel
from parsim.kernels.maths import exp
from parsim.models.base import CellModel, Param, Variable
from parsim.models.parts import channels
from parsim.models.parts.channels import MEMBRANE, Params, derivatives, linoid, parameters, tolerance
from parsim.models.parts.columns import V, layout, named
from parsim.models.parts.driving import alpha_currents
from parsim.models.parts.excitable import Formulas, excitable
from parsim.models.parts.exponential_euler import EulerFormulas, with_exponential_euler
from parsim.models.parts.leaky import CURRENTS


class State(NamedTuple):
    V_m: Floats
    Act_m: Floats
    Inact_h: Floats
    Act_n: Floats
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


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """A spike has to reach V_th."""
    return parameters(p, clock, Constants, (p.tau_syn_ex, p.tau_syn_in), p.V_th)


CELL = layout(gates=3, rates=2, synapses=4, constants=len(Constants._fields), exponentials=1)
ROWS = named(Constants, CELL.constants)
SYNAPSES = alpha_currents(CELL, ports=2)


@inlined
def states(s):
    """Voltage and gates; then both currents, and how fast they rise."""
    return s.V_m, s.Act_m, s.Inact_h, s.Act_n, s.I_syn_ex, s.I_syn_in, s.dI_ex, s.dI_in


# The rates have exponentials of u/10, u/80, u/18, u/20, where u = V + 65: powers of x = exp(-u/720).
_SHIFT_M, _SHIFT_N, _SHIFT_H = 12.182493960703473, 2.718281828459045, 20.085536923187668  # e^2.5, e, e^3


@inlined
def rates(u, x):
    """Opening and closing rates of m, h, n at u = V + 65, each followed by its derivative; 1/ms."""
    x2 = x * x
    x4 = x2 * x2
    x9 = (x4 * x4) * x
    x18 = x9 * x9
    x36 = x18 * x18
    x72 = x36 * x36

    m, dm = linoid((25.0 - u) * 0.1, _SHIFT_M * x72)
    m_closing = 4.0 * (x36 * x4)
    h = 0.07 * x36
    h_closing = 1.0 / (1.0 + _SHIFT_H * x72)
    n, dn = linoid((10.0 - u) * 0.1, _SHIFT_N * x72)
    n_closing = 0.125 * x9
    return (
        (m, -0.1 * dm, m_closing, m_closing * (-1.0 / 18.0)),
        (h, h * -0.05, h_closing, 0.1 * (h_closing - h_closing * h_closing)),
        (0.1 * n, -0.01 * dn, n_closing, n_closing * -0.0125),
    )  # fmt: skip


@inlined
def exponentials(w, j, v):
    """The one that all rates are made of."""
    w[CELL.exponentials + j] = exp((v + 65.0) * (-1.0 / 720.0))


@inlined
def slopes(w, j, now, at, i, di, g, dg):
    """First and second derivatives of voltage and gates."""
    r = rates(w[V + now + j] + 65.0, w[CELL.exponentials + j])
    derivatives(ROWS, w, j, now, at, r, i, di, g, dg)


@inlined
def voltage(w, j, now, i, g):
    """The first derivative of the voltage."""
    return channels.voltage(ROWS, w, j, now, i, g)


@inlined
def gating(w, j):
    """Rates by voltage."""
    channels.put_rates(w, j, rates(w[V + j] + 65.0, w[CELL.exponentials + j]))


@inlined
def membrane(w, j, i, g):
    """Leak and channels."""
    return channels.membrane(ROWS, w, j, i, g)


advance, coupled = excitable(Formulas(CELL, states, exponentials, slopes, voltage, SYNAPSES))


@kernel
def _at_rest():
    """The values that m, h, n tend to at -65 mV."""
    (am, _, bm, _), (ah, _, bh, _), (an, _, bn, _) = rates(0.0, 1.0)
    return am / (am + bm), ah / (ah + bh), an / (an + bn)


def _resting(gate: int) -> Callable[[SimpleNamespace], Floats]:
    return lambda p: np.full_like(p.C_m, _at_rest()[gate])


hh_psc_alpha = CellModel(
    "hh_psc_alpha",
    params=(
        Param("C_m", 100.0, "pF", "capacitance of the membrane", above=0.0),
        Param("g_Na", 12000.0, "nS", "peak conductance of sodium channels", at_least=0.0),
        Param("g_K", 3600.0, "nS", "peak conductance of potassium channels", at_least=0.0),
        Param("g_L", 30.0, "nS", "leak conductance", at_least=0.0),
        Param("E_Na", 50.0, "mV", "reversal potential of sodium"),
        Param("E_K", -77.0, "mV", "reversal potential of potassium"),
        Param("E_L", -54.402, "mV", "reversal potential of the leak"),
        Param("tau_syn_ex", 0.2, "ms", "rise time of excitatory synaptic currents", above=0.0),
        Param("tau_syn_in", 2.0, "ms", "rise time of inhibitory synaptic currents", above=0.0),
        Param("V_th", 0.0, "mV", "what V_m has to reach: a spike is told when it falls from there"),
        *MEMBRANE,
        tolerance(1e-4),
    ),
    state=State,
    recordables=(
        Variable("V_m", "mV", "membrane potential", initial=-65.0),
        Variable("Act_m", "", "activation of sodium channels", initial=_resting(0)),
        Variable("Inact_h", "", "inactivation of sodium channels", initial=_resting(1)),
        Variable("Act_n", "", "activation of potassium channels", initial=_resting(2)),
        *CURRENTS,
    ),
    prepare=prepare,
    advance=advance,
    coupled=coupled,
    about="Hodgkin-Huxley cell with the channels of the squid axon and alpha-shaped synaptic currents.",
    equations="""\
C_m dV_m/dt = -g_Na m^3 h (V_m - E_Na) - g_K n^4 (V_m - E_K) - g_L (V_m - E_L)
              + I_syn_ex + I_syn_in + I_e + I_stim
dx/dt = a_x (1 - x) - b_x x    for x = m, h, n; V = V_m
  a_m = 0.1 (V + 40)/(1 - exp(-(V + 40)/10))     b_m = 4 exp(-(V + 65)/18)
  a_h = 0.07 exp(-(V + 65)/20)                   b_h = 1/(1 + exp(-(V + 35)/10))
  a_n = 0.01 (V + 55)/(1 - exp(-(V + 55)/10))    b_n = 0.125 exp(-(V + 65)/80)
I_syn_X(t) = sum over spikes of w e/tau_syn_X t exp(-t/tau_syn_X)    (a weight of w pA peaks at w pA)
w > 0 enters I_syn_ex, w <= 0 enters I_syn_in
V_m >= V_th and falling at a step's end: a spike, unless another one was told less than t_ref before""",
    source="Hodgkin and Huxley (1952), Journal of Physiology 117; NEST's hh_psc_alpha",
)
hh_psc_alpha, hh_psc_alpha_exponential_euler = with_exponential_euler(
    hh_psc_alpha, EulerFormulas(CELL, states, exponentials, gating, membrane, SYNAPSES)
)

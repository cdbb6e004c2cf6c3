"""The channels of cells after Traub: rates by voltage, and a model's formulas made of them."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Floats
from parsim.jit import inlined, kernel
from parsim.kernels.maths import exp, exp_of_small
from parsim.models.base import CellModel, Param, Variable
from parsim.models.parts import channels
from parsim.models.parts.channels import MEMBRANE, derivatives, divisor, linoid_by, tolerance
from parsim.models.parts.columns import Layout, V


def channel_params(V_T: float) -> tuple[Param, ...]:
    """Parameters of membrane and channels, with this V_T."""
    return (
        Param("C_m", 200.0, "pF", "capacitance of the membrane", above=0.0),
        Param("g_Na", 20000.0, "nS", "peak conductance of sodium channels", at_least=0.0),
        Param("g_K", 6000.0, "nS", "peak conductance of potassium channels", at_least=0.0),
        Param("g_L", 10.0, "nS", "leak conductance", at_least=0.0),
        Param("E_Na", 50.0, "mV", "reversal potential of sodium"),
        Param("E_K", -90.0, "mV", "reversal potential of potassium"),
        Param("E_L", -60.0, "mV", "reversal potential of the leak"),
        Param("V_T", V_T, "mV", "shifts the voltage that all rates depend on; about the threshold"),
        Param("dV_th", 30.0, "mV", "what V_m - V_T has to reach: a spike is told when V_m falls from there"),
        Param("E_ex", 0.0, "mV", "reversal potential of excitation"),
        Param("E_in", -80.0, "mV", "reversal potential of inhibition"),
    )


# The rates have exponentials of u/40, u/5, u/4, u/18: whole powers of x = exp(-u/360).
_N_SHIFT, _M_SHIFT, _E8 = 20.085536923187668, 25.790339917193062, 2980.9579870417283  # e^3, e^3.25, e^8
_N_CLOSING, _H_CLOSING = 0.5 * 1.2840254166877414, 0.128 * 2.5713844347880297  # e^0.25, e^(17/18)


@inlined
def rates(u, x):
    """Opening and closing rates of m, h, n at u = V - V_T, each followed by its derivative; 1/ms.

    Four inverses are parts of that of a product: one division.
    """
    x2 = x * x
    x4 = x2 * x2
    x9 = (x4 * x4) * x
    x18 = x9 * x9
    x36 = x18 * x18
    x72 = x36 * x36

    e = _E8 * x72
    y_m, y, y_n = (13.0 - u) * 0.25, (40.0 - u) * 0.2, (15.0 - u) * 0.2
    by_m, by_m_closing = divisor(y_m, _M_SHIFT * (x72 * x18)), divisor(y, e)
    by_n, by_h_closing = divisor(y_n, _N_SHIFT * x72), 1.0 + e
    by_ms, by_others = by_m * by_m_closing, by_n * by_h_closing  # at most e^634 in all, at -720 mV
    inverse = 1.0 / (by_ms * by_others)
    of_ms, of_others = inverse * by_others, inverse * by_ms

    m, dm = linoid_by(y_m, of_ms * by_m_closing)
    m_closing, dm_closing = linoid_by(y, of_ms * by_m)
    h = _H_CLOSING * (x18 * x2)
    h_closing = of_others * by_n
    n, dn = linoid_by(y_n, of_others * by_h_closing)
    n_closing = _N_CLOSING * x9
    return (
        (1.28 * m, -0.32 * dm, 1.4 * (y + m_closing), -0.28 * (1.0 + dm_closing)),
        (h, h * (-1.0 / 18.0), 4.0 * h_closing, 0.8 * (h_closing - h_closing * h_closing)),
        (0.16 * n, -0.032 * dn, n_closing, n_closing * -0.025),
    )  # fmt: skip


class Traub(NamedTuple):
    """The parts of `Formulas` that are the channels'."""

    exponentials: Callable[..., Any]
    slopes: Callable[..., Any]
    voltage: Callable[..., Any]


def traub(cell: Layout, rows: Any) -> Traub:
    """Those of a model with this layout, and rows of its constants."""

    @inlined
    def exponentials(w, j, v):
        """The one that all rates are made of: to 1e-13 within 140 mV of V_T; beyond 720 mV as there."""
        fourth = exp_of_small((v - w[rows.V_T + j]) * (-1.0 / 1440.0))
        half = fourth * fourth
        w[cell.exponentials + j] = half * half

    @inlined
    def slopes(w, j, now, at, i, di, g, dg):
        """First and second derivatives of voltage and gates."""
        r = rates(w[V + now + j] - w[rows.V_T + j], w[cell.exponentials + j])
        derivatives(rows, w, j, now, at, r, i, di, g, dg)

    @inlined
    def voltage(w, j, now, i, g):
        """The first derivative of the voltage."""
        return channels.voltage(rows, w, j, now, i, g)

    return Traub(exponentials, slopes, voltage)


@kernel
def at_rest(u):
    """The values that m, h, n tend to at u, as [gate, cell]; beyond 720 mV as there."""
    out = np.empty((3, u.size))
    for i in range(u.size):
        here = min(max(u[i], -720.0), 720.0)
        (am, _, bm, _), (ah, _, bh, _), (an, _, bn, _) = rates(here, exp(here * (-1.0 / 360.0)))
        out[0, i] = am / (am + bm)
        out[1, i] = ah / (ah + bh)
        out[2, i] = an / (an + bn)
    return out


def resting(gate: int) -> Callable[[SimpleNamespace], Floats]:
    """At rest at E_L; NEST does not subtract V_T here, and so do we not."""
    return lambda p: at_rest(np.ravel(np.asarray(p.E_L, dtype=np.float64)))[gate]


VOLTAGE_AND_GATES = (
    Variable("V_m", "mV", "membrane potential", initial="E_L"),
    Variable("Act_m", "", "activation of sodium channels", initial=resting(0)),
    Variable("Inact_h", "", "inactivation of sodium channels", initial=resting(1)),
    Variable("Act_n", "", "activation of potassium channels", initial=resting(2)),
)
RATES = """\
dx/dt = a_x (1 - x) - b_x x    for x = m, h, n; u = V_m - V_T
  a_m = 0.32 (13 - u)/(exp((13 - u)/4) - 1)     b_m = 0.28 (u - 40)/(exp((u - 40)/5) - 1)
  a_h = 0.128 exp((17 - u)/18)                  b_h = 4/(1 + exp((40 - u)/5))
  a_n = 0.032 (15 - u)/(exp((15 - u)/5) - 1)    b_n = 0.5 exp((10 - u)/40)"""
TOLD = """\
V_m >= V_T + dV_th and falling at a step's end: a spike, unless another one was told less than t_ref before
at the start m, h, n rest at E_L, but with u = E_L in place of E_L - V_T, as in NEST"""


def traub_cell(
    name: str, V_T: float, params: tuple[Param, ...], synapses: str, about: str, **parts: Any
) -> CellModel:
    """With this V_T, and conductances that have these parameters and go as `synapses` says; `parts` are the state and
    the kernels.
    """
    return CellModel(
        name,
        params=(*channel_params(V_T), *params, *MEMBRANE, tolerance(3e-2)),
        recordables=(
            *VOLTAGE_AND_GATES,
            Variable("g_ex", "nS", "excitatory synaptic conductance"),
            Variable("g_in", "nS", "inhibitory synaptic conductance"),
        ),
        weight_unit="nS",
        about=about,
        equations=f"""\
C_m dV_m/dt = -g_Na m^3 h (V_m - E_Na) - g_K n^4 (V_m - E_K) - g_L (V_m - E_L)
              - g_ex (V_m - E_ex) - g_in (V_m - E_in) + I_e + I_stim
{RATES}
{synapses}
{TOLD}""",
        source=f"Traub and Miles (1991), Neuronal Networks of the Hippocampus; NEST's {name}",
        **parts,
    )

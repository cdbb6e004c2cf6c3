"""Hodgkin-Huxley cell after Traub, with exponential synaptic conductances."""

from types import SimpleNamespace
from typing import NamedTuple

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import inlined
from parsim.models.base import Param
from parsim.models.parts import channels
from parsim.models.parts.channels import Params, parameters
from parsim.models.parts.columns import V, layout, named
from parsim.models.parts.driving import conductances
from parsim.models.parts.excitable import Formulas, excitable
from parsim.models.parts.exponential_euler import EulerFormulas, with_exponential_euler
from parsim.models.parts.traub import rates, traub, traub_cell


class State(NamedTuple):
    V_m: Floats
    Act_m: Floats
    Inact_h: Floats
    Act_n: Floats
    g_ex: Floats
    g_in: Floats
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


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """A spike has to reach dV_th above V_T."""
    return parameters(p, clock, Constants, (p.tau_syn_ex, p.tau_syn_in), p.V_T + p.dV_th)


CELL = layout(gates=3, rates=2, synapses=2, constants=len(Constants._fields), exponentials=1)
ROWS = named(Constants, CELL.constants)
SYNAPSES = conductances(CELL, reversal=ROWS.E_ex, signs=(1.0, -1.0))


@inlined
def states(s):
    """Voltage and gates; then both conductances."""
    return s.V_m, s.Act_m, s.Inact_h, s.Act_n, s.g_ex, s.g_in


CHANNELS = traub(CELL, ROWS)


@inlined
def gating(w, j):
    """Rates by voltage."""
    channels.put_rates(w, j, rates(w[V + j] - w[ROWS.V_T + j], w[CELL.exponentials + j]))


@inlined
def membrane(w, j, i, g):
    """Leak and channels."""
    return channels.membrane(ROWS, w, j, i, g)


advance, coupled = excitable(Formulas(CELL, states, *CHANNELS, SYNAPSES))


hh_cond_exp_traub = traub_cell(
    "hh_cond_exp_traub",
    -63.0,
    (
        Param("tau_syn_ex", 5.0, "ms", "time constant of excitatory conductances", above=0.0),
        Param("tau_syn_in", 10.0, "ms", "time constant of inhibitory conductances", above=0.0),
    ),
    """\
dg_X/dt = -g_X/tau_syn_X; a spike of weight w > 0 adds w to g_ex, of w <= 0 adds |w| to g_in""",
    "Hodgkin-Huxley cell after Traub, with exponential synaptic conductances.",
    state=State,
    prepare=prepare,
    advance=advance,
    coupled=coupled,
)
hh_cond_exp_traub, hh_cond_exp_traub_exponential_euler = with_exponential_euler(
    hh_cond_exp_traub, EulerFormulas(CELL, states, CHANNELS.exponentials, gating, membrane, SYNAPSES)
)

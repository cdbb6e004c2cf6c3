"""Generalized integrate-and-fire with exponential conductances of any number of receptors."""

from types import SimpleNamespace

import numpy as np

from parsim.clock import Clock
from parsim.models.base import Param, Variable
from parsim.models.cells.gif_cond_exp import Params, State, advance, under_conductances
from parsim.models.parts.gif import gif_cell
from parsim.models.ports import PerReceptor, of_receptors

RECEPTOR = PerReceptor(
    params=(
        Param("E_rev", 0.0, "mV", "reversal potential of the receptor"),
        Param("tau_syn", 2.0, "ms", "time constant of the receptor's conductance", above=0.0),
    ),
    states=(Variable("g", "nS", "conductance of the receptor"),),
    positive=True,
)


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """Courses of the receptors' conductances over a step, and the membrane."""
    tau = of_receptors(p, "tau_syn")
    return under_conductances(p, clock, tau, of_receptors(p, "E_rev"), np.ones(len(tau)))


gif_cond_exp_multisynapse = gif_cell(
    "gif_cond_exp_multisynapse",
    RECEPTOR.params_of("1"),
    RECEPTOR.states_of("1"),
    """\
C_m dV_m/dt = -g_L (V_m - E_L) - sum over receptors R of g_R (V_m - E_rev_R) - I_stc + I_e + I_stim
dg_R/dt = -g_R/tau_syn_R; a spike of weight w at receptor R adds w, at least 0
receptors: gif_cond_exp_multisynapse.with_receptors(exc=dict(tau_syn=2.0), inh=dict(tau_syn=6.0, E_rev=-85.0))""",
    state=State,
    ports=("1",),
    per_receptor=RECEPTOR,
    prepare=prepare,
    advance=advance,
    weight_unit="nS",
    about="Generalized integrate-and-fire with exponential conductances of any number of receptors.",
)

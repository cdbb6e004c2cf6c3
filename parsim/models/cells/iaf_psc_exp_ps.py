"""Leaky integrate-and-fire with exponential currents that hears and fires between the steps, integrated exactly."""

from types import SimpleNamespace

import numpy as np

from parsim.clock import Clock
from parsim.models.base import CellModel
from parsim.models.cells.iaf_psc_alpha_ps import RECORDABLES, SPIKE, Params, State, advance, prepare_currents
from parsim.models.parts.leaky import MEMBRANE, SYNAPSES, V_MIN, below_threshold


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """A spike of w pA adds w to the current itself, and nothing to its derivative, which stays 0."""
    nothing = np.zeros(p.C_m.size)
    return prepare_currents(p, clock, np.ones(p.C_m.size), nothing, nothing)


iaf_psc_exp_ps = CellModel(
    "iaf_psc_exp_ps",
    params=(*MEMBRANE, V_MIN, *SYNAPSES),
    state=State,
    recordables=RECORDABLES,
    prepare=prepare,
    advance=advance,
    check=below_threshold,
    precise=True,
    about="Leaky integrate-and-fire with exponential synaptic currents and spikes at exact times.",
    equations=f"""\
dV_m/dt = -(V_m - E_L)/tau_m + (I_syn_ex + I_syn_in + I_e + I_stim)/C_m
dI_syn_X/dt = -I_syn_X/tau_X;  a spike of weight w adds w
{SPIKE}""",
    source="Hanuschkin et al. (2010), Frontiers in Neuroinformatics 4; NEST's iaf_psc_exp_ps",
)

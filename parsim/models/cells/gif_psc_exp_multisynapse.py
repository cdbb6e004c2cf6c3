"""Generalized integrate-and-fire with exponential currents of any number of receptors."""

from types import SimpleNamespace

from parsim.clock import Clock
from parsim.jit import inlined, kernel
from parsim.models.cells.gif_psc_exp import Params, State, move, under_currents
from parsim.models.cells.iaf_psc_exp_multisynapse import RECEPTOR
from parsim.models.parts.gif import gif_cell
from parsim.models.ports import of_receptors


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """Propagators of one step; the receptors stand in the order in which the model has them."""
    return under_currents(p, clock, of_receptors(p, "tau_syn"))


@inlined
def push(syn, p, r, spikes, pushed, begin, end):
    """A current acts with its course from the start of the step."""
    v_from, decay = p.v_from[r], p.decay_syn[r]
    for i in range(begin, end):
        pushed[i - begin] += v_from[i] * syn[i]
        syn[i] = decay[i] * syn[i] + spikes[i]


@kernel
def advance(s, p, inputs, span, out):
    """As `move`."""
    move(push, s, p, inputs, span, out)


gif_psc_exp_multisynapse = gif_cell(
    "gif_psc_exp_multisynapse",
    RECEPTOR.params_of("1"),
    RECEPTOR.states_of("1"),
    """\
C_m dV_m/dt = -g_L (V_m - E_L) - I_stc + sum of all I_syn_R + I_e + I_stim
dI_syn_R/dt = -I_syn_R/tau_syn_R; a spike of weight w at receptor R adds w pA, of either sign
receptors: gif_psc_exp_multisynapse.with_receptors(fast=dict(tau_syn=2.0), slow=dict(tau_syn=50.0))""",
    state=State,
    ports=("1",),
    per_receptor=RECEPTOR,
    prepare=prepare,
    advance=advance,
    about="Generalized integrate-and-fire with exponential currents of any number of receptors.",
)

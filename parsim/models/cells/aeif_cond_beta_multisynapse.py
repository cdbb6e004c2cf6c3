"""Adaptive exponential integrate-and-fire with beta-shaped conductances of any number of receptors."""

from types import SimpleNamespace

from parsim.clock import Clock
from parsim.models.base import CellModel, Param, Variable
from parsim.models.parts.adaptive import EQUATIONS, MEMBRANE, below_peak
from parsim.models.parts.receptors import CONDUCTANCE, Params, State, advance, prepared
from parsim.models.ports import PerReceptor, of_receptors

RECEPTOR = PerReceptor(
    params=(
        Param("E_rev", 0.0, "mV", "reversal potential of the receptor"),
        Param("tau_rise", 2.0, "ms", "time constant with which the conductance rises", above=0.0),
        Param("tau_decay", 20.0, "ms", "time constant with which it decays", above=0.0),
    ),
    states=CONDUCTANCE,
    positive=True,
)


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """Courses of the receptors' conductances over a step, and the membrane."""
    rise, decay = of_receptors(p, "tau_rise"), of_receptors(p, "tau_decay")
    return prepared(p, clock, rise, decay, of_receptors(p, "E_rev"))


aeif_cond_beta_multisynapse = CellModel(
    "aeif_cond_beta_multisynapse",
    params=(*MEMBRANE, *RECEPTOR.params_of("1")),
    state=State,
    recordables=(
        Variable("V_m", "mV", "membrane potential", initial="E_L"),
        Variable("w", "pA", "adaptation current"),
        *RECEPTOR.states_of("1"),
    ),
    ports=("1",),
    per_receptor=RECEPTOR,
    prepare=prepare,
    advance=advance,
    check=below_peak,
    weight_unit="nS",
    about="Adaptive exponential integrate-and-fire with beta-shaped conductances of any number of receptors.",
    equations=EQUATIONS.format(
        "sum over receptors R of g_R (V_m - E_rev_R)",
        """\
g_R(t) = sum over spikes at receptor R of w c_R (exp(-t/tau_decay_R) - exp(-t/tau_rise_R)), with c_R such that a weight
of w nS, at least 0, peaks at w nS; where both time constants are one, that of aeif_cond_alpha_multisynapse
receptors: aeif_cond_beta_multisynapse.with_receptors(exc=dict(tau_rise=0.2, tau_decay=2.0), inh=dict(E_rev=-85.0))""",
    ),
    source="Brette and Gerstner (2005), Journal of Neurophysiology 94; NEST's aeif_cond_beta_multisynapse",
)

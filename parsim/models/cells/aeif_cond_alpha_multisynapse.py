"""Adaptive exponential integrate-and-fire with alpha-shaped conductances of any number of receptors."""

from types import SimpleNamespace

from parsim.clock import Clock
from parsim.models.base import CellModel, Param, Variable
from parsim.models.parts.adaptive import EQUATIONS, MEMBRANE, below_peak
from parsim.models.parts.receptors import CONDUCTANCE, Params, State, advance, prepared
from parsim.models.ports import PerReceptor, of_receptors

RECEPTOR = PerReceptor(
    params=(
        Param("E_rev", 0.0, "mV", "reversal potential of the receptor"),
        Param("tau_syn", 2.0, "ms", "time constant of the receptor's conductance", above=0.0),
    ),
    states=CONDUCTANCE,
    positive=True,
)


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """Courses of the receptors' conductances over a step, and the membrane."""
    tau_syn = of_receptors(p, "tau_syn")
    return prepared(p, clock, tau_syn, tau_syn, of_receptors(p, "E_rev"))


aeif_cond_alpha_multisynapse = CellModel(
    "aeif_cond_alpha_multisynapse",
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
    about="Adaptive exponential integrate-and-fire with alpha-shaped conductances of any number of receptors.",
    equations=EQUATIONS.format(
        "sum over receptors R of g_R (V_m - E_rev_R)",
        """\
g_R(t) = sum over spikes at receptor R of w e/tau_syn_R t exp(-t/tau_syn_R); a weight of w nS, at least 0, peaks at w nS
receptors: aeif_cond_alpha_multisynapse.with_receptors(exc=dict(E_rev=0.0, tau_syn=0.2), inh=dict(E_rev=-85.0))""",
    ),
    source="Brette and Gerstner (2005), Journal of Neurophysiology 94; NEST's aeif_cond_alpha_multisynapse",
)

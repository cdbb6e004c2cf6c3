"""Adaptive exponential integrate-and-fire with exponential synaptic currents."""

from types import SimpleNamespace

from parsim.clock import Clock
from parsim.models.base import CellModel, Variable
from parsim.models.parts.adaptive import EQUATIONS, MEMBRANE, below_peak
from parsim.models.parts.adaptive_currents import SYNAPSES, Params, State, advance, prepared


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """Courses of both currents over a step, and the membrane."""
    return prepared(p, clock, rises=False)


aeif_psc_exp = CellModel(
    "aeif_psc_exp",
    params=(*MEMBRANE, *SYNAPSES),
    state=State,
    recordables=(
        Variable("V_m", "mV", "membrane potential", initial="E_L"),
        Variable("I_syn_ex", "pA", "excitatory synaptic current", of="I_syn"),
        Variable("I_syn_in", "pA", "inhibitory synaptic current, at least 0", of="I_syn"),
        Variable("w", "pA", "adaptation current"),
        Variable("dI_syn_ex", "pA/ms", "as in aeif_psc_alpha; no spike changes it", of="dI_syn"),
        Variable("dI_syn_in", "pA/ms", "as in aeif_psc_alpha; no spike changes it", of="dI_syn"),
    ),
    prepare=prepare,
    advance=advance,
    check=below_peak,
    about="Adaptive exponential integrate-and-fire with exponential synaptic currents; spikes end inside a step.",
    equations=EQUATIONS.format(
        "I_syn_in + I_syn_ex",
        """\
dI_syn_X/dt = -I_syn_X/tau_syn_X
a spike of weight w > 0 adds w to I_syn_ex, of w <= 0 adds |w| to I_syn_in""",
    ),
    source="Brette and Gerstner (2005), Journal of Neurophysiology 94; NEST's aeif_psc_exp",
)

"""Adaptive exponential integrate-and-fire with exponential synaptic currents."""

from types import SimpleNamespace

from parsim.clock import Clock
from parsim.models.base import CellModel
from parsim.models.parts.adaptive import EQUATIONS, below_peak
from parsim.models.parts.adaptive_currents import PARAMS, Params, State, advance, prepared, recordables


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """Courses of both currents over a step, and the membrane."""
    return prepared(p, clock, rises=False)


aeif_psc_exp = CellModel(
    "aeif_psc_exp",
    params=PARAMS,
    state=State,
    recordables=recordables(
        "as in aeif_psc_alpha; no spike changes it", "as in aeif_psc_alpha; no spike changes it"
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

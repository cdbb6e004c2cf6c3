"""Adaptive exponential integrate-and-fire with alpha-shaped synaptic currents."""

from types import SimpleNamespace

from parsim.clock import Clock
from parsim.models.base import CellModel
from parsim.models.parts.adaptive import EQUATIONS, below_peak
from parsim.models.parts.adaptive_currents import PARAMS, Params, State, advance, prepared, recordables


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """Courses of both currents over a step, and the membrane."""
    return prepared(p, clock, rises=True)


aeif_psc_alpha = CellModel(
    "aeif_psc_alpha",
    params=PARAMS,
    state=State,
    recordables=recordables(
        "how fast I_syn_ex rises, but for its decay", "how fast I_syn_in rises, but for its decay"
    ),
    prepare=prepare,
    advance=advance,
    check=below_peak,
    about="Adaptive exponential integrate-and-fire with alpha-shaped synaptic currents; spikes end inside a step.",
    equations=EQUATIONS.format(
        "I_syn_in + I_syn_ex",
        """\
I_syn_X(t) = sum over spikes of |w| e/tau_syn_X t exp(-t/tau_syn_X)        (a weight of w pA peaks at |w| pA)
w > 0 enters I_syn_ex, w <= 0 enters I_syn_in""",
    ),
    source="Brette and Gerstner (2005), Journal of Neurophysiology 94; NEST's aeif_psc_alpha",
)

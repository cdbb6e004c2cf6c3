"""Adaptive exponential integrate-and-fire with beta-shaped conductances of any number of receptors."""

from types import SimpleNamespace

from parsim.clock import Clock
from parsim.models.base import Param
from parsim.models.parts.multisynapse import adaptive_multisynapse
from parsim.models.parts.receptors import Params, prepared
from parsim.models.ports import of_receptors


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """Courses of the receptors' conductances over a step, and the membrane."""
    rise, decay = of_receptors(p, "tau_rise"), of_receptors(p, "tau_decay")
    return prepared(p, clock, rise, decay, of_receptors(p, "E_rev"))


aeif_cond_beta_multisynapse = adaptive_multisynapse(
    "aeif_cond_beta_multisynapse",
    (
        Param("tau_rise", 2.0, "ms", "time constant with which the conductance rises", above=0.0),
        Param("tau_decay", 20.0, "ms", "time constant with which it decays", above=0.0),
    ),
    prepare,
    shape="beta",
    equations="""\
g_R(t) = sum over spikes at receptor R of w c_R (exp(-t/tau_decay_R) - exp(-t/tau_rise_R)), with c_R such that a weight
of w nS, at least 0, peaks at w nS; where both time constants are one, that of aeif_cond_alpha_multisynapse
receptors: aeif_cond_beta_multisynapse.with_receptors(exc=dict(tau_rise=0.2, tau_decay=2.0), inh=dict(E_rev=-85.0))""",
)

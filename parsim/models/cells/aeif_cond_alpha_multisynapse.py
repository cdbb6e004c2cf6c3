"""Adaptive exponential integrate-and-fire with alpha-shaped conductances of any number of receptors."""

from types import SimpleNamespace

from parsim.clock import Clock
from parsim.models.base import Param
from parsim.models.parts.multisynapse import adaptive_multisynapse
from parsim.models.parts.receptors import Params, prepared
from parsim.models.ports import of_receptors


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """Courses of the receptors' conductances over a step, and the membrane."""
    tau_syn = of_receptors(p, "tau_syn")
    return prepared(p, clock, tau_syn, tau_syn, of_receptors(p, "E_rev"))


aeif_cond_alpha_multisynapse = adaptive_multisynapse(
    "aeif_cond_alpha_multisynapse",
    (Param("tau_syn", 2.0, "ms", "time constant of the receptor's conductance", above=0.0),),
    prepare,
    shape="alpha",
    equations="""\
g_R(t) = sum over spikes at receptor R of w e/tau_syn_R t exp(-t/tau_syn_R); a weight of w nS, at least 0, peaks at w nS
receptors: aeif_cond_alpha_multisynapse.with_receptors(exc=dict(E_rev=0.0, tau_syn=0.2), inh=dict(E_rev=-85.0))""",
)

"""What synapses with resources that are used up share."""

from parsim.jit import inlined
from parsim.kernels.maths import exp_alone
from parsim.models.params import Param

DELAY = Param("delay", 1.0, "ms", "from spike to arrival", at_least=0.0)
U = Param("U", 0.5, "", "part of what is there that a spike after long rest uses", at_least=0.0, at_most=1.0)
TAU_REC = Param("tau_rec", 800.0, "ms", "in which what is used up recovers", above=0.0)
TAU_FAC = Param("tau_fac", 0.0, "ms", "in which facilitation decays; 0: there is none", at_least=0.0)


@inlined
def decay(passed, tau):
    """What is left after some time of what decays with a time constant, nothing where that is 0."""
    return exp_alone(-passed / tau) if tau > 0.0 else 0.0

"""Short-term depression: each spike takes a part of a pool of vesicles, which fills again."""

from types import SimpleNamespace
from typing import NamedTuple

from parsim.arrays import Floats
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.kernels.maths import exp_alone
from parsim.kernels.rows import at_row
from parsim.models.params import Param, Variable
from parsim.models.parts.plastic import WEIGHT
from parsim.models.parts.release import DELAY
from parsim.models.synapse_model import SynapseModel


class State(NamedTuple):
    P: Floats


class Params(NamedTuple):
    weight: Floats
    delta_P: Floats
    rate: Floats  # 1 / tau_P


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """The rate at which the pool fills."""
    return Params(p.weight, p.delta_P, 1.0 / p.tau_P)


@kernel
def transmit(s, p, r, spike):
    """The pool has filled since the last spike; a part of it goes with this one."""
    pool = 1.0 - (1.0 - s.P[r]) * exp_alone((spike.last - spike.time) * at_row(p.rate, r))
    s.P[r] = pool * (1.0 - at_row(p.delta_P, r))
    return at_row(p.weight, r) * pool


ht_synapse = SynapseModel(
    "ht_synapse",
    params=(
        WEIGHT,
        DELAY,
        Param("P", 1.0, "", "part of the pool that is there at the beginning", at_least=0.0, at_most=1.0),
        Param("delta_P", 0.125, "", "part of it that a spike takes", at_least=0.0, at_most=1.0),
        Param("tau_P", 500.0, "ms", "in which it fills again", above=0.0),
    ),
    state=State,
    recordables=(Variable("P", "", "part of the pool that is there just after the last spike", initial="P"),),
    prepare=prepare,
    transmit=transmit,
    about="Short-term depression of a pool of vesicles, as in the model of Hill and Tononi.",
    equations="""
        between spikes:  P' = (1 - P)/tau_P
        at a spike:      weight * P is sent, then P := P (1 - delta_P)
    """,
    source="Hill & Tononi 2005, J Neurophysiol 93:1671; NEST's ht_synapse",
)

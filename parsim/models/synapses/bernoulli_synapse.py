"""A connection that passes each spike with a probability."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.kernels.rows import at_row
from parsim.models.params import Param
from parsim.models.parts.release import DELAY
from parsim.models.synapse_model import SynapseModel
from parsim.shard.rows.passing import draw


class Params(NamedTuple):
    weight: Floats
    p_transmit: Floats


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """As said."""
    return Params(*(getattr(p, name) for name in Params._fields))


@kernel
def transmit(s, p, r, spike):
    """The weight, or nothing."""
    return at_row(p.weight, r) if draw(spike, r, 0) < at_row(p.p_transmit, r) else np.nan


bernoulli_synapse = SynapseModel(
    "bernoulli_synapse",
    params=(
        Param("weight", 1.0, "", "added at the target: pA, nS or mV, as its model says"),
        DELAY,
        Param("p_transmit", 1.0, "", "probability with which a spike passes", at_least=0.0, at_most=1.0),
    ),
    prepare=prepare,
    transmit=transmit,
    about="A connection that passes each spike by itself with a probability.",
    equations="each spike at t arrives at t + delay with the weight, with probability p_transmit",
    source="Lefort et al. 2009, Neuron 61:301; NEST's bernoulli_synapse",
)

"""A connection whose weight does not change."""

from parsim.models.params import Param
from parsim.models.synapse_model import SynapseModel

static_synapse = SynapseModel(
    "static_synapse",
    params=(
        Param("weight", 1.0, "", "added at the target: pA, nS or mV, as its model says"),
        Param(
            "delay",
            1.0,
            "ms",
            "from spike to arrival; whole steps, at least one; between event-driven cells any",
            at_least=0.0,
        ),
    ),
    about="A connection whose weight does not change.",
    equations="a spike at t arrives at t + delay with the weight",
    source="NEST's static_synapse",
)

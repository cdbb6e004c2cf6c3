"""Spike-timing dependent plasticity with a power law for facilitation, as measured in cultures."""

from types import SimpleNamespace
from typing import NamedTuple

from parsim.arrays import Floats
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.kernels.functions import power
from parsim.kernels.rows import at_row
from parsim.models.params import Param, Variable
from parsim.models.parts.plastic import (
    ALPHA,
    DELAY,
    K_PLUS,
    SOURCE_TRACE,
    TAU_PLUS,
    leave,
    left_of_all,
    new_memo,
)
from parsim.models.synapse_model import SynapseModel


class State(NamedTuple):
    weight: Floats
    Kplus: Floats


class Params(NamedTuple):
    up: Floats
    down: Floats
    mu: Floats
    rate: Floats  # 1 / tau_plus
    memo: Floats


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """Steps and the rate at which the trace decays."""
    own = (p.lambda_, p.lambda_ * p.alpha, p.mu, 1.0 / p.tau_plus)
    return Params(*own, new_memo())


@kernel
def hear(s, p, r, echo):
    """The target has fired: what its source has left of its trace strengthens the connection."""
    trace = left_of_all(s, p, r, echo)
    s.weight[r] += at_row(p.up, r) * power(s.weight[r], at_row(p.mu, r)) * trace


@kernel
def transmit(s, p, r, spike, target):
    """The source has fired: the target's trace weakens the connection, which then brings its weight."""
    w = max(s.weight[r] - at_row(p.down, r) * s.weight[r] * target.minus, 0.0)
    s.weight[r] = w
    return w


stdp_pl_synapse_hom = SynapseModel(
    "stdp_pl_synapse_hom",
    params=(
        Param("weight", 1.0, "", "at the beginning, not below 0", at_least=0.0),
        DELAY,
        TAU_PLUS,
        Param("lambda_", 0.1, "", "step of a weight; NEST's lambda", at_least=0.0),
        ALPHA,
        Param("mu", 0.4, "", "exponent of the weight in facilitation", at_least=0.0),
        K_PLUS,
    ),
    state=State,
    recordables=(
        Variable("weight", initial="weight"),
        SOURCE_TRACE,
    ),
    prepare=prepare,
    transmit=transmit,
    leave=leave,
    history=True,
    hear=hear,
    about="Spike-timing dependent plasticity whose facilitation follows a power law; weights have no bound.",
    equations="""
        target fires, back at t:  w += lambda w^mu K+(t)
        source fires at t:        w -= lambda alpha w K-(t), at least 0; then w is sent
        K+ and K- as in stdp_synapse
    """,
    source="Morrison, Aertsen & Diesmann 2007, Neural Comput 19:1437; NEST's stdp_pl_synapse_hom",
)

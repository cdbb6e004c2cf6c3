"""Spike-timing dependent plasticity: all pairs of spikes count."""

from types import SimpleNamespace
from typing import NamedTuple

from parsim.arrays import Floats
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.kernels.maths import exp_alone
from parsim.kernels.rows import at_row
from parsim.models.params import Variable
from parsim.models.parts.plastic import (
    ALPHA,
    DELAY,
    K_PLUS,
    LAMBDA,
    MU_MINUS,
    MU_PLUS,
    SOURCE_TRACE,
    TAU_PLUS,
    W_MAX,
    WEIGHT,
    depressed,
    exp_again,
    facilitated,
    new_memo,
    same_signs,
)
from parsim.models.synapse_model import SynapseModel


class State(NamedTuple):
    weight: Floats
    Kplus: Floats


class Params(NamedTuple):
    Wmax: Floats
    per_Wmax: Floats
    up: Floats
    down: Floats
    mu_plus: Floats
    mu_minus: Floats
    rate: Floats  # 1 / tau_plus
    memo: Floats


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """Steps and the rate at which the trace decays."""
    own = (p.Wmax, 1.0 / p.Wmax, p.lambda_, p.alpha * p.lambda_, p.mu_plus, p.mu_minus, 1.0 / p.tau_plus)
    return Params(*own, new_memo())


@kernel
def hear(s, p, r, echo):
    """The target has fired: what its source has left of its trace strengthens the connection."""
    trace = s.Kplus[r] * exp_alone((echo.last - echo.time) * at_row(p.rate, r))
    bound = at_row(p.Wmax, r), at_row(p.per_Wmax, r)
    s.weight[r] = facilitated(s.weight[r], bound, at_row(p.up, r), at_row(p.mu_plus, r), trace)


@kernel
def transmit(s, p, r, spike, target):
    """The source has fired: the target's trace weakens the connection, which then brings its weight."""
    bound = at_row(p.Wmax, r), at_row(p.per_Wmax, r)
    w = depressed(s.weight[r], bound, at_row(p.down, r), at_row(p.mu_minus, r), target.minus)
    s.weight[r] = w
    s.Kplus[r] = s.Kplus[r] * exp_again(p.memo, (spike.last - spike.time) * at_row(p.rate, r)) + 1.0
    return w


stdp_synapse = SynapseModel(
    "stdp_synapse",
    params=(WEIGHT, DELAY, TAU_PLUS, LAMBDA, ALPHA, MU_PLUS, MU_MINUS, W_MAX, K_PLUS),
    state=State,
    recordables=(
        Variable("weight", initial="weight"),
        SOURCE_TRACE,
    ),
    prepare=prepare,
    transmit=transmit,
    history=True,
    hear=hear,
    check=same_signs,
    sign="Wmax",
    about="Spike-timing dependent plasticity with exponents: all pairs of spikes count.",
    equations="""
        target fires, back at t:  w/Wmax += lambda (1 - w/Wmax)^mu_plus K+(t), at most 1
        source fires at t:        w/Wmax -= alpha lambda (w/Wmax)^mu_minus K-(t), at least 0; then w is sent
        K+ decays with tau_plus, each spike of the source adds 1
        K- decays with the target's tau_minus, each of its spikes adds 1; it is back a delay later
        at one time the target's spike comes first, and K- does not count it
    """,
    source="Guetig et al. 2003, J Neurosci 23:3697; Morrison et al. 2008, Biol Cybern 98:459; NEST's stdp_synapse",
)

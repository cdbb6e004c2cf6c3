"""Spike-timing dependent plasticity of nearest spikes, centred at the source."""

from typing import NamedTuple

from parsim.arrays import Floats
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
    same_signs,
)
from parsim.models.synapse_model import SynapseModel
from parsim.models.synapses.stdp_synapse import prepare


class State(NamedTuple):
    weight: Floats
    Kplus: Floats


@kernel
def hear(s, p, r, echo):
    """The target has fired: if that is the first time since its source has, the source's trace is used up."""
    if echo.first:
        trace = s.Kplus[r] * exp_alone((echo.last - echo.time) * at_row(p.rate, r))
        bound = at_row(p.Wmax, r), at_row(p.per_Wmax, r)
        s.weight[r] = facilitated(s.weight[r], bound, at_row(p.up, r), at_row(p.mu_plus, r), trace)
        s.Kplus[r] = 0.0


@kernel
def transmit(s, p, r, spike, target):
    """The source has fired: the target's last spike weakens the connection, which then brings its weight."""
    bound = at_row(p.Wmax, r), at_row(p.per_Wmax, r)
    w = depressed(s.weight[r], bound, at_row(p.down, r), at_row(p.mu_minus, r), target.nearest)
    s.weight[r] = w
    s.Kplus[r] = s.Kplus[r] * exp_again(p.memo, (spike.last - spike.time) * at_row(p.rate, r)) + 1.0
    return w


stdp_nn_pre_centered_synapse = SynapseModel(
    "stdp_nn_pre_centered_synapse",
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
    about="Spike-timing dependent plasticity in which each spike of the source pairs with the nearest of the target's.",
    equations="""
        target fires first after the source, back at t:  w/Wmax += lambda (1 - w/Wmax)^mu_plus K+(t); then K+ = 0
        source fires at t:  w/Wmax -= alpha lambda (w/Wmax)^mu_minus e^(-(t - t-)/tau_minus); then K+ += 1
        K+ decays with tau_plus; t-: when the last spike of the target was back; tau_minus is the target's
    """,
    source="Morrison, Diesmann & Gerstner 2008, Biol Cybern 98:459; NEST's stdp_nn_pre_centered_synapse",
)

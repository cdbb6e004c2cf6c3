"""Spike-timing dependent plasticity of nearest spikes, symmetrically."""

from typing import NamedTuple

from parsim.arrays import Floats
from parsim.jit import kernel
from parsim.kernels.maths import exp_alone
from parsim.kernels.rows import at_row
from parsim.models.params import Variable
from parsim.models.parts.plastic import (
    ALPHA,
    DELAY,
    LAMBDA,
    MU_MINUS,
    MU_PLUS,
    TAU_PLUS,
    W_MAX,
    WEIGHT,
    depressed,
    facilitated,
    same_signs,
)
from parsim.models.synapse_model import SynapseModel
from parsim.models.synapses.stdp_synapse import prepare


class State(NamedTuple):
    weight: Floats


@kernel
def hear(s, p, r, echo):
    """The target has fired: the last spike of the source strengthens the connection."""
    if echo.has_fired:
        trace = exp_alone((echo.last - echo.time) * at_row(p.rate, r))
        bound = at_row(p.Wmax, r), at_row(p.per_Wmax, r)
        s.weight[r] = facilitated(s.weight[r], bound, at_row(p.up, r), at_row(p.mu_plus, r), trace)


@kernel
def transmit(s, p, r, spike, target):
    """The source has fired: the target's last spike weakens the connection, which then brings its weight."""
    bound = at_row(p.Wmax, r), at_row(p.per_Wmax, r)
    w = depressed(s.weight[r], bound, at_row(p.down, r), at_row(p.mu_minus, r), target.nearest)
    s.weight[r] = w
    return w


stdp_nn_symm_synapse = SynapseModel(
    "stdp_nn_symm_synapse",
    params=(WEIGHT, DELAY, TAU_PLUS, LAMBDA, ALPHA, MU_PLUS, MU_MINUS, W_MAX),
    state=State,
    recordables=(Variable("weight", initial="weight"),),
    prepare=prepare,
    transmit=transmit,
    history=True,
    hear=hear,
    check=same_signs,
    sign="Wmax",
    about="Spike-timing dependent plasticity in which each spike pairs with the last of the other cell.",
    equations="""
        target fires, back at t:  w/Wmax += lambda (1 - w/Wmax)^mu_plus e^(-(t - t+)/tau_plus), at most 1
        source fires at t:        w/Wmax -= alpha lambda (w/Wmax)^mu_minus e^(-(t - t-)/tau_minus), at least 0
        t+, t-: when the source fired last, and when the last spike of the target was back; tau_minus is the target's
    """,
    source="Morrison, Diesmann & Gerstner 2008, Biol Cybern 98:459; NEST's stdp_nn_symm_synapse",
)

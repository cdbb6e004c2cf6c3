"""Spike-timing dependent plasticity of nearest spikes, symmetrically."""

from parsim.jit import inlined, kernel
from parsim.models.parts.pairs import pair_synapse, strengthen
from parsim.models.parts.plastic import left_of_last


@kernel
def hear(s, p, r, echo):
    """The target has fired: the last spike of the source strengthens the connection."""
    if echo.has_fired:
        strengthen(s, p, r, left_of_last(p, r, echo))


@inlined
def trace_of(target):
    """The target's last spike."""
    return target.nearest


stdp_nn_symm_synapse = pair_synapse(
    "stdp_nn_symm_synapse",
    hear,
    trace_of,
    trace=None,
    about="Spike-timing dependent plasticity in which each spike pairs with the last of the other cell.",
    equations="""
        target fires, back at t:  w/Wmax += lambda (1 - w/Wmax)^mu_plus e^(-(t - t+)/tau_plus), at most 1
        source fires at t:        w/Wmax -= alpha lambda (w/Wmax)^mu_minus e^(-(t - t-)/tau_minus), at least 0
        t+, t-: when the source fired last, and when the last spike of the target was back; tau_minus is the target's
    """,
    source="Morrison, Diesmann & Gerstner 2008, Biol Cybern 98:459; NEST's stdp_nn_symm_synapse",
)

"""Spike-timing dependent plasticity of spikes that follow each other immediately."""

from parsim.jit import inlined, kernel
from parsim.models.parts.pairs import pair_synapse, strengthen
from parsim.models.parts.plastic import left_of_last


@kernel
def hear(s, p, r, echo):
    """The target has fired: if that is the first time since its source has, the connection gets stronger."""
    if echo.has_fired and echo.first:
        strengthen(s, p, r, left_of_last(p, r, echo))


@inlined
def trace_of(target):
    """The target's last spike, if there was one since the source fired last."""
    return target.nearest if target.back else 0.0


stdp_nn_restr_synapse = pair_synapse(
    "stdp_nn_restr_synapse",
    hear,
    trace_of,
    trace=None,
    about="Spike-timing dependent plasticity of immediate pairs: no other spike of either cell is between the two.",
    equations="""
        target is the first to fire, back at t:  w/Wmax += lambda (1 - w/Wmax)^mu_plus e^(-(t - t+)/tau_plus)
        source is the first to fire, at t:       w/Wmax -= alpha lambda (w/Wmax)^mu_minus e^(-(t - t-)/tau_minus)
        t+, t-: when the source fired last, and when the last spike of the target was back; tau_minus is the target's
    """,
    source="Morrison, Diesmann & Gerstner 2008, Biol Cybern 98:459; NEST's stdp_nn_restr_synapse",
)

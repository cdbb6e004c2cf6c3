"""Spike-timing dependent plasticity: all pairs of spikes count."""

from parsim.jit import inlined, kernel
from parsim.models.parts.pairs import pair_synapse, strengthen
from parsim.models.parts.plastic import SOURCE_TRACE, left_of_all


@kernel
def hear(s, p, r, echo):
    """The target has fired: what its source has left of its trace strengthens the connection."""
    strengthen(s, p, r, left_of_all(s, p, r, echo))


@inlined
def trace_of(target):
    """The target's trace."""
    return target.minus


stdp_synapse = pair_synapse(
    "stdp_synapse",
    hear,
    trace_of,
    trace=SOURCE_TRACE,
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

"""Spike-timing dependent plasticity of nearest spikes, centred at the source."""

from parsim.jit import inlined, kernel
from parsim.models.parts.pairs import pair_synapse, strengthen
from parsim.models.parts.plastic import ROW_TRACE, left_of_all


@kernel
def hear(s, p, r, echo):
    """The target has fired: if that is the first time since its source has, the source's trace is used up."""
    if echo.first:
        strengthen(s, p, r, left_of_all(s, p, r, echo))
        s.Kplus[r] = 0.0


@inlined
def trace_of(target):
    """The target's last spike."""
    return target.nearest


stdp_nn_pre_centered_synapse = pair_synapse(
    "stdp_nn_pre_centered_synapse",
    hear,
    trace_of,
    trace=ROW_TRACE,
    about="Spike-timing dependent plasticity in which each spike of the source pairs with the nearest of the target's.",
    equations="""
        target fires first after the source, back at t:  w/Wmax += lambda (1 - w/Wmax)^mu_plus K+(t); then K+ = 0
        source fires at t:  w/Wmax -= alpha lambda (w/Wmax)^mu_minus e^(-(t - t-)/tau_minus); then K+ += 1
        K+ decays with tau_plus; t-: when the last spike of the target was back; tau_minus is the target's
    """,
    source="Morrison, Diesmann & Gerstner 2008, Biol Cybern 98:459; NEST's stdp_nn_pre_centered_synapse",
)

"""NEST's name for `stdp_synapse` whose parameters all connections share, which parsim keeps once in any case."""

from dataclasses import replace

from parsim.models.synapses.stdp_synapse import stdp_synapse

stdp_synapse_hom = replace(
    stdp_synapse,
    name="stdp_synapse_hom",
    about="stdp_synapse by NEST's name for parameters that all connections share, which are kept once in any case.",
)

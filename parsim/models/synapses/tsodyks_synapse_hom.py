"""NEST's name for `tsodyks_synapse` whose parameters all connections share, which parsim keeps once in any case."""

from dataclasses import replace

from parsim.models.synapses.tsodyks_synapse import tsodyks_synapse

tsodyks_synapse_hom = replace(
    tsodyks_synapse,
    name="tsodyks_synapse_hom",
    about="tsodyks_synapse by NEST's name for parameters that all connections share, which are kept once in any case.",
)

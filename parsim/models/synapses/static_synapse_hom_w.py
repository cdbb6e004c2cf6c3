"""NEST's name for `static_synapse` whose weight all connections share, which parsim keeps once in any case."""

from dataclasses import replace

from parsim.models.synapses.static_synapse import static_synapse

static_synapse_hom_w = replace(
    static_synapse,
    name="static_synapse_hom_w",
    about="static_synapse by NEST's name for a weight that all connections share, which is kept once in any case.",
)

"""A connection whose weight does not change, and whose delay is not rounded to steps."""

from dataclasses import replace

from parsim.models.synapses.static_synapse import static_synapse

cont_delay_synapse = replace(
    static_synapse,
    name="cont_delay_synapse",
    params=(
        static_synapse.params[0],
        replace(static_synapse.params[1], text="from spike to arrival; any, from one step on"),
    ),
    any_delay=True,
    about="A connection whose weight does not change, and whose delay is not rounded to steps.",
    equations="""
        a spike at t arrives at t + delay with the weight, at cells that hear exact times at that very time
        at others as many whole steps later as the delay comes to, rounded up
    """,
    source="NEST's cont_delay_synapse",
)

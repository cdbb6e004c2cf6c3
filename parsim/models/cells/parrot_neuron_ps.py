"""A cell that repeats every spike it receives, at its exact time."""

from parsim.clock import time_of
from parsim.jit import kernel
from parsim.models.base import CellModel
from parsim.models.cells.parrot_neuron import State, prepare
from parsim.shard.outbox import emit_at


@kernel
def advance(s, p, inputs, span, out):
    """One spike out for each that comes in, when it comes in."""
    events, grid = inputs.events, inputs.grid
    for i in range(span.begin, span.end):
        k, last = span.first, events.start[i + 1]
        began = time_of(grid, k)
        for e in range(events.start[i], last):
            while k < span.stop and time_of(grid, k + 1) < events.time[e]:
                k += 1
            if events.time[e] > began and k < span.stop:
                for _ in range(int(events.weight[e])):
                    emit_at(out, i, k + 1, time_of(grid, k + 1) - events.time[e])
                s.repeated[i] += int(events.weight[e])


parrot_neuron_ps = CellModel(
    "parrot_neuron_ps",
    params=(),
    state=State,
    ports=("heard",),
    prepare=prepare,
    advance=advance,
    weighs=False,
    takes_current=False,
    precise=True,
    weight_unit="",
    about="Repeats every spike it receives at its exact time; weights are ignored.",
    equations="a spike that arrives at t, sent at t - delay, is sent on at t; several are several",
    source="NEST's parrot_neuron_ps",
)

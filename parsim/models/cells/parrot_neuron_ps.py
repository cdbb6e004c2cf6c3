"""A cell that repeats every spike it receives, at its exact time."""

from parsim.clock import heard_by, last_time_of, step_of, time_of
from parsim.jit import kernel
from parsim.models.base import CellModel
from parsim.models.cells.parrot_neuron import State, prepare
from parsim.shard.outbox import emit_at


@kernel
def advance(s, p, inputs, span, out):
    """One spike out for each that comes in, when it comes in: at the step that its time is on, as others see it."""
    events, grid = inputs.events, inputs.grid
    heard, until = heard_by(grid, span.first, span.origin), last_time_of(grid, span.stop)
    for i in range(span.begin, span.end):
        for e in range(events.start[i], events.start[i + 1]):
            time = events.time[e]
            if heard < time <= until:
                step = max(step_of(grid, time), span.first + 1)  # that of `time` may have passed
                for _ in range(int(events.weight[e])):
                    emit_at(out, i, step, time_of(grid, step) - time)
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

"""What a parrot that hears exact times does where it has NEST's second receptor."""

from parsim.clock import heard_by, last_time_of, step_of, time_of
from parsim.jit import kernel
from parsim.shard.outbox import emit_at


@kernel
def repeat_what_is_heard(s, p, inputs, span, out):
    """One spike out for each that comes in at the first receptor, when it comes in; see `parrot_neuron_ps`."""
    events, grid = inputs.events, inputs.grid
    heard, until = heard_by(grid, span.first, span.origin), last_time_of(grid, span.stop)
    for i in range(span.begin, span.end):
        for e in range(events.start[i], events.start[i + 1]):
            time = events.time[e]
            if events.port[events.row[e]] == 0 and heard < time <= until:
                step = max(step_of(grid, time), span.first + 1)
                for _ in range(int(events.weight[e])):
                    emit_at(out, i, step, time_of(grid, step) - time)
                s.repeated[i] += int(events.weight[e])

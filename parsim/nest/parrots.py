"""What parrots do that have NEST's second receptor and hear exact times, or are on for some time alone."""

from dataclasses import replace
from types import SimpleNamespace
from typing import NamedTuple

from parsim.arrays import Ints
from parsim.clock import Clock, heard_by, last_time_of, step_of, time_of
from parsim.jit import kernel
from parsim.models.cells.parrot_neuron import parrot_neuron
from parsim.models.stimuli.window import WINDOW, ordered, window
from parsim.shard.outbox import emit, emit_at


class Window(NamedTuple):
    first: Ints
    stop: Ints


def prepare_window(p: SimpleNamespace, clock: Clock) -> Window:
    """Steps."""
    return Window(*window(p, clock))


@kernel
def repeat_while_on(s, p, inputs, span, out):
    """One spike out for each that comes in after the start and up to the stop."""
    for k in range(span.first, span.stop):
        heard = inputs.spikes[k - span.origin, 0]
        for i in range(span.begin, span.end):
            if heard[i] > 0.0 and p.first[i] <= k < p.stop[i]:
                for _ in range(int(heard[i])):
                    emit(out, i, k + 1)
                s.repeated[i] += int(heard[i])


dilutor = replace(
    parrot_neuron,
    name="spike_dilutor",
    params=WINDOW,
    prepare=prepare_window,
    advance=repeat_while_on,
    check=ordered,
)


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

"""Where samples go, and the ops that take them."""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from parsim.arrays import Floats, Ints
from parsim.clock import time_of
from parsim.jit import DONE, opened
from parsim.shard.events.event_loop import trace_loop


class Samples(NamedTuple):
    """Where samples of one group's cells go: rows of the buffer from step `place[0]` on, one each `every` steps."""

    buffer: Floats
    place: Ints
    cells: Ints
    column: int
    every: int


def sample(at, first, stop, origin):
    """A state as it is at the end of step `stop`."""
    values_at, into_at = opened(at)
    (values,), into = opened(values_at), opened(into_at)
    row = (stop - into.place[0]) // into.every
    for j in range(into.cells.size):
        into.buffer[row, into.column + j] = values[into.cells[j]]
    return DONE


@cache
def tracing(trace: Callable[..., float]) -> Callable[..., int]:
    """An op that evaluates a trace at the end of step `stop`."""
    evaluate = trace_loop(trace)

    def op(at, first, stop, origin):
        state_at, params_at, into_at, grid = opened(at)
        into = opened(into_at)
        row = into.buffer[(stop - into.place[0]) // into.every]
        values = row[into.column : into.column + into.cells.size]
        evaluate(opened(state_at), opened(params_at), time_of(grid, stop), into.cells, values)
        return DONE

    return op

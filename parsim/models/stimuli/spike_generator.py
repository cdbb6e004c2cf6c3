"""Spikes at given times, sent straight to the targets."""

from types import SimpleNamespace
from typing import NamedTuple

from parsim.arrays import Ints
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.kernels.events import arrival_time
from parsim.kernels.rows import at_row
from parsim.models.base import Param, StimulusModel
from parsim.models.spike_times import PARAMS, PreparedTrains, check, first_after, flat, reported, settle
from parsim.models.stimuli.runs import add_same
from parsim.models.stimuli.window import WINDOW, window


class Params(NamedTuple):
    trains: PreparedTrains
    first: Ints
    stop: Ints


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """Trains and window in steps."""
    first, stop = window(p, clock)
    return Params(flat(p, clock), first, stop)


@kernel
def drive(p, rows, span, key, page):
    """A spike at step s over a delay D is read in step s + D - 1, and sent when first < s <= stop."""
    for j in range(rows.run.size - 1):
        g, delay = rows.stimulus[rows.run[j]], rows.delay[rows.run[j]] - 1
        for at in range(first_after(p.trains, g, span.first - delay - 1), p.trains.end[g]):
            step = p.trains.step[at]
            if step + delay >= span.stop:
                break
            if key.since < step <= key.until and p.first[g] < step <= p.stop[g]:
                factor = p.trains.weight[at] * p.trains.often[at]
                add_same(rows, j, factor, page, step + delay - span.origin)


@kernel
def events(p, rows, span, key, grid, time, slot, weight):
    """The same as events with exact times, for cells that hear them; returns how many, also those beyond the arrays.

    Several spikes at a time are events of their own: a cell that is on or off takes two for what one is not.
    """
    n = 0
    for r in range(rows.slot.size):
        g, delay = rows.stimulus[r], rows.delay[r]
        for at in range(first_after(p.trains, g, span.first - delay), p.trains.end[g]):
            step = p.trains.step[at]
            if step + delay > span.stop:
                break
            if key.since < step <= key.until and p.first[g] < step <= p.stop[g]:
                for _ in range(p.trains.often[at]):
                    if n < time.size:
                        time[n] = arrival_time(grid, step + delay, p.trains.offset[at]) + at_row(rows.rest, r)
                        slot[n] = rows.slot[r]
                        weight[n] = rows.weight[r] * p.trains.weight[at]
                    n += 1
    return n


spike_generator = StimulusModel(
    "spike_generator",
    params=(
        PARAMS[0],
        Param(
            "spike_weights",
            (),
            "",
            "factors of the connection's weight, one a spike, of any sign",
            kind="train",
        ),
        *PARAMS[1:],
        *WINDOW,
    ),
    prepare=prepare,
    drive=drive,
    keeps_sign=True,
    events=events,
    check=check,
    settle=settle,
    reports={"spike_times": reported},
    about="Spikes at given times, the same to all its targets.",
    equations="""\
spikes at origin + spike_times that lie in (origin + start, origin + stop]
within 0.0005 ms of a step: at that step; else refused, or with allow_offgrid_times at the next step
at or before the present: refused, or with shift_now_spikes, at the present step only, one step on
with precise_times: at the very time, whatever the other two flags say""",
    source="NEST's spike_generator",
)

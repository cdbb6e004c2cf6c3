"""A current that changes at given times."""

from types import SimpleNamespace
from typing import NamedTuple

from parsim.arrays import Ints
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.models.base import Param, StimulusModel
from parsim.models.stimuli.piecewise import OFFGRID, Changes, Piecewise, in_force
from parsim.models.stimuli.runs import add_same, current_steps
from parsim.models.stimuli.window import WINDOW, ordered, window

amplitudes = Piecewise("amplitude_times", "amplitude_values")


class Params(NamedTuple):
    changes: Changes
    first: Ints
    stop: Ints


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """Changes and window in steps."""
    first, stop = window(p, clock)
    return Params(amplitudes.flat(p, clock), first, stop)


def check(p: SimpleNamespace) -> str | None:
    """Times that ascend, an amplitude for each."""
    return amplitudes.check(p) or ordered(p)


@kernel
def drive(p, rows, span, key, page):
    """A change at step s holds from what is sent in step T = s - 1 on."""
    for j in range(rows.run.size - 1):
        g, delay = rows.stimulus[rows.run[j]], rows.delay[rows.run[j]]
        begin, end = current_steps(span, delay, key.since, key.until, p.first[g], p.stop[g])
        at = in_force(p.changes, g, begin + 1)
        for sent in range(begin, end):
            if at + 1 < p.changes.end[g] and p.changes.step[at + 1] <= sent + 1:
                at += 1
            if at >= p.changes.begin[g]:
                add_same(rows, j, p.changes.value[at], page, sent + 1 + delay - span.origin)


step_current_generator = StimulusModel(
    "step_current_generator",
    params=(
        Param(
            "amplitude_times", (), "ms", "when the current changes, ascending, in the future", kind="train"
        ),
        Param("amplitude_values", (), "pA", "to what it changes, one a time", kind="train"),
        OFFGRID,
        *WINDOW,
    ),
    prepare=prepare,
    drive=drive,
    into="current",
    check=check,
    settle=amplitudes.settle,
    reports={"amplitude_times": amplitudes.reported},
    about="A current that changes at given times, times the weight of the connection.",
    equations="""\
I_stim(t) = weight * amplitude_values[i]   for amplitude_times[i] + delay < t <= amplitude_times[i + 1] + delay
and origin + start + delay < t <= origin + stop + delay; 0 before the first
(t is the end of a step; when new ones are set, what is in force stays until the first of them)""",
    source="NEST's step_current_generator",
)

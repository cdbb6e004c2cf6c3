"""A constant current."""

from types import SimpleNamespace
from typing import NamedTuple

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.models.base import Param, StimulusModel
from parsim.models.stimuli.runs import add_same, current_steps
from parsim.models.stimuli.window import WINDOW, ordered, window


class Params(NamedTuple):
    amplitude: Floats
    first: Ints
    stop: Ints


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """The window in steps."""
    first, stop = window(p, clock)
    return Params(p.amplitude, first, stop)


@kernel
def drive(p, rows, span, key, page):
    """The same in all steps in which it is on."""
    for j in range(rows.run.size - 1):
        g, delay = rows.stimulus[rows.run[j]], rows.delay[rows.run[j]]
        begin, end = current_steps(span, delay, key.since, key.until, p.first[g], p.stop[g])
        for sent in range(begin, end):
            add_same(rows, j, p.amplitude[g], page, sent + 1 + delay - span.origin)


dc_generator = StimulusModel(
    "dc_generator",
    params=(Param("amplitude", 0.0, "pA", "current"), *WINDOW),
    prepare=prepare,
    drive=drive,
    into="current",
    check=ordered,
    about="A constant current, times the weight of the connection.",
    equations="""\
I_stim(t) = weight * amplitude   for origin + start + delay < t <= origin + stop + delay
(t is the end of a step; a generator that is on from the start acts one step later)""",
    source="NEST's dc_generator",
)

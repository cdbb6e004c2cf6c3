"""A constant current."""

from types import SimpleNamespace
from typing import NamedTuple

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.models.base import Param, StimulusModel
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
def drive(p, rows, span, key, page):  # type: ignore[no-untyped-def]
    """As in NEST: a current sent in step T over a delay D is used in step T + D + 1, and step T sends
    when first < T + 2 <= stop; so with first = 0 the step T = -1, before the generator was made, is missing.
    """
    for k in range(span.first, span.stop):
        for r in range(rows.slot.size):
            sent = k - 1 - rows.delay[r]
            g = rows.stimulus[r]
            if key.since <= sent < key.until and p.first[g] < sent + 2 <= p.stop[g]:
                page[k - span.origin, rows.slot[r]] += rows.weight[r] * p.amplitude[g]


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

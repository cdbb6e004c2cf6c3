"""When a stimulus is on: `origin`, `start` and `stop`, shared by all stimuli."""

from types import SimpleNamespace

import numpy as np

from parsim.arrays import Ints
from parsim.clock import NEVER, Clock
from parsim.models.base import Param
from parsim.models.checks import reads

WINDOW = (
    Param("start", 0.0, "ms", "on after this time, counted from origin", at_least=0.0),
    Param("stop", np.inf, "ms", "off after this time, counted from origin", at_least=0.0, infinite=True),
    Param("origin", 0.0, "ms", "reference for start and stop"),
)


@reads("start", "stop")
def ordered(p: SimpleNamespace) -> str | None:
    """A stimulus must not stop before it starts."""
    wrong = np.atleast_1d(p.stop < p.start)
    if not wrong.any():
        return None
    at = int(np.argmax(wrong))
    start, stop = (np.broadcast_to(x, wrong.shape)[at] for x in (p.start, p.stop))
    return f"start is {start:g} ms and stop is {stop:g} ms; stop must not be before start."


def window(p: SimpleNamespace, clock: Clock) -> tuple[Ints, Ints]:
    """The steps of origin + start and origin + stop, [stimulus]."""
    first = clock.grid(p.origin + p.start, "origin + start")
    stop = np.full(first.size, NEVER, np.int64)
    finite = np.isfinite(p.stop)
    stop[finite] = clock.grid((p.origin + p.stop)[finite], "origin + stop")
    return first, stop

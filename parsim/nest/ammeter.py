"""A cell that a meter has of its own: it keeps the current that a generator sends it, so that this can be recorded."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.models.base import CellModel, Variable


class State(NamedTuple):
    I: Floats  # noqa: E741


class Params(NamedTuple):
    nothing: Ints


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """It has no parameters."""
    return Params(np.zeros(1, np.int64))


@kernel
def advance(s, p, inputs, span, out):
    """What comes in the last step stays."""
    rows = inputs.current.shape[0]
    for k in range(span.first, span.stop):
        current = inputs.current[(k - span.origin) % rows]
        for i in range(span.begin, span.end):
            s.I[i] = current[i]


ammeter = CellModel(
    "ammeter",
    params=(),
    state=State,
    recordables=(Variable("I", "pA", "the current of the last step"),),
    prepare=prepare,
    advance=advance,
    about="Keeps the current that it gets.",
    equations="I is the current of the last step",
)

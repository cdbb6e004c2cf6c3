"""A cell that repeats every spike it receives."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Ints
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.models.base import CellModel
from parsim.shard.outbox import emit


class State(NamedTuple):
    repeated: Ints  # spikes so far


class Params(NamedTuple):
    nothing: Ints


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """A parrot has no parameters."""
    return Params(np.zeros(1, np.int64))


@kernel
def advance(s, p, inputs, span, out):
    """One spike out for each that comes in, in the step of its arrival."""
    for k in range(span.first, span.stop):
        heard = inputs.spikes[k - span.origin, 0]
        for i in range(span.begin, span.end):
            if heard[i] > 0.0:
                for _ in range(int(heard[i])):
                    emit(out, i, k + 1)
                s.repeated[i] += int(heard[i])


parrot_neuron = CellModel(
    "parrot_neuron",
    params=(),
    state=State,
    ports=("heard",),
    prepare=prepare,
    advance=advance,
    weighs=False,
    takes_current=False,
    weight_unit="",
    about="Repeats every spike it receives; weights are ignored.",
    equations="a spike that arrives at t, sent at t - delay, is sent on at t; several are several",
    source="NEST's parrot_neuron",
)

"""A cell that a meter has of its own: it keeps the current that a generator sends it, so that this can be recorded."""

from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.models.base import CellModel, Variable
from parsim.nest.links import MeterLink
from parsim.nest.recorders import Recorder, sampled_every
from parsim.network.pairwise import OneToOne


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


def measured(said: Any, recorder: Recorder, ids: Any) -> MeterLink:
    """The current that generators send comes to cells of the meter's own, a step later."""
    net, batches, models = said.network, said.kernel.batches, said.kernel.models
    clock = said.kernel.clock
    cells = net.create(ammeter, len(ids), name="measured")
    synapse = models.synapse("static_synapse").native(weight=1.0, delay=clock.dt)
    net.connect(batches.selection(net, ids), cells, OneToOne(), synapse)
    first, interval = cells.first, clock.steps(sampled_every(recorder), "interval")
    found = {"I": net.record(cells, "I", interval=clock.dt, everywhere=True)}

    def sent(times: Floats) -> Floats:
        # NEST says of a current when the step in which it is sent begins.
        steps = clock.nearest(times) - 2
        return np.where(steps % interval == 0, clock.times(steps), np.nan)

    return MeterLink(found, lambda gids: ids[gids - first], said.heard, sent)

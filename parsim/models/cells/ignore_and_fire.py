"""A cell that takes input, does nothing with it, and fires at a rate: what a network costs without what it does."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from parsim.arrays import Ints
from parsim.clock import Clock
from parsim.jit import kernel
from parsim.models.base import CellModel, Param
from parsim.shard.outbox import emit


class State(NamedTuple):
    due: Ints  # the step in which it fires next
    period: Ints  # those by which that was reckoned, 0 at the start
    first: Ints


class Params(NamedTuple):
    period: Ints
    first: Ints


def prepare(p: SimpleNamespace, clock: Clock) -> Params:
    """Both to the microsecond, then to whole steps."""
    period = 1e3 / p.rate
    steps = [clock.at_least(np.rint(1e3 * ms) * 1e-3, "the period") for ms in (period, p.phase * period)]
    return Params(np.maximum(steps[0], 1), steps[1])


@kernel
def advance(s, p, inputs, span, out):
    """Another rate or phase counts from the step in which it is met."""
    for i in range(span.begin, span.end):
        for k in range(span.first, span.stop):
            if s.period[i] != p.period[i] or s.first[i] != p.first[i]:
                s.period[i], s.first[i], s.due[i] = p.period[i], p.first[i], k + p.first[i]
            if k == s.due[i]:
                s.due[i] = k + p.period[i]
                emit(out, i, k + 1)


ignore_and_fire = CellModel(
    "ignore_and_fire",
    params=(
        Param("rate", 10.0, "Hz", "of its spikes", above=0.0),
        Param(
            "phase", 1.0, "", "part of a period that passes before the first spike", above=0.0, at_most=1.0
        ),
    ),
    state=State,
    ports=("ignored",),
    prepare=prepare,
    advance=advance,
    weight_unit="",
    about="Takes input, does nothing with it, and fires at a rate.",
    equations="""\
spikes at dt + (phase + n)/rate, n = 0, 1, ...; a period is rounded up to whole steps
another rate or phase begins anew when it is set""",
    source="NEST's ignore_and_fire",
)

"""Cells that fire when they are told to, and show what reaches them over other connections."""

from typing import NamedTuple

import numpy as np

import parsim as ps
from parsim.arrays import Floats


class State(NamedTuple):
    heard: Floats


class Params(NamedTuple):
    unused: Floats


def prepare(p, clock):
    return Params(np.zeros(p.tau_minus.size))


@ps.kernel
def advance(s, p, inputs, span, out):
    """Each cell fires as often as it was told, and shows the sum of what else arrives in the step."""
    for k in range(span.first, span.stop):
        page = inputs.spikes[k - span.origin]
        for i in range(span.begin, span.end):
            s.heard[i] = page[1, i]
            for _ in range(int(page[0, i] + 0.5)):
                ps.emit(out, i, k + 1)


listener = ps.CellModel(
    "listener",
    params=(),
    state=State,
    prepare=prepare,
    advance=advance,
    recordables=(ps.Variable("heard"),),
    ports=("told", "other"),
    takes_current=False,
    weight_unit="",
)

"""Spikes emitted and not yet exchanged, as (local cell, step) pairs."""

from typing import NamedTuple

import numpy as np

from parsim.arrays import Ints
from parsim.jit import kernel


class Outbox(NamedTuple):
    """`count[0]` pairs are held; `lost` is the (cell, step) of the first that found no room, or -1."""

    cell: Ints
    step: Ints
    count: Ints  # type: ignore[assignment]  # hides tuple.count, which nobody asks
    lost: Ints


def outbox(capacity: int) -> Outbox:
    """An empty outbox with room for `capacity` spikes."""
    return Outbox(
        np.zeros(capacity, np.int64),
        np.zeros(capacity, np.int64),
        np.zeros(1, np.int64),
        np.full(2, -1, np.int64),
    )


@kernel
def emit(out, cell, step):  # type: ignore[no-untyped-def]
    """Cell `cell` fires at the end of the update that ends at `step`."""
    at = out.count[0]
    if at < out.cell.size:
        out.cell[at] = cell
        out.step[at] = step
        out.count[0] = at + 1
    elif out.lost[0] < 0:
        out.lost[0] = cell
        out.lost[1] = step

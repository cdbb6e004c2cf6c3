"""Spikes emitted and not yet exchanged: which local cell, at the end of which step, and how long before it."""

from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.jit import kernel

LEAST_ROOM = 1 << 16  # spikes the outbox of clocked cells holds at least
MOST_ROOM = 1 << 20  # spikes it holds at most, unless every cell needs a few


class Outbox(NamedTuple):
    """`count[0]` spikes are held, each at `offset` ms before the end of a step (0 for cells that fire on the grid).

    `lost` is the (cell, step) of the first spike that found no room, or -1.
    """

    cell: Ints
    step: Ints
    offset: Floats
    count: Ints  # type: ignore[assignment]  # hides tuple.count, which nobody asks
    lost: Ints


def outbox(capacity: int) -> Outbox:
    """An empty outbox with room for `capacity` spikes."""
    return Outbox(
        np.zeros(capacity, np.int64),
        np.zeros(capacity, np.int64),
        np.zeros(capacity),
        np.zeros(1, np.int64),
        np.full(2, -1, np.int64),
    )


def outbox_for(cells: int, interval: int) -> Outbox:
    """An empty outbox of clocked cells: in a usual interval every cell can fire in every step."""
    return outbox(max(LEAST_ROOM, min(cells * interval, max(MOST_ROOM, 4 * cells))))


@kernel
def first_stray(out, cells):
    """The number of the first spike that is of none of so many cells, or -1."""
    for j in range(out.count[0]):
        if out.cell[j] < 0 or out.cell[j] >= cells:
            return j
    return -1


def wider(out: Outbox, room: int) -> Outbox:
    """The same outbox with room for at least `room` more spikes."""
    n = int(out.count[0])
    if out.cell.size - n >= room:
        return out
    new = outbox(2 * out.cell.size + room)
    for column, old in zip(new[:3], out[:3], strict=True):
        column[:n] = old[:n]
    new.count[:], new.lost[:] = out.count, out.lost
    return new


def appended(out: Outbox, cells: Ints, steps: Ints, offsets: Floats) -> Outbox:
    """The outbox with these spikes behind those it holds."""
    out = wider(out, cells.size)
    n, end = int(out.count[0]), int(out.count[0]) + cells.size
    out.cell[n:end], out.step[n:end], out.offset[n:end] = cells, steps, offsets
    out.count[0] = end
    return out


def taken_over(old: Outbox, new: Outbox) -> Outbox:
    """What one outbox holds in another that is empty."""
    n = int(old.count[0])
    return appended(new, old.cell[:n], old.step[:n], old.offset[:n])


@kernel
def emit(out, cell, step):
    """Cell `cell` fires at the end of the update that ends at `step`."""
    emit_at(out, cell, step, 0.0)


@kernel
def emit_at(out, cell, step, offset):
    """Cell `cell` fires `offset` ms before the end of the update that ends at `step`: below dt, and little below 0."""
    at = out.count[0]
    if at < out.cell.size:
        out.cell[at] = cell
        out.step[at] = step
        out.offset[at] = offset
        out.count[0] = at + 1
    elif out.lost[0] < 0:
        out.lost[0] = cell
        out.lost[1] = step

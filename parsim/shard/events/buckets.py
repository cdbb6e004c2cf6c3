"""Where events that are on their way stand, as ops find it, and scratch for those of stimuli."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Floats, Ints
from parsim.clock import Grid
from parsim.jit import inlined
from parsim.kernels.events import CHUNK, Ring
from parsim.kernels.gathering import row_of_stimuli


class Buckets(NamedTuple):
    """Where the events of an interval are, as ops find it; `driven` says whether there is a page beside them.

    `receptors` is how many of them events tell apart.
    """

    grid: Grid
    anchor: int
    interval: int
    intervals: int
    cells: int
    receptors: int
    driven: bool


class Sending(NamedTuple):
    """Scratch for what stimuli send: when it arrives, in which slot, how strong, and what stands for its row."""

    time: Floats
    slot: Ints
    weight: Floats
    row: NDArray[np.int32]


def room_to_send(n: int) -> Sending:
    """Room for `n` events."""
    return Sending(np.empty(n), np.empty(n, np.int64), np.empty(n), np.full(n, -1, np.int32))


@inlined
def bucket_at(b, origin):
    """The place in the ring of the interval that begins at `origin`."""
    return (origin - b.anchor) // b.interval % b.intervals


@inlined
def ring_from(b, first):
    """The ring, where the interval that begins at step `first` is the next to come."""
    return Ring(b.grid, b.anchor, b.interval, b.intervals, (first - b.anchor) // b.interval)


@inlined
def row_sent(port, number, r, b):
    """What stands for row r of a drive, whose first has a `number`, or none where that is below 0."""
    return number + r if number >= 0 else row_of_stimuli(port, b.receptors)


@inlined
def room_in(flight):
    """How many events can be added, whatever their buckets."""
    return (flight.free[1] - flight.head.size) * CHUNK

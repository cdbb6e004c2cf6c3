"""Spikes of an interval from every rank to every rank, in the one order, once."""

from typing import NamedTuple

import numpy as np

from parsim.arrays import Gids, Ints
from parsim.comm.base import AbstractComm
from parsim.kernels.order import pack, unpack
from parsim.shard.group import ClockedGroup
from parsim.shard.outbox import Outbox, outbox

# Notes that travel with the spikes, so that all ranks stop together; the greatest decides.
GO, STOP, FAILED = 0, 1, 2

LEAST_ROOM = 1 << 16  # spikes an outbox holds at least
MOST_ROOM = 1 << 20  # spikes an outbox holds at most, unless every cell needs a few


class Spikes(NamedTuple):
    """Spikes in order of (time, gid)."""

    gids: Gids
    steps: Ints


def room_for(group: ClockedGroup, interval: int) -> Outbox:
    """An outbox in which every cell can fire in every step of a usual interval."""
    cells = group.gids.size
    return outbox(max(LEAST_ROOM, min(cells * interval, max(MOST_ROOM, 4 * cells))))


def pending(groups: list[ClockedGroup], outboxes: list[Outbox], origin: int) -> Ints:
    """Keys of what this rank's cells have emitted since `origin`."""
    counts = [int(out.count[0]) for out in outboxes]
    keys = np.empty(sum(counts), np.int64)
    at = 0
    for group, out, n in zip(groups, outboxes, counts, strict=True):
        pack(group.gids, out.cell, out.step, n, origin, keys, at)
        at += n
    return keys


def exchange(comm: AbstractComm, keys: Ints, origin: int, note: int = GO) -> tuple[Spikes, int]:
    """Collective: everyone's spikes, and the greatest note."""
    keys, notes = comm.allgather(keys, note)
    keys = np.sort(keys)
    spikes = Spikes(np.empty(keys.size, np.int64), np.empty(keys.size, np.int64))
    unpack(keys, origin, spikes.gids, spikes.steps)
    return spikes, int(notes.max())

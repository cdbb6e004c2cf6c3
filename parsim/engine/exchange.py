"""Spikes of an interval from every rank to every rank, in the one order, once."""

from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Gids, Ints
from parsim.comm.base import AbstractComm
from parsim.kernels.order import append, pack, unpack
from parsim.shard.group import ClockedGroup
from parsim.shard.outbox import Outbox, outbox

# Notes that travel with the spikes, so that all ranks stop together; the greatest decides.
GO, STOP, FAILED = 0, 1, 2

LEAST_ROOM = 1 << 16  # spikes an outbox holds at least
MOST_ROOM = 1 << 20  # spikes an outbox holds at most, unless every cell needs a few


class Spikes(NamedTuple):
    """Spikes in order of (time, gid), each `offsets` ms before the end of its step."""

    gids: Gids
    steps: Ints
    offsets: Floats


def room_for(group: ClockedGroup, interval: int) -> Outbox:
    """An outbox in which every cell can fire in every step of a usual interval."""
    cells = group.gids.size
    return outbox(max(LEAST_ROOM, min(cells * interval, max(MOST_ROOM, 4 * cells))))


def pending(sent: list[tuple[Gids, Outbox]], origin: int, precise: bool) -> Ints:
    """What was emitted since `origin`: a key a spike and, if `precise`, the bits of its offset.

    `sent` holds outboxes with the gids that the cells in them stand for.
    """
    counts = [int(out.count[0]) for _, out in sent]
    keys = np.empty(sum(counts), np.int64)
    offsets = np.empty(keys.size if precise else 0)
    at = 0
    for (gids, out), n in zip(sent, counts, strict=True):
        pack(gids, out.cell, out.step, n, origin, keys, at)
        if precise:
            append(out.offset, n, offsets, at)
        at += n
    return np.stack([keys, offsets.view(np.int64)], axis=1).reshape(-1) if precise else keys


def exchange(
    comm: AbstractComm, mine: Ints, origin: int, precise: bool, note: int = GO
) -> tuple[Spikes, int]:
    """Collective: everyone's spikes, and the greatest note."""
    found, notes = comm.allgather(mine, note)
    return in_order(found, origin, precise), int(notes.max())


def in_order(found: Ints, origin: int, precise: bool) -> Spikes:
    """What `pending` put together, from all ranks, in order."""
    if precise:
        keys, offsets = found[::2].copy(), found[1::2].copy().view(np.float64)
    else:
        keys = np.sort(found)
        offsets = np.zeros(keys.size)
    spikes = Spikes(np.empty(keys.size, np.int64), np.empty(keys.size, np.int64), offsets)
    unpack(keys, origin, spikes.gids, spikes.steps)
    if precise:
        order = np.lexsort((spikes.gids, -offsets, spikes.steps))
        return Spikes(spikes.gids[order], spikes.steps[order], offsets[order])
    return spikes

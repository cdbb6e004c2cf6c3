"""Spikes that wait for the end of an interval, as keys, and back in the one order: for checkpoints."""

from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Gids, Ints
from parsim.clock import Grid
from parsim.jit import entry
from parsim.kernels import order
from parsim.shard.outbox import Outbox

_pack_exact, _unpack_exact = entry(order.pack_exact), entry(order.unpack_exact)


class Spikes(NamedTuple):
    """Spikes in order of (time, gid), each `offsets` ms before the end of its step."""

    gids: Gids
    steps: Ints
    offsets: Floats


def pending(sent: list[tuple[Gids, Outbox]], origin: int, precise: bool) -> Ints:
    """What was emitted since `origin`: a key a spike and, if `precise`, the bits of its offset.

    `sent` holds outboxes with the gids that the cells in them stand for.
    """
    counts = [int(out.count[0]) for _, out in sent]
    words = np.empty(sum(counts) * (2 if precise else 1), np.int64)
    at = 0
    for (gids, out), n in zip(sent, counts, strict=True):
        if precise and n:
            _pack_exact(gids, out.cell, out.step, out.offset, n, origin, words, words.view(np.float64), at)
        elif n:
            order.pack(gids, out.cell, out.step, n, origin, words, at)
        at += n
    return words


def in_order(found: Ints, origin: int, precise: bool, grid: Grid) -> Spikes:
    """What `pending` put together, from all ranks, in order."""
    if not precise:
        keys = np.sort(found)
        spikes = Spikes(np.empty(keys.size, np.int64), np.empty(keys.size, np.int64), np.zeros(keys.size))
        order.unpack(keys, origin, spikes.gids, spikes.steps)
        return spikes
    n = found.size // 2
    scratch = np.empty(n), np.empty(n, np.int64), np.empty(n, np.int64), np.zeros(n + 1, np.int64)
    spikes = Spikes(np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n))
    _unpack_exact(found, found.view(np.float64), origin, grid, scratch, *spikes)
    return spikes

"""The spikes of an interval, of this rank and then of all ranks, in the one order."""

from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Gids, Ints
from parsim.jit import DONE, ROOM, Block, kernel, opened
from parsim.kernels import order
from parsim.kernels.sorting import sort_keys

FEWEST = 1 << 12  # spikes that find room at first


class Found(NamedTuple):
    """`count[0]` spikes as keys, and what is in the keys once they are in order.

    A key is a word, or two where some model fires between steps; `reals` is the same memory. `counts` and
    those after it are scratch.
    """

    keys: Ints
    reals: Floats
    gids: Gids
    steps: Ints
    offsets: Floats
    count: Ints  # type: ignore[assignment]  # hides tuple.count, which nobody asks
    counts: Ints
    times: Floats
    order: Ints
    other: Ints


def found_spikes(room: int, precise: bool) -> Found:
    """No spikes yet, and room for so many."""
    keys = np.zeros(room * (2 if precise else 1), np.int64)
    ints = [np.zeros(room, np.int64) for _ in range(4)]
    return Found(
        keys, keys.view(np.float64), ints[0], ints[1], np.zeros(room), np.zeros(1, np.int64),
        np.zeros(room + 1, np.int64), np.zeros(room), ints[2], ints[3],
    )  # fmt: skip


def widen(found: Block, room: int, precise: bool) -> None:
    """Make room for `room` spikes at least, and twice as many as before."""
    old: Found = found.value
    new = found_spikes(max(room, 2 * old.gids.size), precise)
    words = int(old.count[0]) * (2 if precise else 1)
    new.keys[:words], new.count[0] = old.keys[:words], old.count[0]
    found.put(new)


HEAD = 3  # words before the keys: how many words there are, a note, the step in which the next thing happens


def head_width(ranks: int) -> int:
    """Words of a rank that travel at once: together no more than 16 kB."""
    return HEAD + min(max(2048 // ranks, 6), 62)


@kernel
def fill_head(keys, words, note, following, head):
    """What a rank tells the others: as many of its keys as there is room for."""
    head[0], head[1], head[2] = words, note, following
    for j in range(min(words, head.size - HEAD)):
        head[HEAD + j] = keys[j]


@kernel
def total_of_heads(heads):
    """Words of all ranks, or -1 where one has more than its head holds; the greatest note; and the first step in which
    anything happens.
    """
    total, note, following, all_here = 0, heads[0, 1], heads[0, 2], True
    for r in range(len(heads)):
        total += heads[r, 0]
        note = max(note, heads[r, 1])
        following = min(following, heads[r, 2])
        all_here &= heads[r, 0] <= heads.shape[1] - HEAD
    return total if all_here else -1, note, following


@kernel
def take_heads(heads, keys):
    """The keys of all ranks, by rank."""
    n = 0
    for r in range(len(heads)):
        for j in range(heads[r, 0]):
            keys[n] = heads[r, HEAD + j]
            n += 1


def collect(at, first, stop, origin):
    """What a group has emitted since the interval began."""
    gids_at, out_at, found_at = opened(at)
    (gids,), out, found = opened(gids_at), opened(out_at), opened(found_at)
    n = out.count[0]
    if found.count[0] + n > found.keys.size:
        return ROOM
    order.pack(gids, out.cell, out.step, n, origin, found.keys, found.count[0])
    found.count[0] += n
    return DONE


def collect_exact(at, first, stop, origin):
    """As `collect`, with offsets."""
    gids_at, out_at, found_at = opened(at)
    (gids,), out, found = opened(gids_at), opened(out_at), opened(found_at)
    n = out.count[0]
    if 2 * (found.count[0] + n) > found.keys.size:
        return ROOM
    order.pack_exact(
        gids, out.cell, out.step, out.offset, n, origin, found.keys, found.reals, found.count[0]
    )  # fmt: skip
    found.count[0] += n
    return DONE


def put_in_order(at, first, stop, origin):
    """All spikes by (time, gid)."""
    (found_at,) = opened(at)
    found = opened(found_at)
    n = found.count[0]
    if n > 0:
        sort_keys(found.keys, n, found.other, found.counts)
        order.unpack(found.keys[:n], origin, found.gids, found.steps)
    return DONE


def put_exact_in_order(at, first, stop, origin):
    """As `put_in_order`, where each spike has its offset."""
    found_at, grid = opened(at)
    found = opened(found_at)
    n = found.count[0]
    if n > 0:
        found.counts[: n + 1] = 0
        order.unpack_exact(
            found.keys[: 2 * n], found.reals[: 2 * n], origin, grid,
            (found.times[:n], found.order[:n], found.other[:n], found.counts[: n + 1]),
            found.gids[:n], found.steps[:n], found.offsets[:n],
        )  # fmt: skip
    return DONE

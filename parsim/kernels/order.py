"""The one order of spikes, (time, gid), kept in one whole number a spike."""

import numpy as np

from parsim.jit import kernel

GID_BITS = 40  # above them, steps since the interval began


@kernel
def pack(gids, cell, step, count, origin, keys, at):  # type: ignore[no-untyped-def]
    """Keys of a group's spikes, written from `at` on: ascending keys are in order of (time, gid)."""
    for j in range(count):
        keys[at + j] = (step[j] - origin) << GID_BITS | gids[cell[j]]


@kernel
def append(values, count, into, at):  # type: ignore[no-untyped-def]
    """The first `count` values, written from `at` on."""
    for j in range(count):
        into[at + j] = values[j]


@kernel
def unpack(keys, origin, gids, steps):  # type: ignore[no-untyped-def]
    """What `pack` put together."""
    low = (np.int64(1) << GID_BITS) - 1
    for j in range(keys.size):
        gids[j] = keys[j] & low
        steps[j] = (keys[j] >> GID_BITS) + origin


@kernel
def take(values, cells, into):  # type: ignore[no-untyped-def]
    """`into[j] = values[cells[j]]`, for a sample."""
    for j in range(cells.size):
        into[j] = values[cells[j]]

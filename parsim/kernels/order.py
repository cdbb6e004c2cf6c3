"""The one order of spikes, (time, gid), kept in one whole number a spike, or two where times are exact."""

import numpy as np

from parsim.clock import time_of
from parsim.jit import inlined, kernel, lean_kernel
from parsim.kernels.sources import rows_from

GID_BITS = 40  # above them, steps since the interval began
RUN = 16  # spikes that are put in order one by one before runs are merged


@kernel
def pack(gids, cell, step, count, origin, keys, at):
    """Keys of a group's spikes, written from `at` on: ascending keys are in order of (time, gid)."""
    for j in range(count):
        keys[at + j] = (step[j] - origin) << GID_BITS | gids[cell[j]]


@kernel
def pack_exact(gids, cell, step, offset, count, origin, words, reals, at):
    """Two words a spike, key and offset, written from the `at`-th spike on; `reals` is the memory of `words`."""
    for j in range(count):
        words[2 * (at + j)] = (step[j] - origin) << GID_BITS | gids[cell[j]]
        reals[2 * (at + j) + 1] = offset[j]


@kernel
def unpack(keys, origin, gids, steps):
    """What `pack` put together."""
    low = (np.int64(1) << GID_BITS) - 1
    for j in range(keys.size):
        gids[j] = keys[j] & low
        steps[j] = (keys[j] >> GID_BITS) + origin


@lean_kernel
def unpack_exact(words, reals, origin, grid, scratch, gids, steps, offsets):
    """What `pack_exact` put together, in order of (time, gid).

    First roughly, then by merging runs, which takes its time only where spikes crowd. A few hundred
    spikes, usual in an interval, take a quarter of what np.lexsort does.
    """
    low = (np.int64(1) << GID_BITS) - 1
    times, order, other, counts = scratch
    for j in range(times.size):
        times[j] = time_of(grid, (words[2 * j] >> GID_BITS) + origin) - reals[2 * j + 1]
    sort_roughly(times, order, counts)
    sort_runs(times, words, order)
    width = RUN
    while width < order.size:
        merge_runs(times, words, width, order, other)
        order, other = other, order
        width *= 2
    for j in range(order.size):
        key = words[2 * order[j]]
        gids[j] = key & low
        steps[j] = (key >> GID_BITS) + origin
        offsets[j] = reals[2 * order[j] + 1]


@inlined
def comes_first(times, words, a, b):
    """Is spike a before spike b? Of one time in two steps, one is a spike at the very beginning of its step."""
    if times[a] != times[b]:
        return times[a] < times[b]
    low = (np.int64(1) << GID_BITS) - 1
    gid_a, gid_b = words[2 * a] & low, words[2 * b] & low
    return gid_a < gid_b or (gid_a == gid_b and words[2 * a] < words[2 * b])


@lean_kernel
def sort_roughly(times, order, counts):
    """By the part of the time between first and last spike; there are as many parts as spikes. `counts` is all 0."""
    first, last = np.inf, -np.inf
    for j in range(times.size):
        first, last = min(first, times[j]), max(last, times[j])
    scale = (times.size - 1) / (last - first) if last > first else 0.0
    for j in range(times.size):
        counts[np.int64((times[j] - first) * scale) + 1] += 1
    for part in range(times.size):
        counts[part + 1] += counts[part]
    for j in range(times.size):
        part = np.int64((times[j] - first) * scale)
        order[counts[part]] = j
        counts[part] += 1


@lean_kernel
def sort_runs(times, words, order):
    """Each run of `RUN` spikes in order."""
    for begin in range(0, order.size, RUN):
        for j in range(begin, min(begin + RUN, order.size)):
            at, one = j, order[j]
            while at > begin and comes_first(times, words, one, order[at - 1]):
                order[at] = order[at - 1]
                at -= 1
            order[at] = one


@lean_kernel
def merge_runs(times, words, width, order, into):
    """Pairs of runs of `width` spikes, each merged to one."""
    for begin in range(0, order.size, 2 * width):
        half, end = min(begin + width, order.size), min(begin + 2 * width, order.size)
        a, b = begin, half
        if half == end or not comes_first(times, words, order[half], order[half - 1]):
            b = end  # they follow each other, as they do after `sort_roughly`, but for a few
            half = end
        for j in range(begin, end):
            if b == end or (a < half and not comes_first(times, words, order[b], order[a])):
                into[j] = order[a]
                a += 1
            else:
                into[j] = order[b]
                b += 1


@lean_kernel
def take_wanted(gids, steps, offsets, until, wanted, grid, times, found):
    """Times and gids of those spikes after step `until` whose cells are among the sources `wanted`; how many."""
    n = 0
    for j in range(gids.size):
        begin, end = rows_from(wanted, gids[j])
        if steps[j] > until and begin != end:
            times[n] = time_of(grid, steps[j]) - offsets[j]
            found[n] = gids[j]
            n += 1
    return n


@kernel
def take(values, cells, into):
    """`into[j] = values[cells[j]]`, for a sample."""
    for j in range(cells.size):
        into[j] = values[cells[j]]

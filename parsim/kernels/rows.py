"""Walking rows of connections: sorting them by source when built, delivering spikes through them."""

import numpy as np

from parsim.jit import kernel

# Indices are made unsigned, which spares numba's test for negative ones: delivering through rows of
# one weight and one delay takes 1.0 ns an event, 1.8 with signed indices.


@kernel
def count_sources(source, counts):  # type: ignore[no-untyped-def]
    """How many rows each source has, added to `counts`."""
    for j in range(source.size):
        counts[np.uint64(source[j])] += 1


@kernel
def place_slots(source, counts, slot_of, cursor, slot):  # type: ignore[no-untyped-def]
    """Rows of `counts[t]` sources for each target t to the next free places of their sources.

    Rows that come in target order stay in target order.
    """
    j = 0
    for t in range(counts.size):
        for _ in range(counts[t]):
            of = np.uint64(source[j])
            at = cursor[of]
            cursor[of] = at + 1
            slot[np.uint64(at)] = slot_of[t]
            j += 1


@kernel
def places(source, cursor, place):  # type: ignore[no-untyped-def]
    """As `place_slots`, but only says where each row goes."""
    for j in range(source.size):
        of = np.uint64(source[j])
        place[j] = cursor[of]
        cursor[of] += 1


@kernel
def sort_by_pair(source, target, targets, start, scratch, order):  # type: ignore[no-untyped-def]
    """Rows by (source, target), those of one pair as they come: `order[place]` is the row that goes there.

    `start` is where each source begins, `targets` how many there are, `scratch` one element a row.
    """
    place = np.zeros(targets + 1, np.int64)
    start[:] = 0
    sorted_by_target, before = True, 0
    for j in range(source.size):
        start[np.uint64(source[j] + 1)] += 1
        place[np.uint64(target[j] + 1)] += 1
        sorted_by_target &= target[j] >= before
        before = target[j]
    for i in range(1, start.size):
        start[i] += start[i - 1]
    for i in range(1, place.size):
        place[i] += place[i - 1]

    cursor = start.copy()
    if sorted_by_target:
        sort_by_source(source, cursor, order)
        return
    sort_by_source(target, place, scratch)
    for j in range(source.size):
        row = scratch[j]
        of = np.uint64(source[np.uint64(row)])
        order[np.uint64(cursor[of])] = row
        cursor[of] += 1


@kernel
def sort_by_source(source, cursor, order):  # type: ignore[no-untyped-def]
    """Rows by source, those of one source as they come: `order[place]` is the row that goes there.

    `cursor` is where each source begins, and is moved to where it ends.
    """
    for j in range(source.size):
        of = np.uint64(source[j])
        order[np.uint64(cursor[of])] = j
        cursor[of] += 1


@kernel
def place_runs(source, count, start, place):  # type: ignore[no-untyped-def]
    """Runs of rows by source, those of one source as they come: where each goes, and where each source begins.

    `start` is all 0 and gets [sources + 1].
    """
    for j in range(source.size):
        start[np.uint64(source[j] + 1)] += count[j]
    for i in range(1, start.size):
        start[i] += start[i - 1]
    cursor = start.copy()
    for j in range(source.size):
        of = np.uint64(source[j])
        place[j] = cursor[of]
        cursor[of] += count[j]


@kernel
def copy_runs(place, count, values, column):  # type: ignore[no-untyped-def]
    """The values of runs of rows, or one for all rows, to where the runs go in a column."""
    row, one_for_all = np.uint64(0), values.size == 1
    for j in range(place.size):
        begin = np.uint64(place[j])
        for to in range(begin, begin + np.uint64(count[j])):
            column[to] = values[np.uint64(0) if one_for_all else row + (to - begin)]
        row += np.uint64(count[j])


# One kernel for each way to keep weights and delays. A delay of D steps from a spike at step s is
# read in the update of step s + D - 1, which ends D steps after the spike.


@kernel
def deliver_constant(first, start, slot, weight, delay, gids, steps, anchor, ring):  # type: ignore[no-untyped-def]
    """Spikes through rows of one weight and one delay."""
    w, d = weight[0], np.int64(delay[0]) - 1 - anchor
    for j in range(gids.size):
        source = gids[j] - first
        if source < 0 or source >= start.size - 1:
            continue
        at = np.uint64((steps[j] + d) % ring.shape[0])
        for row in range(np.uint64(start[source]), np.uint64(start[source + 1])):
            ring[at, np.uint64(slot[row])] += w


@kernel
def deliver_weights(first, start, slot, weight, delay, gids, steps, anchor, ring):  # type: ignore[no-untyped-def]
    """Spikes through rows of their own weights and one delay."""
    d = np.int64(delay[0]) - 1 - anchor
    for j in range(gids.size):
        source = gids[j] - first
        if source < 0 or source >= start.size - 1:
            continue
        at = np.uint64((steps[j] + d) % ring.shape[0])
        for row in range(np.uint64(start[source]), np.uint64(start[source + 1])):
            ring[at, np.uint64(slot[row])] += weight[row]


@kernel
def deliver_delays(first, start, slot, weight, delay, gids, steps, anchor, ring):  # type: ignore[no-untyped-def]
    """Spikes through rows of one weight and their own delays."""
    n, w = np.uint64(ring.shape[0]), weight[0]
    for j in range(gids.size):
        source = gids[j] - first
        if source < 0 or source >= start.size - 1:
            continue
        base = np.uint64((steps[j] - 1 - anchor) % ring.shape[0])
        for row in range(np.uint64(start[source]), np.uint64(start[source + 1])):
            at = base + np.uint64(delay[row])
            ring[at if at < n else at - n, np.uint64(slot[row])] += w


@kernel
def deliver_both(first, start, slot, weight, delay, gids, steps, anchor, ring):  # type: ignore[no-untyped-def]
    """Spikes through rows of their own weights and delays."""
    n = np.uint64(ring.shape[0])
    for j in range(gids.size):
        source = gids[j] - first
        if source < 0 or source >= start.size - 1:
            continue
        base = np.uint64((steps[j] - 1 - anchor) % ring.shape[0])
        for row in range(np.uint64(start[source]), np.uint64(start[source + 1])):
            at = base + np.uint64(delay[row])
            ring[at if at < n else at - n, np.uint64(slot[row])] += weight[row]

"""Walking rows of connections: sorting them by source when built, delivering spikes through them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Floats, Ints
from parsim.jit import fetch, inlined, kernel, lean_kernel
from parsim.kernels.sources import rows_from

# Indices are made unsigned, which spares numba's test for negative ones: delivering through rows of
# one weight and one delay takes 1.0 ns an event, 1.8 with signed indices.


@kernel
def count_sources(source, counts):
    """How many rows each source has, added to `counts`."""
    for j in range(source.size):
        counts[np.uint64(source[j])] += 1


@kernel
def place_slots(source, counts, slot_of, cursor, slot):
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
def places(source, cursor, place):
    """As `place_slots`, but only says where each row goes."""
    for j in range(source.size):
        of = np.uint64(source[j])
        place[j] = cursor[of]
        cursor[of] += 1


@kernel
def scatter(place, values, column):
    """Each row's value, or one for all, where the row is."""
    each = np.uint64(0 if values.size == 1 else 1)
    for j in range(np.uint64(place.size)):
        column[np.uint64(place[j])] = values[j * each]


@kernel
def scatter_slots(place, target, local, weight, positive, other, cells, slot):
    """Each row's place in the mailbox: weights above 0 enter by one port, all others by another or the same."""
    each = np.uint64(0 if weight.size == 1 else 1)
    for j in range(np.uint64(place.size)):
        port = positive if weight[j * each] > 0.0 else other
        slot[np.uint64(place[j])] = local[np.uint64(target[j])] + cells * port


@kernel
def slots_of(target, local, weight, positive, other, cells, slot):
    """The same of rows that stand as they come."""
    each = np.uint64(0 if weight.size == 1 else 1)
    for j in range(np.uint64(target.size)):
        port = positive if weight[j * each] > 0.0 else other
        slot[j] = local[np.uint64(target[j])] + cells * port


@inlined
def shared_in(column):
    """What all rows share in a column without a dimension; nothing is asked of others."""
    return column[()] if column.ndim == 0 else 0


@inlined
def of_row(column, shared, r):
    """What row r has in a column [row], or in one that all `shared_in`: which, is known when this is compiled."""
    return shared if column.ndim == 0 else column[r]


@kernel
def deliver(sources, slot, weight, delay, gids, steps, anchor, ring):
    """Spikes through rows, each of which adds its weight: a delay of D steps from a spike at step s is read in the
    update of step s + D - 1, which ends D steps after the spike.

    A weight or delay that all rows share has no dimension, and is read before the loop: 0.65 ns an event in place of 1.
    """
    n, w, d = np.uint64(ring.shape[0]), shared_in(weight), shared_in(delay)
    for j in range(gids.size):
        begin, end = rows_from(sources, gids[j])
        if begin == end:
            continue
        base = np.uint64((steps[j] - 1 - anchor) % ring.shape[0])
        for row in range(begin, end):
            at = base + np.uint64(of_row(delay, d, row))
            ring[at if at < n else at - n, np.uint64(slot[row])] += of_row(weight, w, row)


class Bags(NamedTuple):
    """What will be added to the steps of a ring: the first `count[k]` of `slot[k]` and `weight[k]` to its step k, as
    they come. None has more than `most[0]`.
    """

    slot: NDArray[np.int32]
    weight: Floats
    count: Ints  # type: ignore[assignment]  # hides tuple.count, which nobody asks
    most: Ints


AT_A_TIME = 256  # rows, for which every bag has room before they are put in


@lean_kernel
def empty_bag(bags, step, ring):
    """Add what is in the bag of a step to it, in the order in which it came."""
    at = np.uint64(step)
    for j in range(np.uint64(bags.count[at])):
        ring[at, np.uint64(bags.slot[at, j])] += bags.weight[at, j]
    bags.count[at] = 0


@lean_kernel
def make_room_in_bags(bags, ring):
    """Empty the bags that have not got room for `AT_A_TIME` more; less is added to their steps later, so sums are the
    same.
    """
    bags.most[0] = 0
    for k in range(bags.count.size):
        if bags.count[k] + AT_A_TIME > bags.slot.shape[1]:
            empty_bag(bags, k, ring)
        bags.most[0] = max(bags.most[0], bags.count[k])


@inlined
def fetch_rows(slot, weight, delay, begin, end):
    """Ask for some rows from memory, lines of 64 bytes of each column."""
    for row in range(begin, end, np.uint64(16)):
        fetch(slot, row)
        if weight.ndim > 0:
            fetch(weight, row)
            fetch(weight, row + np.uint64(8))
        if delay.ndim > 0:
            fetch(delay, row)


@lean_kernel
def put_in_bags(sources, slot, weight, delay, gids, steps, anchor, bags, ring):
    """As `deliver`, but what rows bring waits in the bags of its steps until these are emptied.

    While the rows of a spike are read, those of the next are on their way from memory: 3.3 ns an event in place of 4.
    """
    n, w, d = np.uint64(ring.shape[0]), shared_in(weight), shared_in(delay)
    for j in range(gids.size):
        begin, end = rows_from(sources, gids[j])
        following, behind_it = rows_from(sources, gids[min(j + 1, gids.size - 1)])
        base = np.uint64((steps[j] - 1 - anchor) % ring.shape[0])
        for some in range(begin, end, np.uint64(AT_A_TIME)):
            if bags.most[0] + AT_A_TIME > bags.slot.shape[1]:
                make_room_in_bags(bags, ring)
            behind, ahead = min(end, some + np.uint64(AT_A_TIME)), following + (some - begin)
            fetch_rows(slot, weight, delay, ahead, min(behind_it, ahead + np.uint64(AT_A_TIME)))
            for row in range(some, behind):
                at = base + np.uint64(of_row(delay, d, row))
                at = at if at < n else at - n
                place = np.uint64(bags.count[at])
                bags.slot[at, place] = slot[row]
                bags.weight[at, place] = of_row(weight, w, row)
                bags.count[at] = place + np.uint64(1)
            bags.most[0] += np.int64(behind - some)


@kernel
def count_targets(slot, counts):
    """How many rows lead to each cell, added to `counts`; cells with one port have their own number as slot."""
    for r in range(slot.size):
        counts[np.uint64(slot[r])] += 1


@kernel
def place_by_target(slot, base, cursor, order):
    """The numbers of rows, from `base` on, to the next free places of their cells."""
    for r in range(slot.size):
        of = np.uint64(slot[r])
        order[np.uint64(cursor[of])] = base + r
        cursor[of] += 1


@kernel
def move_by_sign(rows, weight, positive, other, cells, slot):
    """Rows with new weights, [row] or one for all, to the ports by which these enter; all rows where none is named."""
    w = shared_in(weight)
    for j in range(slot.size if rows.size == 0 else rows.size):
        r = np.uint64(j if rows.size == 0 else rows[j])
        port = positive if of_row(weight, w, np.uint64(j)) > 0.0 else other
        slot[r] = slot[r] % cells + cells * port


@kernel
def how_manyth(cell, counts, nth):
    """The how manyth of its cell's rows each row is; `counts` are those that came before, of each cell, and go on."""
    for r in range(cell.size):
        nth[r] = counts[np.uint64(cell[r])]
        counts[np.uint64(cell[r])] += 1


@inlined
def at_row(column, r):
    """What row r has in a column [row], or in one without a dimension, which all rows share."""
    return column[()] if column.ndim == 0 else column[r]


@inlined
def shared_at(of, r):
    """Where connection r finds a state per source, at a `Spike`, an `Echo` or a `Dose`: at its own place in the column,
    or at the one that all connections of its source share.
    """
    return np.uint64(of.shared) if of.shared >= 0 else np.uint64(r)

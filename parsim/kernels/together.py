"""Points near several points that are near each other: found together, and put in order once for all of these."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Floats, Ints
from parsim.jit import PACKED, inlined, lean_kernel, pack, widest
from parsim.kernels.bins import AT_A_TIME, AXES, Bins, Region, gap, image, lies_in, reach
from parsim.kernels.nearby import mark, unmark

ACROSS = (
    2  # bins across a box of points that share a search: to collect one candidate takes as long as testing 20
)
_PIECE = np.uint64(32)  # bits below the number of a piece
_PLACE = np.uint64(0xFFFFFFFF)


class Candidates(NamedTuple):
    """Which points may lie in the region about one of a group, in ascending order of their numbers."""

    number: NDArray[np.int32]
    points: Floats  # [3, room]
    moved: Floats  # [3, room] how far, where space has begun anew
    moved_there: Floats  # [3, room] how far those of each piece are moved, one after another
    where: NDArray[np.uint64]  # of each number: which piece it was found in, and where it stands in bins
    lies: NDArray[np.uint8]
    way: Floats  # [3, room] from the point of the group that is looked at
    group: Ints  # of which they are, and how many
    flat: bool  # has nothing any extent along the first axis?


def no_candidates(bins: Bins, about: Floats) -> Candidates:
    """None, with room for all points, near some of `about`, [3, m]."""
    room = bins.number.size + AT_A_TIME
    flat = bool(bins.period[0] == np.inf and not bins.points[0].any() and not about[0].any())
    number, where = np.zeros(room, np.int32), np.zeros(room, np.uint64)
    points, moved, there, way = (np.zeros((AXES, room)) for _ in range(4))
    lies, group = np.empty(room, np.uint8), np.array([-1, 0])
    return Candidates(number, points, moved, there, where, lies, way, group, flat)


def can_be_together(bins: Bins, region: Region) -> bool:
    """Can no point come twice into what is looked at about a group, as where it is and moved on?"""
    size = np.subtract(region.high, region.low)
    return bool((size + (ACROSS + 3.0) * bins.width <= bins.period).all())


def groups(bins: Bins, about: Floats) -> tuple[Ints, Ints]:
    """Points [3, n] by boxes of bins, wherever these are: in which order, and where those of each end."""
    box = np.floor((about - bins.corner[:, None]) / (ACROSS * bins.width[:, None]))
    box = np.minimum(box - box.min(axis=1, keepdims=True), 1e6).astype(np.int64)
    size = box.max(axis=1) + 1
    which = (box[0] * size[1] + box[1]) * size[2] + box[2]
    order = np.argsort(which, kind="stable")
    return order, np.flatnonzero(np.diff(which[order], append=-1)) + 1


@lean_kernel
def around_in_order(bins, region, about, ends, s, candidates, marks, number, way, behind):
    """As `bins.around`, of points in groups that end at `ends`; the numbers of what is about each ascend.

    All candidates are tested, and all ways kept, in a loop of vectors; then those that count are moved together.
    """
    widest()
    found, c, g = 0, candidates, max(candidates.group[0], 0)
    while s < about.shape[1]:
        while ends[g] <= s:
            g += 1
        if c.group[0] != g:
            c.group[0], c.group[1] = g, collect(bins, region, about, s, ends[g], c, marks)
        n = c.group[1]
        if found + n + AT_A_TIME > number.size:
            return s
        x, y, z = about[0, s], about[1, s], about[2, s]
        if c.flat:
            tested_flat(c, region, y, z, n)
        else:
            tested_all(c, region, x, y, z, n)
        for i in range(np.uint64(n), np.uint64(n + AT_A_TIME)):
            c.lies[i] = 0
        found = moved_together(c, n, found, number, way)
        behind[s] = found
        s += 1
    return s


@inlined
def tested_all(c, region, x, y, z, n):
    """The way to each of n candidates from a point, and whether it lies in the region."""
    xs, ys, zs, to_x, to_y, to_z = c.points[0], c.points[1], c.points[2], c.way[0], c.way[1], c.way[2]
    moved_x, moved_y, moved_z = c.moved[0], c.moved[1], c.moved[2]
    for base in range(np.uint64(0), np.uint64(n), np.uint64(AT_A_TIME)):
        for lane in range(np.uint64(AT_A_TIME)):
            i = base + lane
            dx, dy, dz = (xs[i] - x) + moved_x[i], (ys[i] - y) + moved_y[i], (zs[i] - z) + moved_z[i]
            c.lies[i] = lies_in(region, dx, dy, dz)
            to_x[i], to_y[i], to_z[i] = dx, dy, dz


@inlined
def tested_flat(c, region, y, z, n):
    """The same where nothing has any extent along the first axis: a fifth less time."""
    ys, zs, moved_y, moved_z, to_y, to_z = (
        c.points[1],
        c.points[2],
        c.moved[1],
        c.moved[2],
        c.way[1],
        c.way[2],
    )
    for base in range(np.uint64(0), np.uint64(n), np.uint64(AT_A_TIME)):
        for lane in range(np.uint64(AT_A_TIME)):
            i = base + lane
            dy, dz = (ys[i] - y) + moved_y[i], (zs[i] - z) + moved_z[i]
            c.lies[i] = lies_in(region, 0.0, dy, dz)
            to_y[i], to_z[i] = dy, dz


@inlined
def moved_together(c, n, found, number, way):
    """Those of the candidates that lie in the region, from `found` on; returns how many there are then.

    None of those behind the last lies in it. What does not count is written over by what comes next.
    """
    to = np.uint64(found)
    if way.shape[0] == 0:
        for i in range(np.uint64(0), np.uint64(n), PACKED):
            to = pack(c.number, i, c.lies, number, to)
    elif way.shape[0] == AXES:
        first, second, third, x, y, z = way[0], way[1], way[2], c.way[0], c.way[1], c.way[2]
        for i in range(np.uint64(0), np.uint64(n), PACKED):
            pack(x, i, c.lies, first, to)
            pack(y, i, c.lies, second, to)
            pack(z, i, c.lies, third, to)
            to = pack(c.number, i, c.lies, number, to)
    else:
        first, second, y, z = way[0], way[1], c.way[1], c.way[2]
        for i in range(np.uint64(0), np.uint64(n), PACKED):
            pack(y, i, c.lies, first, to)
            pack(z, i, c.lies, second, to)
            to = pack(c.number, i, c.lies, number, to)
    return np.int64(to)


@inlined
def collect(bins, region, about, begin, end, c, marks):
    """What may lie in the region about one of some points, in order; how many these are."""
    xs, ys, zs = extent(about[0], begin, end), extent(about[1], begin, end), extent(about[2], begin, end)
    pieces, low, high, middle = 0, region.low, region.high, region.middle
    first, last = reach(bins, 0, xs[0] + low[0], xs[1] + high[0])
    for i in range(first, last + 1):
        far = gap(bins, 0, i, xs[0] + middle[0], xs[1] + middle[0])
        rest = region.outer - far * far
        if rest < 0.0:
            continue
        start, stop = reach(bins, 1, ys[0] + low[1], ys[1] + high[1])
        for j in range(start, stop + 1):
            far = gap(bins, 1, j, ys[0] + middle[1], ys[1] + middle[1])
            left = rest - far * far
            if left >= 0.0:
                chord = np.sqrt(left)
                row = i % bins.shape[0] * bins.shape[1] + j % bins.shape[1]
                least, most = max(low[2], middle[2] - chord), min(high[2], middle[2] + chord)
                moved = image(bins, 0, i), image(bins, 1, j)
                pieces = collect_row(bins, row, moved, zs[0] + least, zs[1] + most, pieces, c, marks)
    found = unmark(marks, 0, c.number)
    for axis in range(1 if c.flat else 0, AXES):
        points, moved_on, of_bins, there = (
            c.points[axis],
            c.moved[axis],
            bins.points[axis],
            c.moved_there[axis],
        )
        for k in range(np.uint64(found)):
            at = c.where[np.uint64(c.number[k])]
            points[k], moved_on[k] = of_bins[at & _PLACE], there[at >> _PIECE]
    return found


@inlined
def collect_row(bins, row, moved, least, most, pieces, c, marks):
    """The points of a row of bins from `least` to `most`, in pieces where space wraps; how many pieces there are then.

    Of a point it takes but one number, which is found again in order.
    """
    n = bins.shape[2]
    k, last = reach(bins, 2, least, most)
    while k <= last:
        turns = k // n  # rounded down
        end = min(last, (turns + 1) * n - 1)
        base = (row - turns) * n
        begin, stop = np.uint64(bins.start[base + k]), np.uint64(bins.start[base + end + 1])
        if begin < stop:
            there = c.moved_there
            there[0, pieces], there[1, pieces], there[2, pieces] = moved[0], moved[1], image(bins, 2, k)
            piece = np.uint64(pieces) << _PIECE
            for e in range(begin, stop):
                number = np.uint64(bins.number[e])
                c.where[number] = piece | e
                mark(marks, number)
            pieces += 1
        k = end + 1
    return pieces


@inlined
def extent(x, begin, end):
    """The least and the greatest of some numbers."""
    least, most = x[begin], x[begin]
    for i in range(begin + 1, end):
        least, most = min(least, x[i]), max(most, x[i])
    return least, most


@lean_kernel
def put_together(begins, counts, target, out):
    """The targets of some sources one after another, of which each has its own somewhere."""
    to = np.uint64(0)
    for s in range(counts.size):
        for i in range(np.uint64(begins[s]), np.uint64(begins[s] + counts[s])):
            out[to] = target[i]
            to += np.uint64(1)

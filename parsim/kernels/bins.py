"""Points in bins of space, so that those in a box or a circle are found without a look at all."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Floats, Ints
from parsim.jit import divided, inlined, is_safe_divisor, lean_kernel, widest

AXES = 3  # of which the first may have no extent, so that bins of a row follow each other along one that has
FINE = 8  # bins across a box: more cost more to walk through, fewer hold more points that lie outside
AT_A_TIME = 16  # points that are looked at together: a loop of so many has no rest that would go one by one


class Bins(NamedTuple):
    """Points by bins: those of bin b stand at [start[b], start[b + 1]), in ascending order of their numbers."""

    points: Floats  # [3, n + AT_A_TIME] in the order of bins; behind the last are any
    number: NDArray[np.int32]  # which point each is
    start: Ints
    shape: Ints  # [3] how many bins there are
    corner: Floats  # [3] where the first one begins
    width: Floats  # [3] of a bin
    period: Floats  # [3] infinite where space does not wrap


Corner = tuple[float, ...]  # of three numbers


class Region(NamedTuple):
    """A box about the way from a point, and a ball in it; the ball is infinite where the box is all."""

    low: Corner
    high: Corner
    middle: Corner  # of the ball
    outer: float  # the square of its radius
    inner: float  # of what is hollow in it; below 0 for nothing


def region(low: Floats, high: Floats, middle: Floats, squares: tuple[float, float], period: Floats) -> Region:
    """A box, of [dimension], and in it a ball about `middle` whose radii have these squares.

    Where space wraps a way is at most half of it, and of the two that are half of it the one below 0.
    """
    turn = three(period, np.inf)
    half = 0.5 * turn
    most = np.nextafter(half, 0.0)
    most = np.where(most - turn >= -half, np.nextafter(most, 0.0), most)  # else it is half the other way, too
    low, high = np.maximum(three(low), -half), np.minimum(three(high), most)
    least, greatest, about = (tuple(float(x) for x in of) for of in (low, high, three(middle)))
    return Region(least, greatest, about, squares[0], squares[1])


def three(values: Floats, fill: float = 0.0) -> Floats:
    """Of so many dimensions as kernels have, from [dimension, ...]."""
    wide = np.full((AXES, *values.shape[1:]), fill)
    wide[AXES - len(values) :] = values
    return wide


def turned(points: Floats, edge: Floats, period: Floats) -> Floats:
    """Points [dimension, n] of a space that wraps, moved to behind its `edge`; those that are there stay."""
    wraps = np.isfinite(period)
    found = np.array(points)
    for x, low, turn in zip(found[wraps], edge[wraps], period[wraps], strict=True):
        x -= turn * np.floor((x - low) / turn)
    return found


def binned(points: Floats, region: Region, edge: Floats, period: Floats) -> Bins:
    """Points [dimension, n], in so many bins as make sense for such a region; space that wraps begins at `edge`."""
    n, xyz, turn = points.shape[1], three(points), three(period, np.inf)
    wraps = np.isfinite(turn)
    corner, most = xyz.min(axis=1, initial=np.inf), xyz.max(axis=1, initial=-np.inf)
    if n == 0:
        corner, most = np.zeros(AXES), np.zeros(AXES)
    corner = np.where(wraps, three(edge), corner)
    across = np.where(wraps, turn, most - corner)
    size = np.maximum(np.subtract(region.high, region.low), 1e-300)
    wanted = np.minimum(np.where(across > 0.0, FINE * across / size, 1.0), 1e6)
    most_bins = max(1.0, n) ** (1.0 / max(1, int((across > 0.0).sum())))  # no more bins than points
    shape = np.clip(np.floor(wanted), 1, max(1.0, np.floor(most_bins))).astype(np.int64)
    width = np.where(across > 0.0, across / shape, 1.0)
    which = np.empty(n, np.int64)
    bins_of(xyz, corner, width, shape, which)
    order = np.argsort(which, kind="stable")
    start = np.concatenate(
        [np.zeros(1, np.int64), np.cumsum(np.bincount(which, minlength=int(np.prod(shape))))]
    )
    inside = np.zeros((AXES, n + AT_A_TIME))
    inside[:, :n] = xyz[:, order]
    return Bins(inside, order.astype(np.int32), start, shape, corner, width, turn)


@lean_kernel
def bins_of(points, corner, width, shape, which):
    """The bin of each point."""
    for i in range(which.size):
        b = 0
        for axis in range(AXES):
            at = int(np.floor((points[axis, i] - corner[axis]) / width[axis]))
            b = b * shape[axis] + min(max(at, 0), shape[axis] - 1)
        which[i] = b


@lean_kernel
def around(bins, region, about, s, number, way, lies, behind):
    """The points that lie in the region about each point of `about`, [3, m], from s on, as many as fit.

    Their numbers go to `number`, the ways to them to `way`, [dimension, room], and to `behind[s]` how many there are up
    to and with those of s. Returns the point of `about` to go on with. `lies` has a byte for each of the points.
    """
    widest()
    found, low, high, middle = 0, region.low, region.high, region.middle
    while s < about.shape[1]:
        x, y, z = about[0, s], about[1, s], about[2, s]
        first, last = reach(bins, 0, x + low[0], x + high[0])
        for i in range(first, last + 1):
            far = gap(bins, 0, i, x + middle[0], x + middle[0])
            rest = region.outer - far * far
            if rest < 0.0:
                continue
            begin, end = reach(bins, 1, y + low[1], y + high[1])
            for j in range(begin, end + 1):
                far = gap(bins, 1, j, y + middle[1], y + middle[1])
                left = rest - far * far
                if left >= 0.0:
                    chord = np.sqrt(left)
                    row = i % bins.shape[0] * bins.shape[1] + j % bins.shape[1]
                    least, most = max(low[2], middle[2] - chord), min(high[2], middle[2] + chord)
                    moved = image(bins, 0, i), image(bins, 1, j)
                    found = from_row(
                        bins, region, row, (x, y, z), moved, (least, most), found, number, way, lies
                    )
                    if found < 0:
                        return s
        behind[s] = found
        s += 1
    return s


@inlined
def from_row(bins, region, row, at, moved, reached, found, number, way, lies):
    """The points of a row of bins that lie in the region about a point, in pieces where space wraps; -1 for no room."""
    n = bins.shape[2]
    k, last = reach(bins, 2, at[2] + reached[0], at[2] + reached[1])
    while k <= last:
        turns = k // n  # rounded down
        end = min(last, (turns + 1) * n - 1)
        base = (row - turns) * n
        begin, stop = bins.start[base + k], bins.start[base + end + 1]
        if found + stop - begin > number.size:
            return -1
        moved_z = image(bins, 2, k)
        found = in_region(
            bins, region, begin, stop, at, (moved[0], moved[1], moved_z), found, number, way, lies
        )
        k = end + 1
    return found


@inlined
def in_region(bins, region, begin, stop, at, moved, found, number, way, lies):
    """Those of some points that lie in the region about a point, where space has been moved on.

    All are tested before those that lie in it are written: the test is a loop of vectors, 1 ns a point in place of 4.
    """
    tested(bins.points, region, begin, stop, at, moved, lies)
    to, n = np.uint64(found), np.uint64(stop - begin)
    for i in range(n):
        number[to] = np.uint64(begin) + i
        to += np.uint64(lies[i])
    for axis in range(way.shape[0]):
        of = axis + AXES - way.shape[0]
        out, points, point, on = way[axis], bins.points[of], at[of], moved[of]
        for k in range(np.uint64(found), to):
            out[k] = (points[np.uint64(number[k])] - point) + on
    for k in range(np.uint64(found), to):
        number[k] = bins.number[np.uint64(number[k])]
    return np.int64(to)


@inlined
def tested(points, region, begin, stop, at, moved, lies):
    """Whether each of some points lies in the region about a point, and of what comes behind them any answer."""
    (x, y, z), (moved_x, moved_y, moved_z) = at, moved
    xs, ys, zs = points[0], points[1], points[2]
    for base in range(np.uint64(0), np.uint64(stop - begin), np.uint64(AT_A_TIME)):
        for i in range(np.uint64(AT_A_TIME)):
            e = np.uint64(begin) + base + i
            dx, dy, dz = (xs[e] - x) + moved_x, (ys[e] - y) + moved_y, (zs[e] - z) + moved_z
            lies[base + i] = lies_in(region, dx, dy, dz)


@inlined
def lies_in(region, x, y, z):
    """1 for a way that ends in the region, else 0."""
    low, high, middle = region.low, region.high, region.middle
    ax, ay, az = x - middle[0], y - middle[1], z - middle[2]
    far = ax * ax + ay * ay + az * az
    inside = (far <= region.outer) & (far > region.inner) & (x >= low[0]) & (x <= high[0])
    inside &= (y >= low[1]) & (y <= high[1]) & (z >= low[2]) & (z <= high[2])
    return np.uint8(1 if inside else 0)


@inlined
def reach(bins, axis, low, high):
    """The first and last bin along an axis with points from `low` to `high`; where space wraps, perhaps beyond it."""
    slack, ends = 1e-9 * bins.width[axis], bins.period[axis] == np.inf
    if ends:  # at the bins first, for without a mask `high` is as large as numbers are
        low = max(low, bins.corner[axis])
        high = min(high, bins.corner[axis] + bins.shape[axis] * bins.width[axis])
    first = np.floor((low - slack - bins.corner[axis]) / bins.width[axis])
    last = np.floor((high + slack - bins.corner[axis]) / bins.width[axis])
    if ends:
        first, last = max(first, 0.0), min(last, bins.shape[axis] - 1.0)
    return int(first), int(last)


@inlined
def gap(bins, axis, i, least, most):
    """How far what is from `least` to `most` is at least from the points of bin i along an axis.

    What lies beyond the last bins belongs to them.
    """
    low = bins.corner[axis] + i * bins.width[axis]
    slack = 1e-9 * bins.width[axis]
    return max(0.0, low - most - slack, least - low - bins.width[axis] - slack)


@inlined
def image(bins, axis, i):
    """How far the points of bin i are moved on, as often as space has begun anew there."""
    if bins.period[axis] < np.inf:
        return (i // bins.shape[axis]) * bins.period[axis]
    return 0.0


@lean_kernel
def ways(sources, targets, at_source, at_target, period, way):
    """From each source to its target, the shortest way where space wraps: of points [dimension, n], by place."""
    for axis in range(period.size):
        turn, x, y, out = period[axis], sources[axis], targets[axis], way[axis]
        if turn < np.inf:
            for i in range(at_source.size):
                far = y[np.uint64(at_target[i])] - x[np.uint64(at_source[i])]
                out[i] = far - turn * np.floor(far / turn + 0.5)
        else:
            for i in range(at_source.size):
                out[i] = y[np.uint64(at_target[i])] - x[np.uint64(at_source[i])]


@lean_kernel
def ways_of_each(sources, targets, counts, at_target, period, way):
    """As `ways`, of sources that have so many targets each, source after source.

    Where targets are is read first, for a loop with such reads is not vectorized: 1 ns a way in place of 2.3.
    """
    widest()
    for axis in range(period.size):
        turn, y, out, first = period[axis], targets[axis], way[axis], np.uint64(0)
        for s in range(counts.size):
            x, end = sources[axis, s], first + np.uint64(counts[s])
            for i in range(first, end):
                out[i] = y[np.uint64(at_target[i])]
            for i in range(first, end):
                out[i] -= x
            if turn < np.inf:
                shorten(turn, first, end, out)
            first = end


@inlined
def shorten(turn, first, end, way):
    """The shortest of ways in a space that wraps."""
    if is_safe_divisor(turn):
        inverse = 1.0 / turn
        for i in range(first, end):
            way[i] -= turn * np.floor(divided(way[i], turn, inverse) + 0.5)
    else:
        for i in range(first, end):
            way[i] -= turn * np.floor(way[i] / turn + 0.5)

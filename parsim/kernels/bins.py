"""Points in bins of space, so that those in a box or a circle are found without a look at all."""

from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.jit import inlined, kernel

AXES = 3  # of which the third may have no extent
FINE = 8  # bins across a box: more cost more to walk through, fewer hold more points that lie outside


class Bins(NamedTuple):
    """Points by bins: those of bin b stand at [start[b], start[b + 1]), in ascending order of their numbers."""

    points: Floats  # [3, n] in the order of bins
    number: Ints  # which point each is
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
    half = 0.5 * three(period, np.inf)
    low, high = np.maximum(three(low), -half), np.minimum(three(high), np.nextafter(half, 0.0))
    least, most, about = (tuple(float(x) for x in of) for of in (low, high, three(middle)))
    return Region(least, most, about, squares[0], squares[1])


def three(values: Floats, fill: float = 0.0) -> Floats:
    """Of so many dimensions as kernels have, from [dimension, ...]."""
    wide = np.full((AXES, *values.shape[1:]), fill)
    wide[: len(values)] = values
    return wide


def binned(points: Floats, region: Region, period: Floats) -> Bins:
    """Points [dimension, n], in so many bins as make sense for such a region."""
    n, xyz, turn = points.shape[1], three(points), three(period, np.inf)
    corner, most = xyz.min(axis=1, initial=np.inf), xyz.max(axis=1, initial=-np.inf)
    wraps = np.isfinite(turn)
    if n == 0:
        corner, most = np.zeros(AXES), np.zeros(AXES)
    across = np.where(wraps, turn, most - corner)
    size = np.maximum(np.subtract(region.high, region.low), 1e-300)
    wanted = np.minimum(np.where(across > 0.0, FINE * across / size, 1.0), 1e6)
    most_bins = max(1.0, n) ** (1.0 / max(1, int((across > 0.0).sum())))  # no more bins than points
    shape = np.clip(np.floor(wanted), 1, max(1.0, np.floor(most_bins))).astype(np.int64)
    width = np.where(across > 0.0, across / shape, 1.0)
    xyz = np.where(
        wraps[:, None],
        xyz - np.where(wraps, turn, 0.0)[:, None] * np.floor((xyz - corner[:, None]) / turn[:, None]),
        xyz,
    )
    which = np.empty(n, np.int64)
    bins_of(xyz, corner, width, shape, which)
    order = np.argsort(which, kind="stable")
    start = np.concatenate(
        [np.zeros(1, np.int64), np.cumsum(np.bincount(which, minlength=int(np.prod(shape))))]
    )
    return Bins(np.ascontiguousarray(xyz[:, order]), order, start, shape, corner, width, turn)


@kernel
def bins_of(points, corner, width, shape, which):
    """The bin of each point."""
    for i in range(which.size):
        b = 0
        for axis in range(AXES):
            at = int(np.floor((points[axis, i] - corner[axis]) / width[axis]))
            b = b * shape[axis] + min(max(at, 0), shape[axis] - 1)
        which[i] = b


@kernel
def around(bins, region, about, t, number, which, way):
    """Of points of `about`, [3, m], from t on: the points from which each lies in the region, as many as fit.

    Their numbers go to `number`, which of `about` it is to `which`, and the way to it to `way`, [3, room]. Returns the
    point to go on with, and how many there are.
    """
    found, first, last = 0, np.empty(AXES, np.int64), np.empty(AXES, np.int64)
    while t < about.shape[1]:
        for axis in range(AXES):
            first[axis], last[axis] = reach(
                bins, axis, about[axis, t] - region.high[axis], about[axis, t] - region.low[axis]
            )
        before, room = found, number.size
        for i in range(first[0], last[0] + 1):
            for j in range(first[1], last[1] + 1):
                for k in range(first[2], last[2] + 1):
                    b = (i % bins.shape[0] * bins.shape[1] + j % bins.shape[1]) * bins.shape[
                        2
                    ] + k % bins.shape[2]
                    if found + bins.start[b + 1] - bins.start[b] > room:
                        return t, before
                    x = about[0, t] - image(bins, 0, i)
                    y = about[1, t] - image(bins, 1, j)
                    z = about[2, t] - image(bins, 2, k)
                    found = from_bin(bins, region, b, x, y, z, found, number, way)
        which[before:found] = t
        t += 1
    return t, found


@kernel
def reach(bins, axis, low, high):
    """The first and last bin along an axis with points from `low` to `high`; where space wraps, perhaps beyond it."""
    slack = 1e-9 * bins.width[axis]
    first = int(np.floor((low - slack - bins.corner[axis]) / bins.width[axis]))
    last = int(np.floor((high + slack - bins.corner[axis]) / bins.width[axis]))
    if bins.period[axis] < np.inf:
        return first, last
    return max(first, 0), min(last, bins.shape[axis] - 1)


@kernel
def image(bins, axis, i):
    """How far the points of bin i are moved on, as often as space has begun anew there."""
    if bins.period[axis] < np.inf:
        return (i // bins.shape[axis]) * bins.period[axis]
    return 0.0


@inlined
def from_bin(bins, region, b, x, y, z, found, number, way):
    """The points of a bin from which (x, y, z) lies in the region."""
    xs, ys, zs, way_x, way_y, way_z = bins.points[0], bins.points[1], bins.points[2], way[0], way[1], way[2]
    (low_x, low_y, low_z), (high_x, high_y, high_z) = region.low, region.high
    (mid_x, mid_y, mid_z), outer, inner = region.middle, region.outer, region.inner
    at = np.uint64(found)
    for e in range(np.uint64(bins.start[b]), np.uint64(bins.start[b + 1])):
        dx, dy, dz = x - xs[e], y - ys[e], z - zs[e]
        ax, ay, az = dx - mid_x, dy - mid_y, dz - mid_z
        far = ax * ax + ay * ay + az * az
        number[at], way_x[at], way_y[at], way_z[at] = bins.number[e], dx, dy, dz
        inside = (far <= outer) & (far > inner) & (dx >= low_x) & (dx <= high_x)
        inside &= (dy >= low_y) & (dy <= high_y) & (dz >= low_z) & (dz <= high_z)
        at += np.uint64(1 if inside else 0)
    return np.int64(at)


@kernel
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

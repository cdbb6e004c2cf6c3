"""Pairs that are connected with a probability that hangs on where both are, or that a mask lets through."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.errors import BuildError, DescriptionError
from parsim.given.masks import AbstractMask, Round
from parsim.given.value import AbstractValue
from parsim.given.values import numbers_at
from parsim.given.where import Ends, Where
from parsim.kernels.bins import AXES, around, binned, region, three
from parsim.kernels.wiring import WIRING
from parsim.network.population import Selection
from parsim.network.rules import Places, Rows, Wiring
from parsim.network.space import Space, are_spatial, layouts
from parsim.rng import uniform_array

CHANCE = 1 << 15  # the lane of what a probability draws itself
TRIED = 1 << 14  # pairs of which the probability tells how many connections there will be, about
ROOM = 1 << 15  # pairs looked at together, which stay in the second-level cache


def check_mask(mask: Any, source: Selection, target: Selection) -> None:
    """A mask of the space in which the cells are, and not wider than where it begins anew."""
    space = Space(source, target)
    space.check()
    if mask is None or not layouts(target):
        return
    if not isinstance(mask, AbstractMask):
        raise DescriptionError(f"mask is {mask!r:.60}; give ps.circle(0.3), ps.rectangle(...) or the like.")
    if mask.dimensions != space.period.size:
        raise DescriptionError(
            f"{mask!r} has {mask.dimensions} dimensions, and the positions of {target!r} have {space.period.size}."
        )
    low, high = mask.box
    if (high - low > space.period).any():
        raise DescriptionError(
            f"{mask!r} is wider than the space, {space.period.tolist()}, which wraps: it would meet pairs more than "
            "once. Use a smaller mask."
        )


def share_of(space: Space, p: Any, mask: AbstractMask | None) -> float:
    """About which part of all pairs is connected, of some of them."""
    n, m = len(space.source), len(space.target)
    if not n or not m:
        return 0.0
    each = np.arange(min(TRIED, n * m))
    sources, targets = (
        space.source.members.at(each * 7919 % n),
        space.target.members.at((each * 104_729 + each // n) % m),
    )
    apart = space.between(sources, targets) if hangs_on_space(p, mask) else np.empty((0, each.size))
    inside = np.ones(each.size, bool) if mask is None else mask.inside(apart)
    ends = Ends(lambda: sources, lambda: targets, lambda: apart)
    chance = _chances(p, Where(space.source.network.seed, 0, targets, each, CHANCE, each, ends))
    return max(float(np.mean(np.where(inside, chance, 0.0))), 1e-3 / each.size)


def _chances(p: Any, where: Where) -> Floats:
    """The probability of each of these pairs."""
    if not isinstance(p, AbstractValue):
        return np.full(where.gids.size, float(p))
    found = numbers_at(p, where)
    if found.size and not (found.min() >= 0.0 and found.max() <= 1.0):
        at = int(np.argmax((found < 0.0) | (found > 1.0)))
        raise DescriptionError(
            f"p is {found[at]:g} for {where.name(at)}, from {p.describe()}; a probability from 0 to 1 is needed. Write "
            "(...).clipped(0, 1)."
        )
    return found


class Nearby:
    """The sources of a rank's targets, target after target, four bytes each: kept while a table is built.

    The coin of a pair is a function of both of its ends alone, so nobody's hangs on who else is there.
    """

    def __init__(self, w: Wiring, p: Any, mask: AbstractMask | None, autapses: bool) -> None:
        self.w, self.p, self.mask, self.autapses = w, p, mask, autapses
        self.space: Space = w.space
        counts, found = np.zeros(w.targets.size, np.int64), [np.empty(0, np.int32)]
        if w.sources.size and w.targets.size:
            pairs = (
                _all_pairs(self.space, w.places) if mask is None else _pairs_in(mask, self.space, w.places)
            )
            for source, target, apart in pairs:
                source, target = self._drawn(source, target, apart)
                found.append(source.astype(np.int32))
                if target.size:
                    first = target[0]
                    number = np.bincount(target - first)
                    counts[first : first + number.size] += number
        self.start = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
        self.source = np.concatenate(found)

    def draw_sources(self, w: Wiring) -> tuple[Places, Ints]:
        """As rules have it."""
        start = self.start[w.begin : w.begin + w.targets.size + 1]
        return self.source[start[0] : start[-1]], np.diff(start)

    def rows(self, w: Wiring) -> Rows:
        """As rules have it."""
        sources, counts = self.draw_sources(w)
        target = np.repeat(np.arange(w.targets.size), counts)
        return Rows(sources, target, w.targets[target], sources.astype(np.int64))

    def _drawn(self, source: Ints, target: Ints, apart: Floats) -> tuple[Ints, Ints]:
        """Those of these pairs, places of sources and indices of targets here, that are connected."""
        w = self.w
        if not self.autapses:
            keep = np.flatnonzero(w.sources.at(source) != w.targets[target])
            source, target, apart = source[keep], target[keep], apart[:, keep]
        if not isinstance(self.p, AbstractValue) and self.p == 1.0:
            return source, target
        gids = w.targets[target]
        where = Where(w.seed, w.serial, gids, source, CHANCE, target)
        ends = Ends(lambda: self.space.source.members.at(source), lambda: gids, lambda: apart)
        try:
            chance = _chances(self.p, where._replace(ends=ends))
        except DescriptionError as error:
            raise BuildError(f"{error}") from error.__cause__
        drawn = np.flatnonzero(uniform_array(w.seed, w.serial, gids, source, WIRING) < chance)
        return source[drawn], target[drawn]


Pairs = Iterator[tuple[Ints, Ints, Floats]]  # sources, targets, and the ways between them


def _all_pairs(space: Space, places: Ints) -> Pairs:
    n, m = len(space.source), places.size
    step = max(1, ROOM // n)
    for begin in range(0, m, step):
        which = np.repeat(np.arange(begin, min(begin + step, m)), n)
        number = np.tile(np.arange(n), which.size // n)
        yield number, which, space.apart(number, places[which])


def _pairs_in(mask: AbstractMask, space: Space, places: Ints) -> Pairs:
    """Those of which the target lies in the mask about the source."""
    (low, high), exact = mask.box, isinstance(mask, Round)
    middle, squares = (
        (mask.anchor, mask.squares) if isinstance(mask, Round) else (np.zeros(low.size), (np.inf, -1.0))
    )
    where = region(low, high, np.array(middle), squares, space.period)
    bins, dimensions = binned(space.source_points, where, space.period), low.size
    about = three(space.target_points[:, places])
    t, room = 0, ROOM
    number, which, way = np.empty(room, np.int64), np.empty(room, np.int64), np.empty((AXES, room))
    while t < about.shape[1]:
        after, found = around(bins, where, about, t, number, which, way)
        if after == t:  # a target has more sources than there is room for
            room *= 2
            number, which, way = np.empty(room, np.int64), np.empty(room, np.int64), np.empty((AXES, room))
        t = after
        part = number[:found], which[:found], way[:dimensions, :found]
        if not exact and found:
            keep = np.flatnonzero(mask.inside(part[2]))
            part = part[0][keep], part[1][keep], part[2][:, keep]
        yield part


def hangs_on_space(p: Any, mask: Any) -> bool:
    """Must positions be known for such pairs?"""
    return mask is not None or are_spatial(p)

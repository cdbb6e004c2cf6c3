"""Pairs that are connected with a probability that hangs on where both are, or that a mask lets through."""

from collections.abc import Callable, Iterator
from functools import cache, cached_property, partial
from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Floats, Gids, Ints
from parsim.errors import BuildError, DescriptionError
from parsim.given.masks import AbstractMask, Round, folded
from parsim.given.programs import of_ways
from parsim.given.value import AbstractValue
from parsim.given.values import numbers_at
from parsim.given.where import Where
from parsim.kernels.bins import AT_A_TIME, around, binned, region, three, turned, ways_of_each
from parsim.kernels.nearby import ASCENDS, join, no_marks
from parsim.kernels.rows import places as places_by
from parsim.kernels.rows import scatter
from parsim.kernels.together import around_in_order, can_be_together, groups, no_candidates, put_together
from parsim.network.population import Selection
from parsim.network.rules import Places, Rows, Wiring
from parsim.network.space import Space, are_spatial, layouts, points

CHANCE = 1 << 15  # the lane of what a probability draws itself
TRIED = 1 << 14  # pairs of which the probability tells how many connections there will be, about
ROOM = 1 << 15  # pairs looked at together, which stay in the second-level cache
TOGETHER = 6  # sources of a group that share a search; for fewer it is faster to order the targets of each
SOURCES = 1 << 16  # of which a rank knows at a time where they are


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
    inside = np.ones(each.size, bool) if mask is None else folded(mask, space.period).inside(apart)
    ends = space.ends(lambda: sources, lambda: targets, lambda: apart)
    chance = chances(p, Where(space.source.network.seed, 0, targets, each, CHANCE, each, ends))
    return max(float(np.mean(np.where(inside, chance, 0.0))), 1e-3 / each.size)


def chances(p: Any, where: Where) -> Floats:
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


class Near(NamedTuple):
    """Pairs that are near each other, source after source: those of source s end at `behind[s]`."""

    places: Ints  # of the sources among all
    behind: Ints
    number: Places  # of each target among those here
    ways: Floats  # [dimension, pair and perhaps more behind], or of no dimension where nobody asks
    ascends: bool = False  # the numbers of each source

    @property
    def way(self) -> Floats:
        """To the target of each pair, [dimension, pair]."""
        return self.ways[:, : self.number.size]


class Nearby:
    """The targets of a rank's sources, source after source, four bytes each: kept while a table is built.

    The coin of a pair is a function of both of its ends alone, so nobody's hangs on who else is there.
    """

    def __init__(self, w: Wiring, p: Any, mask: AbstractMask | None, autapses: bool) -> None:
        self.w, self.p, self.autapses = w, p, autapses
        self.space: Space = w.space
        source, counts, found = [np.empty(0, np.int64)], [np.empty(0, np.int64)], np.empty(0, np.int32)
        end, done = 0, 0
        if w.sources.size and w.targets.size:
            hangs = hangs_on_space(p, mask)
            asks = isinstance(p, AbstractValue)
            near = pairs_near(self.space, mask, _sides(self.space, w), asks, True) if hangs else _all_pairs(w)
            marks, room = no_marks(w.targets.size), _room(0)
            for pairs in near:
                if (most := pairs.number.size) > room[0].size:
                    room = _room(most)
                found = _with_room(found, end, most + 1, done / w.sources.size)
                n, own = pairs.places.size, self._own(pairs.places)
                unordered = ASCENDS if pairs.ascends else marks
                given = (w.seed, w.serial), w.targets, pairs.places, own, 0, n
                end += join(
                    *given, pairs.behind, pairs.number, self._chance(pairs), room, unordered, found[end:]
                )
                done += n
                some = np.flatnonzero(pairs.behind)
                source.append(pairs.places[some])
                counts.append(pairs.behind[some])
        of, number = np.concatenate(source), np.concatenate(counts)
        order = np.argsort(of)
        self.sources, self.counts, self._found = of[order], number[order], found[:end]
        self._begins = (np.cumsum(number) - number)[order]  # where the targets of each were found

    @property
    def goes_by_source(self) -> bool:
        """Are its rows by source as those of a table are?"""
        return self.w.sources.ascends

    def rows_by_source(self, size: int) -> Iterator[Rows]:
        """All rows by source and target, so many at a time."""
        for places, number, target in self._blocks(size):
            source = np.repeat(places, number)
            apart = cache(partial(self._apart, places, number, target))
            yield Rows(source, target, partial(self._gids, target), source, apart=apart)

    def targets_by_source(self, size: int) -> Iterator[Places]:
        """The targets of these rows."""
        return (target for _, _, target in self._blocks(size))

    def _blocks(self, size: int) -> Iterator[tuple[Ints, Ints, Places]]:
        """Places of sources, how many rows each has, and the targets of all these, so many at a time."""
        behind, n = np.cumsum(self.counts), self._found.size
        for begin in range(0, n, size):
            end = min(begin + size, n)
            first, last = np.searchsorted(behind, [begin, end - 1], side="right")
            edges = np.clip(np.concatenate([[begin], behind[first : last + 1]]), begin, end)
            number, target = edges[1:] - edges[:-1], np.empty(end - begin, np.int32)
            begins = self._begins[first : last + 1].copy()
            begins[0] += begin - (behind[first] - self.counts[first])
            put_together(begins, number, self._found, target)
            yield self.sources[first : last + 1], number, target

    def draw_sources(self, w: Wiring) -> tuple[Places, Ints]:
        """As rules have it."""
        start, source = self._by_target
        start = start[w.begin : w.begin + w.targets.size + 1]
        return source[start[0] : start[-1]], np.diff(start)

    def rows(self, w: Wiring) -> Rows:
        """As rules have it."""
        sources, counts = self.draw_sources(w)
        target = np.repeat(np.arange(w.targets.size), counts)
        return Rows(sources, target, w.targets[target], sources.astype(np.int64))

    @cached_property
    def _by_target(self) -> tuple[Ints, Places]:
        """Where the rows of each target begin, and their sources."""
        target = np.empty(self._found.size, np.int32)
        put_together(self._begins, self.counts, self._found, target)
        counts = np.bincount(target, minlength=self.w.targets.size)
        start = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
        place, source = np.empty(target.size, np.int64), np.empty(target.size, np.int32)
        places_by(target, start[:-1].copy(), place)
        scatter(place, np.repeat(self.sources, self.counts), source)
        return start, source

    def _gids(self, target: Places) -> Gids:
        return self.w.targets[target]

    @cached_property
    def _target_points(self) -> Floats:
        return points(self.space.target, self.w.targets)

    def _apart(self, places: Ints, number: Ints, target: Places) -> Floats:
        """The ways from sources, of these places, to a number of targets here each."""
        sources = points(self.space.source, self.space.source.members.at(places))
        way = np.empty((len(sources), target.size))
        ways_of_each(sources, self._target_points, number, target, self.space.period, way)
        return way

    def _own(self, places: Ints) -> Ints:
        """The number of each source among the targets here where it may not meet itself, else -1."""
        if self.autapses:
            return np.full(places.size, -1)
        gids, targets = self.w.sources.at(places), self.w.targets
        at = np.minimum(np.searchsorted(targets, gids), targets.size - 1)
        return np.where(targets[at] == gids, at, -1)

    def _chance(self, pairs: Near) -> Floats:
        """The probability of each pair, one for all, or nothing where that is 1."""
        w, p, number = self.w, self.p, pairs.number
        if not isinstance(p, AbstractValue):
            return np.full(0 if p == 1.0 else 1, float(p))
        if (chance := of_ways(p, lambda: pairs.ways, 0.0, 1.0, number.size)) is not None:
            return chance
        source = np.repeat(pairs.places, np.diff(pairs.behind, prepend=0))
        gids = w.targets[number]
        where = Where(w.seed, w.serial, gids, source, CHANCE, number.astype(np.int64))
        ends = self.space.ends(lambda: self.space.source.members.at(source), lambda: gids, lambda: pairs.way)
        try:
            return chances(p, where._replace(ends=ends))
        except DescriptionError as error:
            raise BuildError(f"{error}") from error.__cause__


def _room(most: int) -> tuple[Floats, Gids, Any]:
    """For what `join` needs of so many pairs: their coins, gids of targets, and who is lucky."""
    return np.empty(most), np.empty(most, np.int64), np.empty(most, np.uint8)


def _with_room(found: Places, end: int, more: int, done: float) -> Places:
    """What was found, with room for so many more: for all, if what is not `done` yet is like what is.

    Memory that nothing was written to costs nothing.
    """
    if end + more <= found.size:
        return found
    wider = np.empty(max(end + more, 3 * end // 2, int(1.1 * end / max(done, 1e-9))), np.int32)
    wider[:end] = found[:end]
    return wider


def _all_pairs(w: Wiring) -> Iterator[Near]:
    """Every source and every target, wherever they are."""
    n, m = w.sources.size, w.targets.size
    step = max(1, ROOM // m)
    for begin in range(0, n, step):
        places = np.arange(begin, min(begin + step, n))
        number = np.tile(np.arange(m, dtype=np.int32), places.size)
        yield Near(places, np.arange(1, places.size + 1) * m, number, np.empty((0, number.size)))


class Sides(NamedTuple):
    """About which cells masks stand, in parts, and which cells are looked for in them."""

    about: Selection
    gids: Callable[[Ints], Gids]  # of those about which they stand, by number
    size: int
    among: Selection
    others: Gids


def _sides(space: Space, w: Wiring) -> Sides:
    return Sides(space.source, space.source.members.at, w.sources.size, space.target, w.targets)


def pairs_near(
    space: Space, mask: AbstractMask | None, sides: Sides, ways: bool, shared: bool = False
) -> Iterator[Near]:
    """Those of which the other cell lies in the mask about the one; in an order that hangs on all others together.

    With `ways` these are given, else only if the mask asks. With `shared`, cells that are near each other share
    the search and come one after another, where that is faster.
    """
    period, edge = space.period, space.edge
    mask = None if mask is None else folded(mask, period)
    about = region(*_shape_of(mask, period.size), period)
    bins = binned(turned(points(sides.among, sides.others), edge, period), about, edge, period)
    for begin in range(0, sides.size, SOURCES):
        places = np.arange(begin, min(begin + SOURCES, sides.size))
        at = three(turned(points(sides.about, sides.gids(places)), edge, period))
        ends = np.empty(0, np.int64)
        if shared and can_be_together(bins, about):
            order, some = groups(bins, at)
            if some.size * TOGETHER <= places.size:
                at, places, ends = np.ascontiguousarray(at[:, order]), places[order], some
        known = ways or not (mask is None or isinstance(mask, Round))
        yield from _found(bins, about, at, places, mask, period.size if known else 0, ends)


def _found(
    bins: Any, about: Any, at: Floats, places: Ints, mask: AbstractMask | None, dimensions: int, ends: Ints
) -> Iterator[Near]:
    """Of the sources at these points, in groups that end there if there are any."""
    s, room, n = 0, ROOM, at.shape[1]
    number, way, behind = np.empty(room, np.int32), np.empty((dimensions, room)), np.empty(n, np.int64)
    lies = np.empty(bins.number.size + AT_A_TIME, np.uint8)
    if ascends := ends.size > 0:
        candidates, marks = no_candidates(bins, at), no_marks(bins.number.size)
    while s < n:
        if ascends:
            end = around_in_order(bins, about, at, ends, s, candidates, marks, number, way, behind)
        else:
            end = around(bins, about, at, s, number, way, lies, behind)
        if end == s:  # a source has more targets than there is room for
            room *= 2
            number, way = np.empty(room, np.int32), np.empty((dimensions, room))
            continue
        size = int(behind[end - 1])
        part = Near(places[s:end], behind[s:end], number[:size], way, ascends)
        if size and not (mask is None or isinstance(mask, Round)):
            part = _picked(part, mask.inside(part.way))
        if size:
            yield part
        s = end


def _picked(pairs: Near, keep: Any) -> Near:
    """Those for which `keep` is true."""
    behind = np.concatenate([np.zeros(1, np.int64), np.cumsum(keep)])[pairs.behind]
    way = np.ascontiguousarray(pairs.way[:, keep])
    return Near(pairs.places, behind, pairs.number[keep], way, pairs.ascends)


def _shape_of(
    mask: AbstractMask | None, dimensions: int
) -> tuple[Floats, Floats, Floats, tuple[float, float]]:
    """A box about a mask, and the middle of a ball in it with the squares of its radii."""
    nothing = np.zeros(dimensions), (np.inf, -1.0)
    if mask is None:
        return np.full(dimensions, -np.inf), np.full(dimensions, np.inf), *nothing
    return *mask.box, *((np.array(mask.anchor), mask.squares) if isinstance(mask, Round) else nothing)


def hangs_on_space(p: Any, mask: Any) -> bool:
    """Must positions be known for such pairs?"""
    return mask is not None or are_spatial(p)

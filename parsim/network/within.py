"""So many partners for each cell, of those that a mask lets through, each perhaps in proportion to an expression."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from parsim.arrays import Floats, Gids, Ints
from parsim.errors import BuildError, DescriptionError
from parsim.given.programs import of_ways
from parsim.given.value import AbstractValue
from parsim.given.where import Where
from parsim.kernels.nearby import choose
from parsim.network.nearby import CHANCE, Near, Sides, chances, pairs_near
from parsim.network.rules import Places, Rows, Wiring

Chosen = Iterator[
    tuple[int, Places]
]  # the number of the first cell, and the partners of each, one after another


class SourcesWithin:
    """The sources of a rank's targets, target after target, four bytes each: kept while a table is built."""

    goes_by_source = False

    def __init__(self, w: Wiring, rule: Any, degree: int) -> None:
        self.rule, self.degree = rule, degree
        self.source = np.empty(w.targets.size * degree, np.int32)
        mask = None if rule.mask is None else rule.mask.mirrored()
        space = w.space
        everyone = space.source.members.all
        sides = Sides(space.target, lambda which: w.targets[which], w.targets.size, space.source, everyone)
        weight = _Weight(w, rule.p, lambda one, other: (other.astype(np.int64), w.targets[one]), back=True)
        own = w.own_places(rule.allow_autapses)
        for begin, chosen in _chosen(w, rule, degree, sides, weight, own, mask):
            self.source[begin * degree : begin * degree + chosen.size] = chosen

    def draw_sources(self, w: Wiring) -> tuple[Places, Ints]:
        """As rules have it."""
        n = w.targets.size
        part = self.source[w.begin * self.degree : (w.begin + n) * self.degree]
        return part, np.full(n, self.degree)

    def rows(self, w: Wiring) -> Rows:
        """As rules have it."""
        sources, counts = self.draw_sources(w)
        target = np.repeat(np.arange(counts.size), counts)
        draw = np.tile(np.arange(self.degree), counts.size)
        return Rows(sources, target, w.targets[target], draw, self.rule.at(w, sources, target, draw))


def targets_within(w: Wiring, rule: Any, degree: int) -> Chosen:
    """The targets of all sources, by their places among all targets."""
    space = w.space
    gids = space.source.members.at
    everyone = w.all_targets.all
    sides = Sides(space.source, gids, w.sources.size, space.target, everyone)
    weight = _Weight(w, rule.p, lambda one, other: (one, everyone[other]), back=False)
    sources = w.sources.at(np.arange(w.sources.size))
    own = np.full(sources.size, -1) if rule.allow_autapses else w.all_targets.places_of(sources)
    return _chosen(w, rule, degree, sides, weight, own, rule.mask)


def _chosen(
    w: Wiring, rule: Any, degree: int, sides: Sides, weight: "_Weight", own: Ints, mask: Any
) -> Chosen:
    behind, coin = 0, np.empty(degree)  # cells to which nobody was near come in no part
    near = pairs_near(w.space, mask, sides, ways=isinstance(rule.p, AbstractValue))
    for pairs in near if sides.others.size and degree else ():
        begin, end = int(pairs.places[0]), int(pairs.places[-1]) + 1
        if begin > behind:
            raise _too_few(rule, int(sides.gids(np.array([behind]))[0]))
        gids = sides.gids(pairs.places)
        chosen = np.empty(pairs.places.size * degree, np.int32)
        given = (w.seed, w.serial), gids, own[begin:end], pairs.behind, pairs.number
        short = choose(*given, weight.of(pairs), degree, rule.allow_multapses, coin, chosen)
        if short >= 0:
            raise _too_few(rule, int(gids[short]))
        yield begin, chosen
        behind = end
    if behind < sides.size and degree:
        raise _too_few(rule, int(sides.gids(np.array([behind]))[0]))


def _too_few(rule: Any, gid: int) -> BuildError:
    role = "sources" if type(rule).__name__ == "FixedIndegree" else "targets"
    return BuildError(
        f"{rule!r}: gid {gid} has fewer {role} where the mask and p allow them. Use a wider mask, fewer {role}, or "
        "allow_multapses=True."
    )


class _Weight:
    """In proportion to what each pair is drawn.

    `ends(one, other)` gives the place of the source and the gid of the target; ways that go from target to source are
    turned `back`.
    """

    def __init__(
        self, w: Wiring, p: Any, ends: Callable[[Ints, Places], tuple[Ints, Gids]], back: bool
    ) -> None:
        self.w, self.p, self.ends, self.back = w, p, ends, back

    def of(self, pairs: Near) -> Floats:
        """Of each pair; nothing where all are alike."""
        if not isinstance(self.p, AbstractValue):
            return np.empty(0)
        way = self._way(pairs.way)
        if (found := of_ways(self.p, lambda: way, 0.0, 1.0)) is not None:
            return found
        source, target = self.ends(np.repeat(pairs.places, np.diff(pairs.behind, prepend=0)), pairs.number)
        gids = self.w.space.source.members.at
        where = Where(self.w.seed, self.w.serial, target, source, CHANCE, source)
        ends = self.w.space.ends(lambda: gids(source), lambda: target, lambda: way)
        try:
            return chances(self.p, where._replace(ends=ends))
        except DescriptionError as error:
            raise BuildError(f"{error}") from error.__cause__

    def _way(self, way: Floats) -> Floats:
        """From source to target; of the two that are half of a space that wraps, the one below 0."""
        if not self.back:
            return way
        half = 0.5 * self.w.space.period[:, None]
        return np.where(way == -half, way, -way)

"""Rules that say how many: sources of each target, targets of each source, or connections in total."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import partial
from typing import Any

import numpy as np

from parsim.arrays import Gids, Ints
from parsim.errors import DescriptionError
from parsim.given.plain import as_count, as_flag
from parsim.given.value import AbstractValue
from parsim.kernels import wiring
from parsim.kernels.degrees import Pairs
from parsim.kernels.degrees import indegrees as draw_indegrees
from parsim.network.members import Members
from parsim.network.nearby import check_mask
from parsim.network.pairwise import as_chance
from parsim.network.population import Selection
from parsim.network.rules import BLOCK, AbstractRule, Listed, Places, Rows, Wiring, by_number, keep
from parsim.network.within import SourcesWithin, targets_within


class AbstractDegree(AbstractRule):
    """A rule by which each cell has so many partners, in space perhaps of those that a mask lets through.

    `mask` says where targets are, as seen from their source: `ps.circle(0.3)`. With `p`, an expression such as
    `ps.exp(-ps.distance / 0.2)`, each is drawn in proportion to it.
    """

    mask: Any
    p: Any

    def __repr__(self) -> str:
        said = ((one.name, getattr(self, one.name)) for one in fields(self))  # type: ignore[arg-type]
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in said if value is not None)})"

    def says(self) -> tuple[Any, ...]:
        return tuple(value for value in super().says() if value is not None)

    @property
    def is_spatial(self) -> bool:
        """Do positions say who may be drawn?"""
        return self.mask is not None or isinstance(self.p, AbstractValue)

    def placed(self, source: Selection, target: Selection) -> AbstractRule:
        if self.is_spatial:
            check_mask(self.mask, source, target)
        return self


@dataclass(frozen=True, repr=False)
class FixedIndegree(AbstractDegree):
    """`indegree` sources for each target, drawn uniformly. Arrays of weights are [target, indegree].

    Of cells with positions those that a `mask` lets through, in proportion to `p`; see `AbstractDegree`.
    """

    indegree: int
    allow_autapses: bool = True
    allow_multapses: bool = True
    mask: Any = None
    p: Any = None

    def __post_init__(self) -> None:
        keep(self, indegree=as_count, allow_autapses=as_flag, allow_multapses=as_flag, p=_as_proportion)

    def for_targets(self, w: Wiring) -> Any:
        return SourcesWithin(w, self, self.indegree) if self.is_spatial else self

    def check(self, n_sources: int, n_targets: int, shared: int) -> None:
        if n_targets:
            check_degree(self, "indegree", self.indegree, n_sources, "sources", shared)

    def expected(self, n_sources: int, n_targets: int) -> float:
        return n_targets * self.indegree

    def shape(self, n_sources: int, n_targets: int) -> tuple[int, ...]:
        return (n_targets, self.indegree)

    def draw_sources(self, w: Wiring) -> tuple[Places, Ints]:
        own = w.own_places(self.allow_autapses)
        sources = draw_partners(w, w.targets, own, w.sources.size, self.indegree, self.allow_multapses)
        return sources, np.full(w.targets.size, self.indegree)

    def at(self, w: Wiring, sources: Places, target: Ints, draw: Ints) -> Ints:
        return w.places[target] * self.indegree + draw


@dataclass(frozen=True, repr=False)
class FixedOutdegree(AbstractDegree):
    """`outdegree` targets for each source, drawn uniformly. Arrays of weights are [source, outdegree].

    Of cells with positions those that a `mask` lets through, in proportion to `p`; see `AbstractDegree`.
    Every rank draws every source's targets and keeps its own: some nanoseconds a draw.
    """

    outdegree: int
    allow_autapses: bool = True
    allow_multapses: bool = True
    mask: Any = None
    p: Any = None

    def __post_init__(self) -> None:
        keep(self, outdegree=as_count, allow_autapses=as_flag, allow_multapses=as_flag, p=_as_proportion)

    def check(self, n_sources: int, n_targets: int, shared: int) -> None:
        if n_sources:
            check_degree(self, "outdegree", self.outdegree, n_targets, "targets", shared)

    def expected(self, n_sources: int, n_targets: int) -> float:
        return n_sources * self.outdegree

    def shape(self, n_sources: int, n_targets: int) -> tuple[int, ...]:
        return (n_sources, self.outdegree)

    @property
    def by_target(self) -> bool:
        return False

    def for_targets(self, w: Wiring) -> Listed:
        here, degree = wiring.targets_at(w.places), self.outdegree

        def place(cursor: Ints, source: Places, number: Places) -> None:
            for begin, targets in self._blocks(w):
                wiring.place_targets(begin, degree, targets, here, cursor, source, number)

        return Listed(
            w, degree, place,
            lambda source, number: (w.sources.at(source), source.astype(np.int64) * degree + number),
        )  # fmt: skip

    def rows_of_all(self, w: Wiring) -> Iterator[Rows]:
        for begin, targets in self._blocks(w):
            place = begin * self.outdegree + np.arange(targets.size)
            source, draw = np.divmod(place, max(self.outdegree, 1))
            yield Rows(source, targets, w.sources.at(source), draw, place)

    def _blocks(self, w: Wiring) -> Iterator[tuple[int, Places]]:
        """The place of a first source, and the targets of some from it on, by place."""
        if self.is_spatial:
            yield from targets_within(w, self, self.outdegree)
            return
        block = max(1, BLOCK // max(self.outdegree, 1))
        for begin in range(0, w.sources.size, block):
            sources = w.sources.at(np.arange(begin, min(begin + block, w.sources.size)))
            own = np.full(sources.size, -1) if self.allow_autapses else w.all_targets.places_of(sources)
            n = w.all_targets.size
            yield begin, draw_partners(w, sources, own, n, self.outdegree, self.allow_multapses)


@dataclass(frozen=True)
class FixedTotalNumber(AbstractRule):
    """`n` connections between pairs drawn uniformly. Arrays of weights have `n` values, target after target.

    Each target's in-degree is drawn first, then its sources, so each rank draws its own targets' alone. Without
    multapses every rank draws all pairs and keeps its own: some nanoseconds a draw.
    """

    n: int
    allow_autapses: bool = True
    allow_multapses: bool = True

    def __post_init__(self) -> None:
        keep(self, n=as_count, allow_autapses=as_flag, allow_multapses=as_flag)

    def check(self, n_sources: int, n_targets: int, shared: int) -> None:
        pairs = n_sources * n_targets - (0 if self.allow_autapses else shared)
        if self.n and n_sources * n_targets == 0:
            raise DescriptionError(
                f"FixedTotalNumber(n={self.n}) has no pairs to draw from: a selection is empty."
            )
        if not self.allow_multapses and self.n > pairs:
            raise DescriptionError(
                f"n is {self.n}, but there are only {pairs} pairs and allow_multapses is False. "
                f"Use at most {pairs}, or allow_multapses=True."
            )
        if self.n and pairs == 0:
            raise DescriptionError(
                f"FixedTotalNumber(n={self.n}) has only a cell with itself to draw from. "
                "Use allow_autapses=True or more cells."
            )

    def expected(self, n_sources: int, n_targets: int) -> float:
        return self.n

    def shape(self, n_sources: int, n_targets: int) -> tuple[int, ...]:
        return (self.n,)

    def draw_sources(self, w: Wiring) -> tuple[Places, Ints]:
        degrees, _ = self.indegrees(w)
        own = w.own_places(self.allow_autapses)
        sources = np.empty(int(degrees.sum()), np.int32)
        wiring.draw_sources(w.seed, w.serial, w.targets, own, w.sources.size, degrees, sources)
        return sources, degrees

    def indegrees(self, w: Wiring) -> tuple[Ints, Ints]:
        """How many of the `n` each of these targets gets, and how many all targets before it get."""
        nothing = np.empty(0, np.int64)
        runs = (nothing, nothing) if self.allow_autapses else w.all_targets.runs_among(w.sources)
        pairs = Pairs(w.all_targets.size, w.sources.size, *runs, np.cumsum(runs[1] - runs[0]))
        order = np.argsort(w.places, kind="stable")
        degrees, before = np.empty(order.size, np.int64), np.empty(order.size, np.int64)
        counts, firsts = np.empty_like(degrees), np.empty_like(before)
        draw_indegrees(w.seed, w.serial, self.n, pairs, w.places[order], counts, firsts)
        degrees[order], before[order] = counts, firsts
        return degrees, before

    def at(self, w: Wiring, sources: Places, target: Ints, draw: Ints) -> Ints:
        return self.indegrees(w)[1][target] + draw

    @property
    def by_target(self) -> bool:
        """Without multapses all pairs are drawn together."""
        return self.allow_multapses

    def for_targets(self, w: Wiring) -> AbstractRule | Listed:
        if self.by_target:
            return self
        given = self.n, *self._pairs(w), wiring.targets_at(w.places)
        place = partial(wiring.place_distinct_pairs, w.seed, w.serial, *given)
        return Listed(w, self.n, place, by_number)

    def rows_of_all(self, w: Wiring) -> Iterator[Rows]:
        pair = 0
        for begin in range(0, self.n, BLOCK):
            number = np.arange(begin, min(begin + BLOCK, self.n))
            source, target = np.empty(number.size, np.int32), np.empty(number.size, np.int32)
            given = pair, *self._pairs(w), source, target
            pair = wiring.distinct_pairs(w.seed, w.serial, *given)
            yield Rows(source, target, None, number, number)

    def _pairs(self, w: Wiring) -> tuple[Any, ...]:
        """What all of them are drawn from."""
        shape = w.sources.size, w.all_targets.size
        return shape, self.allow_autapses, gids_of(w.sources), gids_of(w.all_targets)


def _as_proportion(p: Any, what: str) -> Any:
    if p is None:
        return None
    proportion = as_chance(p, what)
    if not isinstance(proportion, AbstractValue) and proportion == 0.0:
        raise DescriptionError("p is 0, so that nobody can be drawn. Leave p out where all are alike.")
    return proportion


def check_degree(rule: Any, name: str, wanted: int, n: int, role: str, shared: int) -> None:
    if wanted and n == 0:
        raise DescriptionError(
            f"{type(rule).__name__}({name}={wanted}) has no {role} to draw from: the selection is empty."
        )
    spare = n - (not rule.allow_autapses and shared > 0)
    if not rule.allow_multapses and wanted > spare:
        less = "" if spare == n else " that are not the cell itself"
        raise DescriptionError(
            f"{name} is {wanted}, but there are only {max(spare, 0)} {role}{less} and allow_multapses is False. "
            f"Use at most {max(spare, 0)}, or allow_multapses=True."
        )
    if wanted and spare <= 0:
        raise DescriptionError(
            f"{type(rule).__name__}({name}={wanted}) has only the cell itself to draw from. "
            "Use allow_autapses=True or more cells."
        )


def gids_of(cells: Members) -> wiring.Gids:
    """As kernels find them."""
    written = np.empty(0, np.int64) if cells.written is None else cells.written
    return wiring.Gids(cells.first, cells.step, cells.end, written)


def draw_partners(w: Wiring, cells: Gids, own: Ints, n: int, degree: int, repeat: bool) -> Places:
    """`degree` of `n` partners for each of the cells, cell after cell, `own` excepted, with or without repetition."""
    partners = np.empty(cells.size * degree, np.int32)
    if repeat:
        wiring.draw_sources(w.seed, w.serial, cells, own, n, np.full(cells.size, degree), partners)
    else:
        wiring.draw_distinct(w.seed, w.serial, cells, own, n, degree, partners)
    return partners

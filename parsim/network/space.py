"""Where members of selections stand, and how far two of them are apart."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from parsim.arrays import Floats, Gids, Ints
from parsim.errors import DescriptionError
from parsim.given.apart import AbstractApart
from parsim.given.layouts import AbstractLayout
from parsim.given.value import AbstractValue
from parsim.given.values import leaves
from parsim.given.where import Ends, Where
from parsim.kernels.bins import ways
from parsim.network.population import Chosen, Selection, as_selection

POSITION = 1 << 15  # the lane of a coordinate's draws, far above those of parameters


def points_of(population: Any, places: Ints) -> Floats:
    """Where members of a population are, [dimension, n]."""
    gids = population.first + places
    where = Where(population.network.seed, population.serial, gids, 0, POSITION, places)
    found: Floats = population.layout.at(where)
    return found


def points(cells: Selection, gids: Gids) -> Floats:
    """Where these members of a selection are, [dimension, n]."""
    if not cells.parts:
        return np.empty((2, 0))
    found = np.empty((layouts(cells)[0].dimensions, gids.size))
    for part in cells.parts:
        first, size = part.population.first, part.population.size
        mine = np.flatnonzero((gids >= first) & (gids < first + size))
        found[:, mine] = points_of(part.population, gids[mine] - first)
    return found


def positions(cells: Chosen) -> Floats:
    """Where cells that were created with positions are, [cell, dimension], in the order of the selection."""
    chosen = as_selection(cells, "cells")
    return np.ascontiguousarray(points(chosen, chosen.gids).T)


def layouts(cells: Selection) -> list[AbstractLayout]:
    """Those of the populations that it has members of; an error where one has none, or they differ in kind."""
    found = []
    for part in cells.parts:
        if part.population.layout is None:
            raise DescriptionError(
                f"{cells!r} have no positions; say where they are: create(..., positions=ps.grid([20, 20]))."
            )
        found.append(part.population.layout)
    for other in found[1:]:
        if other.dimensions != found[0].dimensions or not np.array_equal(other.period, found[0].period):
            raise DescriptionError(
                f"{cells!r} are in spaces of another kind: of dimensions, or of what wraps."
            )
    return found


def are_spatial(*values: Any) -> bool:
    """Does one of them hang on positions?"""
    trees = (value for value in values if isinstance(value, AbstractValue))
    return any(isinstance(leaf, AbstractApart) for tree in trees for leaf in leaves(tree))


@dataclass(frozen=True, eq=False)
class Space:
    """The space of a statement's sources and targets. It is the targets' space that wraps, or does not."""

    source: Selection
    target: Selection

    def check(self) -> None:
        """An error where one of them has no positions, or they are in spaces of different dimensions."""
        a, b = layouts(self.source), layouts(self.target)
        if a and b and a[0].dimensions != b[0].dimensions:
            raise DescriptionError(
                f"{self.source!r} have positions in {a[0].dimensions} dimensions and {self.target!r} in "
                f"{b[0].dimensions}; they must be in one space."
            )

    @cached_property
    def period(self) -> Floats:
        """After which it goes on at the other side, [dimension]."""
        found = layouts(self.target)
        return found[0].period if found else np.full(2, np.inf)

    @cached_property
    def edge(self) -> Floats:
        """Where space that wraps begins, [dimension]; 0 where it does not."""
        found = layouts(self.target)
        if not found:
            return np.zeros(2)
        return found[0].center - np.where(np.isfinite(self.period), 0.5 * self.period, found[0].center)

    @cached_property
    def source_points(self) -> Floats:
        """Where all sources are, [dimension, n]."""
        return points(self.source, self.source.members.all)

    @cached_property
    def target_points(self) -> Floats:
        """Where all targets are, [dimension, n]."""
        return points(self.target, self.target.members.all)

    def apart(self, sources: Ints, targets: Ints) -> Floats:
        """The way from each source to its target, [dimension, n], of places: the shortest where space wraps."""
        way = np.empty((self.period.size, sources.size))
        ways(self.source_points, self.target_points, sources, targets, self.period, way)
        return way

    def ends(
        self,
        sources: Callable[[], Gids],
        targets: Callable[[], Gids],
        apart: Callable[[], Floats] | None = None,
    ) -> Ends:
        """Connections between cells by gid, with the way from one to the other where that is known already."""
        return Ends(
            sources,
            targets,
            apart or (lambda: self.between(sources(), targets())),
            lambda: points(self.source, sources()),
            lambda: points(self.target, targets()),
        )

    def between(self, sources: Gids, targets: Gids) -> Floats:
        """The same of cells by gid."""
        at_source, at_target = (
            _places(one, gids) for one, gids in ((self.source, sources), (self.target, targets))
        )
        return self.apart(at_source, at_target)


def _places(cells: Selection, gids: Gids) -> Ints:
    members = cells.members
    return gids - members.least if members.in_a_row else members.places_of(gids)

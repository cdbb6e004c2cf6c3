"""Runs of cells or stimuli of one model, and what slicing and adding make of them."""

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar, NamedTuple, Union

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Gids, Ints, shown, written
from parsim.errors import DescriptionError, MemberError, OperandError
from parsim.given.layouts import AbstractLayout
from parsim.given.plain import as_text, is_whole
from parsim.models.base import CellModel, StimulusModel
from parsim.models.event_model import EventModel
from parsim.models.ports import detector_of
from parsim.network.members import Members, members


@dataclass(frozen=True, eq=False)
class Population:
    """Cells (or stimuli) of one model made by one statement: gids [first, first + size).

    Cells count from 0 over the whole network; stimuli are no cells and are counted on their own.
    `population[3]`, `population[10:20]`, `population[mask]` and `a + b` give a `Selection`.
    """

    network: Any
    model: CellModel | EventModel | StimulusModel
    first: int
    size: int
    serial: int
    name: str
    values: Mapping[str, Any]  # AbstractValue, or Trains
    layout: AbstractLayout | None = None  # where its members are

    __array_ufunc__: ClassVar[None] = None  # numpy leaves array + population to us

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, key: Any) -> "Selection":
        return selection(self)[key]

    def __add__(self, other: Any) -> "Selection":
        return selection(self) + other

    def __radd__(self, other: Any) -> "Selection":
        return other + selection(self)

    def __iter__(self) -> Iterator["Selection"]:
        return iter(selection(self))

    def at(self, name: str) -> "Selection":
        """The cells at a receptor, to be connected to, or at a place, to be recorded, joined, or heard."""
        return selection(self).at(name)

    def __repr__(self) -> str:
        word = "gids" if self.model.kind == "cell" else "stimuli"
        members = f"{word} {self.first} to {self.first + self.size - 1}" if self.size else f"no {word}"
        return f"<{self.name}: {self.size} {self.model.name}, {members}>"

    @property
    def gids(self) -> Gids:
        """Global ids, int64[n]."""
        return np.arange(self.first, self.first + self.size, dtype=np.int64)


class PopulationPart(NamedTuple):
    """Some members of one population, by their place in it."""

    population: Population
    where: range | Ints

    @property
    def gids(self) -> Gids:
        """Global ids, int64[n]."""
        return self.population.first + self.places

    @property
    def places(self) -> Ints:
        """`where` as int64[n]."""
        return written(self.where)


@dataclass(frozen=True, eq=False)
class Selection:
    """Members of one or more populations of a network, in a stated order, each once; `place` is where in them."""

    network: Any
    parts: tuple[PopulationPart, ...]
    place: str | None = None

    __array_ufunc__: ClassVar[None] = None

    def __len__(self) -> int:
        return sum(len(part.where) for part in self.parts)

    def __iter__(self) -> Iterator["Selection"]:
        return (self[i] for i in range(len(self)))

    def __repr__(self) -> str:
        where = "" if self.place is None else f" at '{self.place}'"
        return (
            f"<{len(self)} of {' + '.join(part.population.name for part in self.parts) or 'nothing'}{where}>"
        )

    def at(self, name: str) -> "Selection":
        """The cells at a receptor, to be connected to, or at a place, to be recorded, joined, or heard."""
        name = as_text(name, "the receptor or place")
        for model in self.models:
            model.check_place(name)
        return replace(self, place=name)

    def name_of(self, name: Any) -> Any:
        """What a parameter or state at the place is called among all those of a cell."""
        return self.models[0].name_at(self.place, name) if self.models else name

    def spots(self, gids: Gids) -> Ints:
        """The numbers, among those of their models, of the place in these of its members."""
        every = sorted(
            (part.population.first, part.population.model.spot(self.place))
            for part in {part.population: part for part in self.parts}.values()
        )
        first, spot = np.array(every, np.int64).reshape(-1, 2).T
        return spot[np.searchsorted(first, gids, side="right") - 1] if spot.any() else np.zeros_like(gids)

    @property
    def gids(self) -> Gids:
        """Global ids in the order of the selection, int64[n]."""
        return np.concatenate([np.empty(0, np.int64), *(part.gids for part in self.parts)])

    @cached_property
    def members(self) -> Members:
        """Its members by place, and the reverse, without writing down all."""
        return members([(part.population.first, part.where) for part in self.parts])

    @property
    def kind(self) -> str:
        """ "cell" or "stimulus"."""
        return self.parts[0].population.model.kind if self.parts else "cell"

    @cached_property
    def models(self) -> list[Any]:
        """The models of its members, each once."""
        return list(dict.fromkeys(part.population.model for part in self.parts))

    def __getitem__(self, key: Any) -> "Selection":
        n = len(self)
        if isinstance(key, np.ndarray) and key.ndim == 0:
            key = key[()]
        if is_whole(key):
            if not -n <= key < n:
                raise MemberError(f"{self!r} has no member {shown(int(key))}.")
            key = slice(int(key) % n, int(key) % n + 1)
        if isinstance(key, slice):
            try:
                return self._cut(*key.indices(n))
            except (TypeError, ValueError) as error:
                raise MemberError(f"{shown(key)} is no slice of members: {error}.") from None

        chosen = as_places(key)
        if chosen.dtype == bool:
            if chosen.shape != (n,):
                raise MemberError(f"a mask of shape {chosen.shape} does not fit {self!r}; give {n} values.")
            chosen = np.flatnonzero(chosen)
        if chosen.size == 0:
            return self._pick(np.empty(0, np.int64))
        if chosen.min() < -n or chosen.max() >= n:
            raise MemberError(f"{self!r} has no member {int(chosen[(chosen < -n) | (chosen >= n)][0])}.")
        return self._pick(np.where(chosen < 0, chosen + n, chosen).astype(np.int64))

    def _cut(self, start: int, stop: int, step: int) -> "Selection":
        if step < 0:
            forward = range(start, stop, step)[::-1]
            cut = self._cut(forward.start, forward.stop, forward.step).parts if forward else ()
            return replace(self, parts=tuple(part._replace(where=part.where[::-1]) for part in cut[::-1]))
        parts, offset = [], 0
        for part in self.parts:
            n = len(part.where)
            first = max(start - offset, -(offset - start) % step if offset > start else 0)
            where = part.where[first : max(stop - offset, 0) : step]
            if len(where):
                parts.append(PopulationPart(part.population, where))
            offset += n
        return replace(self, parts=tuple(parts))

    def _pick(self, chosen: Ints) -> "Selection":
        if chosen.size == 0:
            return replace(self, parts=())
        parts, offset = [], 0
        ends = np.cumsum([len(part.where) for part in self.parts])
        owner = np.searchsorted(ends, chosen, side="right")
        for piece in np.split(np.arange(chosen.size), np.flatnonzero(np.diff(owner)) + 1):
            which = int(owner[piece[0]])
            offset = int(ends[which]) - len(self.parts[which].where)
            where = self.parts[which].places[chosen[piece] - offset]
            parts.append(PopulationPart(self.parts[which].population, where))
        return _unique(replace(self, parts=tuple(parts)))

    def __add__(self, other: Any) -> "Selection":
        other = as_selection(other, "the second operand of +")
        if self.parts and other.parts:
            if other.network is not self.network:
                raise DescriptionError(f"{self!r} and {other!r} belong to different networks.")
            if other.kind != self.kind:
                raise DescriptionError(
                    f"{self!r} are {_PLURAL[self.kind]} and {other!r} are {_PLURAL[other.kind]}; "
                    "cells and stimuli cannot stand in one selection."
                )
            if other.place != self.place:
                raise DescriptionError(
                    f"{self!r} and {other!r} are at different places. Join the cells first: (a + b).at(...)."
                )
        place = self.place if self.parts else other.place
        return _unique(Selection(self.network, self.parts + other.parts, place))

    def __radd__(self, other: Any) -> "Selection":
        if is_whole(other) and other == 0:  # sum([a, b, c]) starts from 0
            return self
        raise OperandError(
            f"{shown(other)} and {self!r} cannot be added. Join populations and parts of them with +."
        )


def _is_masked(key: Any) -> bool:
    kinds = set(map(type, key)) if isinstance(key, (list, tuple)) else {type(key)}
    return any(issubclass(kind, np.ma.MaskedArray) for kind in kinds)


def as_places(key: Any) -> NDArray[Any]:
    """A mask, or places as whole numbers, [n]."""
    chosen = None
    if not isinstance(key, (str, bytes, Population, Selection)):
        try:
            chosen = None if _is_masked(key) else np.asarray(key)
        except Exception:  # whatever another package may raise
            chosen = None
    if chosen is not None:
        is_list = chosen.ndim == 1 and (chosen.dtype.kind in "iu" or chosen.size == 0)
        if is_list or chosen.dtype == bool:
            return chosen
    raise MemberError(f"{shown(key)} is no index; give a number, a slice, a mask or a list of numbers.")


def _runs(chosen: Selection) -> list[range] | None:
    """Its gids as runs of equal steps, if they are a few of those: then none need be written down."""
    runs = []
    for part in chosen.parts:
        where, first = part.where, part.population.first
        if not isinstance(where, range) or len(chosen.parts) > 100:
            return None
        runs.append(range(first + where.start, first + where.stop, where.step))
    return runs


def _n_common(a: range, b: range) -> int:
    """How many numbers are in both: from the first on, as far apart as both steps allow."""
    a, b = (run if run.step > 0 else run[::-1] for run in (a, b))
    common = math.gcd(a.step, b.step)
    if not a or not b or (b.start - a.start) % common:
        return 0
    turns = (b.start - a.start) // common * pow(a.step // common, -1, b.step // common) % (b.step // common)
    both = range(a.start + turns * a.step, min(a.stop, b.stop), a.step // common * b.step)
    return len(both[max(0, -(-(b.start - both.start) // both.step)) :])


def n_shared(a: Selection, b: Selection) -> int:
    """How many cells are in both."""
    ours, theirs = _runs(a), _runs(b)
    if ours is None or theirs is None:
        return int(np.intersect1d(a.gids, b.gids, assume_unique=True).size)
    return sum(_n_common(x, y) for x in ours for y in theirs)


def are_the_same(a: Selection, b: Selection) -> bool:
    """The same cells in the same order?"""
    ours = _runs(a)
    return len(a) == len(b) and ((ours is not None and ours == _runs(b)) or np.array_equal(a.gids, b.gids))


def _span(part: PopulationPart) -> tuple[int, int]:
    """The smallest and the greatest gid of some members."""
    edges = part.where[:: len(part.where) - 1 or 1] if isinstance(part.where, range) else part.where
    return part.population.first + int(min(edges)), part.population.first + int(max(edges))


def _unique(chosen: Selection) -> Selection:
    spans = sorted(_span(part) for part in chosen.parts if len(part.where))
    apart = all(isinstance(p.where, range) for p in chosen.parts) and all(
        a[1] < b[0] for a, b in itertools.pairwise(spans)
    )
    if not apart and (runs := _runs(chosen)) is not None:
        apart = not any(_n_common(a, b) for a, b in itertools.combinations(runs, 2))
    if not apart:
        gids, counts = np.unique(chosen.gids, return_counts=True)
        if (counts > 1).any():
            raise DescriptionError(
                f"gid {int(gids[counts > 1][0])} stands more than once in {chosen!r}; name each member once."
            )
    return chosen


_PLURAL = {"cell": "cells", "stimulus": "stimuli"}

Chosen = Union[Population, Selection]


def selection(population: Population) -> Selection:
    """All members of a population."""
    return Selection(population.network, (PopulationPart(population, range(population.size)),))


def as_selection(chosen: Any, what: str) -> Selection:
    """A population or selection as a selection; an error that names `what` for anything else."""
    if isinstance(chosen, Population):
        return selection(chosen)
    if isinstance(chosen, Selection):
        return chosen
    hint = " Join populations with +." if isinstance(chosen, (list, tuple)) else ""
    raise DescriptionError(
        f"{what} is {shown(chosen)} ({type(chosen).__name__}); a population or a part of one is needed, "
        f"as Network.create returns it.{hint}"
    )


def firing(cells: Selection) -> Selection:
    """Cells whose spikes are meant: the place where they are said to be, if one is named, is where they fire."""
    for model in cells.models:
        model.check_fires()
        detector_of(model, cells.place)
    return cells

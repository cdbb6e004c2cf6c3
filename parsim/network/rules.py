"""Who connects to whom: values that name a rule, checked when made.

A rule is asked for the rows of some targets and answers with arrays, the same on any number of
ranks. Places are positions in the source and target selections of the connect call.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from functools import partial
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Floats, Gids, Ints
from parsim.kernels.wiring import number_rows
from parsim.network.members import Members
from parsim.network.population import Selection

BLOCK = 1 << 16  # rows drawn at a time
Places = NDArray[np.int32]  # positions in a selection; half the memory traffic of int64, and they vectorize


class Wiring(NamedTuple):
    """What a rule is asked about: the random stream, all sources and targets, and this rank's targets."""

    seed: int
    serial: int
    sources: Members  # stimuli by numbers below 0
    all_targets: Members
    places: Ints  # of this rank's targets in the target selection
    targets: Gids  # their gids
    begin: int = 0  # where these stand among the targets that a rule was asked to be prepared for
    space: Any = None  # a `Space`, where sources and targets have positions

    def block(self, begin: int, end: int) -> "Wiring":
        """The same for some of the targets."""
        part = slice(begin, end)
        return self._replace(places=self.places[part], targets=self.targets[part], begin=self.begin + begin)

    def own_places(self, allow_autapses: bool) -> Ints:
        """Where each of these targets stands among the sources when it may not meet itself, else -1."""
        if allow_autapses:
            return np.full(self.targets.size, -1, np.int64)
        return self.sources.places_of(self.targets)


class Rows:
    """Connections: place of the source, index into `Wiring.targets`, and the keys of further draws.

    Weights and delays of a row are drawn with (`gid`, `draw`); array values are read at `at`. Where these are
    not given, `gid` is 0, and `draw` and `at` number the rows as they come; they are made when asked for. So is the way
    `apart` from the source to the target of each, [dimension, row], where the rule knows it.
    """

    def __init__(
        self, source: NDArray[Any], target: NDArray[Any],
        gid: Gids | Callable[[], Gids] | None = None, draw: Ints | None = None,
        at: Ints | Callable[[], Ints] | None = None, apart: Callable[[], Floats] | None = None,
    ) -> None:  # fmt: skip
        self.source, self.target, self.apart = source, target, apart
        self._gid, self._draw, self._at = gid, draw, at

    @property
    def gid(self) -> Gids:
        """With `draw`, the key of each row."""
        if callable(self._gid):
            self._gid = self._gid()
        return np.zeros(self.source.size, np.int64) if self._gid is None else self._gid

    @property
    def draw(self) -> Ints:
        """With `gid`, the key of each row."""
        return np.arange(self.source.size) if self._draw is None else self._draw

    @property
    def at(self) -> Ints:
        """The place of each row in an array of values."""
        if callable(self._at):
            self._at = self._at()
        return np.arange(self.source.size) if self._at is None else self._at

    def of_array(self, values: Any) -> Any:
        """The value of each row, of an array with all values; perhaps the array itself."""
        return values if self._at is None else values.take(self.at)

    def picked(self, which: Any) -> "Rows":
        """Some of them, by place or by a mask."""
        columns = self.source, self.target, self.gid, self.draw, self.at
        return Rows(*(column[which] for column in columns))

    @staticmethod
    def concatenated(parts: "list[Rows]") -> "Rows":
        """All rows of these."""
        names = ("source", "target", "gid", "draw", "at")
        columns = ([getattr(part, name) for part in parts] for name in names)
        joined = (np.concatenate(given) if given else np.empty(0, np.int64) for given in columns)
        source, target, gid, draw, at = joined
        return Rows(source, target, gid, draw, at)


def keep(rule: Any, **casts: Callable[[Any, str], Any]) -> None:
    """Keep a rule's numbers and flags as what they are, however they were given: 5 and numpy's 5 make one rule."""
    for name, cast in casts.items():
        object.__setattr__(rule, name, cast(getattr(rule, name), name))


class AbstractRule(ABC):
    """A rule of connection, and what others must know of it.

    `allow_autapses`: may a cell be joined to itself? `allow_multapses`: may a pair be joined again? `asks_each_pair`:
    does it ask about every pair of a source and a target, and so twice about two cells that are both?
    `needs_same_cells`: must sources and targets be the same cells? `weights`: those of its connections, where it brings
    them itself.
    """

    allow_autapses: bool = True
    allow_multapses: bool = False
    asks_each_pair: ClassVar[bool] = False
    needs_same_cells: ClassVar[bool] = False
    goes_by_source: ClassVar[bool] = False
    weights: Floats | None = None

    @property
    def by_target(self) -> bool:
        """Can a rank ask about its own targets, with nothing kept of the others?"""
        return True

    def says(self) -> tuple[Any, ...]:
        """What tells it from other rules, for the numbers by which ranks and files know that the same was said."""
        named = tuple(getattr(self, field.name) for field in fields(self)) if is_dataclass(self) else ()
        return type(self).__name__, *named

    def placed(self, source: Selection, target: Selection) -> "AbstractRule":
        """The rule for these cells, which knows about where they are; most do not."""
        return self

    def check_coupling(self, source: Selection, target: Selection) -> None:  # noqa: B027 (most have nothing to check)
        """An error when it cannot join these cells by gap junctions, which conduct both ways."""

    @abstractmethod
    def check(self, n_sources: int, n_targets: int, shared: int) -> None:
        """An error when the rule does not fit selections of these sizes, of which `shared` cells are in both."""

    @abstractmethod
    def expected(self, n_sources: int, n_targets: int) -> float:
        """How many connections there will be, on average."""

    def draws(self, n_sources: int, n_targets: int) -> float:
        """How many random numbers make them, about."""
        return self.expected(n_sources, n_targets)

    def for_targets(self, wiring: Wiring) -> "AbstractRule | Listed":
        """What is asked for the sources and rows of these targets, block after block: most rules themselves."""
        return self

    def rows_of_all(self, wiring: Wiring) -> Iterator[Rows]:
        """All rows, whoever has their targets, of a rule that is not by target; `Rows.target` are places among all.

        Those here draw them block after block. Of another all are held while they are looked through.
        """
        gids = wiring.all_targets.all
        places = np.argsort(gids, kind="stable")
        everyone = wiring._replace(places=places, targets=gids[places])
        rows = self.for_targets(everyone).rows(everyone)
        yield Rows(rows.source, places[rows.target], rows.gid, rows.draw, rows.at)

    def draw_sources(self, wiring: Wiring) -> tuple[Places, Ints]:
        """The places of all sources, target after target, and how many each target has."""
        raise NotImplementedError

    def rows(self, wiring: Wiring) -> Rows:
        """The rows onto the targets of `wiring`, target after target; those of a pair in order of their draws."""
        sources, counts = self.draw_sources(wiring)
        target, gid, draw = (np.empty(sources.size, np.int64) for _ in range(3))
        number_rows(wiring.targets, np.asarray(counts, np.int64), target, gid, draw)
        return Rows(sources, target, gid, draw, partial(self.at, wiring, sources, target, draw))

    def at(self, wiring: Wiring, sources: Places, target: Ints, draw: Ints) -> Ints:
        """Where each row finds itself in a flattened array of weights of `shape`."""
        return draw

    @abstractmethod
    def shape(self, n_sources: int, n_targets: int) -> tuple[int, ...] | None:
        """The shape of an array of weights or delays, or None when the rule takes none."""


class Listed:
    """The rows of some targets, drawn for all sources at once and kept target after target.

    `place(cursor, source, number)` is a kernel of `wiring` that puts them there, given all but these arrays: it is
    called to count and then to place. `key(source, number)` are the key of a row and its place in an array of
    values.
    """

    goes_by_source: ClassVar[bool] = False

    def __init__(
        self, wiring: Wiring, most: int, place: Callable[[Ints, Places, Places], None],
        key: Callable[[Places, Places], tuple[Gids | None, Ints]],
    ) -> None:  # fmt: skip
        number = np.int32 if most < 2**31 else np.int64
        counts = np.zeros(wiring.targets.size, np.int64)
        place(counts, np.empty(0, np.int32), np.empty(0, number))
        self.start = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
        self.source, self.number = np.empty(self.start[-1], np.int32), np.empty(self.start[-1], number)
        place(self.start[:-1].copy(), self.source, self.number)
        self._key = key

    def draw_sources(self, wiring: Wiring) -> tuple[Places, Ints]:
        """As rules have it."""
        start = self.start[wiring.begin : wiring.begin + wiring.targets.size + 1]
        return self.source[start[0] : start[-1]], np.diff(start)

    def rows(self, wiring: Wiring) -> Rows:
        """As rules have it."""
        source, counts = self.draw_sources(wiring)
        begin = self.start[wiring.begin]
        number = self.number[begin : begin + source.size]
        gid, at = self._key(source, number)
        return Rows(source, np.repeat(np.arange(counts.size), counts), gid, number.astype(np.int64), at)


def by_number(source: Places, number: Places) -> tuple[None, Ints]:
    """The key of rows that are numbered through their statement."""
    return None, number.astype(np.int64)

"""Who connects to whom: values that name a rule, checked when made.

A rule is asked for the rows of some targets and answers with arrays, the same on any number of
ranks. Places are positions in the source and target selections of the connect call.
"""

import sys
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Gids, Ints, shown
from parsim.errors import DescriptionError
from parsim.given.plain import as_count, as_flag
from parsim.given.values import as_number
from parsim.kernels import elementary, wiring

Places = NDArray[np.int32]  # positions in a selection; half the memory traffic of int64, and they vectorize


class Wiring(NamedTuple):
    """What a rule is asked about: the random stream, all sources and targets, and this rank's targets.

    Stimuli have the numbers -1, -2, ... among the sources, so that none is taken for a cell.
    """

    seed: int
    serial: int
    sources: Gids
    all_targets: Gids
    places: Ints  # of this rank's targets in the target selection
    targets: Gids  # their gids
    begin: int = 0  # where these stand among the targets that a rule was asked to be prepared for

    def block(self, begin: int, end: int) -> "Wiring":
        """The same for some of the targets."""
        part = slice(begin, end)
        return self._replace(places=self.places[part], targets=self.targets[part], begin=self.begin + begin)

    def own_places(self, allow_autapses: bool, of: Gids, among: Gids) -> Ints:
        """Where each of `of` stands in `among` when it may not meet itself, else -1."""
        if allow_autapses or among.size == 0:
            return np.full(of.size, -1, np.int64)
        order = np.argsort(among, kind="stable")
        at = np.minimum(np.searchsorted(among, of, sorter=order), among.size - 1)
        return np.where(among[order[at]] == of, order[at], -1).astype(np.int64)


class Rows:
    """Connections: place of the source, index into `Wiring.targets`, and the keys of further draws.

    Weights and delays of a row are drawn with (`gid`, `draw`); array values are read at `at`. Where these are
    not given, `gid` is 0, and `draw` and `at` number the rows as they come; they are made when asked for.
    """

    def __init__(
        self, source: NDArray[Any], target: NDArray[Any],
        gid: Gids | None = None, draw: Ints | None = None, at: Ints | None = None,
    ) -> None:  # fmt: skip
        self.source, self.target = source, target
        self._gid, self._draw, self._at = gid, draw, at

    @property
    def gid(self) -> Gids:
        """With `draw`, the key of each row."""
        return np.zeros(self.source.size, np.int64) if self._gid is None else self._gid

    @property
    def draw(self) -> Ints:
        """With `gid`, the key of each row."""
        return np.arange(self.source.size) if self._draw is None else self._draw

    @property
    def at(self) -> Ints:
        """The place of each row in an array of values."""
        return np.arange(self.source.size) if self._at is None else self._at

    def of_array(self, values: Any) -> Any:
        """The value of each row, of an array with all values; perhaps the array itself."""
        return values if self._at is None else values.take(self._at)

    def picked(self, which: Any) -> "Rows":
        """Some of them, by place or by a mask."""
        columns = self.source, self.target, self.gid, self.draw, self.at
        return Rows(*(column[which] for column in columns))


def one_after_another(parts: "list[Rows]") -> Rows:
    """All rows of these."""
    columns = ([getattr(part, name) for part in parts] for name in ("source", "target", "gid", "draw", "at"))
    return Rows(*(np.concatenate(given) if given else np.empty(0, np.int64) for given in columns))


def keep(rule: Any, **casts: Callable[[Any, str], Any]) -> None:
    """Keep a rule's numbers and flags as what they are, however they were given: 5 and numpy's 5 make one rule."""
    for name, cast in casts.items():
        object.__setattr__(rule, name, cast(getattr(rule, name), name))


class AbstractRule(ABC):
    """A rule of connection."""

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

    def draw_sources(self, wiring: Wiring) -> tuple[Places, Ints]:
        """The places of all sources, target after target, and how many each target has."""
        raise NotImplementedError

    def rows(self, wiring: Wiring) -> Rows:
        """The rows onto the targets of `wiring`, target after target; those of a pair in order of their draws."""
        sources, counts = self.draw_sources(wiring)
        target = np.repeat(np.arange(wiring.targets.size), counts)
        draw = np.arange(sources.size) - np.repeat(np.cumsum(counts) - counts, counts)
        return Rows(sources, target, wiring.targets[target], draw, self.at(wiring, sources, target, draw))

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


def local_places(wiring: Wiring) -> Ints:
    """For each place of a target, where it stands among the targets here, or -1."""
    local = np.full(wiring.all_targets.size, -1, np.int64)
    local[wiring.places] = np.arange(wiring.places.size)
    return local


@dataclass(frozen=True)
class OneToOne(AbstractRule):
    """The i-th source to the i-th target. Arrays of weights have one value a pair."""

    allow_autapses: bool = True

    def __post_init__(self) -> None:
        keep(self, allow_autapses=as_flag)

    def check(self, n_sources: int, n_targets: int, shared: int) -> None:
        if n_sources != n_targets:
            raise DescriptionError(
                f"OneToOne joins {n_sources} sources to {n_targets} targets; it needs as many of one as of "
                "the other. Use AllToAll() or slice the populations."
            )

    def expected(self, n_sources: int, n_targets: int) -> float:
        return n_targets

    def shape(self, n_sources: int, n_targets: int) -> tuple[int, ...]:
        return (n_targets,)

    def draw_sources(self, w: Wiring) -> tuple[Places, Ints]:
        keep = np.ones(w.places.size, bool) if self.allow_autapses else w.sources[w.places] != w.targets
        return w.places[keep].astype(np.int32), keep.astype(np.int64)

    def at(self, w: Wiring, sources: Places, target: Ints, draw: Ints) -> Ints:
        return sources.astype(np.int64)


@dataclass(frozen=True)
class AllToAll(AbstractRule):
    """Every source to every target. Arrays of weights are [target, source]."""

    allow_autapses: bool = True

    def __post_init__(self) -> None:
        keep(self, allow_autapses=as_flag)

    def check(self, n_sources: int, n_targets: int, shared: int) -> None:
        pass

    def expected(self, n_sources: int, n_targets: int) -> float:
        return n_sources * n_targets

    def shape(self, n_sources: int, n_targets: int) -> tuple[int, ...]:
        return (n_targets, n_sources)

    def draw_sources(self, w: Wiring) -> tuple[Places, Ints]:
        n, m = w.sources.size, w.targets.size
        sources = np.tile(np.arange(n, dtype=np.int32), m)
        if self.allow_autapses:
            return sources, np.full(m, n, np.int64)
        keep = w.sources[sources] != np.repeat(w.targets, n)
        return sources[keep], keep.reshape(m, n).sum(axis=1)

    def at(self, w: Wiring, sources: Places, target: Ints, draw: Ints) -> Ints:
        return w.places[target] * w.sources.size + sources


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


def draw_partners(w: Wiring, cells: Gids, own: Ints, n: int, degree: int, repeat: bool) -> Places:
    """`degree` of `n` partners for each of the cells, cell after cell, `own` excepted, with or without repetition."""
    partners = np.empty(cells.size * degree, np.int32)
    if repeat:
        wiring.draw_sources(w.seed, w.serial, cells, own, n, np.full(cells.size, degree), partners)
    else:
        wiring.draw_distinct(w.seed, w.serial, cells, own, n, degree, np.full(n, -1, np.int64), partners)
    return partners


@dataclass(frozen=True)
class FixedIndegree(AbstractRule):
    """`indegree` sources for each target, drawn uniformly. Arrays of weights are [target, indegree]."""

    indegree: int
    allow_autapses: bool = True
    allow_multapses: bool = True

    def __post_init__(self) -> None:
        keep(self, indegree=as_count, allow_autapses=as_flag, allow_multapses=as_flag)

    def check(self, n_sources: int, n_targets: int, shared: int) -> None:
        if n_targets:
            check_degree(self, "indegree", self.indegree, n_sources, "sources", shared)

    def expected(self, n_sources: int, n_targets: int) -> float:
        return n_targets * self.indegree

    def shape(self, n_sources: int, n_targets: int) -> tuple[int, ...]:
        return (n_targets, self.indegree)

    def draw_sources(self, w: Wiring) -> tuple[Places, Ints]:
        own = w.own_places(self.allow_autapses, w.targets, w.sources)
        sources = draw_partners(w, w.targets, own, w.sources.size, self.indegree, self.allow_multapses)
        return sources, np.full(w.targets.size, self.indegree)

    def at(self, w: Wiring, sources: Places, target: Ints, draw: Ints) -> Ints:
        return w.places[target] * self.indegree + draw


@dataclass(frozen=True)
class PairwiseBernoulli(AbstractRule):
    """Each pair with probability `p`."""

    p: float
    allow_autapses: bool = True

    def __post_init__(self) -> None:
        keep(self, p=_as_probability, allow_autapses=as_flag)

    def check(self, n_sources: int, n_targets: int, shared: int) -> None:
        pass

    def expected(self, n_sources: int, n_targets: int) -> float:
        return n_sources * n_targets * self.p

    def shape(self, n_sources: int, n_targets: int) -> None:
        return None

    def draw_sources(self, w: Wiring) -> tuple[Places, Ints]:
        if self.p == 1.0:
            return AllToAll(self.allow_autapses).draw_sources(w)
        if self.p == 0.0:
            return _nothing(w)
        own = w.own_places(self.allow_autapses, w.targets, w.sources)
        rate = -float(elementary.log1p(-self.p))
        return _counted(
            w,
            lambda c, out: wiring.draw_bernoulli(
                w.seed, w.serial, w.targets, own, w.sources.size, rate, c, out
            ),
        )


def _counted(w: Wiring, draw: Any) -> tuple[Places, Ints]:
    counts = np.zeros(w.targets.size, np.int64)
    sources = np.empty(draw(counts, np.empty(0, np.int32)), np.int32)
    draw(counts, sources)
    return sources, counts


def _nothing(w: Wiring) -> tuple[Places, Ints]:
    return np.empty(0, np.int32), np.zeros(w.targets.size, np.int64)


def _as_probability(p: Any, what: str) -> float:
    return _between(p, 1.0, f"{what} is {shown(p)}; a probability from 0 to 1 is needed.")


def _as_mean(mean: Any, what: str) -> float:
    return _between(mean, sys.float_info.max, f"{what} is {shown(mean)}; a number of at least 0 is needed.")


def _between(raw: Any, most: float, complaint: str) -> float:
    try:
        number = -1.0 if isinstance(raw, str) else as_number(raw, "", "it")
    except DescriptionError:
        number = -1.0
    if not 0.0 <= number <= most:
        raise DescriptionError(complaint)
    return number


@dataclass(frozen=True)
class SymmetricPairwiseBernoulli(AbstractRule):
    """Each unordered pair of cells, in both directions, with probability `p`; no cell with itself.

    (In NEST each pair gets two chances, so a connection there has probability 2p - p^2.)
    """

    p: float

    def __post_init__(self) -> None:
        keep(self, p=_as_probability)

    def check(self, n_sources: int, n_targets: int, shared: int) -> None:
        if n_sources != n_targets:
            raise DescriptionError(
                "SymmetricPairwiseBernoulli needs the same cells as sources and as targets; "
                f"these are {n_sources} and {n_targets}."
            )

    def expected(self, n_sources: int, n_targets: int) -> float:
        return n_sources * n_targets * self.p

    def draws(self, n_sources: int, n_targets: int) -> float:
        return n_sources * n_targets  # each pair has a coin of its own

    def shape(self, n_sources: int, n_targets: int) -> None:
        return None

    def draw_sources(self, w: Wiring) -> tuple[Places, Ints]:
        return _counted(
            w, lambda c, out: wiring.draw_symmetric(w.seed, w.serial, w.targets, w.sources, self.p, c, out)
        )


@dataclass(frozen=True)
class PairwisePoisson(AbstractRule):
    """A Poisson number of connections for each pair, `mean` on average."""

    mean: float
    allow_autapses: bool = True

    def __post_init__(self) -> None:
        keep(self, mean=_as_mean, allow_autapses=as_flag)

    def check(self, n_sources: int, n_targets: int, shared: int) -> None:
        pass

    def expected(self, n_sources: int, n_targets: int) -> float:
        return n_sources * n_targets * self.mean

    def shape(self, n_sources: int, n_targets: int) -> None:
        return None

    def draw_sources(self, w: Wiring) -> tuple[Places, Ints]:
        if self.mean == 0.0:
            return _nothing(w)
        own = w.own_places(self.allow_autapses, w.targets, w.sources)
        return _counted(
            w,
            lambda c, out: wiring.draw_poisson(
                w.seed, w.serial, w.targets, own, w.sources.size, self.mean, c, out
            ),
        )

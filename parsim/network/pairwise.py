"""Rules that ask about every pair of a source and a target, or about one partner for each."""

import sys
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np

from parsim.arrays import Ints, shown
from parsim.errors import DescriptionError
from parsim.given.plain import as_flag
from parsim.given.value import AbstractValue
from parsim.given.values import as_number
from parsim.kernels import elementary, wiring
from parsim.network.nearby import Nearby, check_mask, hangs_on_space, share_of
from parsim.network.population import Selection
from parsim.network.rules import AbstractRule, Places, Wiring, keep
from parsim.network.space import Space


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
        keep = np.ones(w.places.size, bool) if self.allow_autapses else w.sources.at(w.places) != w.targets
        return w.places[keep].astype(np.int32), keep.astype(np.int64)

    def at(self, w: Wiring, sources: Places, target: Ints, draw: Ints) -> Ints:
        return sources.astype(np.int64)


@dataclass(frozen=True)
class AllToAll(AbstractRule):
    """Every source to every target. Arrays of weights are [target, source]."""

    allow_autapses: bool = True
    asks_each_pair: ClassVar[bool] = True

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
        keep = sources != np.repeat(w.own_places(False), n)
        return sources[keep], keep.reshape(m, n).sum(axis=1)

    def at(self, w: Wiring, sources: Places, target: Ints, draw: Ints) -> Ints:
        return w.places[target] * w.sources.size + sources


@dataclass(frozen=True)
class PairwiseBernoulli(AbstractRule):
    """Each pair with probability `p`, of those that a mask lets through.

    Parameters
    ----------
    p : number or expression
        From 0 to 1; of cells with positions an expression such as `ps.exp(-ps.distance / 0.2)`.
    allow_autapses : bool
    mask : mask, optional
        Where targets are, as seen from their source: `ps.circle(0.3)`. Pairs outside of it are not visited.
    """

    p: Any
    allow_autapses: bool = True
    mask: Any = None
    share: float | None = field(
        default=None, repr=False, compare=False
    )  # of all pairs, where `p` does not say it
    asks_each_pair: ClassVar[bool] = True

    def __post_init__(self) -> None:
        keep(self, p=as_chance, allow_autapses=as_flag)

    def __repr__(self) -> str:
        mask = "" if self.mask is None else f", mask={self.mask!r}"
        return f"PairwiseBernoulli(p={self.p!r}, allow_autapses={self.allow_autapses}{mask})"

    def says(self) -> tuple[Any, ...]:
        more = () if self.mask is None else (self.mask,)
        return type(self).__name__, self.p, self.allow_autapses, *more

    def placed(self, source: Selection, target: Selection) -> AbstractRule:
        if not self.is_spatial:
            return self
        if hangs_on_space(self.p, self.mask):
            check_mask(self.mask, source, target)
        return replace(self, share=share_of(Space(source, target), self.p, self.mask))

    @property
    def is_spatial(self) -> bool:
        """Is each pair looked at for itself?"""
        return self.mask is not None or not isinstance(self.p, float)

    def for_targets(self, w: Wiring) -> Any:
        return Nearby(w, self.p, self.mask, self.allow_autapses) if self.is_spatial else self

    def check(self, n_sources: int, n_targets: int, shared: int) -> None:
        pass

    def expected(self, n_sources: int, n_targets: int) -> float:
        return n_sources * n_targets * (self.share if self.share is not None else float(self.p))

    def shape(self, n_sources: int, n_targets: int) -> None:
        return None

    def draw_sources(self, w: Wiring) -> tuple[Places, Ints]:
        if self.p == 1.0:
            return AllToAll(self.allow_autapses).draw_sources(w)
        if self.p == 0.0:
            return _nothing(w)
        own = w.own_places(self.allow_autapses)
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


def as_chance(p: Any, what: str) -> Any:
    """A probability, or an expression that gives one for each pair."""
    return p.in_unit("", what) if isinstance(p, AbstractValue) else _as_probability(p, what)


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
    needs_same_cells: ClassVar[bool] = True

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
            w,
            lambda c, out: wiring.draw_symmetric(w.seed, w.serial, w.targets, w.sources.all, self.p, c, out),
        )


@dataclass(frozen=True)
class PairwisePoisson(AbstractRule):
    """A Poisson number of connections for each pair, `mean` on average."""

    mean: float
    allow_autapses: bool = True
    asks_each_pair: ClassVar[bool] = True

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
        own = w.own_places(self.allow_autapses)
        return _counted(
            w,
            lambda c, out: wiring.draw_poisson(
                w.seed, w.serial, w.targets, own, w.sources.size, self.mean, c, out
            ),
        )

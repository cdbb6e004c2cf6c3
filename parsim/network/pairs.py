"""Rules whose connections do not come target by target: every rank looks at all and keeps its own."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from parsim.arrays import Ints, as_count, as_floats, as_ints
from parsim.errors import DescriptionError
from parsim.kernels import wiring
from parsim.network.rules import AbstractRule, Rows, Wiring, check_degree


def _kept(w: Wiring, draw: Any) -> tuple[Ints, Ints, Ints]:
    """Run a kernel that draws everything and keeps what is here: once to count, once to fill.

    Sources, targets and numbers of the rows.
    """
    local = np.full(w.all_targets.size, -1, np.int64)
    local[w.places] = np.arange(w.places.size)
    nothing = np.empty(0, np.int64)
    n = draw(local, nothing, nothing, nothing)
    source, target, number = (np.empty(n, np.int64) for _ in range(3))
    draw(local, source, target, number)
    return source, target, number


@dataclass(frozen=True)
class FixedOutdegree(AbstractRule):
    """`outdegree` targets for each source, drawn uniformly. Arrays of weights are [source, outdegree].

    Every rank draws every source's targets and keeps its own: some nanoseconds a draw, no memory.
    """

    outdegree: int
    allow_autapses: bool = True
    allow_multapses: bool = True
    by_target = False

    def __post_init__(self) -> None:
        as_count(self.outdegree, "outdegree")

    def check(self, n_sources: int, n_targets: int, shared: int) -> None:
        if n_sources:
            check_degree(self, "outdegree", self.outdegree, n_targets, "targets", shared)

    def expected(self, n_sources: int, n_targets: int) -> float:
        return n_sources * self.outdegree

    def shape(self, n_sources: int, n_targets: int) -> tuple[int, ...]:
        return (n_sources, self.outdegree)

    def rows(self, w: Wiring) -> Rows:
        own = w.own_places(self.allow_autapses, w.sources, w.all_targets)
        seen = np.full(w.all_targets.size, -1, np.int64)

        def draw(local: Ints, source: Ints, target: Ints, number: Ints) -> int:
            return wiring.draw_targets(
                w.seed, w.serial, w.sources, own, local, self.outdegree, not self.allow_multapses,
                seen, source, target, number,
            )  # fmt: skip

        source, target, number = _kept(w, draw)
        return Rows(source, target, w.sources[source], number, source * self.outdegree + number)


@dataclass(frozen=True)
class FixedTotalNumber(AbstractRule):
    """`n` connections between pairs drawn uniformly. Arrays of weights have `n` values.

    Every rank draws all of them and keeps its own: some nanoseconds a draw, no memory.
    """

    n: int
    allow_autapses: bool = True
    allow_multapses: bool = True
    by_target = False

    def __post_init__(self) -> None:
        as_count(self.n, "n")

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

    def rows(self, w: Wiring) -> Rows:
        kernel = wiring.draw_pairs if self.allow_multapses else wiring.draw_distinct_pairs

        def draw(local: Ints, source: Ints, target: Ints, number: Ints) -> int:
            return kernel(
                w.seed, w.serial, self.n, w.sources, w.all_targets, local, self.allow_autapses,
                source, target, number,
            )  # fmt: skip

        source, target, number = _kept(w, draw)
        return Rows(source, target, None, number, number)


class Lists(AbstractRule):
    """Explicit connections: the `sources[i]`-th source to the `targets[i]`-th target.

    Parameters
    ----------
    sources, targets : arrays of int [n]
        Positions in the source and the target selection of the connect call, from 0; they are gids
        only where the selection begins at gid 0. Arrays of weights and delays have n values.

    `Lists(matrix)` takes a scipy sparse matrix [source, target], whose entries are the weights.
    """

    by_target = False

    def __init__(self, sources: Any, targets: Any = None) -> None:
        self.weights = None
        if targets is None:
            if not hasattr(sources, "tocoo"):
                raise DescriptionError(
                    "Lists needs sources and targets, or a sparse matrix [source, target]."
                )
            matrix = sources.tocoo()
            sources, targets, self.weights = matrix.row, matrix.col, as_floats(matrix.data, "weight of Lists")
        self.sources = as_ints(sources, "sources of Lists")
        self.targets = as_ints(targets, "targets of Lists")
        if self.sources.ndim != 1 or self.sources.shape != self.targets.shape:
            raise DescriptionError(
                f"Lists has sources of shape {self.sources.shape} and targets of shape {self.targets.shape}; "
                "give two flat arrays of the same length."
            )

    def __repr__(self) -> str:
        return f"Lists({self.sources.size} connections)"

    def check(self, n_sources: int, n_targets: int, shared: int) -> None:
        for places, n, role in ((self.sources, n_sources, "sources"), (self.targets, n_targets, "targets")):
            if places.min(initial=0) < 0 or places.max(initial=-1) >= n:
                at = int(np.argmax((places < 0) | (places >= n)))
                allowed = f"positions from 0 to {n - 1} are allowed" if n else "no position is allowed"
                raise DescriptionError(
                    f"{role}[{at}] of Lists is {places[at]}; there are {n} {role}, so {allowed} "
                    "(positions in the selection, not gids)."
                )

    def expected(self, n_sources: int, n_targets: int) -> float:
        return self.sources.size

    def shape(self, n_sources: int, n_targets: int) -> tuple[int, ...]:
        return (self.sources.size,)

    def rows(self, w: Wiring) -> Rows:
        if np.array_equal(w.places, np.arange(w.all_targets.size)):  # all are here, in their order
            return Rows(self.sources, self.targets)
        source, target, number = _kept(w, partial(wiring.keep_listed, self.sources, self.targets))
        return Rows(source, target, None, number, number)

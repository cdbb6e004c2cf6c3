"""Connections that are given one by one."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from parsim.errors import DescriptionError
from parsim.given.numbers import as_ints, as_numbers
from parsim.kernels import wiring
from parsim.network.population import Selection
from parsim.network.rules import BLOCK, AbstractRule, Listed, Rows, Wiring, by_number


class Lists(AbstractRule):
    """Explicit connections: the `sources[i]`-th source to the `targets[i]`-th target.

    Parameters
    ----------
    sources, targets : arrays of int [n]
        Positions in the source and the target selection of the connect call, from 0; they are gids
        only where the selection begins at gid 0. Arrays of weights and delays have n values. What is mapped
        from a file to be read (`np.load(file, mmap_mode="r")`), here int32, weights and delays float64, stays
        there: a rank holds its own connections alone.

    `Lists(matrix)` takes a scipy sparse matrix [source, target], whose entries are the weights.
    """

    def __init__(self, sources: Any, targets: Any = None) -> None:
        self.weights = None
        if targets is None:
            if not hasattr(sources, "tocoo"):
                raise DescriptionError(
                    "Lists needs sources and targets, or a sparse matrix [source, target]."
                )
            matrix = sources.tocoo()
            sources, targets, self.weights = (
                matrix.row,
                matrix.col,
                as_numbers(matrix.data, "", "weight of Lists"),
            )
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

    @property
    def by_target(self) -> bool:
        return False

    def for_targets(self, w: Wiring) -> Listed:
        place = partial(wiring.place_listed, self.sources, self.targets, wiring.targets_at(w.places))
        return Listed(w, self.sources.size, place, by_number)

    def rows_of_all(self, w: Wiring) -> Iterator[Rows]:
        for begin in range(0, self.sources.size, BLOCK):
            part = slice(begin, begin + BLOCK)
            sources, targets = np.array(self.sources[part]), np.array(self.targets[part])
            number = begin + np.arange(sources.size)
            yield Rows(sources, targets, None, number, number)

    def says(self) -> tuple[Any, ...]:
        return self.sources, self.targets

    def check_coupling(self, source: Selection, target: Selection) -> None:
        """No place with itself, and each pair listed one way only: the other half is made by itself."""
        if source.place != target.place:
            return
        a, b = source.members.at(self.sources), target.members.at(self.targets)
        if (own := a == b).any():
            first = int(np.argmax(own))
            raise DescriptionError(
                f"Lists joins gid {a[first]} to itself (entry {first}); no current flows there. Leave it out."
            )
        low, high = np.minimum(a, b), np.maximum(a, b)
        there = {pair for pair in zip(low[a < b].tolist(), high[a < b].tolist(), strict=True)}
        for at in np.flatnonzero(a > b).tolist():
            if (int(low[at]), int(high[at])) in there:
                raise DescriptionError(
                    f"Lists joins gids {low[at]} and {high[at]} in both directions. A junction conducts both ways: "
                    "list each pair once (scipy.sparse.triu of a symmetric matrix), or twice the same way for two "
                    "junctions."
                )

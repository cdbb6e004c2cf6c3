"""A fixed exchange of numbers with some other ranks: agreed once, its buffers reused at every call."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Floats, Ints

Array = NDArray[Any]
Sizes = Mapping[int, int]  # how many numbers, by rank


class AbstractPlan(ABC):
    """What `AbstractComm.plan` returns, one for each rank; `exchange` is collective.

    sends, receives: how many numbers go to a rank and come from it, ascending, of those that it concerns alone.
    messages, bytes: what one call sends to other ranks.
    """

    def __init__(self, rank: int, sends: Sizes, receives: Sizes) -> None:
        self.sends, self.receives = in_order(sends), in_order(receives)
        others = [n for other, n in self.sends.items() if other != rank]
        self.messages, self.bytes = len(others), 8 * sum(others)

    @property
    @abstractmethod
    def out(self) -> Floats:
        """What the next `exchange` sends, in parts by rank: to be filled before each, for it is another one then."""

    @abstractmethod
    def exchange(self) -> Floats:
        """Collective: what the other ranks have sent, in parts by rank; to be read before the next call."""


def in_order(sizes: Sizes) -> dict[int, int]:
    """Those of ranks that have any, by ascending rank."""
    return {rank: int(sizes[rank]) for rank in sorted(sizes) if sizes[rank]}


def by_rank(ranks: Ints, rows: Array) -> dict[int, Array]:
    """The rows for each of these ranks, in their order."""
    order = np.argsort(ranks, kind="stable")
    found, first = np.unique(ranks[order], return_index=True)
    return dict(zip(found.tolist(), np.split(rows[order], first[1:]), strict=True)) if found.size else {}


def parts_of(sizes: Sizes) -> dict[int, slice]:
    """Where the part of each rank is among all, one behind the other."""
    parts, at = {}, 0
    for rank, n in sizes.items():
        parts[rank] = slice(at, at + n)
        at += n
    return parts

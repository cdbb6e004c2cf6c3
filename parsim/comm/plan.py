"""A fixed exchange of numbers with some other ranks: agreed once, its buffers reused at every call."""

from abc import ABC, abstractmethod

import numpy as np

from parsim.arrays import Floats, Ints


class AbstractPlan(ABC):
    """What `AbstractComm.plan` returns, one for each rank; `exchange` is collective.

    sends, receives: how many numbers go to each rank and come from it.
    messages, bytes: what one call sends to other ranks.
    """

    def __init__(self, rank: int, sends: Ints, receives: Ints) -> None:
        self.sends, self.receives = np.asarray(sends, np.int64), np.asarray(receives, np.int64)
        others = self.sends.copy()
        others[rank] = 0
        self.messages, self.bytes = int(np.count_nonzero(others)), 8 * int(others.sum())

    @property
    @abstractmethod
    def out(self) -> Floats:
        """What the next `exchange` sends, in parts by rank: to be filled before each, for it is another one then."""

    @abstractmethod
    def exchange(self) -> Floats:
        """Collective: what the other ranks have sent, in parts by rank; to be read before the next call."""


def starts(sizes: Ints) -> Ints:
    """Where each part begins, and the end of the last."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)]).astype(np.int64)

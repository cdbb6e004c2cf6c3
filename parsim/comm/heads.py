"""A fixed exchange of a few words with all ranks, again and again: agreed once, its buffers reused at every call."""

from abc import ABC, abstractmethod

import numpy as np

from parsim.arrays import Ints


class AbstractHeads(ABC):
    """What `AbstractComm.heads` returns: fill `mine` [width], call `exchange`, read `all` [rank, width]."""

    def __init__(self, size: int, width: int) -> None:
        self.mine: Ints = np.zeros(width, np.int64)
        self.all: Ints = np.zeros((size, width), np.int64)

    @abstractmethod
    def exchange(self) -> None:
        """Collective: `mine` of every rank to `all` on every rank."""

"""A fixed exchange of a few words with all ranks, again and again: agreed once, its buffers reused at every call."""

from abc import ABC, abstractmethod

import numpy as np

from parsim.arrays import Ints
from parsim.jit import Block


class AbstractHeads(ABC):
    """What `AbstractComm.heads` returns: fill `mine` [width], call `exchange`, read `found()`.

    place: where ranks of this process meet in compiled code, if they are threads.
    """

    place: Block | None = None

    def __init__(self, size: int, width: int) -> None:
        self.mine: Ints = np.zeros(width, np.int64)

    @abstractmethod
    def exchange(self) -> None:
        """Collective: `mine` of every rank to every rank; or go on with what compiled code has begun."""

    @abstractmethod
    def found(self) -> Ints:
        """What the last exchange has brought, [rank, width]; to be read before the next but one."""

    def begin(self) -> "AbstractHeads":
        """Collective: what is used in the run that begins."""
        return self

    def wider(self, words: int) -> "AbstractHeads":
        """Collective: some rank had so many words; an exchange that would hold them, if that is worth it."""
        return self

    @property
    def under_way(self) -> bool:
        """Has compiled code begun an exchange that is not at its end?"""
        return False

    def uncounted(self) -> int:
        """Bytes that compiled code has sent since this was asked."""
        return 0

"""A fixed exchange of a few words with all ranks, again and again: agreed once, its buffers reused at every call.

Compiled code may begin it, at its `place`; what remains to be done is done here.
"""

import threading
from time import perf_counter
from typing import Any

import numpy as np

from parsim.arrays import Ints
from parsim.comm.place import (
    APART,
    BROKEN,
    EXCHANGED,
    MET,
    OUTSIDE,
    STAGE,
    TURN,
    WORDS,
    MeetingPlace,
    come,
)
from parsim.jit import Block, clock, driver, opened, ways_to_wait


def come_in(at: Any) -> Any:
    """`come`, as Python calls it."""
    return come(opened(at))


class OneRank:
    """What a team of threads is to its members, for a rank that has a process for itself."""

    threads, breaks = 1, 0

    def __init__(self, outer: Any) -> None:
        self.outer, self.broken = outer, np.zeros(1, np.int64)

    def agree(self, thread: int, make: Any) -> Any:
        """What one has made for all."""
        return make()


class Heads:
    """One rank's row of a table that all ranks of the process share; between processes, thread 0 exchanges their rows.

    Fill `mine` [width], call `exchange`, read `found()`.
    """

    def __init__(self, comm: Any, team: Any, thread: int, width: int) -> None:
        self.mine: Ints = np.zeros(width, np.int64)
        self._comm, self._team, self._thread = comm, team, thread
        self._own: Ints = np.zeros(WORDS, np.int64)
        self._breaks, self._told = -1, 0
        self.begin()

    def begin(self) -> None:
        """Collective: when a run of the threads was broken off, they may have met one another not equally often."""
        if self._breaks == self._team.breaks:
            return
        comm, team, width = self._comm, self._team, self.mine.size
        self._breaks, self._told, self._own[:] = team.breaks, 0, 0
        shape = (2, comm.size, width)
        count, self._rows = team.agree(
            self._thread, lambda: (np.zeros(1, np.int64), np.zeros(shape, np.int64))
        )
        self._tables = list(self._rows)
        place = MeetingPlace(
            count, team.broken, self._rows, self._own, team.outer.rank * team.threads, self._thread, team.threads,
            int(team.outer.size > 1), ways_to_wait(), clock(),
        )  # fmt: skip
        self.place = Block(place)
        self._come = driver(come_in, self.place)

    def wider(self, words: int) -> "Heads":
        """Collective: some rank had so many words. One with room for twice as many, if all are in this process."""
        if self._team.outer.size > 1:
            return self
        self._comm.bytes_sent += self.uncounted()
        return Heads(self._comm, self._team, self._thread, max(2 * words, self.mine.size))

    @property
    def under_way(self) -> bool:
        """Has this rank come to a meeting that not all have come to?"""
        return bool(self._own[STAGE] != APART)

    def exchange(self) -> None:
        """Collective: `mine` of every rank to every rank; or go on with what compiled code has begun."""
        began = perf_counter()
        if not self.under_way:
            self._tables[self._own[TURN] % 2][self._comm.rank] = self.mine
        # Now and then it is back, for a signal to be heard.
        while (why := self._come(self.place.address)) != MET:
            if why == BROKEN:
                raise threading.BrokenBarrierError("Another thread of this run has failed.")
            if why == OUTSIDE:
                self.exchange_outside()
        self._comm.wait_seconds += perf_counter() - began

    def exchange_outside(self) -> None:
        """Collective: what all threads have, with other processes. The meeting goes on then."""
        self._team.outer.allgather_rows(self._tables[self._own[TURN] % 2])
        self._own[STAGE] = EXCHANGED

    def found(self) -> Ints:
        """What the last exchange has brought, [rank, width]; to be read before the next but one."""
        return self._tables[(self._own[TURN] - 1) % 2]

    def uncounted(self) -> int:
        """Bytes sent since this was asked."""
        told, self._told = self._told, int(self._own[TURN])
        return (self._told - told) * self.mine.nbytes

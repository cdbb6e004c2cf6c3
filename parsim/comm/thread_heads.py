"""The fixed exchange of a few words between ranks that are threads, from Python; compiled code meets at its `place`."""

import threading
from time import perf_counter
from typing import Any

import numpy as np

from parsim.arrays import Ints
from parsim.comm.heads import AbstractHeads
from parsim.comm.place import APART, BROKEN, EXCHANGED, MET, OUTSIDE, STAGE, TURN, WORDS, Place, come
from parsim.jit import Block, clock, driver, opened, ways_to_wait


def come_in(at: Any) -> Any:
    """`come`, as Python calls it."""
    return come(opened(at))


class ThreadHeads(AbstractHeads):
    """One thread's row of a table that all share; between processes, thread 0 exchanges the rows of all."""

    def __init__(self, comm: Any, team: Any, thread: int, width: int) -> None:
        super().__init__(comm.size, width)
        self._comm, self._team, self._thread = comm, team, thread
        self._own: Ints = np.zeros(WORDS, np.int64)
        self._breaks, self._told = -1, 0
        self._outer: AbstractHeads | None = None
        self.begin()

    def begin(self) -> "ThreadHeads":
        """Collective: when a run of the threads was broken off, they may have met one another not equally often."""
        if self._breaks != self._team.breaks:
            self._agree()
        return self

    def _agree(self) -> None:
        """Collective: make the place that all share."""
        comm, team, width = self._comm, self._team, self.mine.size
        self._breaks, self._told, self._own[:] = team.breaks, 0, 0

        def made(_: Any) -> Any:
            outer = self._outer
            if team.outer.size > 1 and outer is None:
                outer = team.outer.heads(team.threads * width)
            return np.zeros(1, np.int64), np.zeros((2, comm.size, width), np.int64), outer

        count, self._rows, self._outer = comm.attend("heads", made)
        place = Place(
            count, team.broken, self._rows, self._own, team.outer.rank * team.threads, self._thread, team.threads,
            int(self._outer is not None), ways_to_wait(), clock(),
        )  # fmt: skip
        self.place = self._place = Block(place)
        self._come = driver(come_in, self._place)

    def wider(self, words: int) -> "ThreadHeads":
        """Collective: the same with room for twice as many words."""
        self._comm.bytes_sent += self.uncounted()
        return ThreadHeads(self._comm, self._team, self._thread, max(2 * words, self.mine.size))

    @property
    def under_way(self) -> bool:
        """Has this thread come to a meeting that not all have come to?"""
        return bool(self._own[STAGE] != APART)

    def exchange(self) -> None:
        began = perf_counter()
        if not self.under_way:
            self._rows[self._own[TURN] % 2, self._comm.rank] = self.mine
        while (
            why := self._come(self._place.address)
        ) != MET:  # now and then it is back, for a signal to be heard
            if why == BROKEN:
                raise threading.BrokenBarrierError("Another thread of this run has failed.")
            if why == OUTSIDE:
                self._exchange_outside()
        self._comm.wait_seconds += perf_counter() - began

    def _exchange_outside(self) -> None:
        assert self._outer is not None
        rows, first, threads = self._rows[self._own[TURN] % 2], self._place.value.first, self._team.threads
        self._outer.mine[:] = rows[first : first + threads].reshape(-1)
        self._outer.exchange()
        rows[:] = self._outer.found().reshape(rows.shape)
        self._own[STAGE] = EXCHANGED

    def found(self) -> Ints:
        return self._rows[(self._own[TURN] - 1) % 2]  # type: ignore[no-any-return]

    def uncounted(self) -> int:
        told, self._told = self._told, int(self._own[TURN])
        return (self._told - told) * self.mine.nbytes

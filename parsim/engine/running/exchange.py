"""The exchange of an interval's spikes among ranks, as the loop has it: what each tells, and what it is told.

All tell all, so that every rank has the spikes of all. Nothing but this, and `with_others` in the loop, hangs on it: a
rank needs the spikes of sources of its own connections, and its own, which recorders are fed from; how many there were
on all ranks is a number apart.
"""

from time import perf_counter
from typing import NamedTuple

from parsim.arrays import Ints
from parsim.comm.base import AbstractComm
from parsim.jit import Block, entry
from parsim.shard.found import fill_head, head_width, take_heads, total_of_heads, widen

_fill_head, _total_of_heads, _take_heads = entry(fill_head), entry(total_of_heads), entry(take_heads)


class Exchanged(NamedTuple):
    """What an exchange has brought. `here` spikes are in `found` now, not in order yet; all ranks have sent `total`.

    `note` is the greatest that any rank has told, `following` the first step in which something happens on any.
    """

    here: int
    total: int
    note: int
    following: int


class Exchange:
    """What one rank does of it in Python: all of it where somebody has something to tell, or spikes have no room."""

    def __init__(self, comm: AbstractComm, found: Block, precise: bool, width: int = 0) -> None:
        self.comm, self.found, self.precise = comm, found, precise
        self.words_of_one = 2 if precise else 1
        heads = comm.heads(width or head_width(comm.size))
        assert heads is not None
        self._heads = heads
        self.seconds = self.waited = 0.0  # since they were last asked for

    @property
    def place(self) -> Block:
        """Where compiled code begins and ends it."""
        return self._heads.place

    @property
    def under_way(self) -> bool:
        """Has this rank told already, and waits for others?"""
        return self._heads.under_way

    def begin(self) -> None:
        """Collective: before a run."""
        self._heads.begin()

    def tell(self, note: int, following: int, silent: bool) -> None:
        """What this rank tells: its spikes, unless it is to be `silent`, a note, and when something happens here."""
        spikes = self.found.value
        words = 0 if silent else int(spikes.count[0]) * self.words_of_one
        _fill_head(spikes.keys, words, note, following, self._heads.mine)

    def outside(self) -> None:
        """Collective: with other processes, where nobody here has anything to tell but spikes."""
        began = perf_counter()
        self._heads.exchange_outside()
        self.waited += perf_counter() - began

    def __call__(self, met: bool) -> Exchanged:
        """Collective: what all have told; `met` when compiled code has seen to it that it is here."""
        began, waited = perf_counter(), self.comm.wait_seconds
        if not met:
            self._heads.exchange()
        exchanged = self._taken()
        waited = self.comm.wait_seconds - waited
        self.waited += waited
        self.seconds += perf_counter() - began - waited
        return exchanged

    def _taken(self) -> Exchanged:
        heads, mine = self._heads.found(), self.found.value
        words, note, following = _total_of_heads(heads)
        keys: Ints | None = None
        if words < 0:  # some rank has more than its head holds
            most = int(heads[:, 0].max())
            keys, _ = self.comm.allgather(mine.keys[: heads[self.comm.rank, 0]])
            self._heads = self._heads.wider(most)
            words = keys.size
        n = words // self.words_of_one
        if n > mine.gids.size:
            widen(self.found, n, self.precise)
        spikes = self.found.value
        if keys is None:
            _take_heads(heads, spikes.keys)
        else:
            spikes.keys[:words] = keys
        spikes.count[0] = n
        return Exchanged(n, n, int(note), int(following))

    def bytes_sent(self) -> int:
        """Since this was last asked, by compiled code."""
        return self._heads.uncounted()

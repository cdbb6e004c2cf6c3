"""The last spikes of a group's cells, with their traces, for connections that ask when their target has fired.

A connection hears a spike of its target one delay after it: as if it came back along the dendrite. It goes through
what has come back when its source fires the next time, or when all rows are brought up to a time (`heard`). What all
rows have heard is forgotten, but for what is still on its way back and the last two spikes of a cell.
"""

from collections.abc import Callable
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Floats, Ints, aligned_zeros
from parsim.clock import Grid, time_of
from parsim.jit import DONE, ROOM, Block, Op, inlined, kernel, lean_kernel, opened
from parsim.kernels.maths import exp_alone
from parsim.kernels.sources import index_in
from parsim.shard.rows.doses import Doses, no_doses
from parsim.shard.saved import AbstractSaved, AbstractSaving
from parsim.shard.stages import Stages

PLACES = 32  # spikes of a cell that find room at first
MOST_PLACES = 1024  # more only where so many are on their way back
WHAT = ("time", "minus", "triplet")
KEPT = 2  # the last spikes of a cell that are never forgotten
RECENT = 8  # spikes of a cell that stand apart; rarely have so many come between two of a source
CLOSE = 4  # of these in the first line of memory, which are all that most rows ask for
SELDOM = 1_000.0  # ms between two times at which all rows are brought up to now; where it is less, there is more room


class History(NamedTuple):
    """Spikes of cells: the k-th of cell i, from `first[i]` to `count[i]`, stands at [i, k % places].

    The last ones stand in `recent`, too, the very last first; where there was none, at -inf. They are nearly all that
    rows ask for: a time and `minus` in turn, so that those of four spikes are in one line of memory, then `triplet`.
    A spike is its time in ms and the traces just after it: each decays with the cell's rates (1/ms, one for each
    trace), and a spike adds 1. They stand together, for they are read together, from wherever they are in memory. All
    rows have heard what was back by `heard[0]`; what is within `near` of a time is at it. Rows that feel `doses` go
    through both in order of time.
    """

    spikes: Floats  # [cell, place, what]
    recent: Floats  # [cell, (time, minus) of each, and triplet of each]
    first: Ints
    count: Ints  # type: ignore[assignment]  # hides tuple.count, which nobody asks
    rates: Floats  # [cell, trace]
    heard: Floats
    near: float
    fetched: Floats  # scratch of one number
    at_once: NDArray[np.bool_]  # cells in islands: their spikes are kept as they leave
    doses: Doses


@inlined
def place_in(h, k):
    """Where the k-th spike of a cell stands; the number of places is a power of 2."""
    return np.uint64(k & (h.spikes.shape[1] - 1))


@inlined
def time_of_spike(h, i, k):
    """When the k-th spike of cell i was, in ms."""
    return h.spikes[i, place_in(h, k), 0]


@inlined
def recent_time(h, i, q):
    """When cell i fired, q spikes before its last, in ms; -inf where it had not. Of its last spikes alone."""
    return h.recent[i, np.uint64(2 * q)]


@inlined
def recent_trace(h, i, q, which):
    """One of the traces just after that spike."""
    return h.recent[i, np.uint64(2 * q + 1 if which == 1 else 2 * RECENT + q)]


@inlined
def time_back(h, i, q):
    """As `recent_time`, of any spike that is kept."""
    k = h.count[i] - 1 - q
    return time_of_spike(h, i, k) if k >= h.first[i] else -np.inf


@inlined
def trace_back(h, i, q, which):
    """As `recent_trace`, of any spike that is kept."""
    k = h.count[i] - 1 - q
    return h.spikes[i, place_in(h, k), which] if k >= h.first[i] else 0.0


@inlined
def tie(h, delay):
    """How much later a spike of the target may be that a row hears, than the delay before its source's.

    One on a way of no time is heard after a spike of the source at that very time, which may be what it came from.
    """
    return h.near if delay > 2.0 * h.near else -h.near


@inlined
def has_room(h, i):
    """Can another spike of cell i be kept?"""
    return h.count[i] - h.first[i] < h.spikes.shape[1]


@lean_kernel
def keep_spike(h, i, t):
    """One more spike of cell i; there must be room."""
    at, since = place_in(h, h.count[i]), recent_time(h, i, 0) - t
    minus = recent_trace(h, i, 0, 1) * exp_alone(since * h.rates[i, 0]) + 1.0
    triplet = recent_trace(h, i, 0, 2) * exp_alone(since * h.rates[i, 1]) + 1.0
    h.spikes[i, at, 0], h.spikes[i, at, 1], h.spikes[i, at, 2] = t, minus, triplet
    for k in range(2 * RECENT - 1, 1, -1):
        h.recent[i, k] = h.recent[i, k - 2]
    for k in range(3 * RECENT - 1, 2 * RECENT, -1):
        h.recent[i, k] = h.recent[i, k - 1]
    h.recent[i, 0], h.recent[i, 1], h.recent[i, 2 * RECENT] = t, minus, triplet
    h.count[i] += 1


def archive(at, first, stop, origin):
    """Keep the interval's spikes of the group's cells, from number `done[0]` on."""
    history_at, gids_at, found_at, grid, done = opened(at)
    h, (gids,), found = opened(history_at), opened(gids_at), opened(found_at)
    done[1] = origin
    for j in range(done[0], found.count[0]):
        i = index_in(gids, found.gids[j])
        if i >= 0 and not h.at_once[i]:
            if not has_room(h, i):
                done[0] = j
                return ROOM
            keep_spike(h, i, time_of(grid, found.steps[j]) - found.offsets[j])
    done[0] = 0
    return DONE


@kernel
def forget(h, before):
    """Forget spikes before a time, but for the last of each cell."""
    most = 0
    for i in range(h.count.size):
        while h.first[i] < h.count[i] - KEPT and time_of_spike(h, i, h.first[i] + KEPT) < before:
            h.first[i] += 1
        most = max(most, h.count[i] - h.first[i])
    return most


class TargetHistory:
    """The spikes of one group's cells, which grow in number; `catch_up(step)` is asked to let all rows hear them."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.at_once = np.zeros(0, bool)
        self.longest = 0.0  # ms, of the delays of rows that hear the cells
        self._resize(0, PLACES)
        self.heard = np.full(1, -np.inf)
        self._made_room, self._fetched, self._no_doses = 0.0, np.zeros(1), no_doses()

    def _resize(self, cells: int, places: int) -> None:
        self.held = np.zeros((cells, places, len(WHAT)))
        self.recent = aligned_zeros(cells, len(WHAT) * RECENT)
        self.recent[:, 0 : 2 * RECENT : 2] = -np.inf
        self.first, self.count = np.zeros(cells, np.int64), np.zeros(cells, np.int64)

    def grow(self, cells: int) -> None:
        """There are so many cells now; the new ones have not fired."""
        self.rates, self.at_once = np.ones((cells, 2)), np.zeros(cells, bool)
        self._move(cells, self.held.shape[1])

    def decay_by(self, values: SimpleNamespace) -> None:
        """Cells have these parameters."""
        self.rates[:] = np.stack([1.0 / values.tau_minus, 1.0 / values.tau_minus_triplet], axis=1)

    def _move(self, cells: int, places: int) -> None:
        held = self.spikes()
        self._resize(cells, places)
        self.put(*held)

    def bundle(self) -> History:
        """What kernels work on."""
        return History(
            self.held, self.recent, self.first, self.count, self.rates, self.heard, self.grid.near, self._fetched,
            self.at_once, self._no_doses,
        )  # fmt: skip

    def has_heard(self, time: float) -> None:
        """All rows have heard what was back by this time."""
        self.heard[0] = max(self.heard[0], time)
        forget(self.bundle(), time - self.longest - 2.0 * self.grid.dt)

    def is_full(self) -> bool:
        """Has some cell no room for another spike?"""
        return bool((self.count - self.first >= self.held.shape[1]).any())

    def make_room(self, time: float, catch_up: Callable[[], None]) -> None:
        """Some cell has no room for a spike: forget what rows hear by now, and grow where that is little."""
        since, places = time - self._made_room, self.held.shape[1]
        self._made_room = time
        catch_up()
        if (since < SELDOM and places < MOST_PLACES) or 2 * int((self.count - self.first).max()) > places:
            self._move(self.count.size, 2 * places)

    # ---- spikes as columns -----------------------------------------------------------------------

    def spikes(self) -> tuple[Ints, Floats]:
        """Cells, and times and traces [spike, what], of all that is kept, cell by cell in order of time."""
        kept = self.count - self.first
        cells = np.repeat(np.arange(kept.size), kept)
        begins = np.cumsum(kept) - kept
        nth = np.arange(cells.size) - np.repeat(begins - self.first, kept)
        return cells, self.held[cells, nth % self.held.shape[1]]

    def put(self, cells: Ints, spikes: Floats) -> None:
        """The reverse, for cells of which none is kept; those of a cell stand together, in order of time."""
        counts = np.bincount(cells, minlength=self.count.size)
        places = self.held.shape[1]
        while counts.max(initial=0) > places:
            places *= 2
        if places > self.held.shape[1]:
            self._move(self.count.size, places)
        begins = np.cumsum(counts) - counts
        nth = np.arange(cells.size) - begins[cells]
        self.held[cells, nth] = spikes
        self.count += counts
        back = counts[cells] - 1 - nth
        last = back < RECENT
        for what, place in enumerate((2 * back, 2 * back + 1, 2 * RECENT + back)):
            self.recent[cells[last], place[last]] = spikes[last, what]

    def save(self, saving: AbstractSaving) -> None:
        """Collective: all spikes that are kept."""
        cells, spikes = self.spikes()
        saving.put_loose("history", cells, {name: spikes[:, k] for k, name in enumerate(WHAT)})

    def restore(self, saved: AbstractSaved) -> None:
        """The reverse of `save`."""
        for cells, spikes in saved.loose("history"):
            order = np.lexsort((spikes["time"], cells))
            self.put(cells[order], np.stack([spikes[name][order] for name in WHAT], axis=1))

    # ---- as ops ----------------------------------------------------------------------------------

    def ops(self, stages: Stages, history: Block, cells: Block, catch_up: Callable[[int], None]) -> None:
        """Lay out the keeping of spikes, before they are delivered; `catch_up(step)` lets rows hear what is back."""
        done = np.zeros(2, np.int64)

        def make_room() -> None:
            step = int(done[1])
            self.make_room(self.grid.time(step), lambda: catch_up(step))
            stages.refresh()

        stages.deliver.append(Op(archive, history, cells, stages.found, self.grid, done, make_room=make_room))

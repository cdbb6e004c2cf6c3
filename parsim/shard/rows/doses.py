"""When a volume transmitter is felt: spikes of a population, a delay later, by all connections that ask for it alike.

All ranks have all spikes in one order, so each keeps the same. A connection goes through doses in order of time
together with what its target has sent back; what all of them have felt is forgotten.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats, Gids, Ints
from parsim.clock import Grid, time_of
from parsim.jit import DONE, ROOM, Block, Op, inlined, opened
from parsim.kernels.sources import index_in
from parsim.shard.stages import Stages

PLACES = 256  # doses that find room at first
MOST_PLACES = 1 << 16  # more only where so many are on their way
SELDOM = 1_000.0  # ms between two times at which all rows are brought up to now; where it is less, there is more room


class Doses(NamedTuple):
    """The k-th dose, from `kept[0]` to `kept[1]`, is felt at `times[k % places]` ms; they are in order."""

    times: Floats
    kept: Ints


@inlined
def dose_time(d, k):
    """When the k-th dose is felt, in ms; the number of places is a power of 2."""
    return d.times[np.uint64(k & (d.times.size - 1))]


@inlined
def first_dose(d, begin):
    """The number of the first dose that is not before a time."""
    low, high = d.kept[0], d.kept[1]
    while low < high:
        middle = (low + high) >> 1
        if dose_time(d, middle) < begin:
            low = middle + 1
        else:
            high = middle
    return low


def no_doses() -> Doses:
    """Of connections that feel none."""
    return Doses(np.zeros(1), np.zeros(2, np.int64))


def keep_doses(at, first, stop, origin):
    """Keep the interval's spikes of the transmitter's cells, from number `done[0]` on."""
    doses_at, gids_at, found_at, grid, delay, done = opened(at)
    d, (gids,), found = opened(doses_at), opened(gids_at), opened(found_at)
    done[1] = origin
    for j in range(done[0], found.count[0]):
        if index_in(gids, found.gids[j]) >= 0:
            k = d.kept[1]
            if k - d.kept[0] == d.times.size:
                done[0] = j
                return ROOM
            d.times[np.uint64(k & (d.times.size - 1))] = (
                time_of(grid, found.steps[j]) - found.offsets[j] + delay[0]
            )
            d.kept[1] = k + 1
    done[0] = 0
    return DONE


class DoseHistory:
    """The doses of one transmitter: of spikes of cells `gids`, which ascend, felt `delay` ms later."""

    def __init__(self, gids: Gids, delay: float, grid: Grid) -> None:
        self.gids, self.delay, self.grid = gids, np.array([delay]), grid
        self.begin_anew()

    def begin_anew(self) -> None:
        """There was none so far."""
        self.put(np.zeros(0))

    def bundle(self) -> Doses:
        """What kernels work on."""
        return Doses(self._times, self._kept)

    def after(self, time: float) -> Floats:
        """Those that are felt after a time, in ms."""
        first, behind = self._kept
        times = self._times[np.arange(first, behind) % self._times.size]
        return times[times >= time + self.grid.near]

    def put(self, times: Floats, places: int = 0) -> None:
        """These alone are kept, in order, in so many places at least."""
        room = max(PLACES, places)
        while room < times.size:
            room *= 2
        self._times, self._kept = np.zeros(room), np.array([0, times.size], np.int64)
        self._times[: times.size] = times
        self._made_room = -np.inf

    def make_room(self, time: float) -> None:
        """All rows have felt what was up to a time: forget it, and grow where that is little."""
        since, places, left = time - self._made_room, self._times.size, self.after(time)
        more = (since < SELDOM and places < MOST_PLACES) or 2 * left.size > places
        self.put(left, 2 * places if more else places)
        self._made_room = time

    def ops(self, stages: Stages, catch_up: Callable[[int], None]) -> None:
        """Lay out the keeping of doses, before spikes are delivered; `catch_up(step)` lets all rows feel them."""
        done = np.zeros(2, np.int64)

        def make_room() -> None:
            step = int(done[1])
            catch_up(step)
            self.make_room(self.grid.time(step))
            stages.refresh()

        doses, gids = stages.follow(self.bundle), Block((self.gids,))
        stages.deliver.append(
            Op(keep_doses, doses, gids, stages.found, self.grid, self.delay, done, make_room=make_room)
        )

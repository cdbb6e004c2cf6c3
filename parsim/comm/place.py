"""Where ranks that are threads of one process meet in compiled code: none holds the GIL, none waits for Python.

A thread writes its words to its row, counts itself in, and waits until all are counted. There are two tables of rows
in turn: who writes to one again has met all others at the other meanwhile, and so they have read it. Where there are
several processes, thread 0 then exchanges the rows of all, in Python, and all wait for it once more.
"""

from typing import NamedTuple

from parsim.arrays import Ints
from parsim.jit import add_one, give_way, interpreted, kernel, seconds, seen, sleep

# What a meeting has come to: all have met; not all have come yet; another thread has failed; thread 0 is to exchange
# with other processes.
MET, WAITING, BROKEN, OUTSIDE = range(4)
# Words of a thread's own: how many times it has met the others, how many times it was counted, how far it is.
TURN, COUNTED, STAGE, WORDS = range(4)
APART, COMING, EXCHANGING, EXCHANGED, LEAVING = range(5)

SPINS = 10 if interpreted else 2000  # looks before a thread gives way, and then before it sleeps: 2 us
NAP = 20  # us; a thread that only spins while others have its processor loses whole time slices, 1 ms an interval
PATIENCE = 0.05  # seconds after which a thread that waits looks whether Python wants something


class MeetingPlace(NamedTuple):
    """`rows` is [table, rank, word], of which those from `first` on are of threads of this process.

    `own` is the thread's, the rest is everyone's. `outside`: are there other processes?
    """

    count: Ints  # type: ignore[assignment]  # hides tuple.count, which nobody asks
    broken: Ints
    rows: Ints
    own: Ints
    first: int
    thread: int
    threads: int
    outside: int
    ways: Ints
    clock: Ints


@kernel
def come(place):
    """This thread has written its row: on to where all have met, or to why not yet. Then it is to be called again."""
    own = place.own
    if own[STAGE] == APART:
        count_in(place)
        own[STAGE] = COMING
    if own[STAGE] == COMING:
        why = wait(place)
        if why != MET:
            return why
        if place.outside == 0:
            return leave(own)
        own[STAGE] = EXCHANGING if place.thread == 0 else EXCHANGED
    if own[STAGE] == EXCHANGING:
        return OUTSIDE
    if own[STAGE] == EXCHANGED:
        count_in(place)
        own[STAGE] = LEAVING
    why = wait(place)
    return leave(own) if why == MET else why


@kernel
def count_in(place):
    """What this thread has written is there."""
    place.own[COUNTED] += 1
    add_one(place.count)


@kernel
def leave(own):
    """All have met."""
    own[STAGE] = APART
    own[TURN] += 1
    return MET


@kernel
def wait(place):
    """Until all threads are counted as often as this one."""
    all_here, began = place.own[COUNTED] * place.threads, -1.0
    looks = 0
    while seen(place.count) < all_here:
        looks += 1
        if looks <= SPINS:
            continue
        if seen(place.broken) != 0:
            return BROKEN
        if looks <= 2 * SPINS:
            give_way(place.ways)
            continue
        if began < 0.0:
            began = seconds(place.clock)
        elif seconds(place.clock) - began > PATIENCE:
            return WAITING
        sleep(place.ways, NAP)
    return MET

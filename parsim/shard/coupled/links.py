"""What pointers of mechanisms follow: numbers of cells here and elsewhere, brought once a step.

values    [slot]: first those of cells here, which pointers here or on other ranks follow, then those that other
          ranks send
fetch     from arrays of blocks to values; `put`, from values to pointers, which are arrays of blocks, too
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Floats, Gids, Ints
from parsim.comm.base import AbstractComm
from parsim.comm.plan import AbstractPlan, by_rank
from parsim.jit import DONE, MEETING, Op, addresses, call, opened
from parsim.shard.stages import Stages, in_turn

AT, IN, WORDS = range(3)  # the step that is come to; is it within a call?


class Spots(NamedTuple):
    """Numbers of cells in arrays of blocks: the how manyth group and block, which array, where in it."""

    group: Ints
    block: Ints
    array: Ints  # place in a list of names
    at: Ints


def fetch(at, first, stop, origin):
    """Numbers of a block's array to their slots."""
    array_at, where, slots, values = opened(at)
    (array,) = opened(array_at)
    for j in range(where.size):
        values[slots[j]] = array[where[j]]
    return DONE


def put(at, first, stop, origin):
    """Numbers to the pointers of a block that follow them."""
    array_at, where, slots, values = opened(at)
    (array,) = opened(array_at)
    for j in range(where.size):
        array[where[j]] = values[slots[j]]
    return DONE


def meeting(at, first, stop, origin):
    """Ranks exchange, and it is done when called again."""
    (met,) = opened(at)
    if met[0] == 1:
        met[0] = 0
        return DONE
    return MEETING


def stepping(at, first, stop, origin):
    """All that is done in a step, step by step; no further when some rank has failed."""
    ops, words, broken = opened(at)
    if words[IN] == 0:
        words[AT], words[IN] = first, 1
    while words[AT] < stop and broken[0] == 0:
        status = call(ops.function[0], ops.at[0], words[AT], words[AT] + 1, origin)
        if status != DONE:
            return status
        words[AT] += 1
    words[IN] = 0
    return DONE


def to_and_fro(at, first, stop, origin):
    """Call ops from the first to the last, or from the last to the first: by turns, or always."""
    ops, place, turns, back = opened(at)
    n = ops.function.size
    place[1] = (first * turns + back) % 2
    while place[0] < n:
        k = n - 1 - place[0] if place[1] == 1 else place[0]
        status = call(ops.function[k], ops.at[k], first, stop, origin)
        if status != DONE:
            return status
        place[0] += 1
    place[0] = 0
    return DONE


class Links:
    """The links that are brought at one point of a step, on one rank.

    Collective. `wanted` are the numbers that pointers here follow, (statement, gid) [n, 2], and `owner` the rank of
    each gid; `find` gives the spots of numbers held here. `pointers` are the spots that follow `wanted[which]`.
    """

    def __init__(
        self, wanted: Ints, owner: Ints, find: Callable[[Ints, Gids], Spots], pointers: Spots, which: Ints,
        comm: AbstractComm,
    ) -> None:  # fmt: skip
        self.comm = comm
        elsewhere = owner != comm.rank
        keys, place = np.unique(wanted, axis=0, return_inverse=True)
        place = place.reshape(-1)
        owners = np.zeros(keys.shape[0], np.int64)
        owners[place] = owner
        away = np.flatnonzero(owners != comm.rank)
        away = away[np.argsort(owners[away], kind="stable")]  # by rank, then by statement and gid
        wanted_of = by_rank(owners[away], keys[away])
        asked = comm.send_objects(wanted_of)
        self.crosses = bool(comm.any(bool(elsewhere.any())))

        here = np.unique(np.concatenate([keys[owners == comm.rank], *asked.values()]).reshape(-1, 2), axis=0)
        self.values: Floats = np.zeros(here.shape[0] + away.size)
        self._n = here.shape[0]
        slot = np.empty(keys.shape[0], np.int64)
        slot[away] = self._n + np.arange(away.size)
        number = {(int(k), int(gid)): at for at, (k, gid) in enumerate(here)}
        mine = np.flatnonzero(owners == comm.rank)
        slot[mine] = [number[int(k), int(gid)] for k, gid in keys[mine]]
        self._sent = np.array(
            [number[int(k), int(gid)] for part in asked.values() for k, gid in part], np.int64
        )
        self.sources, self.pointers = find(here[:, 0], here[:, 1]), pointers
        self.slots = slot[place][which] if which.size else np.empty(0, np.int64)
        sizes = ({rank: len(part) for rank, part in parts.items()} for parts in (asked, wanted_of))
        self.plan: AbstractPlan | None = comm.plan(*sizes) if self.crosses else None
        self.bytes_sent = self.messages = 0

    def exchange(self) -> None:
        """Collective: what pointers here follow elsewhere."""
        if self.plan is None:
            return
        np.take(self.values, self._sent, out=self.plan.out)
        self.values[self._n :] = self.plan.exchange()
        self.bytes_sent += self.plan.bytes
        self.messages += self.plan.messages

    def parts(self, spots: Spots, slots: Ints) -> list[tuple[int, int, int, Ints, Ints]]:
        """Group, block and array, and there: which numbers, and their slots."""
        if slots.size == 0:
            return []
        keys = np.stack([spots.group, spots.block, spots.array], axis=1)
        every, part = np.unique(keys, axis=0, return_inverse=True)
        part = part.reshape(-1)
        return [(*map(int, key), spots.at[part == k], slots[part == k]) for k, key in enumerate(every)]  # type: ignore[misc]

    def ops(self, stages: Stages, find: Callable[[int, int, int], Floats], skip: Ints) -> list[Op]:
        """Fetch, exchange, put. `find` gives an array by group, block and name; `skip[0]`: ranks meet no more."""
        values = self.values

        def op(act: Any, group: int, block: int, array: int, where: Ints, slots: Ints) -> Op:
            held = stages.follow(lambda: (find(group, block, array),))
            return Op(act, held, where, slots, values)

        fetches = [op(fetch, *part) for part in self.parts(self.sources, np.arange(self._n))]
        puts = [op(put, *part) for part in self.parts(self.pointers, self.slots)]
        return [*fetches, *([self._meeting(skip)] if self.crosses else []), *puts]

    def _meeting(self, skip: Ints) -> Op:
        met = np.zeros(1, np.int64)

        def meet() -> None:
            if not skip[0]:
                self.exchange()
            met[0] = 1

        return Op(meeting, met, make_room=meet)

    def bring(self, find: Callable[[int, int, int], Floats]) -> None:
        """Collective: the same at once, in Python."""
        for group, block, array, where, slots in self.parts(self.sources, np.arange(self._n)):
            self.values[slots] = find(group, block, array)[where]
        self.exchange()
        for group, block, array, where, slots in self.parts(self.pointers, self.slots):
            find(group, block, array)[where] = self.values[slots]


def there_and_back(ops: list[Op], back: bool | None = None) -> list[Op]:
    """Blocks one after another in a step, as one op: in each second step, or always, `back` from the last to the first.

    So what comes next begins with blocks that are still in the cache. 256 cells of 161 nodes with hh and calcium take
    77 us a step in place of 91, for they need 3 MB, and the cache has 2.
    """
    if len(ops) < 2:
        return ops
    place = np.zeros(2, np.int64)

    def make_room() -> None:
        k = int(place[0])
        ops[len(ops) - 1 - k if place[1] else k].answer()

    return [
        Op(
            to_and_fro,
            addresses(ops),
            place,
            int(back is None),
            int(bool(back)),
            make_room=make_room,
            parts=ops,
        )
    ]


def step_by_step(ops: list[Op], words: Ints, broken: Ints) -> tuple[Ints, Op]:
    """One op that calls others in turn, in each step; and where it is among them."""
    within = in_turn(ops)
    place: Ints = within.block.value[1]
    return place, Op(stepping, addresses([within]), words, broken, make_room=within.answer, parts=[within])

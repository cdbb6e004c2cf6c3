"""What a rank does in an interval, as ops: each thing of a shard lays out its own."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Ints
from parsim.jit import DONE, ROOM, Block, Op, addresses, call, opened


class Watch(NamedTuple):
    """An op that takes samples, every so many steps."""

    sample: Op
    every: int


class Move(NamedTuple):
    """An op that moves cells, and what samples them: it is called up to each step at which one is due."""

    op: Op
    watches: list[Watch]


@dataclass
class Stages:
    """The ops of an interval in the order of its stages, on blocks that follow what Python holds.

    start: what happens at the very time at which a run begins. begin: stimuli drive, arrivals are put in order. move:
    cells. collect: a look at states, this rank's spikes. order: all ranks' spikes. keep: what is recorded. clear: the
    interval that is past. deliver: spikes to where they will arrive; left out when there are none. next_event: where
    nothing happens between events, the step in which the next one is, to `next`. `homes`: what brings to their groups
    the states of cells that ops hold elsewhere.
    """

    found: Block  # the spikes of the interval
    start: list[Op] = field(default_factory=list)
    begin: list[Op] = field(default_factory=list)
    move: list[Move] = field(default_factory=list)
    collect: list[Op] = field(default_factory=list)
    order: list[Op] = field(default_factory=list)
    keep: list[Op] = field(default_factory=list)
    clear: list[Op] = field(default_factory=list)
    deliver: list[Op] = field(default_factory=list)
    next_event: list[Op] = field(default_factory=list)
    homes: list[Callable[[], None]] = field(default_factory=list)
    next: Ints = field(default_factory=lambda: np.zeros(1, np.int64))
    _followed: list[tuple[Block, Callable[[], Any]]] = field(default_factory=list)

    def follow(self, source: Callable[[], Any]) -> Block:
        """A block of what `source` returns, now and whenever `refresh` is called."""
        block = Block(source())
        self._followed.append((block, source))
        return block

    def refresh(self) -> None:
        """Let all blocks hold what their owners hold now; a TypeError when that is of other types than before."""
        for block, source in self._followed:
            bundle = source()
            if not block.holds(bundle):
                block.put(bundle)

    def come_home(self) -> None:
        """Groups hold what their cells have become: before Python looks at them."""
        for come in self.homes:
            come()

    def stale(self) -> list[Any]:
        """What blocks hold and their owners no longer do: for tests."""
        return [block.value for block, source in self._followed if not block.holds(source())]


def in_python(act: Callable[[int, int, int], None]) -> Op:
    """An op that returns to Python, where `act(first, stop, origin)` is called."""
    asked = np.zeros(4, np.int64)

    def answer() -> None:
        act(int(asked[1]), int(asked[2]), int(asked[3]))
        asked[0] = 1

    return Op(asking, asked, make_room=answer)


def asking(at, first, stop, origin):
    """Ask Python, and be done when called again."""
    (asked,) = opened(at)
    if asked[0] == 1:
        asked[0] = 0
        return DONE
    asked[1], asked[2], asked[3] = first, stop, origin
    return ROOM


def in_turn(ops: list[Op]) -> Op:
    """One op that calls others, one after another, and goes on with the one that had not done its part."""
    place = np.zeros(1, np.int64)
    return Op(
        calling_in_turn, addresses(ops), place, make_room=lambda: ops[int(place[0])].answer(), parts=ops
    )


def calling_in_turn(at, first, stop, origin):
    """Call ops from `place[0]` on."""
    ops, place = opened(at)
    while place[0] < ops.function.size:
        status = call(ops.function[place[0]], ops.at[place[0]], first, stop, origin)
        if status != DONE:
            return status
        place[0] += 1
    place[0] = 0
    return DONE

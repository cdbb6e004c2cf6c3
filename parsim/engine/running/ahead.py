"""Inputs of steps beyond the end of a run: a window that it ends within is swept to the window's own end."""

from typing import Any

import numpy as np

from parsim.clock import Span
from parsim.errors import SimulationError
from parsim.jit import DONE, ROOM, Block, Op, addresses, call, driver, opened
from parsim.shard.drive import Drive
from parsim.shard.group import AbstractGroup
from parsim.shard.stages import Stages


def call_all(at, place, first, stop, origin):
    """Call ops from `place[0]` on, to the one that has not done its part."""
    ops = opened(at)
    while place[0] < ops.function.size:
        status = call(ops.function[place[0]], ops.at[place[0]], first, stop, origin)
        if status != DONE:
            return status
        place[0] += 1
    return DONE


class Called:
    """Ops that Python calls, one after another."""

    def __init__(self) -> None:
        self.ops: list[Op] = []
        self._act: Any = None
        self._place = np.zeros(1, np.int64)

    def __call__(self, first: int, stop: int, origin: int) -> None:
        """To their ends; what they wait for is done."""
        if not self.ops:
            return
        if self._act is None:
            self._block = Block(addresses(self.ops), self.ops)
            self._act = driver(call_all, self._block, self._place, 0, 0, 0)
        self._place[0] = 0
        while (status := self._act(self._block.address, self._place, first, stop, origin)) == ROOM:
            self.ops[int(self._place[0])].answer()
        if status != DONE:
            raise SimulationError(f"inputs from step {first} on could not be brought.")


class Ahead:
    """Lays out driving and gathering, and does both once more, for coupled groups and steps that are not yet reached.

    What a mailbox gets is driven in Python, and put back; where cells hear exact times their own ops are called.
    """

    def __init__(self, stages: Stages) -> None:
        self.stages = stages
        self.groups: list[AbstractGroup] = []
        self._drives: list[Drive] = []
        self._driving, self._gathering = Called(), Called()
        self._pages: list[tuple[Any, Any]] = []
        self._events: list[Any] = []
        self._remembering: list[Drive] = []
        self._remembered: list[tuple[Any, Any]] = []

    def drive(self, drive: Drive, coupled: bool) -> None:
        """Lay out a drive."""
        if coupled and drive.recalls:
            self._remembering.append(drive)
        before = len(self.stages.begin)
        drive.ops(self.stages, drive.group.blocks["box"])
        if coupled and drive.group.inbox.names_rows:
            self._driving.ops += self.stages.begin[before:]
        elif coupled:
            self._drives.append(drive)

    def gather(self, group: AbstractGroup, coupled: bool) -> None:
        """Lay out what follows the driving of a group."""
        before = len(self.stages.begin)
        group.gather_ops(self.stages)
        if coupled:
            self.groups.append(group)
            self._gathering.ops += self.stages.begin[before:]

    def bring(self, begin: int, first: int, stop: int, origin: int) -> None:
        """Inputs of the steps [first, stop) of an interval; cells will be moved from step `begin` on again."""
        ahead = slice(first - origin, stop - origin)
        pages = [page[ahead] for group in self.groups for page in group.pages(origin)]
        self._pages = [(page, page.copy()) for page in pages]
        self._events = [group.inbox.sent() for group in self.groups]
        states = [drive.rows.state for drive in self._remembering]
        self._remembered = [(state, state.copy()) for state in states]
        span = Span(first, stop, origin, np.uint64(0), np.uint64(0))
        for drive in self._drives:
            drive.drive(span)
        self._driving(first, stop, origin)
        self._gathering(begin, stop, origin)

    def put_back(self) -> None:
        """Those inputs are not there yet; what was put in order of them comes later than all that is looked at."""
        for there, held in (*self._pages, *self._remembered):
            there[:] = held
        for group, events in zip(self.groups, self._events, strict=True):
            group.inbox.put_back(events)
        self._pages, self._events, self._remembered = [], [], []
        self.stages.refresh()

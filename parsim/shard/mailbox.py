"""What will arrive at a group, and when: a ring of steps that holds one sum for each port and cell.

The ring is a whole number of intervals long and begins at the anchor of the current interval, so
the steps of an interval stand together and its page is a view, not a copy.

What rows with random delays bring goes all over the ring: where that is more than the caches hold, each event meets a
line that is not there. So it waits in a bag for each step, to which it is written one after the other, until the page
is due; a page is small enough. Bags are emptied in the order in which they were filled, before anything else comes to
the page, so each sum is of the same numbers in the same order.
"""

from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Floats, Gids, Ints
from parsim.clock import Grid, Span
from parsim.jit import DONE, Block, Op, inlined, opened
from parsim.kernels.rows import AT_A_TIME, Bags, empty_bag
from parsim.shard.inbox import AbstractInbox
from parsim.shard.inputs import NO_EVENTS, Events
from parsim.shard.saved import AbstractSaved, AbstractSaving
from parsim.shard.stages import Stages

# Bytes of a ring, and numbers in each of its steps, from which on it has bags. At 8 MB they make no difference; and a
# bag would take more than a few numbers.
LARGE, WIDE = 16_000_000, 4 * AT_A_TIME


class Box(NamedTuple):
    """A mailbox and what else reaches a group, as ops find it: `ring` is [step, port, cell], `flat` the same memory."""

    ring: Floats
    flat: Floats
    anchor: int
    interval: int
    current: Floats
    gids: Gids
    seed: int
    grid: Grid
    events: Events


@inlined
def page_at(box, origin):
    """Where in the ring the interval's page begins."""
    return (origin - box.anchor) % box.ring.shape[0]


def clear(at, first, stop, origin):
    """Forget what arrived in the interval that is past, and what the cells have sent."""
    box_at, out_at = opened(at)
    box, out = opened(box_at), opened(out_at)
    k = page_at(box, origin)
    for step in range(k, k + box.interval):  # to assign a number to a slice takes 0.2 s more to compile
        for slot in range(box.flat.shape[1]):
            box.flat[step, slot] = 0.0
    out.count[0] = 0
    return DONE


def no_current(at, first, stop, origin):
    """Stimuli will add what flows in the interval."""
    (box_at,) = opened(at)
    current = opened(box_at).current
    for step in range(current.shape[0]):
        for i in range(current.shape[1]):
            current[step, i] = 0.0
    return DONE


def empty_bags(at, first, stop, origin):
    """Add what waits for the interval to its page."""
    (bags_at,) = opened(at)
    bags, ring, anchor, interval = opened(bags_at)
    k = (origin - anchor) % ring.shape[0]
    for step in range(k, k + interval):
        empty_bag(bags, step, ring)
    return DONE


def room_of_bag(slots: int) -> int:
    """Room for an event to two numbers of a step: a full bag brings several to each line of the cache."""
    return max(AT_A_TIME, slots // 2)


def bags_for(ring: Floats) -> Bags:
    """A bag for each step, empty."""
    steps, room = len(ring), room_of_bag(ring.shape[1])
    slot, weight = np.empty((steps, room), np.int32), np.empty((steps, room))
    return Bags(slot, weight, np.zeros(steps, np.int64), np.zeros(1, np.int64))


def may_sort(steps: int, slots: int) -> bool:
    """Does a ring of so many steps and numbers in each have bags, where they are of use to tables?"""
    return 8 * steps * slots >= LARGE and slots >= WIDE


def bytes_of(steps: int, slots: int) -> float:
    """What a mailbox takes at most."""
    return 8.0 * steps * slots + (12.0 * steps * room_of_bag(slots) if may_sort(steps, slots) else 0.0)


class Mailbox(AbstractInbox):
    """Arrivals of `cells` cells at `ports` ports: `ring[step - anchor, port * cells + cell]`; `cube` is the same
    memory as [step, port, cell].
    """

    names_rows: ClassVar[bool] = False

    def __init__(self, ports: int, cells: int = 0) -> None:
        self.mailbox, self.driven = self, False  # are there stimuli that send to it?
        self.ports, self.cells = ports, cells
        self.anchor, self.interval = 0, 1
        self.sorts = False  # do bags keep what arrives?
        self._bags_block: Block | None = None
        self._hold(np.zeros((1, ports, cells)))

    @property
    def gathered(self) -> Events:
        """Nothing."""
        return NO_EVENTS

    def add_rows(self, port: NDArray[np.int16]) -> None:
        """A row's slot says by which port it enters."""

    def renumber(self, new: Ints, now: int, forget: NDArray[np.bool_]) -> Ints:
        """Sums know no connections."""
        return new

    def _hold(self, cube: Floats) -> None:
        self.cube, self.ring = cube, cube.reshape(len(cube), cube.shape[1] * cube.shape[2])
        self.bags = bags_for(self.ring if self.sorts else self.ring[:0])

    def empty_bags(self) -> None:
        """Let the ring have what is in bags."""
        for k in np.flatnonzero(self.bags.count):
            empty_bag(self.bags, k, self.ring)

    def expect(self, tables: list[Any]) -> None:
        """Bags are of use to rows with delays of their own; a synapse with a kernel adds to the ring itself."""
        self.empty_bags()
        of_use = any(table.delay.ndim for table in tables) and all(t.transmission is None for t in tables)
        self.sorts = of_use and may_sort(*self.ring.shape)
        self._hold(self.cube)

    def lay_out(self, cells: int, now: int, interval: int, longest: int) -> None:
        """Make room for `cells` cells, intervals of `interval` steps from `now` on, delays up to `longest`.

        What is on its way stays so.
        """
        self.empty_bags()
        length = -(-(interval + longest) // interval) * interval
        ring = np.zeros((length, self.ports, cells))
        old = self.ring.reshape(len(self.ring), self.ports, self.cells)
        origin = now - (now - self.anchor) % self.interval  # what arrived since then is past
        for step in range(now, min(origin + len(old), now + length)):
            ring[step - now, :, : self.cells] = old[(step - self.anchor) % len(old)]
        self._hold(ring)
        self.cells, self.anchor, self.interval = cells, now, interval

    def page(self, origin: int) -> Floats:
        """Arrivals of the interval that begins at `origin`, [step, port * cells + cell], to be read or added to."""
        at = (origin - self.anchor) % len(self.ring)
        return self.ring[at : at + self.interval]

    def drive(self, model: Any, params: Any, rows: Any, span: Span, key: Any) -> None:
        """Add what a stimulus sends to the page."""
        model.drive(params, rows, span, key, self.page(span.origin))

    def sent(self) -> Any:
        """None are."""

    def put_back(self, sent: Any) -> None:
        """None were."""

    # ---- a checkpoint ----------------------------------------------------------------------------

    def columns(self, now: int) -> dict[str, Any]:
        """What is on its way, [cell, step from now * port]: as far ahead as the ring goes."""
        self.empty_bags()
        origin = now - (now - self.anchor) % self.interval
        ahead = [(step - self.anchor) % len(self.cube) for step in range(now, origin + len(self.cube))]
        sums = np.ascontiguousarray(self.cube[ahead].transpose(2, 0, 1))
        return {"arrivals": sums.reshape(self.cells, len(ahead) * self.ports)}

    def begin_at(self, origin: int) -> None:
        """Nothing is on its way, and an interval begins at step `origin`."""
        self.anchor = origin
        self.bags.count[:] = 0
        self.cube[:] = 0.0

    def put_columns(self, cells: Ints, columns: dict[str, Any], now: int) -> None:
        """The reverse of `columns`, for some cells, in the interval with which the ring begins."""
        self.empty_bags()
        if "arrivals" in columns:
            saved = columns["arrivals"]
            steps = saved.shape[1] // self.ports
            begin = now - self.anchor
            sums = saved.reshape(len(saved), steps, self.ports).transpose(1, 2, 0)
            self.cube[begin : begin + steps, :, cells] = sums

    def save(self, saving: AbstractSaving) -> None:
        """All is columns."""

    def restore(self, saved: AbstractSaved) -> None:
        """All is columns."""

    # ---- as ops ----------------------------------------------------------------------------------

    def begin_ops(self, stages: Stages) -> None:
        """What waits for the interval comes first."""
        self._bags_block = None
        if self.sorts:
            self._bags_block = stages.follow(lambda: (self.bags, self.ring, self.anchor, self.interval))
            stages.begin.append(Op(empty_bags, self._bags_block))

    def drive_ops(self, stages: Stages, drive: Any, box: Block) -> None:
        """Lay out the driving of the page."""
        drive.page_ops(stages, box)

    def gather_ops(self, stages: Stages, box: Block) -> None:
        """Sums are in order."""

    def deliver_ops(self, stages: Stages, table: Any, box: Block) -> None:
        """Lay out the adding up."""
        table.sum_ops(stages, box, self._bags_block)

    def clear_ops(self, stages: Stages, box: Block, out: Block) -> None:
        """Lay out the clearing of the page, and of what the cells have sent."""
        stages.clear.append(Op(clear, box, out))

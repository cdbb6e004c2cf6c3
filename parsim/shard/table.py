"""Connections of one statement, or of many small ones, onto one group: sorted by source."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Floats, Gids, Ints
from parsim.jit import DONE, Block, Op, inner, opened
from parsim.kernels import rows
from parsim.kernels.events import Rows
from parsim.shard.group import AbstractGroup
from parsim.shard.stages import Stages


@cache
def delivering(deliver: Callable[..., None]) -> Callable[..., int]:
    """An op that takes the interval's spikes through the rows of a table into a mailbox."""
    deliver = inner(deliver)

    def op(at, first, stop, origin):  # type: ignore[no-untyped-def]
        columns_at, box_at, found_at = opened(at)
        first_gid, start, slot, weight, delay = opened(columns_at)
        box, found = opened(box_at), opened(found_at)
        n = found.count[0]
        deliver(first_gid, start, slot, weight, delay, found.gids[:n], found.steps[:n], box.anchor, box.flat)
        return DONE

    return op


@dataclass
class Table:
    """Rows of connections of this rank, by (source, target, draw), or (source, statement, target, draw).

    `start[gid - first]` is the first row of a source, `slot` the row's place in the mailbox,
    port * cells + cell. A weight or delay (in steps) that all rows share is kept once, which takes
    less memory and time. `base` counts the rows of the group's tables before this one, so that base + row
    names a connection onto the group. Delays onto event-driven cells are in ms; rows `within_islands` are
    those of less than a step, which are not served here.
    """

    serial: NDArray[Any]  # of the statement: one for all rows, or one each, in as few bytes as are enough
    first: int
    start: Ints
    slot: NDArray[np.int32]
    weight: Floats
    delay: NDArray[Any]
    group: AbstractGroup
    cells: int
    base: int = 0
    within_islands: bool = False
    deliver_rows: Any = field(init=False)
    _rows: Rows | None = field(default=None, init=False)  # made when first needed, once `base` is known

    def __post_init__(self) -> None:
        n = self.slot.size
        by_row = (self.weight.size != 1 or n == 1, self.delay.size != 1 or n == 1)
        self.deliver_rows = {
            (False, False): rows.deliver_constant,
            (True, False): rows.deliver_weights,
            (False, True): rows.deliver_delays,
            (True, True): rows.deliver_both,
        }[by_row]

    def deliver(self, gids: Gids, steps: Ints, offsets: Floats) -> None:
        """Spikes, in order of (time, gid), to where the group's cells find them."""
        if self.slot.size and not self.within_islands:
            self.group.inbox.deliver(self, gids, steps, offsets)

    def move(self, cells: int) -> None:
        """The group has grown to `cells` cells: ports after the first begin further on."""
        if cells != self.cells:
            port = self.slot // max(self.cells, 1)
            self.slot += (port * (cells - self.cells)).astype(np.int32)
            self.cells, self._rows = cells, None

    def ops(self, stages: Stages, box: Block) -> None:
        """Lay out the delivery to the group, whose mailbox is in `box`."""
        if self.slot.size and not self.within_islands:
            self.group.inbox.deliver_ops(stages, self, box)

    def sum_ops(self, stages: Stages, box: Block) -> None:
        """Lay out the adding up in the mailbox."""
        columns = stages.follow(lambda: (self.first, self.start, self.slot, self.weight, self.delay))
        stages.deliver.append(Op(delivering(self.deliver_rows), columns, box, stages.found))

    def for_events(self) -> Rows:
        """The rows as they are delivered to exact times."""
        if self._rows is None:
            columns = self.weight, self.delay
            if self.delay.dtype == np.float64:
                columns = shared(self.weight), shared(self.delay)
            self._rows = Rows(self.first, self.base, self.start, self.slot, *columns, self.group.gids.size)
        return self._rows


def shared(column: Any) -> Any:
    """Without a dimension where all rows share one value."""
    return column.reshape(()) if column.size == 1 else column

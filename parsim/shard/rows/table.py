"""Connections of one statement, or of many small ones, onto one group: sorted by source."""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Floats, Ints, with_new
from parsim.clock import Clock
from parsim.jit import DONE, Block, Op, opened
from parsim.kernels.events import EventRows
from parsim.kernels.rows import deliver, put_in_bags
from parsim.kernels.sources import Sources
from parsim.shard.group import AbstractGroup
from parsim.shard.inputs import ONE_PORT
from parsim.shard.rows.transmission import Transmission
from parsim.shard.stages import Stages


def delivering(at, first, stop, origin):
    """Take the interval's spikes through the rows of a table into a mailbox."""
    columns_at, box_at, found_at = opened(at)
    sources, slot, weight, delay = opened(columns_at)
    box, found = opened(box_at), opened(found_at)
    n = found.count[0]
    deliver(sources, slot, weight, delay, found.gids[:n], found.steps[:n], box.anchor, box.flat)
    return DONE


def sorting(at, first, stop, origin):
    """The same into the bags of a mailbox."""
    columns_at, bags_at, found_at = opened(at)
    sources, slot, weight, delay = opened(columns_at)
    bags, ring, anchor, _ = opened(bags_at)
    found = opened(found_at)
    n = found.count[0]
    put_in_bags(sources, slot, weight, delay, found.gids[:n], found.steps[:n], anchor, bags, ring)
    return DONE


@dataclass
class Table:
    """Rows of connections of this rank, by (source, target, draw), or (source, statement, target, draw).

    `sources` says which rows are those of a source, `slot` is the row's place in the mailbox, port * cells + cell. A
    column that all rows share has no dimension, which takes less memory and time. `base` counts the rows of the group's
    tables before this one, so that base + row names a connection onto the group. Delays onto event-driven cells are in
    ms, others in steps. Rows are `short` that take spikes of event-driven cells less than a step, and not served here:
    islands or shortcuts bring these at once.
    """

    serial: NDArray[Any]  # of the statement: one for all rows, or one each, in as few bytes as are enough
    sources: Sources
    slot: NDArray[np.int32]
    weight: Floats
    delay: NDArray[Any]
    numbered: ClassVar[bool] = True  # have its rows numbers?
    group: AbstractGroup
    cells: int
    base: int = 0
    short: bool = False
    # The port of each row, where a slot is a cell and events tell receptors apart.
    port: NDArray[np.int16] = field(default_factory=lambda: ONE_PORT)
    transmission: Transmission | None = None  # of synapses with a kernel of their own
    anew: Callable[[], Any] | None = None  # the same table as it was said, for rows whose weights change
    transmitter: Any = None  # the volume transmitter that the rows feel
    # Once rows are taken away: the how manyth of those of its statement onto its target each was.
    nth: NDArray[np.int32] | None = field(default=None, init=False)
    changed: set[str] = field(default_factory=set, init=False)  # names of what is not as it was said
    _rows: EventRows | None = field(default=None, init=False)  # made when first needed, once `base` is known

    def move(self, cells: int) -> None:
        """The group has grown to `cells` cells: ports after the first begin further on."""
        if cells != self.cells:
            port = self.slot // max(self.cells, 1)
            self.slot += (port * (cells - self.cells)).astype(np.int32)
            self.cells, self._rows = cells, None

    def take_away(self, gone: NDArray[np.bool_]) -> None:
        """These rows are no more. Whose numbers `base` counts, and what is on its way, is for others to see to."""
        keep = ~gone
        if self.transmission is not None:
            self.transmission.number_pairs(self)
        start = np.concatenate([np.zeros(1, np.int64), np.cumsum(keep)])[self.sources.start]
        self.sources, self.slot, self._rows = self.sources._replace(start=start), self.slot[keep], None
        for name in ("serial", "weight", "delay", "port", "nth"):
            if (column := getattr(self, name)) is not None and column.ndim:
                setattr(self, name, column[keep])
        if self.transmission is not None:
            self.transmission.take_away(keep, self.sources)
            if "weight" in vars(self.transmission.values):
                self.weight = self.transmission.values.weight

    def renumber(self, base: int) -> None:
        """Its rows count from another number among those of the group."""
        self.base, self._rows = base, None

    def is_noted_anew(self) -> None:
        """Nothing is noted of what rows bring, until somebody lays out that it is."""
        if self.transmission is not None:
            self.transmission.notes.clear()
            self.transmission.note_rooms.clear()

    def ops(self, stages: Stages, box: Block) -> None:
        """Lay out the delivery to the group, whose mailbox is in `box`."""
        if self.slot.size and not self.short:
            self.group.inbox.deliver_ops(stages, self, box)

    def local(self) -> NDArray[np.int32]:
        """The target of each row, as a local index."""
        inbox = self.group.inbox
        places = inbox.places if inbox.names_rows else inbox.mailbox.ports
        return self.slot if places == 1 else self.slot % np.int32(max(self.cells, 1))

    def columns(self) -> dict[str, Any]:
        """What rows have by name, [row] or without a dimension: what they remember, else what was said of them."""
        said: dict[str, Any] = {"weight": self.weight}
        if self.transmission is not None:
            said |= vars(self.transmission.values) | self.transmission.columns()
        return said | {"delay": self.delay}

    def put(self, name: str, rows: Ints | None, values: Any) -> None:
        """New values of some rows, or of all; one for all of them has no dimension. Delays are as they are kept."""
        own, n = self.transmission, self.slot.size
        self._rows = None
        if own is not None and own.put(name, rows, values):
            return
        self.changed.add(name)
        if name == "weight":
            self.weight = with_new(self.weight, rows, values, n) if own is None else own.values.weight
        elif name == "delay":
            wide = self.delay.dtype == np.uint8 and values.max(initial=0) > np.iinfo(np.uint8).max
            self.delay = with_new(self.delay.astype(np.int32) if wide else self.delay, rows, values, n)

    def prepare(self) -> None:
        """What kernels need of new values."""
        if self.transmission is not None:
            self.transmission.prepare()

    def remembering(self, synapse: Any, values: SimpleNamespace, clock: Clock, now: int) -> None:
        """The rows are of a synapse with a kernel, which has these parameters and a state, from step `now` on."""
        self.transmission = Transmission(synapse, values, clock, self.sources, now)
        self.weight = self.transmission.columns().get("weight", self.weight)

    @property
    def hears(self) -> bool:
        """Do the rows ask when their targets have fired?"""
        return self.transmission is not None and self.transmission.synapse.history

    def begin_anew(self) -> None:
        """What rows remember is as it was at the beginning."""
        if self.transmission is not None and self.anew is not None:
            doses, self.transmission = self.transmission.doses, self.anew().transmission
            assert self.transmission is not None
            self.transmission.doses = doses
            self.weight = self.transmission.columns().get("weight", self.weight)
        if self.hears:
            self.let_group_keep_spikes()

    def let_group_keep_spikes(self) -> None:
        """The rows ask when their targets have fired."""
        longest = float(self.delay.max(initial=0)) if self.slot.size else 0.0
        self.group.keep_history(longest if self.delay.dtype.kind == "f" else longest * self.group.grid.dt)

    def sum_ops(self, stages: Stages, box: Block, bags: Block | None) -> None:
        """Lay out the adding up in the mailbox, or in its bags."""
        if self.transmission is not None:
            self.transmission.ops(stages, self, box)
            return
        columns = stages.follow(lambda: (self.sources, self.slot, self.weight, self.delay))
        if bags is None:
            stages.deliver.append(Op(delivering, columns, box, stages.found))
        else:
            stages.deliver.append(Op(sorting, columns, bags, stages.found))

    def for_events(self) -> EventRows:
        """The rows as they are delivered to exact times."""
        if self._rows is None:
            cells = self.group.gids.size
            self._rows = EventRows(self.sources, self.base, self.slot, self.weight, self.delay, cells)
        return self._rows

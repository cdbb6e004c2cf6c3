"""This rank's cells of one clocked model."""

from typing import Any, ClassVar

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import Clock, Grid, Span
from parsim.jit import entry_point
from parsim.kernels.blocks import BLOCK
from parsim.kernels.order import take
from parsim.shard.arrivals import Arrivals
from parsim.shard.gap import Gap
from parsim.shard.group import AbstractGroup
from parsim.shard.inbox import AbstractInbox
from parsim.shard.inputs import NO_EVENTS, Inputs
from parsim.shard.mailbox import Mailbox
from parsim.shard.outbox import LEAST_ROOM, MOST_ROOM, Outbox, outbox


class ClockedGroup(AbstractGroup):
    """Cells of one clocked model, moved step by step.

    Cells of a precise model hear and fire between steps; for others, spikes are summed by step.
    """

    clocked: ClassVar[bool] = True
    block: ClassVar[int] = int(BLOCK)

    def __init__(self, model: Any, seed: int, grid: Grid) -> None:
        super().__init__(model, seed, grid)
        box = Mailbox(len(model.ports))
        self.inbox: AbstractInbox = Arrivals(box, grid._replace(near=0.0)) if model.precise else box
        self.has_current = False  # are there stimuli that bring any?
        self.current: Floats = np.zeros((1, 0))
        self.out: Outbox = outbox(0)
        self.inputs: Any = None
        self._advance: Any = None  # compiled for the bundles as they are

    # ---- what is held ----------------------------------------------------------------------------

    def make_place(self, before: int) -> None:
        """Everything else is fitted by `lay_out`."""

    def prepare(self, clock: Clock) -> None:
        """Derive what the kernel needs from what the user gave."""
        self.params = self.model.prepare(self.values, clock)
        self._advance = None

    def add_rows(self, n: int) -> None:
        """Connections have no state."""

    def lay_out(self, now: int, interval: int, longest: int) -> None:
        """Fit inbox, outbox and current to the cells and to intervals from `now` on.

        In a usual interval every cell can fire in every step.
        """
        self._advance = None
        cells = self.gids.size
        self.inbox.lay_out(cells, now, interval, longest)
        self.current = np.zeros((interval if self.has_current else 1, cells))
        self.out = outbox(max(LEAST_ROOM, min(cells * interval, max(MOST_ROOM, 4 * cells))))

    def couple(self, gap: Gap) -> None:
        """From now on the cells are moved by the model's `coupled` kernel."""
        self.gap, self._advance = gap, None

    # ---- how it moves ----------------------------------------------------------------------------

    def driven_by(self, into: str) -> None:
        """Stimuli will bring "spikes" or "current"."""
        if into == "current":
            self.has_current = True
        else:
            self.mailbox.driven = True

    def drive(self, model: Any, params: Any, rows: Any, span: Span, key: Any) -> None:
        """Take what a stimulus brings in the steps of the span."""
        if model.into == "current":
            model.drive(params, rows, span, key, self.current)
        else:
            self.inbox.drive(model, params, rows, span, key)

    def open(self, origin: int) -> None:
        """Lay out the page of the interval that begins at `origin`."""
        page = self.mailbox.page(origin)
        spikes = page.reshape(len(page), self.mailbox.ports, self.mailbox.cells)
        self.inputs = Inputs(spikes, self.current, self.gids, self.seed, self.grid, NO_EVENTS)
        if self.has_current:
            self.current.fill(0.0)

    def gather(self, span: Span) -> None:
        """Put in order what arrives at exact times."""
        events = self.inbox.events(span)
        if events is not NO_EVENTS:
            self.inputs = self.inputs._replace(events=events)

    def advance(self, span: Span, out: Outbox) -> None:
        """Move the span's cells through its steps."""
        act = self.model.advance if self.gap is None else self.model.coupled
        inputs = (self.inputs,) if self.gap is None else (self.inputs, self.gap)
        if self._advance is None:
            self._advance = entry_point(act, self.state, self.params, *inputs, span, out)
        self._advance(self.state, self.params, *inputs, span, out)

    def catch_up(self, cells: Ints, now: int) -> None:
        """States are always those of the last step."""

    def changed(self, cells: Ints, now: int) -> None:
        """The next step goes on from what is there."""

    # ---- what can be seen ------------------------------------------------------------------------

    def sample(self, name: str, cells: Ints, now: int, into: Floats) -> None:
        """A state of some cells at the end of step `now`."""
        take(getattr(self.state, name), cells, into)

    def finite_states(self) -> list[str]:
        """All of them."""
        return list(self.arrays())

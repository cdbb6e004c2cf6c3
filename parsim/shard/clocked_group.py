"""This rank's cells of one clocked model."""

from collections.abc import Callable
from functools import cache
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Floats, Ints
from parsim.clock import Clock, Grid, Span
from parsim.jit import DONE, Block, Op, inner, opened
from parsim.kernels.blocks import BLOCK
from parsim.kernels.order import take
from parsim.shard.coupled.gap import Joined
from parsim.shard.coupled.sweeping import moving, sweep_ops
from parsim.shard.events.arrivals import Arrivals
from parsim.shard.group import AbstractGroup
from parsim.shard.inbox import AbstractInbox
from parsim.shard.inputs import Inputs
from parsim.shard.mailbox import Box, Mailbox, no_current, page_at
from parsim.shard.outbox import Outbox, outbox, outbox_for
from parsim.shard.stages import Move, Stages, Watch


@cache
def advancing(advance: Callable[..., None]) -> Callable[..., int]:
    """An op that moves a range of cells by a model's kernel."""
    advance = inner(advance)

    def op(at, first, stop, origin):
        state, params, box_at, out_at, begin, end = opened(at)
        box, out = opened(box_at), opened(out_at)
        k = page_at(box, origin)
        inputs = Inputs(box.ring[k : k + box.interval], box.current, box.gids, box.seed, box.grid, box.events)
        advance(opened(state), opened(params), inputs, Span(first, stop, origin, begin, end), out)
        return DONE

    return op


class ClockedGroup(AbstractGroup):
    """Cells of one clocked model, moved step by step.

    Cells of a precise model hear and fire between steps; for others, spikes are summed by step.
    """

    clocked: ClassVar[bool] = True
    is_plain: ClassVar[bool] = True
    may_freeze: ClassVar[bool] = True
    block: ClassVar[int] = int(BLOCK)

    def __init__(self, model: Any, seed: int, grid: Grid) -> None:
        super().__init__(model, seed, grid)
        box = Mailbox(len(model.ports))
        self.inbox: AbstractInbox = Arrivals(box, grid, model.told_apart) if model.precise else box
        self.has_current = False  # are there stimuli that bring any?
        self.current: Floats = np.zeros((1, 0))
        self.out: Outbox = outbox(0)

    # ---- what is held ----------------------------------------------------------------------------

    def make_place(self, before: int) -> None:
        """Everything else is fitted by `lay_out`."""

    def derived(self, values: SimpleNamespace, clock: Clock) -> Any:
        """What the kernel needs of values."""
        return self.model.prepare(values, clock)

    def hold(self, params: Any) -> None:
        """Take what was derived."""
        self.params = params

    def add_rows(self, slots: NDArray[np.int32]) -> None:
        """Connections have no state."""

    def lay_out(self, now: int, interval: int, longest: int) -> None:
        """Fit inbox, outbox and current to the cells and to intervals from `now` on."""
        cells = self.gids.size
        self.inbox.lay_out(cells, now, interval, longest)
        places = max(1, len(self.model.currents))
        self.current = np.zeros((interval if self.has_current else 1, places * cells))
        self.out = outbox_for(cells, interval)

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
            self.mailbox.drive(model, params, rows, span, key)

    def begin_ops(self, stages: Stages) -> None:
        """Lay out what comes before stimuli drive, and the looks that are taken at the end."""
        self.blocks = {
            "state": stages.follow(lambda: self.state),
            "params": stages.follow(lambda: self.params),
            "box": stages.follow(self._box),
            "out": stages.follow(lambda: self.out),
        }
        self.check_ops(stages)
        if self.has_current:
            stages.begin.append(Op(no_current, self.blocks["box"]))
        self.inbox.begin_ops(stages)

    def _box(self) -> Box:
        box, more = self.mailbox, (self.current, self.gids, self.seed, self.grid, self.inbox.gathered)
        return Box(box.cube, box.ring, box.anchor, box.interval, *more)

    def gather_ops(self, stages: Stages) -> None:
        """Lay out what follows the driving."""
        self.inbox.gather_ops(stages, self.blocks["box"])

    def move_ops(self, stages: Stages, begin: int, end: int, watches: list[Watch]) -> None:
        """Lay out the moving of a range of cells."""
        held = (self.blocks[name] for name in ("state", "params", "box", "out"))
        op = Op(advancing(self.model.advance), *held, np.uint64(begin), np.uint64(end))
        stages.move.append(Move(op, watches))

    def sweep_ops(self, stages: Stages, joined: Joined, waves: Block, words: Ints) -> dict[str, list[Op]]:
        """The ops of a window, by the model's kernel for junctions."""
        held = [self.blocks[name] for name in ("state", "params", "box", "out")]

        def move(begin: int, end: int) -> Op:
            return Op(moving(self.model.coupled), *held, waves, words, np.uint64(begin), np.uint64(end))

        return sweep_ops(self, stages, joined, waves, move)

    def pages(self, origin: int) -> list[Floats]:
        """Spikes, and current where there is any."""
        return [self.mailbox.page(origin), *([self.current] if self.has_current else [])]

    def end_ops(self, stages: Stages) -> None:
        """Lay out what follows the exchange at an interval's edge."""
        self.inbox.clear_ops(stages, self.blocks["box"], self.blocks["out"])

    def catch_up(self, cells: Ints, now: int) -> None:
        """States are always those of the last step."""

    def changed(self, cells: Ints, now: int) -> None:
        """The next step goes on from what is there."""

    # ---- what can be seen ------------------------------------------------------------------------

    def sample(self, name: str, cells: Ints, now: int, into: Floats) -> None:
        """A state of some cells at the end of step `now`."""
        take(self.arrays()[name], cells, into)

    def finite_states(self) -> list[str]:
        """All of them."""
        return list(self.arrays())

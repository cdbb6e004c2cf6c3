"""A kind of group of the toy wing: it moves its cells one after another, each through all steps of a span."""

from collections.abc import Callable
from functools import cache
from typing import ClassVar

import numpy as np

from parsim.jit import DONE, Op, inner, kernel_over, opened, within
from parsim.kernels.order import take
from parsim.shard.coupled.gap import Gap
from parsim.shard.coupled.sweeping import sweep_ops
from parsim.shard.coupled.window import FIRST
from parsim.shard.group import AbstractGroup, check
from parsim.shard.inputs import NO_EVENTS
from parsim.shard.mailbox import Box, Mailbox, page_at
from parsim.shard.outbox import emit, outbox
from parsim.shard.stages import Move


@cache
def walking(step: Callable[..., bool]) -> Callable[..., None]:
    """The loop over cells and their steps, made over a model's kernel."""
    step = within(step)

    def loop(s, p, page, first, stop, origin, begin, end, out):
        for i in range(begin, end):
            for k in range(first, stop):
                if step(s, p, page, k - origin, i):
                    emit(out, i, k + 1)

    return kernel_over(loop)


@cache
def walking_op(step):
    loop = inner(walking(step))

    def op(at, first, stop, origin):
        state, params, box_at, out_at, begin, end = opened(at)
        box = opened(box_at)
        k = page_at(box, origin)
        page = box.ring[k : k + box.interval]
        loop(opened(state), opened(params), page, first, stop, origin, begin, end, opened(out_at))
        return DONE

    return op


@cache
def walking_joined(step: Callable[..., bool]) -> Callable[..., None]:
    """The same where cells are joined."""
    step = within(step)

    def loop(s, p, page, gap, first, stop, origin, begin, end, out):
        for i in range(begin, end):
            for k in range(first, stop):
                if step(s, p, page, gap, k - origin, k - gap.first, i):
                    emit(out, i, k + 1)

    return kernel_over(loop)


@cache
def walking_joined_op(step):
    loop = inner(walking_joined(step))

    def op(at, first, stop, origin):
        state, params, box_at, out_at, waves_at, words, begin, end = opened(at)
        box, waves = opened(box_at), opened(waves_at)
        k = page_at(box, origin)
        page, gap = box.ring[k : k + box.interval], Gap(waves.g, waves.drive, waves.wave, words[FIRST])
        loop(opened(state), opened(params), page, gap, first, stop, origin, begin, end, opened(out_at))
        return DONE

    return op


class ToyGroup(AbstractGroup):
    """Cells that are moved one after another."""

    clocked: ClassVar[bool] = True
    block: ClassVar[int] = 16

    def __init__(self, model, seed, grid):
        super().__init__(model, seed, grid)
        self.inbox = Mailbox(len(model.ports))
        self.out = outbox(0)

    def make_place(self, before):
        pass

    def derived(self, values, clock):
        return self.model.prepare(values, clock)

    def hold(self, params):
        self.params = params

    def add_rows(self, slots):
        pass

    def lay_out(self, now, interval, longest):
        self.inbox.lay_out(self.gids.size, now, interval, longest)
        self.out = outbox(self.gids.size * interval)

    def driven_by(self, into):
        pass

    def drive(self, model, params, rows, span, key):
        self.inbox.drive(model, params, rows, span, key)

    def begin_ops(self, stages):
        self.blocks = {
            "state": stages.follow(lambda: self.state),
            "params": stages.follow(lambda: self.params),
            "box": stages.follow(self._box),
            "out": stages.follow(lambda: self.out),
        }
        columns = stages.follow(lambda: tuple(values for _, values in self.finite_columns()))
        stages.collect.append(Op(check, columns, self.blocks["out"], self.gids.size, self.inbox.interval))
        self.inbox.begin_ops(stages)

    def _box(self):
        box, nothing = self.inbox, np.zeros((1, 0))
        return Box(
            box.cube, box.ring, box.anchor, box.interval, nothing, self.gids, self.seed, self.grid, NO_EVENTS
        )

    def gather_ops(self, stages):
        self.inbox.gather_ops(stages, self.blocks["box"])

    def move_ops(self, stages, begin, end, watches):
        held = (self.blocks[name] for name in ("state", "params", "box", "out"))
        stages.move.append(Move(Op(walking_op(self.model.step), *held, begin, end), watches))

    def sweep_ops(self, stages, joined, waves, words):
        held = [self.blocks[name] for name in ("state", "params", "box", "out")]

        def move(begin, end):
            return Op(walking_joined_op(self.model.coupled), *held, waves, words, begin, end)

        return sweep_ops(self, stages, joined, waves, move)

    def end_ops(self, stages):
        self.inbox.clear_ops(stages, self.blocks["box"], self.blocks["out"])

    def catch_up(self, cells, now):
        pass

    def changed(self, cells, now):
        pass

    def sample(self, name, cells, now, into):
        take(self.arrays()[name], cells, into)

    def finite_states(self):
        return list(self.arrays())

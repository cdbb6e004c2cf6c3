"""Spikes through connections that have a kernel of their own: the loop over spikes and rows, made over it."""

from collections.abc import Callable
from functools import cache
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Ints, with_new
from parsim.clock import Clock, time_of
from parsim.jit import DONE, Block, Op, inner, kernel_over, opened, within
from parsim.kernels.rows import of_row, shared_in
from parsim.kernels.sources import Sources, rows_from
from parsim.shard.stages import Stages


class Spike(NamedTuple):
    """A spike, as a connection hears of it: when its source fired, in ms, and how long before the end of which step."""

    time: float
    step: int
    offset: float


class Walk(NamedTuple):
    """What is walked for a spike: the rows of its source, where each leads and how late; as in `Table`."""

    sources: Sources
    slot: NDArray[np.int32]
    delay: NDArray[Any]


@cache
def transmitting(transmit: Callable[..., float]) -> Callable[..., None]:
    """The loop that adds what each row brings to a mailbox, where the step in which it is read will find it.

    Spikes are in order of (time, gid), so a row meets those of its source in order of time.
    """
    transmit = within(transmit)

    def loop(walk, state, params, gids, steps, offsets, grid, anchor, ring):
        n, d = np.uint64(ring.shape[0]), shared_in(walk.delay)
        for j in range(gids.size):
            begin, end = rows_from(walk.sources, gids[j])
            if begin == end:
                continue
            base = np.uint64((steps[j] - 1 - anchor) % ring.shape[0])
            spike = Spike(time_of(grid, steps[j]) - offsets[j], steps[j], offsets[j])
            for row in range(begin, end):
                at = base + np.uint64(of_row(walk.delay, d, row))
                ring[at if at < n else at - n, np.uint64(walk.slot[row])] += transmit(
                    state, params, row, spike
                )

    return kernel_over(loop)


@cache
def transmitting_op(transmit: Callable[..., float]) -> Callable[..., int]:
    """An op that takes the interval's spikes through the rows of a table."""
    loop = inner(transmitting(transmit))

    def op(at, first, stop, origin):
        walk_at, state, params, grid, box_at, found_at = opened(at)
        box, found = opened(box_at), opened(found_at)
        n = found.count[0]
        loop(
            opened(walk_at), opened(state), opened(params), found.gids[:n], found.steps[:n], found.offsets[:n], grid,
            box.anchor, box.flat,
        )  # fmt: skip
        return DONE

    return op


class Transmission:
    """The parameters and the state of the rows of a table, and how spikes go through them.

    `values` are what was said of each row, `params` what the kernel needs of them; `state` is [row].
    """

    def __init__(self, synapse: Any, values: SimpleNamespace, clock: Clock, n: int) -> None:
        self.synapse, self.values, self.n, self.clock = synapse, values, n, clock
        self.grid = clock.for_kernels
        self.prepare()
        self.begin_anew()

    def prepare(self) -> None:
        """What the kernel needs of the values as they are now."""
        self.params = self.synapse.prepare(self.values, self.clock)

    def begin_anew(self) -> None:
        """As at the beginning."""
        self.state = self.synapse.new_state(self.values, self.n)

    def columns(self) -> dict[str, Any]:
        """The state by name, each [row]."""
        return self.synapse.by_name(self.state)  # type: ignore[no-any-return]

    def put(self, name: str, rows: Ints | None, values: Any) -> bool:
        """New values of some rows, or of all; is `name` what they remember, and not what was said of them?"""
        if name in (state := self.columns()):
            state[name][slice(None) if rows is None else rows] = values
            return True
        said = vars(self.values)
        if name == "delay" and values.dtype.kind != "f":
            values = np.asarray(self.clock.times(values.astype(np.int64)))
        said[name] = with_new(said[name], rows, values, self.n)
        return False

    def ops(self, stages: Stages, walk: Block, box: Block) -> None:
        """Lay out the same, for the mailbox in `box`."""
        state, params = stages.follow(lambda: self.state), stages.follow(lambda: self.params)
        op = transmitting_op(self.synapse.transmit)
        stages.deliver.append(Op(op, walk, state, params, self.grid, box, stages.found))

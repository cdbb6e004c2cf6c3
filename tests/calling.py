"""Ops, called as the compiled loop calls them."""

from typing import Any

import numpy as np

from parsim.jit import DONE, Block, Op, addresses, call, driver, opened
from parsim.shard.found import Found, found_spikes
from parsim.shard.stages import Stages


def first_of(at, first, stop, origin):
    """Call the first of some ops."""
    (ops,) = opened(at)
    return call(ops.function[0], ops.at[0], first, stop, origin)


def call_all(ops: list[Op], first: int, stop: int, origin: int) -> None:
    """One after another, each again until it has done its part."""
    for op in ops:
        block = Block((addresses([op]),), op)
        act: Any = driver(first_of, block, 0, 0, 0)
        while act(block.address, first, stop, origin) != DONE:
            op.answer()


def no_stages() -> Stages:
    """Nothing to do yet."""
    return Stages(Block(found_spikes(1, precise=True)))


def put_spikes(stages: Stages, gids: Any, steps: Any, offsets: Any) -> None:
    """These are the spikes of the interval, in order."""
    found: Found = found_spikes(max(1, len(gids)), precise=True)
    n = len(gids)
    found.gids[:n], found.steps[:n], found.offsets[:n] = gids, steps, np.asarray(offsets, float)
    found.count[0] = n
    stages.found.put(found)

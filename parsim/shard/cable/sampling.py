"""What is seen of the cells of a group: from their blocks, or as they are moved from where they are."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.jit import Block, Op
from parsim.shard.cable.block import CableBlock
from parsim.shard.cable.block_ops import act, sample_lanes
from parsim.shard.stages import in_turn


def sample(group: Any, column: Any, cells: Ints, now: int, into: Floats) -> None:
    """A variable of some cells at the end of step `now`."""
    for block, here, lanes in _by_block(group, cells):
        ops, row = _seen(block, column)
        act(ops, now - 1)
        into[here] = row[lanes]


def sample_op(group: Any, column: Any, into: Block) -> Op:
    """What takes samples of a variable, to where the `Samples` in a block say."""
    cells, ops = into.value.cells, list[Op]()
    if group.forest is not None:
        return in_turn(group.forest.sample_op(group, column, cells, into))
    for block, here, lanes in _by_block(group, cells):
        shows, row = _seen(block, column)
        ops += [*shows, Op(sample_lanes, (row,), lanes, here, into)]
    return in_turn(ops)


def _by_block(group: Any, cells: Ints) -> Iterator[tuple[CableBlock, Ints, Ints]]:
    """Blocks, which of some cells are there, and in which lanes."""
    for k in np.unique(cells // group.block):
        here = np.flatnonzero(cells // group.block == k)
        yield group.held[k], here, cells[here] % group.block


def _seen(block: CableBlock, column: Any) -> tuple[list[Op], Floats]:
    """A row [lane], and what brings it up to date."""
    if column.array[0] != "observed":
        return [], block.array(column.array)[column.shows]
    at = block.number(column.array[1])
    p = block.planted[at]
    out = np.zeros((len(p.mechanism.observed), len(p.nodes) * block.lanes))
    row: Floats = out[column.array[2]].reshape(-1, block.lanes)[column.shows]
    return [block.acts.observe(at, out)], row

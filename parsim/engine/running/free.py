"""Groups of which no cell is bound to others within an interval: who of them are moved together, and how."""

from itertools import pairwise

import numpy as np

from parsim.engine.built import Built
from parsim.engine.running.watching import Watching
from parsim.shard.group import AbstractGroup
from parsim.shard.stages import Move, Stages, Watch, in_turn


def free_groups(built: Built) -> list[AbstractGroup]:
    """Groups of which no cell is bound to others within an interval; those of a kind may agree to be moved together,
    unless some cells stand still.
    """
    groups, bound = list(built.groups.values()), (built.relaxer.is_coupled, built.linker.is_linked)
    free = [group for group in groups if group.block is not None and not any(is_so(group) for is_so in bound)]
    going = [group for group in free if not group.frozen.any()]
    kinds: list[type[AbstractGroup]] = list(dict.fromkeys(map(type, groups)))
    for kind in kinds:
        kind.gather(*([group for group in some if type(group) is kind] for some in (groups, going)))
    return free


def move_free(free: list[AbstractGroup], stages: Stages, watching: Watching) -> None:
    """Lay out their moving."""
    for group in free:
        assert group.block is not None
        for begin, end, watches in watching.ranges(group, group.block):
            _move_those_that_go(group, stages, begin, end, watches)


def _move_those_that_go(
    group: AbstractGroup, stages: Stages, begin: int, end: int, watches: list[Watch]
) -> None:
    """Lay out the moving of a range of cells but for those that stand still; these are sampled all the same."""
    if not group.frozen[begin:end].any():
        group.move_ops(stages, begin, end, watches)
        return
    edges = np.flatnonzero(np.diff(group.frozen[begin:end])) + 1 + begin
    laid_out = len(stages.move)
    for first, stop in pairwise([begin, *edges.tolist(), end]):
        if not group.frozen[first]:
            group.move_ops(stages, first, stop, [])
    ops = [move.op for move in stages.move[laid_out:]]
    stages.move[laid_out:] = [Move(in_turn(ops), watches)]

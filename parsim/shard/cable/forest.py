"""Unequal cells that are moved together: each alone in a block of its own, of models that have the same mechanisms.

Blocks keep what they hold. Before an interval a forest takes what was set, and after it gives back what has moved; in
between its kernels go over the compartments of all cells, in the order of their levels (`kernels/levels.py`). No bit
hangs on it, so who is in a forest is a matter of speed alone.
"""

from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.jit import DONE, FAILED, Op, addresses, inner, opened
from parsim.kernels.ions import Ion
from parsim.kernels.levels import Levels, begin_levels, levels_of, solve_levels
from parsim.kernels.tree import Matrix, Tree
from parsim.shard.cable import detector as detectors
from parsim.shard.cable.block import Bundles, CableBlock, Planted, Seat, runs_of
from parsim.shard.cable.block_ops import take_steps
from parsim.shard.cable.block_steps import Acts, seated
from parsim.shard.cable.detector import remember
from parsim.shard.stages import Stages

FEWEST = 4  # fewer cells are as fast in blocks of their own
SHORTEST = 4  # steps of an interval: where it is shorter, what is given back takes as long as is won
COMPARTMENTS = 8192  # of a forest, about: more leave the second-level cache


class Held(NamedTuple):
    """An array of a block, that of the forest, and where each number of the former is in the latter."""

    own: Floats
    common: Floats
    at: Ints


def is_lone(group: Any) -> bool:
    """Has a group of cable cells one that may be moved in a forest? Nothing reaches it in its steps."""
    reached = group.reception is not None or group.mailbox.interval < SHORTEST
    return group.gids.size == 1 and not reached and _fits(group.held[0])


def _fits(block: CableBlock) -> bool:
    return (
        block.lanes == 1
        and block.parting is None
        and not block.senders
        and block.bundles.matrix.before.size == 0
        and not any(runs.size for nernst in block.nernst.values() for runs in nernst)
        and not any(p.mechanism.streams or p.contacts or p.played for p in block.planted)
        and all(set(ion.write) <= {f"i{ion.name}"} for p in block.planted for ion in p.mechanism.ions)
    )


def lone_ops(stages: Stages) -> list[Op]:
    """The ops that move groups of one cell: forests of those that can be in one, and the others by themselves."""
    kinds: dict[Any, list[Any]] = {}
    for group in stages.lone:
        kinds.setdefault(_kind(group.held[0]), []).append(group)
    found = list[Op]()
    for alike in kinds.values():
        size = sum(group.held[0].volts.size for group in alike)
        parts = max(1, min(-(-size // COMPARTMENTS), len(alike) // FEWEST))
        for k in range(parts):
            some = alike[k * len(alike) // parts : (k + 1) * len(alike) // parts]
            if len(some) < FEWEST:
                found += [op for group in some for op in group.step_ops(stages)]
            else:
                found.append(Forest(some).op())
    return found


def _kind(block: CableBlock) -> Any:
    """What cells of a forest have in common."""
    seats = tuple(
        (id(p.mechanism), p.constant, tuple(seat.shared))
        for p, seat in zip(block.planted, block.bundles.seats, strict=True)
    )
    return (
        seats,
        tuple(block.ions),
        block.bundles.valences,
        block.bundles.celsius,
        block.detect,
        block.grid.dt,
    )


class Forest:
    """Has of a block what `Acts` asks for."""

    parting = None

    def __init__(self, groups: Sequence[Any]) -> None:
        self.groups, blocks = groups, [group.held[0] for group in groups]
        first = blocks[0]
        self.grid, self.ions = first.grid, first.ions
        order, self.levels = _levels(blocks)
        n = order.size
        place = np.empty(n, np.int64)
        place[order] = np.arange(n)
        bounds = np.cumsum([0, *(block.volts.size for block in blocks)])
        self.nodes = [place[a:b] for a, b in pairwise(bounds)]
        seats, self.instances, self.planted = _seats(blocks, self.nodes)
        self.bundles = Bundles(
            tree=_tree(blocks, order, self.levels),
            matrix=_matrix(blocks, order),
            volts=np.zeros(n),
            ions=tuple(Ion(*(np.zeros(n) for _ in Ion._fields)) for _ in self.ions),
            valences=first.bundles.valences,
            seats=seats,
            celsius=first.bundles.celsius,
            detector=detectors.NONE,
        )
        self.wrong = np.full(1, -1, np.int64)

    def op(self) -> Op:
        """Moves all cells."""
        b, grid = self.bundles, self.grid
        acts = Acts(self, seated(self.planted, trapezoid=False), trapezoid=False)
        steps = [
            op for s in acts.seatings if not s.constant for op in acts.current(s, b.matrix.d, b.matrix.rhs)
        ]
        steps.append(Op(stepping, self.levels, b.matrix, b.volts))
        takes, gives = [], []
        for k, group in enumerate(self.groups):
            block, out = group.held[0], group.blocks["out"]
            d, name = block.bundles.detector, block.detect
            here = d._replace(first=int(self.nodes[k][d.first]))
            if name != "nothing":
                steps.append(Op(looking(getattr(detectors, name)), b.volts, here, grid, out))
            moving, still = self._held(k)
            seen = np.full(1, -1, np.int64)
            takes.append(Op(take, (*moving, *still), block.settled, seen, b.volts, here))
            gives.append(Op(give, moving, self.wrong, group.wrong[0]))
        steps += acts.finish()
        lists = [addresses(ops) for ops in (takes, steps, gives)]
        return Op(moving_together, *lists, self.levels, b.matrix, self.wrong, parts=[takes, steps, gives])

    def _held(self, k: int) -> tuple[tuple[Held, ...], tuple[Held, ...]]:
        """Of a cell, what moves, and what stays as it is until something is set."""
        own, b, nodes = self.groups[k].held[0].bundles, self.bundles, self.nodes[k]
        moving = [Held(own.volts, b.volts, nodes)]
        moving += [Held(getattr(own.matrix, x), getattr(b.matrix, x), nodes) for x in ("d", "rhs")]
        still = [Held(getattr(own.matrix, x), getattr(b.matrix, x), nodes) for x in ("base", "drive")]
        for mine, ours in zip(own.ions, b.ions, strict=True):
            still += [Held(getattr(mine, x), getattr(ours, x), nodes) for x in ("e", "inside", "outside")]
            moving.append(Held(mine.current, ours.current, nodes))
        for p, mine, ours, at in zip(self.planted, own.seats, b.seats, self.instances[k], strict=True):
            params = {param.name for param in p.mechanism.params}
            for name in mine.kept._fields:
                held = Held(getattr(mine.kept, name), getattr(ours.kept, name), at)
                (still if name in params else moving).append(held)
        return tuple(moving), tuple(still)


def _levels(blocks: Sequence[CableBlock]) -> tuple[Ints, Levels]:
    """Marks tell nodes apart on which other mechanisms move, so that these stand together."""
    parents, marks, first = [], [], 0
    for block in blocks:
        parent = block.bundles.tree.parent
        parents.append(np.where(parent < 0, -1, parent + first))
        mark = block.bundles.matrix.changes != 0
        columns = [mark]
        for p in block.planted:
            columns.append(np.zeros(mark.size, bool))
            columns[-1][list(p.nodes)] = not p.constant
        marks.append(np.array(columns).T)
        first += mark.size
    together = np.concatenate(marks)
    _, number = np.unique(together, axis=0, return_inverse=True)
    to_parent = np.concatenate([block.bundles.tree.to_parent for block in blocks])
    return levels_of(np.concatenate(parents), to_parent, number.reshape(-1), together[:, 0].astype(np.int64))


def _tree(blocks: Sequence[CableBlock], order: Ints, levels: Levels) -> Tree:
    def joined(name: str) -> Floats:
        found: Floats = np.concatenate([getattr(block.bundles.tree, name) for block in blocks])[order]
        return found

    cm, patch, area, diam = map(joined, ("cm", "patch", "area", "diam"))
    return Tree(levels.parent, levels.to_parent, cm, patch, area, diam, 1)


def _matrix(blocks: Sequence[CableBlock], order: Ints) -> Matrix:
    matrices = [block.bundles.matrix for block in blocks]
    columns = {
        name: np.concatenate([getattr(m, name) for m in matrices])[order]
        for name in ("d", "rhs", "base", "drive", "rate", "changes")
    }
    return matrices[0]._replace(**columns)


def _seats(
    blocks: Sequence[CableBlock], nodes: Sequence[Ints]
) -> tuple[tuple[Seat, ...], list[list[Ints]], list[Planted]]:
    """Mechanisms on all cells, where instances of each cell are among these, and how they are planted."""
    seats, planted = list[Seat](), list[Planted]()
    instances: list[list[Ints]] = [[] for _ in blocks]
    for s, (p, seat) in enumerate(zip(blocks[0].planted, blocks[0].bundles.seats, strict=True)):
        at = [here[list(block.planted[s].nodes)] for block, here in zip(blocks, nodes, strict=True)]
        everywhere = np.concatenate(at)
        order = np.argsort(everywhere, kind="stable")
        place = np.empty(order.size, np.int64)
        place[order] = np.arange(order.size)
        bounds = np.cumsum([0, *map(len, at)])
        for k in range(len(blocks)):
            instances[k].append(place[bounds[k] : bounds[k + 1]])
        kept = type(seat.kept)(*(np.zeros(order.size) for _ in seat.kept))
        covered = everywhere[order].tolist()
        seats.append(seat._replace(kept=kept, runs=runs_of(covered, 1)))
        planted.append(Planted(p.mechanism, covered))
    return tuple(seats), instances, planted


# ---- as ops -----------------------------------------------------------------------------------------


def take(at, first, stop, origin):
    """What a block holds, if anything was set in it since it was last taken."""
    held, settled, seen, volts, detector = opened(at)
    if seen[0] != settled[0]:
        seen[0] = settled[0]
        for h in held:
            for k in range(h.at.size):
                h.common[h.at[k]] = h.own[k]
    remember(detector, volts)
    return DONE


def give(at, first, stop, origin):
    """What has moved, to a block; if something went wrong, in which step it was that."""
    held, wrong, own = opened(at)
    for h in held:
        for k in range(h.at.size):
            h.own[k] = h.common[h.at[k]]
    d, rhs = held[1], held[2]
    if wrong[0] >= 0 and not abs(rhs.own[0] * d.own[0]) < np.inf:
        own[0] = wrong[0]
    return DONE


def stepping(at, first, stop, origin):
    """Voltages of all cells a step on."""
    levels, matrix, volts = opened(at)
    return DONE if solve_levels(levels, matrix, volts) else FAILED


@cache
def looking(detect: Callable[..., None]) -> Callable[..., int]:
    """An op that looks for a spike of one cell."""
    detect = inner(detect)

    def op(at, first, stop, origin):
        volts, detector, grid, out = opened(at)
        detect(detector, volts, first, grid, opened(out), 0)
        remember(detector, volts)
        return DONE

    return op


def moving_together(at, first, stop, origin):
    """Steps of a forest."""
    takes, steps, gives, levels, matrix, wrong = opened(at)
    take_steps(takes, first, first + 1, origin)
    begin_levels(levels, matrix)
    status = DONE
    for step in range(first, stop):
        status = take_steps(steps, step, step + 1, origin)
        if status != DONE:
            wrong[0] = step
            break
    take_steps(gives, first, first + 1, origin)
    return status

"""Unequal cells that are moved together: each of a model of which there are few here, with the same mechanisms.

Blocks keep what cells are. Before a run a forest takes what was set, and after it gives back what has moved; in between
its kernels go over the compartments of all cells, in the order of their levels (`kernels/levels.py`). No bit hangs on
it, so who is in a forest is a matter of speed alone.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.jit import Block, Op, addresses
from parsim.kernels.ions import Ion
from parsim.shard.cable import block_ops, detector, forest_ops
from parsim.shard.cable.block_ops import act
from parsim.shard.cable.block_steps import Acts, Heard, seated
from parsim.shard.cable.detector import Detector
from parsim.shard.cable.forest_ops import AT_ONCE, GOES_ON, WORDS, WRONG, Due, Held, Looks
from parsim.shard.cable.planting import Stem, kind_of, plant
from parsim.shard.events.queue import Queue
from parsim.shard.stages import Move, Stages, Watch

FEWEST = 2  # cells of a forest: one alone is faster in a block
FEW, ALONE = 8, 6  # cells of a model, up to which they are in forests, with others or by themselves
COMPARTMENTS = 8192  # of a forest, about: more leave the second-level cache


class Forest:
    """Has of a block what `Acts` asks for."""

    parting = None
    lanes = 1

    def __init__(self, groups: Sequence[Any]) -> None:
        self.groups = groups
        self.stems = [Stem(g, g.held[0], lane) for g in groups for lane in range(g.gids.size)]
        first = self.stems[0].block
        self.grid, self.ions, self.detect = first.grid, first.ions, first.detect
        ground = plant(self.stems)
        self.bundles, self.planted, self.levels = ground.bundles, ground.planted, ground.levels
        self.nernst, self.flows, self.spreads = ground.nernst, ground.flows, ground.spreads
        self.nodes, self.instances = ground.nodes, ground.instances
        self.acts = Acts(self, seated(self.planted, first.acts.trapezoid), first.acts.trapezoid)
        self.senders = [s.at for s in self.acts.seatings if "watch" in s.kernels]
        self.sent: list[Queue] = [first.room_to_send(len(self.planted[s].nodes)) for s in self.senders]
        self.words = np.zeros(WORDS, np.int64)
        self.words[[GOES_ON, WRONG]] = -1
        self._watches: list[Watch] = []
        self._come = 0

    def kept(self, at: int) -> Any:
        """What the instances of the mechanism keep that moves as the how manyth."""
        return self.bundles.seats[at].kept

    def ion(self, name: str) -> Ion:
        """An ion's arrays [compartment]."""
        found: Ion = self.bundles.ions[self.ions.index(name)]
        return found

    def come_home(self) -> None:
        """Blocks hold what their cells have become, and in which step something went wrong."""
        act([self._home], 0)
        if (step := int(self.words[WRONG])) >= 0:
            roots, matrix = [int(nodes[0]) for nodes in self.nodes], self.bundles.matrix
            with np.errstate(all="ignore"):
                found = matrix.rhs[roots] * matrix.d[roots]
            for k in np.flatnonzero(~np.isfinite(found)).tolist():
                self.stems[k].group.wrong[0][0] = step

    # ---- what can be seen ------------------------------------------------------------------------

    def sample_op(self, group: Any, column: Any, cells: Ints, into: Block) -> list[Op]:
        """What takes samples of some cells of a group."""
        first = next(k for k, stem in enumerate(self.stems) if stem.group is group)
        kind, *names = column.array
        if kind in ("v", "ion"):
            row = self.bundles.volts if kind == "v" else getattr(self.ion(names[0]), names[1])
            at = [int(self.nodes[first + c][column.shows]) for c in cells.tolist()]
            return [self._take(row, at, into)]
        s = self.stems[0].block.number(names[0])
        at = [int(self.instances[first + c][s][column.shows]) for c in cells.tolist()]
        if kind == "kept":
            return [self._take(getattr(self.kept(s), names[1]), at, into)]
        p = self.planted[s]
        out = np.zeros((len(p.mechanism.observed), len(p.nodes)))
        runs = np.array([(here, p.nodes[here], 1) for here in at], np.int64)
        return [self.acts.observe(s, out, runs), self._take(out[names[1]], at, into)]

    def _take(self, row: Floats, at: list[int], into: Block) -> Op:
        return Op(block_ops.sample_lanes, (row,), np.array(at, np.int64), np.arange(len(at)), into)

    # ---- how it moves ----------------------------------------------------------------------------

    def move_with(self, stages: Stages, watches: list[Watch]) -> None:
        """A group of the forest has come to be moved, and who samples it; with the last of them all are."""
        self._watches += watches
        self._come += 1
        if self._come == len(self.groups):
            stages.move.append(Move(self._op(stages), self._watches))

    def _op(self, stages: Stages) -> Op:
        b, words = self.bundles, self.words
        takes, gives = list[Op](), list[Op]()
        for k, stem in enumerate(self.stems):
            moving, still = self._held(k)
            settled, seen = stem.block.settled, np.full(1, -1, np.int64)
            takes += [Op(forest_ops.taking, some, settled, seen) for some in _few(moving + still)]
            takes.append(Op(forest_ops.taken, settled, seen))
            gives += [Op(forest_ops.giving, some) for some in _few(moving)]
        self._home = Op(forest_ops.coming_home, addresses(gives), words, parts=gives)
        stages.homes.append(self.come_home)
        foresees, hears = self._hear(stages)
        looks, found = self._looks()
        steps = [
            *hears,
            *self.acts.membrane(),
            Op(forest_ops.stepping, self.levels, b.tree, b.matrix, b.volts),
            *([Op(forest_ops.looking, looks, b.volts, parts=found)] if found else []),
            *self.acts.finish(),
        ]
        interval = self.stems[0].group.mailbox.interval
        stages.collect += [Op(forest_ops.checking, column, interval) for column in self._states()]
        lists = [addresses(ops) for ops in (takes, foresees, steps)]
        parts = [takes, foresees, steps]
        given = (*lists, looks, self.levels, b.matrix, b.volts, words)
        return Op(forest_ops.moving_together, *given, make_room=lambda: self._make_room(stages), parts=parts)

    def _make_room(self, stages: Stages) -> None:
        for group in self.groups:
            group.reception.make_room()
        stages.refresh()

    def _held(self, k: int) -> tuple[list[Held], list[Held]]:
        """Of a cell, what moves, and what stays as it is until something is set."""
        stem, b, nodes = self.stems[k], self.bundles, self.nodes[k]
        own = stem.block.bundles

        def held(mine: Any, ours: Any, names: Sequence[str], at: Ints) -> list[Held]:
            where = stem.lane, stem.block.lanes
            return [Held(getattr(mine, x), *where, getattr(ours, x), at) for x in names]

        moving = [*held(own, b, ["volts"], nodes), *held(own.matrix, b.matrix, ["d", "rhs"], nodes)]
        still = held(own.matrix, b.matrix, ["base", "drive"], nodes)
        for x, mine, ours in zip(self.ions, own.ions, b.ions, strict=True):
            moving += held(mine, ours, ["current"], nodes)
            rest = held(mine, ours, ["e", "inside", "outside"], nodes)
            (moving if self._writes(x) else still).extend(rest)
        for p, mine, ours, at in zip(self.planted, own.seats, b.seats, self.instances[k], strict=True):
            follows = {one.name for one in p.played}
            for name in mine.kept._fields:
                moves = name in follows or p.mechanism.may_write(name)
                (moving if moves else still).extend(held(mine.kept, ours.kept, [name], at))
        return moving, still

    def _writes(self, x: str) -> bool:
        """Does any mechanism write more of an ion than its current?"""
        uses = (ion for p in self.planted for ion in p.mechanism.ions if ion.name == x)
        return any(set(ion.write) - {f"i{x}"} for ion in uses)

    def _states(self) -> tuple[Floats, ...]:
        """Those that must stay numbers."""
        kept = [getattr(self.kept(k), x.name) for k, p in enumerate(self.planted) for x in p.mechanism.states]
        return (*kept, *(self.ion(x).inside for x in self.ions))

    def _looks(self) -> tuple[Looks, list[Op]]:
        """Where cells look for spikes."""
        stems = [] if self.detect == "nothing" else self.stems
        detectors = [stem.block.bundles.detector for stem in stems]
        node = [
            self.nodes[k][d.first // stem.block.lanes]
            for k, (stem, d) in enumerate(zip(stems, detectors, strict=True))
        ]
        before, detect = np.zeros(len(stems)), block_ops.detecting(getattr(detector, self.detect))
        found = [
            Op(
                detect,
                self.bundles.volts,
                Detector(int(node[k]), d.threshold, before[k : k + 1]),
                self.grid,
                stems[k].group.blocks["out"],
                stems[k].lane,
            )
            for k, d in enumerate(detectors)
        ]
        thresholds = np.array([d.threshold for d in detectors], float)
        return Looks(np.array(node, np.int64), thresholds, before, addresses(found)), found

    def _hear(self, stages: Stages) -> tuple[list[Op], list[Op]]:
        """What is called as an interval begins, and in each step; what waits after the last of these."""
        heard = self._heard()
        if not heard:
            return [], []
        grid, words, b = self.grid, self.words, self.bundles
        next_due = np.full(sum(h.entries.next.size for h in heard), np.inf)
        start = np.cumsum([0, *(h.entries.next.size for h in heard)])
        for k, h in enumerate(heard):
            heard[k] = h._replace(entries=h.entries._replace(next=next_due[start[k] : start[k + 1]]))
        foresees = [Op(forest_ops.foreseeing, h.entries, h.box, h.queue) for h in heard]
        keeps = [Op(forest_ops.keeping, h.entries, grid, h.box, h.queue) for h in heard]
        alone = []
        for stem, h in zip(self.stems, heard, strict=True):
            ops = self.acts.receive(h, stem.group.blocks["out"])
            alone.append(Op(forest_ops.hearing_alone, addresses(ops), h.queue, parts=ops))
        due = Due(next_due, start[:-1], addresses(alone))
        step = [*self._watch(heard), Op(forest_ops.hearing, due, heard[0].entries, grid, words, parts=alone)]
        if any(s.mechanism.sets_voltage for s in self.acts.seatings):
            step.append(Op(forest_ops.beginning, b.tree, b.matrix, b.volts, words))
        rest = due._replace(ops=addresses(keeps)), grid, words
        stages.collect.append(
            Op(forest_ops.keeping_rest, *rest, make_room=lambda: self._make_room(stages), parts=keeps)
        )
        return foresees, step

    def _watch(self, heard: list[Heard]) -> list[Op]:
        """Instances see what they wait for, and what they have sent waits."""
        found = []
        if self.senders:
            found += [Op(forest_ops.having_room, h.entries, h.queue) for h in heard]
        for s in self.acts.seatings:
            if "watch" in s.kernels:
                sent = self.acts.sent(s)
                found += self.acts.watch(s, sent)
                found += [Op(forest_ops.handing, h.entries, h.queue, s.at, sent) for h in heard]
        return found

    def _heard(self) -> list[Heard]:
        """What reaches each cell, at its places in the forest."""
        found = []
        for k, stem in enumerate(self.stems):
            if (heard := stem.group.heard(0)) is None:
                return []
            e = heard.entries
            row = [self.instances[k][s][r] for s, r in zip(e.seat.tolist(), e.row.tolist(), strict=True)]
            own = e._replace(
                row=np.array(row, np.int64), node=self.nodes[k][e.node], first=stem.lane, lanes=1
            )
            found.append(heard._replace(entries=own))
        return found


def _few(held: list[Held]) -> list[tuple[Held, ...]]:
    """So many at a time that an op takes them."""
    none = Held(np.zeros(0), 0, 1, np.zeros(0), np.zeros(0, np.int64))
    held = held + [none] * (-len(held) % AT_ONCE)
    return [tuple(held[k : k + AT_ONCE]) for k in range(0, len(held), AT_ONCE)]


# ---- who is moved together ---------------------------------------------------------------------------


def gather(groups: Sequence[Any]) -> None:
    """Groups of cable cells come to forests, where these move them faster."""
    kinds: dict[Any, list[Any]] = {}
    for group in groups:
        if 0 < group.gids.size <= FEW and group.held[0].parting is None:
            kinds.setdefault(kind_of(group.held[0]), []).append(group)
    for alike in kinds.values():
        if len(alike) == 1 and alike[0].gids.size > ALONE:
            continue
        cells, size = (sum(of(group) for group in alike) for of in (_cells, _size))
        parts = max(1, min(-(-size // COMPARTMENTS), cells // FEWEST))
        begins = np.searchsorted(np.cumsum(list(map(_size, alike))), np.arange(parts) * size / parts)
        for a, b in pairwise([*begins.tolist(), len(alike)]):
            if sum(map(_cells, alike[a:b])) >= FEWEST:
                forest = Forest(alike[a:b])
                for group in alike[a:b]:
                    group.forest = forest


def _cells(group: Any) -> int:
    return int(group.gids.size)


def _size(group: Any) -> int:
    return int(group.held[0].volts.size)

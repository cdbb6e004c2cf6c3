"""What the arrays of unequal cells become where these are moved together: one tree of many, its mechanisms, its ions.

Nodes of all cells are in the order of their levels (`kernels/levels.py`). Where those of each cell are is kept, for by
that what cells are goes to the forest and comes back.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Ints
from parsim.kernels.ions import Ion
from parsim.kernels.levels import Levels, levels_of
from parsim.kernels.tree import Matrix, Tree
from parsim.shard.cable import detector
from parsim.shard.cable.block import Bundles, CableBlock, Planted, Seat, Streams, runs_of
from parsim.shard.cable.reversals import Nernst, spans_of
from parsim.shard.cable.spread import Spread


class Stem(NamedTuple):
    """A cell of a forest: the lane of a block of its group."""

    group: Any
    block: CableBlock
    lane: int

    def of(self, array: Any) -> Any:
        """What is the cell's of an array of its block, [row * lanes + lane]."""
        return array.reshape(-1, self.block.lanes)[:, self.lane]


class Ground(NamedTuple):
    """A forest as a block is. `nodes` [stem] and `instances` [stem][mechanism] are places in its arrays."""

    levels: Levels
    bundles: Bundles
    planted: list[Planted]
    nernst: dict[str, Nernst]
    flows: dict[str, Ints]
    spreads: tuple[Spread, ...]
    nodes: list[Ints]
    instances: list[list[Ints]]


def plant(stems: Sequence[Stem]) -> Ground:
    """Cells of which all that `kind_of` says is alike; their arrays are still to be taken."""
    first = stems[0].block
    order, levels = _levels(stems)
    n = order.size
    place = np.empty(n, np.int64)
    place[order] = np.arange(n)
    bounds = np.cumsum([0, *(stem.block.bundles.tree.parent.size for stem in stems)])
    nodes = [place[a:b] for a, b in pairwise(bounds)]
    at = [[here[list(p.nodes)] for p in stem.block.planted] for stem, here in zip(stems, nodes, strict=True)]
    instances: list[list[Ints]] = [[] for _ in stems]
    seats, planted, spreads = list[Seat](), list[Planted](), list[Spread]()
    for s, seat in enumerate(first.bundles.seats):
        everywhere = np.concatenate([cell[s] for cell in at])
        ordered = np.argsort(everywhere, kind="stable")
        where = np.empty(ordered.size, np.int64)
        where[ordered] = np.arange(ordered.size)
        begins = np.cumsum([0, *(cell[s].size for cell in at)])
        for k, (a, b) in enumerate(pairwise(begins)):
            instances[k].append(where[a:b])
        covered = everywhere[ordered].tolist()
        seats.append(_seat(stems, s, seat, ordered, covered))
        planted.append(_planted(stems, s, covered, nodes, instances))
        spreads.append(_spread(stems, s, nodes, instances))
    ions = tuple(Ion(*(np.zeros(n) for _ in Ion._fields)) for _ in first.ions)
    bundles = first.bundles._replace(
        tree=_tree(stems, order, levels),
        matrix=_matrix(stems, order),
        volts=np.zeros(n),
        ions=ions,
        seats=tuple(seats),
        detector=detector.NONE,
    )
    nernst, flows = _of_ions(stems, nodes)
    return Ground(levels, bundles, planted, nernst, flows, tuple(spreads), nodes, instances)


def kind_of(block: CableBlock) -> Any:
    """What cells of a forest have in common."""
    seats = tuple(
        (p.mechanism.name, p.mechanism.kept, frozenset(p.mechanism.kernels.items()), p.constant, *seat.shared)
        for p, seat in zip(block.planted, block.bundles.seats, strict=True)
    )
    seeds = tuple(seat.streams.seed for seat in block.bundles.seats)
    b = block.bundles
    return (
        seats, seeds, tuple(block.ions), b.valences, b.celsius, block.detect, block.grid, block.acts.trapezoid
    )  # fmt: skip


def _levels(stems: Sequence[Stem]) -> tuple[Ints, Levels]:
    """Marks tell nodes apart on which other mechanisms move, so that these stand together."""
    parents, marks, first = [], [], 0
    for stem in stems:
        block = stem.block
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
    to_parent = np.concatenate([stem.block.bundles.tree.to_parent for stem in stems])
    return levels_of(np.concatenate(parents), to_parent, number.reshape(-1), together[:, 0].astype(np.int64))


def _tree(stems: Sequence[Stem], order: Ints, levels: Levels) -> Tree:
    trees = [stem.block.bundles.tree for stem in stems]
    cm = np.concatenate([tree.cm for tree in trees])[order]
    patch, area, diam = (
        np.concatenate([stem.of(getattr(tree, name)) for stem, tree in zip(stems, trees, strict=True)])[order]
        for name in ("patch", "area", "diam")
    )
    return Tree(levels.parent, levels.to_parent, cm, patch, area, diam, 1)


def _matrix(stems: Sequence[Stem], order: Ints) -> Matrix:
    """Rows that are taken are those of cells, so these hold nothing yet."""
    matrices = [stem.block.bundles.matrix for stem in stems]
    rate, changes = (
        np.concatenate([getattr(m, name) for m in matrices])[order] for name in ("rate", "changes")
    )
    d, rhs, base, drive = (np.zeros(order.size) for _ in range(4))
    before = np.zeros(order.size if matrices[0].before.size else 0)
    return Matrix(d, rhs, base, drive, rate, changes, before)


def _seat(stems: Sequence[Stem], s: int, seat: Seat, order: Ints, covered: list[int]) -> Seat:
    kept = type(seat.kept)(*(np.zeros(order.size) for _ in seat.kept))
    streams = seat.streams
    if streams.gid.size:
        every = [(stem, stem.block.bundles.seats[s].streams) for stem in stems]
        gid, lane = (
            np.concatenate([stem.of(getattr(own, name)) for stem, own in every])[order]
            for name in ("gid", "lane")
        )
        streams = Streams(streams.seed, streams.serial, gid, lane)
    return seat._replace(kept=kept, runs=runs_of(covered, 1), streams=streams)


def _planted(
    stems: Sequence[Stem], s: int, covered: list[int], nodes: list[Ints], instances: list[list[Ints]]
) -> Planted:
    contacts, played = [], []
    for k, stem in enumerate(stems):
        p = stem.block.planted[s]
        contacts += [
            c._replace(node=int(nodes[k][c.node]), parent=int(nodes[k][c.parent])) for c in p.contacts
        ]
        for one in p.played:
            which = np.full(len(covered), -1)
            which[instances[k][s]] = one.which
            played.append(one._replace(which=which))
    return Planted(stems[0].block.planted[s].mechanism, covered, contacts=contacts, played=played)


def _spread(stems: Sequence[Stem], s: int, nodes: list[Ints], instances: list[list[Ints]]) -> Spread:
    """One after another, each in its own order."""
    ways, first = [stem.block.spreads[s] for stem in stems], 0
    instance, compartment, parent = [], [], []
    for k, way in enumerate(ways):
        instance.append(instances[k][s][way.instance // way.lanes])
        compartment.append(nodes[k][way.compartment // way.lanes])
        parent.append(np.where(way.parent < 0, -1, way.parent + first))
        first += way.parent.size
    columns = {"instance": instance, "compartment": compartment, "parent": parent}
    columns |= {name: [getattr(way, name) for way in ways] for name in ("length", "reach")}
    joined: dict[str, Any] = {name: np.concatenate(column) for name, column in columns.items()}
    return Spread(**joined, lanes=1, d=np.zeros(first), g=np.zeros(first), rest=np.zeros(first))


def _of_ions(stems: Sequence[Stem], nodes: list[Ints]) -> tuple[dict[str, Nernst], dict[str, Ints]]:
    """Where potentials follow concentrations, and where currents flow."""

    def placed(runs: list[Ints]) -> Ints:
        found: set[int] = set()
        for here, some, stem in zip(nodes, runs, stems, strict=True):
            for first, count in (some // stem.block.lanes).tolist():
                found.update(here[first : first + count].tolist())
        return spans_of(found, 1)

    ions = stems[0].block.ions
    nernst = {
        x: Nernst(*(placed([stem.block.nernst[x][part] for stem in stems]) for part in range(2)))
        for x in ions
    }
    return nernst, {x: placed([stem.block.flows[x] for stem in stems]) for x in ions}

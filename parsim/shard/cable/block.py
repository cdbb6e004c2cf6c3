"""A block of alike cells, or of one forest: its tree, its voltages, its ions, and the mechanisms that sit on it.

`lanes` cells of one shape stand beside each other; compartment `node * lanes + lane`. Instances of a mechanism are in
the order (node, lane), and those that follow one another on compartments that do are a *run*, which kernels go through
without looking anything up.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Floats, Gids, Ints
from parsim.clock import Grid
from parsim.kernels.ions import Ion
from parsim.kernels.tree import Matrix, Tree, make_matrix, of_one_lane
from parsim.shard.cable.block_ops import act
from parsim.shard.cable.block_steps import Acts, seated, senders_of
from parsim.shard.cable.detector import Detector
from parsim.shard.cable.entries import AT_ONCE
from parsim.shard.cable.parting import Parting
from parsim.shard.cable.playing import Played, taken_rows
from parsim.shard.cable.reversals import flows_of, nernst_of
from parsim.shard.cable.spread import Contact, make_spread
from parsim.shard.events.queue import Queue, make_queue
from parsim.shard.events.waiting import with_room
from parsim.shard.outbox import outbox
from parsim.streams import CELL_NOISE


class Seat(NamedTuple):
    """The instances of one mechanism: what they keep, what they share, `runs` as (first instance, first compartment,
    how many), the values of its tables, and their random streams.
    """

    kept: Any
    shared: Any
    runs: Ints
    tables: Floats
    streams: "Streams"


class Streams(NamedTuple):
    """Random numbers of instances: each is a function of (seed, serial, gid, count, lane)."""

    seed: int
    serial: int
    gid: Ints
    lane: Ints


class Bundles(NamedTuple):
    """What a block is. Ions stand in the order of its names, seats in that in which mechanisms move."""

    tree: Tree
    matrix: Matrix
    volts: Floats
    ions: Any
    valences: Any
    seats: Any
    celsius: float
    detector: Detector


@dataclass(frozen=True)
class Planted:
    """A mechanism on some nodes of a shape; `values` [node, lane] or one number, by parameter; between which of them
    states diffuse; parameters that follow values in time.
    """

    mechanism: Any
    nodes: Sequence[int]
    values: Mapping[str, Any] = field(default_factory=dict)
    contacts: Sequence[Contact] = ()
    played: Sequence[Played] = ()

    @property
    def constant(self) -> bool:
        """Does what it adds to the matrix stay as it is, unless something is set?"""
        return bool(self.mechanism.constant) and not self.played


def runs_of(nodes: Sequence[int], lanes: int) -> Ints:
    """Rows (first instance, first compartment, how many)."""
    rows: list[list[int]] = []
    for k, node in enumerate(nodes):
        if rows and node == nodes[k - 1] + 1:
            rows[-1][2] += 1
        else:
            rows.append([k, node, 1])
    return np.array(rows, np.int64).reshape(-1, 3) * lanes


def through_points(p: Planted, tree: Tree) -> Planted:
    """A density mechanism, planted on the points without area between its nodes, too.

    Nothing flows there, and runs go on: in one lane hh everywhere on a branched tree takes 26 ns a compartment and
    step, with runs that end at each branch point 89.
    """
    if p.mechanism.kind != "density":
        return p
    area = tree.area[:: tree.lanes]
    nodes, taken = list(p.nodes[:1]), [0] * len(p.nodes[:1])
    for k, (before, node) in enumerate(pairwise(p.nodes), 1):
        if not area[before + 1 : node].any():
            nodes += range(before + 1, node)
        nodes.append(node)
        taken += [k] * (len(nodes) - len(taken))
    values = {name: x[taken] if np.ndim(x) == 2 else x for name, x in p.values.items()}
    return replace(p, nodes=nodes, values=values, played=taken_rows(p.played, taken))


class Kind(NamedTuple):
    """What blocks of alike cells, or forests, have in common: how they are moved, whatever their shape."""

    planted: Sequence[Planted]
    rests: Mapping[str, Any]  # e, inside, outside and valence of each ion
    celsius: float = 6.3
    trapezoid: bool = False
    detect: str = "nothing"  # the kernel of `shard/cable/detector.py` that looks for spikes
    exact: bool = False  # are events received at their time?
    held: Collection[str] = ()  # ions whose reversal potentials follow nothing
    parts: Sequence[Collection[int]] = ()  # nodes of sections


class CableBlock:
    """Cells that are moved together, from step to step.

    Mechanisms move in the order in which they are planted, those that write concentrations first. A block keeps the
    lanes of `tree`; the detector is at node `at`. `noise` is the seed and the gid of each lane. What mechanisms send by
    themselves is put into `sent`, a queue of instances for each of `senders`.
    """

    def __init__(
        self, tree: Tree, kind: Kind, grid: Grid, at: int = 0, threshold: float = 0.0,
        noise: tuple[int, Gids] | None = None,
    ) -> None:  # fmt: skip
        self.planted = [through_points(p, tree) for p in in_order(kind.planted)]
        self.grid, self.lanes, self.detect = grid, tree.lanes, kind.detect
        self.ions = ions_of(self.planted)
        moved = {x: [] if x in kind.held else self.planted for x in self.ions}
        self.nernst = {x: nernst_of(x, moved[x], kind.parts, tree.lanes) for x in self.ions}
        self.flows = {x: flows_of(x, self.planted, tree.lanes) for x in self.ions}
        width = tree.parent.size * tree.lanes
        self.volts: Floats = np.zeros(width)
        begin = [kind.rests[name] for name in self.ions]
        looks = tree.lanes if kind.detect != "nothing" else 0
        self.bundles = Bundles(
            tree=tree,
            matrix=make_matrix(tree, self._changes(tree), grid.dt, kind.trapezoid),
            volts=self.volts,
            ions=tuple(Ion(*(np.full(width, x) for x in (r.e, 0.0, r.inside, r.outside))) for r in begin),
            valences=tuple(float(r.valence) for r in begin),
            seats=tuple(
                _seat(p, tree.lanes, kind.celsius, self._streams(k, noise))
                for k, p in enumerate(self.planted)
            ),
            celsius=np.float64(kind.celsius),
            detector=Detector(at * tree.lanes, float(threshold), np.zeros(looks)),
        )
        self._base = self.bundles.matrix.base.copy()
        seatings = seated(self.planted, kind.trapezoid)
        self.senders = senders_of(seatings)
        self.sent = tuple(self.room_to_send(len(self.planted[k].nodes) * tree.lanes) for k in self.senders)
        self.spreads = tuple(make_spread(p.contacts, p.nodes, tree.lanes) for p in self.planted)
        self.acts = Acts(self, seatings, kind.trapezoid)
        self.junctions: Floats = np.zeros(width)  # conductance of gap junctions, uS
        self.parting = self._apart(kind, at, noise) if kind.exact else None
        self.settled: Ints = np.zeros(1, np.int64)  # how often

    def _apart(self, kind: Kind, at: int, noise: tuple[int, Gids] | None) -> Parting | None:
        """Where a cell is moved to which an event comes within a step."""
        if not any("receive" in s.kernels for s in self.acts.seatings):
            return None
        seed, gids = noise if noise is not None else (0, np.zeros(self.lanes, np.int64))
        kind = kind._replace(exact=False, detect="nothing")
        one = CableBlock(of_one_lane(self.bundles.tree), kind, self.grid, at, noise=(seed, gids[:1]))
        one.bundles.matrix.changes[:] = 1
        return Parting(self, one, kind.trapezoid, gids)

    def _changes(self, tree: Tree) -> Ints:
        """Nodes on which some conductance or current changes."""
        changes = np.zeros(tree.parent.size, np.int64)
        for p in self.planted:
            if not p.constant and "current" in p.mechanism.kernels:
                nodes = np.array(p.nodes, np.int64)
                covers = p.mechanism.kind == "density"  # then nothing flows where there is no area
                changes[nodes[tree.area[nodes * tree.lanes] > 0.0] if covers else nodes] = 1
        return changes

    def room_to_send(self, instances: int) -> Queue:
        """Where so many instances put what they send by themselves."""
        empty = make_queue(np.zeros(instances, np.int64), 0, 0, self.grid, outbox(0))
        return with_room(empty, AT_ONCE * instances)

    def _streams(self, at: int, noise: tuple[int, Gids] | None) -> Streams:
        """Lanes of draws count over the instances of a cell, whatever is beside it."""
        m, rows = self.planted[at].mechanism, len(self.planted[at].nodes)
        if not m.streams:
            return Streams(0, CELL_NOISE, np.zeros(0, np.int64), np.zeros(0, np.int64))
        seed, gids = noise if noise is not None else (0, np.zeros(self.lanes, np.int64))
        before = sum(p.mechanism.streams * len(p.nodes) for p in self.planted[:at])
        lane = before + m.streams * np.arange(rows)
        return Streams(seed, CELL_NOISE, np.tile(gids, rows), np.repeat(lane, self.lanes))

    def number(self, mechanism: str) -> int:
        """The how manyth a mechanism moves."""
        return next(k for k, p in enumerate(self.planted) if p.mechanism.name == mechanism)

    def array(self, name: tuple[Any, ...]) -> Floats:
        """An array [row, lane] by name: ("v",), ("ion", name, part), ("kept", mechanism, field)."""
        if name[0] == "v":
            found = self.volts
        else:
            owner = self.ion(name[1]) if name[0] == "ion" else self.kept(self.number(name[1]))
            found = getattr(owner, name[2])
        return found.reshape(-1, self.lanes)

    def named_arrays(self) -> list[tuple[tuple[Any, ...], Floats]]:
        """All arrays that last from step to step, with their names."""
        names: list[tuple[Any, ...]] = [("v",)]
        names += [("ion", x, part) for x in self.ions for part in ("e", "inside", "outside")]
        names += [("kept", p.mechanism.name, f) for p in self.planted for f in p.mechanism.kept._fields]
        return [(name, self.array(name)) for name in names]

    def states(self) -> list[tuple[tuple[Any, ...], Floats]]:
        """Those that move, and must stay numbers."""
        moving = {("kept", p.mechanism.name, s.name) for p in self.planted for s in p.mechanism.states}
        return [
            (name, array) for name, array in self.named_arrays() if name in moving or name[-1] == "inside"
        ]

    @cached_property
    def columns(self) -> tuple[Floats, ...]:
        """The same, flat: always this tuple, for to make it takes as long as a cell takes for ten steps."""
        return tuple(array.reshape(-1) for _, array in self.states())

    def arrays(self) -> dict[str, Floats]:
        """All that last, by names that are one text."""
        return {".".join(name): array for name, array in self.named_arrays()}

    def ion(self, name: str) -> Ion:
        """An ion's arrays [compartment]."""
        found: Ion = self.bundles.ions[self.ions.index(name)]
        return found

    def kept(self, at: int) -> Any:
        """What the instances of the mechanism keep that moves as the how manyth."""
        return self.bundles.seats[at].kept

    def start(self, step: int) -> None:
        """States of mechanisms as they are at a step, at the voltages that are there."""
        act(self.acts.start(), step)

    def begin_again(self, step: int, old: int) -> None:
        """Mechanisms whose states begin by what pointers follow begin anew in lanes from `old` on."""
        kept = [(array, array[:, :old].copy()) for _, array in self.named_arrays()]
        act(self.acts.begin_again(), step)
        for array, before in kept:
            array[:, :old] = before

    def join(self, nodes: Ints, g: Floats) -> None:
        """There are junctions at some nodes: of conductance `g` [node, lane], nS."""
        self.junctions[:] = 0.0
        self.junctions.reshape(-1, self.lanes)[nodes] = 1e-3 * g
        self.settle()

    def settle(self) -> None:
        """After anything was set or restored, and before the next step."""
        self.bundles.matrix.base[:] = self._base + self.junctions
        self.bundles.matrix.drive[:] = 0.0
        act(self.acts.settle(), 0)
        self.settled[0] += 1


def in_order(planted: Sequence[Planted]) -> list[Planted]:
    """As they move: those that write concentrations first, for others read what they write."""
    return sorted(planted, key=lambda p: not p.mechanism.writes_concentration)


def ions_of(planted: Sequence[Planted]) -> list[str]:
    """The ions of some mechanisms, as blocks hold them."""
    return list(dict.fromkeys(ion.name for p in planted for ion in p.mechanism.ions))


def _seat(p: Planted, lanes: int, celsius: float, streams: Streams) -> Seat:
    m, n = p.mechanism, len(p.nodes)
    defaults = {param.name: param.default for param in m.params} | dict(p.values)
    columns = {name: np.empty((n, lanes)) for name in m.kept._fields}
    for name, column in columns.items():
        column[:] = defaults.get(name, 0.0)
    kept = m.kept(**{name: column.reshape(-1) for name, column in columns.items()})
    shared = m.shared(
        **{g.name: np.float64(p.values.get(g.name, g.default)) for g in m.globals},
        celsius=np.float64(celsius),
    )
    return Seat(kept, shared, runs_of(p.nodes, lanes), np.zeros(m.tables), streams)

"""Which kernels of its mechanisms a block calls, and in which order: how it starts, settles, and takes a step."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.jit import Block, Op, python_function
from parsim.shard.cable import block_ops as ops
from parsim.shard.cable import detector
from parsim.shard.cable.entries import Entries
from parsim.shard.cable.playing import CURRENTS, START, STATES, play_ops
from parsim.shard.cable.reversals import written_by
from parsim.shard.cable.spread import where


class Seating(NamedTuple):
    """A mechanism as a block sees it: where it sits, and which of its kernels are called, by name."""

    at: int
    mechanism: Any
    kernels: dict[str, Any]
    constant: bool  # is what it adds to the matrix put there once?

    @property
    def state(self) -> str:
        """The kernel that takes a step of states."""
        return "state_midpoint" if "state_midpoint" in self.kernels else "state"

    @property
    def state_apart(self) -> str:
        """The same for a part of a step; where tables are of whole steps, it computes."""
        return "state_apart" if "state_apart" in self.kernels else self.state

    @property
    def current(self) -> str:
        """The kernel that adds currents."""
        return "current_and_ions" if "current_and_ions" in self.kernels else "current"


def seated(planted: Sequence[Any], trapezoid: bool) -> list[Seating]:
    """Which kernels of each are wanted."""
    found = []
    for at, p in enumerate(planted):
        m = p.mechanism
        second = trapezoid and "state_midpoint" in m.kernels
        wanted = (
            "tabulate",
            "initial",
            "observe",
            *(("receive", "connect", "watch") if m.arguments is not None else ()),
            "current_and_ions" if "current_and_ions" in m.kernels else "current",
            "state_midpoint" if second else "state",
            "state_apart",
            *(("diffusion",) if p.contacts else ()),
        )
        kernels = {name: m.kernels[name] for name in wanted if name in m.kernels}
        found.append(Seating(at, m, kernels, p.constant))
    return found


def senders_of(seatings: Sequence[Seating]) -> list[int]:
    """Which mechanisms send to themselves when no event has come to them."""
    return [s.at for s in seatings if s.mechanism.sends_at_start or "watch" in s.kernels]


def begins_by_pointers(mechanism: Any) -> bool:
    """Does its INITIAL read a pointer? Of what it sends there, it has sent by then."""
    if "initial" not in mechanism.kernels or mechanism.sends_at_start:
        return False
    names = python_function(mechanism.kernels["initial"]).__code__.co_names
    return any(pointer.name in names for pointer in mechanism.pointers)


class Heard(NamedTuple):
    """What reaches a block: where, what connections keep, what arrives in an interval, what waits."""

    entries: Entries
    rows: Block
    box: Block
    queue: Block


class Around(NamedTuple):
    """What a block moves among: where it fires, the number of its first cell, the step in which it goes wrong; what
    reaches it; of a joined one waveforms, words of the window, joined nodes, and how many cells there are.
    """

    out: Block
    cell: int
    wrong: Ints
    heard: Heard | None = None
    joined: tuple[Any, ...] | None = None


class Acts:
    """The ops of a block."""

    def __init__(self, block: Any, seatings: list[Seating], trapezoid: bool) -> None:
        self.block, self.seatings, self.trapezoid = block, seatings, trapezoid
        self._settling: list[Op] = []

    def start(self) -> list[Op]:
        """States of mechanisms as they are at a step."""
        found = [*self._play(START), *self._tabulate(), *self.reversals(self.seatings, starts=True)]
        for s in self.seatings:
            sent = (self.sent(s),) if s.mechanism.sends_at_start else ()
            found += [*self._call(s, "initial", 0.0, *sent), *self.reversals([s])]
        return found

    def settle(self) -> list[Op]:
        """After something was set: what is constant goes into the matrix."""
        if not self._settling:
            m = self.block.bundles.matrix
            constant = [s for s in self.seatings if s.constant]
            self._settling = [
                *self._tabulate(),
                *(op for s in constant for op in self._call(s, s.current, 0.0, m.base, m.drive)),
                Op(ops.settling, *self._rows()),
            ]
        return self._settling

    def begin_again(self) -> list[Op]:
        """States that begin by what pointers follow."""
        again = [s for s in self.seatings if begins_by_pointers(s.mechanism)]
        return [op for s in again for op in (*self._call(s, "initial", 0.0), *self.reversals([s]))]

    def step(self, around: Around, split: bool = False) -> list[Op]:
        """What is due, currents at the middle of a step, voltages, then states at its end; `split`, not these."""
        apart = [] if self.block.parting is None else self.block.parting.step(around)
        found = [*self._due(around), *self.membrane(apart)]
        found += self._voltages(around)
        return found if split else found + self.finish()

    def membrane(self, apart: Sequence[Op] = ()) -> list[Op]:
        """Currents at the middle of a step, into its rows, and before these what moves cells `apart`."""
        b = self.block.bundles
        # Reversal potentials follow concentrations here, not after states: so they are recorded as in NEURON.
        found = [*self._play(CURRENTS), *apart, *self.reversals(self.seatings), *self.clear()]
        for s in self.seatings:
            if not s.constant:
                found += self.current(s, b.matrix.d, b.matrix.rhs)
        return found

    def clear(self) -> list[Op]:
        """Currents of ions are added up anew, where some flow."""
        flows = self.block.flows
        ions = zip(self.block.ions, self.block.bundles.ions, strict=True)
        return [Op(ops.clearing, ion.current, flows[x]) for x, ion in ions if flows[x].size]

    def finish(self) -> list[Op]:
        """States at the end of a step; then they diffuse."""
        found = self._play(STATES)
        found += [op for s in self.seatings for op in self._call(s, s.state, 1.0)]
        found += self.spread(self._call, np.array([0.0, self.block.grid.dt]))
        return found if self.block.parting is None else [*found, *self.block.parting.put()]

    def spread(self, call: Callable[..., list[Op]], span: Floats) -> list[Op]:
        """What diffuses along cells: coefficients and volumes, by `call`, then a step of each state; `span[1]` long."""
        found = []
        for s in self.seatings:
            if "diffusion" in s.kernels:
                way, m = self.block.spreads[s.at], s.mechanism
                out = np.zeros((2 * len(m.diffuses), len(self.block.planted[s.at].nodes) * way.lanes))
                found += call(s, "diffusion", 1.0, out)
                for k, name in enumerate(m.diffuses):
                    ion, field, at = where(way, m, name)
                    x = getattr(self.block.ion(ion) if ion else self.block.kept(s.at), field)
                    act = ops.spreading_midpoint if self.trapezoid else ops.spreading
                    found.append(Op(act, way, x, at, out[2 * k], out[2 * k + 1], span))
        return found

    def current(self, s: Seating, d: Floats, rhs: Floats) -> list[Op]:
        """Currents of a mechanism at the middle of a step, into rows."""
        return self._call(s, s.current, 0.5, d, rhs)

    def observe(self, at: int, out: Floats, runs: Ints | None = None) -> Op:
        """What a mechanism can show, into `out` [row, instance], at all instances or `runs` of them."""
        s = self.seatings[at]
        given = self.runs(s) if runs is None else (*self.bundles(s), runs)
        return Op(ops.observing(s.kernels["observe"]), given, self.block.grid, out)

    def _play(self, part: float) -> list[Op]:
        return play_ops(self.block, part, self.block.grid)

    def _due(self, around: Around) -> list[Op]:
        if around.heard is None:
            return []
        grid, (entries, _, _, queue), found = self.block.grid, around.heard, list[Op]()
        for s in self.seatings:
            if "watch" in s.kernels:
                act, reaches = ops.watching(s.kernels["watch"]), (entries, queue)
                found.append(Op(act, self.runs(s), grid, s.at, self.sent(s), *reaches))
        found += self.receive(around.heard, around.out)
        if any(s.mechanism.sets_voltage for s in self.seatings):
            found.append(Op(ops.beginning, *self._rows()))
        return found

    def receive(self, heard: Heard, out: Block) -> list[Op]:
        """What is due before a step is received."""
        grid, (entries, rows, box, queue), found = self.block.grid, heard, list[Op]()
        for s in self.seatings:
            if "receive" in s.kernels:
                act = ops.receiving(s.kernels["receive"], s.kernels.get("connect"), s.mechanism.takes_rows)
                found.append(Op(act, self.bundles(s), grid, s.at, entries, rows, box, queue, out))
        return [*found, Op(ops.received, grid, entries, box, queue)] if found else []

    def watch(self, s: Seating, sent: Any) -> list[Op]:
        """Instances of a mechanism send by themselves, for which there is room."""
        return [Op(ops.watching_together(s.kernels["watch"]), self.runs(s), self.block.grid, sent)]

    def _voltages(self, around: Around) -> list[Op]:
        b, grid = self.block.bundles, self.block.grid
        detect, parting = getattr(detector, self.block.detect), self.block.parting
        given = (b.tree, b.matrix, b.volts, b.detector, grid, around.out, around.cell, around.wrong)
        step = [Op(ops.stepping(detect if parting is None else detector.nothing), *given)]
        if parting is not None:
            looked = b.volts, b.detector, grid, around.out, around.cell
            step += [*parting.show(around), Op(ops.detecting(detect), *looked)]
        if around.joined is None:
            return step
        joined = (*around.joined, around.cell)
        bring = Op(ops.bringing, b.tree, b.matrix, b.volts, *joined)
        return [bring, *step, Op(ops.noting, b.tree, b.volts, *joined, grid.dt)]

    def _tabulate(self) -> list[Op]:
        seats = self.block.bundles.seats
        return [
            Op(
                ops.tabulating(s.kernels["tabulate"]),
                seats[s.at].shared,
                seats[s.at].tables,
                self.block.grid.dt,
            )
            for s in self.seatings
            if "tabulate" in s.kernels
        ]

    def reversals(self, seatings: Sequence[Seating], starts: bool = False) -> list[Op]:
        """Reversal potentials of ions whose concentrations these mechanisms write, or at the start read."""
        b, uses = self.block.bundles, {ion.name for s in seatings for ion in s.mechanism.ions}
        found = []
        for x, ion, valence in zip(self.block.ions, b.ions, b.valences, strict=True):
            runs = self.block.nernst[x].start if starts else self.block.nernst[x].step
            writes = starts or any(x in written_by(s.mechanism) for s in seatings)
            if x in uses and writes and runs.size:
                found.append(Op(ops.reversing, ion, runs, b.celsius, valence))
        return found

    def _call(self, s: Seating, name: str, part: float, *after: Any) -> list[Op]:
        if name not in s.kernels:
            return []
        return [Op(ops.over_runs(s.kernels[name]), self.runs(s), part, self.block.grid, after)]

    def _rows(self) -> tuple[Any, ...]:
        b = self.block.bundles
        return b.tree, b.matrix, b.volts

    def bundles(self, s: Seating) -> tuple[Any, ...]:
        """What kernels of a mechanism are given that take one instance."""
        b, m = self.block.bundles, s.mechanism
        seat = b.seats[s.at]
        more = [*([seat.streams] if m.streams else []), *([seat.tables] if m.tables[0] else [])]
        own = (b.ions[self.block.ions.index(ion.name)] for ion in m.ions)
        return (seat.kept, seat.shared, b.tree, b.volts, *more, *own)

    def runs(self, s: Seating) -> tuple[Any, ...]:
        """What those are given that go over all instances."""
        return (*self.bundles(s), self.block.bundles.seats[s.at].runs)

    def sent(self, s: Seating) -> Any:
        """What its instances have sent by themselves."""
        return self.block.sent[self.block.senders.index(s.at)]

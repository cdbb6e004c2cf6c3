"""The text of the kernels that move a block: a page of calls, in order, for one set of mechanisms.

Mechanisms have bundles of their own types, so their calls are written out; kernels are captured, not imported.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

_TEXT = '''"""cable_driver: how blocks move with {names}.

Made by parsim for these mechanisms in this order.
"""

# mypy: ignore-errors
# ruff: noqa

import numpy as np

from parsim.clock import time_of
from parsim.jit import kernel
from parsim.kernels.ions import nernst
from parsim.kernels.tree import advance_voltages, begin, eliminate_unchanging, is_finite
from parsim.shard.detector import at_step, interpolated, nothing, remember
from parsim.shard.entries import due_by, hand_over, has_room, is_new, next_due, take_weight
from parsim.shard.event_loop import cell_loop
from parsim.shard.joints import bring, note
from parsim.shard.queue import Event


def make({kernels}):
    """The kernels that start and advance a block, and those that look at it."""

    @kernel
    def initial(b, t, dt, sent):
        """States of mechanisms at the start; `sent` has a queue for each that sends by itself."""
{initial}

    @kernel
    def settle(b, dt):
        """After something was set: what does not change is put into the matrix."""
{settle}
        eliminate_unchanging(b.tree, b.matrix)
        begin(b.tree, b.matrix, b.volts)

{receivers}
    @kernel
    def advance(b, first, stop, grid, out, cell, h{more}):
        """Steps [first, stop): what is due, currents at the middle of a step, voltages, then states at its end.

        `cell` is the number of the block's first cell among those that fire into `out`, `h` what reaches the cells. It
        returns `stop`; or the step in which a voltage was no number; or -1 - the step at which a queue needs room.
        """
        dt = grid.dt
        for step in range(first, stop):
            t = time_of(grid, step)
{advance}
        return stop

{observers}
    return initial, settle, advance, {{{observed}}}
'''


class Seating(NamedTuple):
    """A mechanism as a driver sees it: where it sits, and which kernels are called, by name."""

    at: int
    mechanism: Any
    kernels: dict[str, Any]

    @property
    def state(self) -> str:
        """The kernel that takes a step of states."""
        return "state_midpoint" if "state_midpoint" in self.kernels else "state"

    @property
    def current(self) -> str:
        """The kernel that adds currents."""
        return "current_and_ions" if "current_and_ions" in self.kernels else "current"

    def call(self, name: str, ions: Sequence[str], *more: str) -> str:
        """A line that calls a kernel, nothing where there is none."""
        if name not in self.kernels:
            return ""
        return f"{self.named(name)}({', '.join([*self._bundles(ions), f'b.seats[{self.at}].runs', *more])})"

    def receives(self, name: str, ions: Sequence[str], event: str) -> str:
        """A line that calls a kernel for one instance, nothing where there is none."""
        if name not in self.kernels:
            return ""
        return f"{self.named(name)}({', '.join([*self._bundles(ions), 'here', 'at', 'c', event, 'q'])})"

    def _bundles(self, ions: Sequence[str]) -> list[str]:
        seat, m = f"b.seats[{self.at}]", self.mechanism
        tables = [f"{seat}.streams"] if m.streams else []
        tables += [f"{seat}.tables"] if m.tables[0] else []
        own = [f"b.ions[{ions.index(ion.name)}]" for ion in m.ions]
        return [f"{seat}.kept", f"{seat}.shared", "b.tree", "b.volts", *tables, *own]

    def named(self, kernel: str) -> str:
        """What a kernel is called in the text."""
        return f"{self.mechanism.name}_{self.at}_{kernel}"


def seated(mechanisms: Sequence[Any], trapezoid: bool) -> list[Seating]:
    """Which kernels of each are wanted: currents of ions only where somebody reads them."""
    read = {ion.name for m in mechanisms for ion in m.ions if f"i{ion.name}" in ion.read}
    found = []
    for at, m in enumerate(mechanisms):
        to_ions = any(ion.name in read and f"i{ion.name}" in ion.write for ion in m.ions)
        second = trapezoid and "state_midpoint" in m.kernels
        wanted = (
            "tabulate",
            "initial",
            "observe",
            *(("receive", "connect", "watch") if m.arguments is not None else ()),
            "current_and_ions" if to_ions else "current",
            "state_midpoint" if second else "state",
        )
        found.append(Seating(at, m, {name: m.kernels[name] for name in wanted if name in m.kernels}))
    return found


def senders_of(seatings: Sequence[Seating]) -> list[int]:
    """Which mechanisms send to themselves when no event has come to them."""
    return [s.at for s in seatings if s.mechanism.sends_at_start or "watch" in s.kernels]


def driver_text(seatings: Sequence[Seating], ions: Sequence[str], detect: str, joined: bool = False) -> str:
    """The module for these mechanisms, in their order; `ions` in the order of the block's.

    `detect` is the kernel of `shard/detector.py` that looks for spikes; `joined` blocks take the current of junctions.
    """
    observers = [s for s in seatings if "observe" in s.kernels]
    return _TEXT.format(
        names=", ".join(s.mechanism.name for s in seatings) or "no mechanism",
        kernels=", ".join(s.named(name) for s in seatings for name in s.kernels),
        initial=_lines(_initial(seatings, ions), 8),
        settle=_lines(_settle(seatings, ions), 8),
        advance=_lines(_advance(seatings, ions, detect, joined), 12),
        receivers=_receivers(seatings, ions),
        more=", joints" if joined else "",
        observers="\n".join(
            _OBSERVER.format(s.at, s.call("observe", ions, "t", "dt", "out")) for s in observers
        ),
        observed=", ".join(f"{s.at}: observe_{s.at}" for s in observers),
    )


_RECEIVER = """    @kernel
    def receive_{0}(b, p, c, e, q):
        slot = np.int64(e.cell)
        port = slot // p.cells
        lane = slot - port * p.cells - p.first
        here, at = p.row[port] * p.lanes + lane, p.node[port] * p.lanes + lane
        new = is_new(c, e)
        take_weight(c, e)
        if new:
{1}
        {2}

    loop_{0} = cell_loop(receive_{0})

"""
_DELIVER = """    @kernel
    def deliver(b, h, until):
        p = h.entries
        for port in range(p.seat.size):
            begin = port * p.cells + p.first
            end = begin + p.lanes
            done = end
{0}
            if done < end:
                return False
        return True

"""


def _receivers(seatings: Sequence[Seating], ions: Sequence[str]) -> str:
    """What lets each mechanism receive, and all of them what is due."""
    texts, calls = [], []
    for s in (s for s in seatings if "receive" in s.kernels):
        new = s.receives("connect", ions, "Event(e.cell, e.row, e.weight, 0.0, 0, e.slot)")
        connect = new or "pass"
        texts.append(_RECEIVER.format(s.at, " " * 12 + connect, s.receives("receive", ions, "e")))
        calls += [
            f"            if p.seat[port] == {s.at}:",
            f"                done = loop_{s.at}(b, p, h.connections, h.events, h.queue, until, begin, end)",
        ]
    return "".join(texts) + (_DELIVER.format("\n".join(calls)) if calls else "")


_OBSERVER = """    @kernel
    def observe_{0}(b, t, dt, out):
        {1}
"""


def _lines(lines: Sequence[str], indent: int) -> str:
    return "\n".join(" " * indent + line for line in lines if line) or " " * indent + "pass"


def _tabulate(seatings: Sequence[Seating]) -> list[str]:
    return [
        f"{s.named('tabulate')}(b.seats[{s.at}].shared, b.seats[{s.at}].tables, dt)"
        for s in seatings
        if "tabulate" in s.kernels
    ]


def _initial(seatings: Sequence[Seating], ions: Sequence[str]) -> list[str]:
    lines, senders = [*_tabulate(seatings), *_reversals(seatings, ions)], senders_of(seatings)
    for s in seatings:
        queue = [f"sent[{senders.index(s.at)}]"] if s.mechanism.sends_at_start else []
        lines.append(s.call("initial", ions, "t", "dt", *queue))
        lines += _reversals([s], ions)
    return lines


def _settle(seatings: Sequence[Seating], ions: Sequence[str]) -> list[str]:
    constant = (s for s in seatings if s.mechanism.constant)
    into = ("0.0", "dt", "b.matrix.base", "b.matrix.drive")
    return [*_tabulate(seatings), *(s.call(s.current, ions, *into) for s in constant)]


def _advance(seatings: Sequence[Seating], ions: Sequence[str], detect: str, joined: bool) -> list[str]:
    read = {ion.name for s in seatings for ion in s.mechanism.ions if f"i{ion.name}" in ion.read}
    due, senders = [], senders_of(seatings)
    if watchers := [s for s in seatings if "watch" in s.kernels]:
        due = ["if not has_room(h):", "    return -1 - step"]
        for s in watchers:
            queue = f"h.sent[{senders.index(s.at)}]"
            due += [s.call("watch", ions, "t", "dt", queue), f"hand_over(h, {s.at}, {queue})"]
    if receivers := [s for s in seatings if "receive" in s.kernels]:
        due += [
            "until = due_by(grid, step)",
            "if h.entries.next[0] <= until:",
            "    if not deliver(b, h, until):",
            "        return -1 - step",
            "    h.entries.next[0] = next_due(h)",
        ]
        if any(s.mechanism.sets_voltage for s in receivers):
            due.append("    begin(b.tree, b.matrix, b.volts)")
    # Reversal potentials follow concentrations here, not after states: so they are recorded as in NEURON.
    lines = _reversals(seatings, ions)
    lines += [f"b.ions[{ions.index(x)}].current[:] = 0.0" for x in ions if x in read]
    for s in seatings:
        if not s.mechanism.constant:
            lines.append(s.call(s.current, ions, "t + 0.5 * dt", "dt", "b.matrix.d", "b.matrix.rhs"))
    lines += [
        *(["bring(joints, b.matrix, b.volts, step, cell, b.tree.lanes)"] if joined else []),
        "remember(b.detector, b.volts)",
        "advance_voltages(b.tree, b.matrix, b.volts)",
        *(["note(joints, b.volts, step, cell, b.tree.lanes, dt)"] if joined else []),
        "if not is_finite(b.tree, b.volts):",
        "    return step",
        f"{detect}(b.detector, b.volts, step, grid, out, cell)",
    ]
    return [*due, *lines, *(s.call(s.state, ions, "t + dt", "dt") for s in seatings)]


def _reversals(seatings: Sequence[Seating], ions: Sequence[str]) -> list[str]:
    """Reversal potentials of ions whose concentrations these mechanisms write."""
    parts = ("{}i", "{}o")
    written = {
        i.name for s in seatings for i in s.mechanism.ions if any(p.format(i.name) in i.write for p in parts)
    }
    return [f"nernst(b.ions[{k}], b.celsius, b.valences[{k}])" for k, x in enumerate(ions) if x in written]

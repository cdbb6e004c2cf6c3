"""Steps that are parted where events come: a cell of a block is moved apart, and comes back at the step's end.

What a NET_RECEIVE does to states cannot be spread over a step afterwards, and a block that was parted for one of its
lanes would give all others other bits. So before a block moves, each of its cells to which something comes within the
step is taken to a block of one lane, where it goes on to the time of the next event, receives it, and so on to the end
of the step. Then the block moves as if nothing had come, and what has become of these cells is put in place of that.

A part is a step like others, only shorter: currents, voltages, states. What partners at gap junctions add in the step
they add in each part of it, and pointers are what they were at its beginning.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.clock import time_of
from parsim.jit import DONE, FAILED, ROOM, Op, Ops, addresses, inner, open_inner, opened, widest, within
from parsim.kernels.tree import Tree, advance_voltages, begin, is_finite
from parsim.shard.cable.block_ops import hearing_loop, take_steps
from parsim.shard.cable.entries import hand_over, has_room, look_ahead, next_before, of_lane, pass_on
from parsim.shard.cable.joints import Joints, add_partners
from parsim.shard.cable.playing import CURRENTS, STATES, play_apart_ops
from parsim.shard.cable.reversals import written_by
from parsim.shard.coupled.window import FIRST

STEP, LANE, IN, PARTED, WORDS = range(
    5
)  # which step is being parted, and which lane; how many lanes were in it
NOW, LENGTH = 0, 1  # when a part begins, ms, and how long it is


class Parts(NamedTuple):
    """What is done with a cell apart: it is taken there, hears, moves, and is put down."""

    take: Ops
    hear: Ops
    move: Ops
    give: Ops


def parting(at, first, stop, origin):
    """Cells to which something comes within a step are moved through it, from event to event."""
    parts, grid, words, parted, span, entries, box, queue = opened(at)
    until = time_of(grid, first + 1) - grid.near  # what is later is on the next step
    if words[STEP] != first:
        words[PARTED] = 0
        if entries.next[0] >= until:
            return DONE
        parted[:] = 0
        words[STEP], words[LANE], words[IN] = first, 0, 0
    events, q = opened(box).events, opened(queue)
    for lane in range(words[LANE], entries.lanes):
        own = of_lane(entries, lane)
        if words[IN] == 0:
            if next_before(own, events, q, until) >= until:
                continue
            words[LANE], words[IN] = lane, 1
            span[NOW] = time_of(grid, first)
            take_steps(parts.take, first, first + 1, origin)
        due = next_before(own, events, q, until)
        while due < until:
            if due > span[NOW]:
                span[LENGTH] = due - span[NOW]
                take_steps(parts.move, first, first + 1, origin)
                span[NOW] = due
            status = take_steps(parts.hear, first, first + 1, origin)
            if status != DONE:
                return status
            if q.wrong[0] != 0:
                return FAILED
            due = next_before(own, events, q, until)
        span[LENGTH] = time_of(grid, first + 1) - span[NOW]
        take_steps(parts.move, first, first + 1, origin)
        take_steps(parts.give, first, first + 1, origin)
        parted[lane] = 1
        words[PARTED] += 1
        words[IN] = 0
    words[STEP] = -1
    look_ahead(entries, events, q, until)
    return DONE


def taking(at, first, stop, origin):
    """An array of a cell, from its lane of the block."""
    wide, narrow, lanes, words = opened(at)
    for row in range(narrow.size):
        narrow[row] = wide[row * lanes + words[LANE]]
    return DONE


def giving(at, first, stop, origin):
    """The same back, to where what has become of it is kept."""
    narrow, wide, lanes, words = opened(at)
    for row in range(narrow.size):
        wide[row * lanes + words[LANE]] = narrow[row]
    return DONE


def putting(at, first, stop, origin):
    """An array of all cells that were apart is what it has become there."""
    kept, wide, parted, words = opened(at)
    if words[PARTED] > 0:
        for a in range(0, wide.size, parted.size):
            for lane in range(parted.size):
                if parted[lane] != 0:
                    wide[a + lane] = kept[a + lane]
    return DONE


def showing(at, first, stop, origin):
    """The rows of the next step, where voltages were put; are they numbers?"""
    tree, matrix, volts, words, wrong = opened(at)
    if words[PARTED] > 0:
        begin(tree, matrix, volts)
        if not is_finite(tree, volts):
            wrong[0] = first
            return FAILED
    return DONE


def naming(at, first, stop, origin):
    """Instances draw the random numbers of their cell."""
    gid, gids, words = opened(at)
    gid[:] = gids[words[LANE]]
    return DONE


# ---- a part ------------------------------------------------------------------------------------------


@cache
def over_runs(function: Callable[..., None]) -> Callable[..., int]:
    """An op that calls a kernel for all instances of the cell, `part` of the way through."""
    function = open_inner(function)

    def op(at, first, stop, origin):
        widest()
        before, part, span, after = opened(at)
        function(*before, span[NOW] + part * span[LENGTH], span[LENGTH], *after)
        return DONE

    return op


@cache
def tabulating(function: Callable[..., None]) -> Callable[..., int]:
    """An op that fills the tables of a mechanism for a part as long as this."""
    function = inner(function)

    def op(at, first, stop, origin):
        shared, tables, span = opened(at)
        function(shared, tables, span[LENGTH])
        return DONE

    return op


@cache
def watching(function: Callable[..., None]) -> Callable[..., int]:
    """An op that lets instances see what they wait for, and takes what they have sent."""
    function = inner(function)

    def op(at, first, stop, origin):
        before, span, words, seat, sent, entries, queue = opened(at)
        q, own = opened(queue), of_lane(entries, words[LANE])
        if not has_room(own, q):
            return ROOM
        function(*before, span[NOW], span[LENGTH], sent)
        hand_over(own, q, seat, sent)
        return DONE

    return op


@cache
def receiving(
    receive: Callable[..., None], connect: Callable[..., None] | None, looks: bool
) -> Callable[..., int]:
    """An op that lets the instances of a mechanism receive what is due by now."""
    loop = within(hearing_loop(receive, connect, looks))

    def op(at, first, stop, origin):
        before, span, words, seat, entries, rows, box, queue, out = opened(at)
        p, c, events, q = of_lane(entries, words[LANE]), opened(rows), opened(box).events, opened(queue)
        q.now[0] = first
        for port in range(p.seat.size):
            if p.seat[port] == seat and p.next[1 + port] <= span[NOW]:
                slot = port * p.cells + p.first
                done = loop(before, p, c, events, q, span[NOW], slot, slot + 1)
                pass_on(p, q, opened(out), first)
                if done == slot:
                    return ROOM
        return DONE

    return op


def starting(at, first, stop, origin):
    """The rows of a part."""
    tree, matrix, volts, capacitance, junctions, span = opened(at)
    for node in range(tree.parent.size):
        matrix.rate[node] = capacitance[node] / span[LENGTH]
        matrix.base[node] = matrix.rate[node] + junctions[node]
    begin(tree, matrix, volts)
    return DONE


def partnering(at, first, stop, origin):
    """What partners at gap junctions add."""
    matrix, words, waves_at, window, nodes, cells, cell = opened(at)
    waves = opened(waves_at)
    joints = Joints(waves.drive, waves.wave, window[FIRST], nodes, cells)
    add_partners(joints, matrix, first, cell + words[LANE], 1)
    return DONE


def advancing(at, first, stop, origin):
    """Voltages at the end of a part; `showing` tells of those that are no numbers."""
    tree, matrix, volts = opened(at)
    if not advance_voltages(tree, matrix, volts):
        volts[:] = np.nan
    return DONE


class Parting:
    """Where cells of `block` are moved apart: `apart` is a block of one lane, of which all conductances may change.

    What has become of cells is kept until the block has moved. Pointers are not put back: links have brought them.
    """

    def __init__(self, block: Any, apart: Any, trapezoid: bool, gids: Ints) -> None:
        self.block, self.apart, self.gids = block, apart, gids
        tree: Tree = apart.bundles.tree
        self._capacitance: Floats = 1e-5 * tree.area * tree.cm * (2.0 if trapezoid else 1.0)
        self._parted = np.zeros(block.lanes, np.int64)
        self._words, self._span = np.full(WORDS, -1, np.int64), np.zeros(2)
        self._words[PARTED] = 0
        wide, narrow = _arrays(block), _arrays(apart)
        pointers = {("kept", p.mechanism.name, x.name) for p in block.planted for x in p.mechanism.pointers}
        self._taken = [(wide[name], narrow[name]) for name in wide]
        still = pointers | _stay(block.planted) | {("junctions",)}
        self._given = [
            (narrow[name], np.zeros(wide[name].size), wide[name]) for name in wide if name not in still
        ]  # voltages first

    def step(self, around: Any) -> list[Op]:
        """Before currents: cells to which something comes within the step go through it."""
        heard, lanes, words = around.heard, self.block.lanes, self._words
        streams = [seat.streams.gid for seat in self.apart.bundles.seats if seat.streams.gid.size]
        take = [
            *(Op(taking, *pair, lanes, words) for pair in self._taken),
            *(Op(naming, gid, self.gids, words) for gid in streams),
        ]
        give = [Op(giving, narrow, kept, lanes, words) for narrow, kept, _ in self._given]
        parts = take, self._hear(heard, around.out), self._move(around), give
        found = Parts(*map(addresses, parts))
        given = self.block.grid, words, self._parted, self._span
        every = [op for part in parts for op in part]
        return [Op(parting, found, *given, heard.entries, heard.box, heard.queue, parts=every)]

    def show(self, around: Any) -> list[Op]:
        """After voltages: those of cells that were apart."""
        b = self.block.bundles
        _, kept, volts = self._given[0]
        return [
            Op(putting, kept, volts, self._parted, self._words),
            Op(showing, b.tree, b.matrix, b.volts, self._words, around.wrong),
        ]

    def put(self) -> list[Op]:
        """After states: all else of these cells."""
        return [Op(putting, kept, wide, self._parted, self._words) for _, kept, wide in self._given[1:]]

    def _hear(self, heard: Any, out: Any) -> list[Op]:
        found, acts, (entries, rows, box, queue) = [], self.apart.acts, heard
        for s in acts.seatings:
            if "watch" in s.kernels:
                sent = acts.sent(s), entries, queue
                act = watching(s.kernels["watch"])
                found.append(Op(act, acts.runs(s), self._span, self._words, s.at, *sent))
        for s in acts.seatings:
            if "receive" in s.kernels:
                act = receiving(s.kernels["receive"], s.kernels.get("connect"), s.mechanism.takes_rows)
                given = self._span, self._words, s.at, entries, rows, box, queue, out
                found.append(Op(act, acts.bundles(s), *given))
        return found

    def _move(self, around: Any) -> list[Op]:
        b, acts, span = self.apart.bundles, self.apart.acts, self._span
        rows = b.tree, b.matrix, b.volts
        found = [
            Op(tabulating(s.kernels["tabulate"]), b.seats[s.at].shared, b.seats[s.at].tables, span)
            for s in acts.seatings
            if "tabulate" in s.kernels and "state_apart" not in s.kernels
        ]
        found += play_apart_ops(self.apart, CURRENTS, span)
        found += [Op(starting, *rows, self._capacitance, self.apart.junctions, span)]
        found += acts.reversals(acts.seatings)
        found += acts.clear()
        for s in acts.seatings:
            found += self._call(s, s.current, 0.5, b.matrix.d, b.matrix.rhs)
        if around.joined is not None:
            found += [Op(partnering, b.matrix, self._words, *around.joined, around.cell)]
        found += [Op(advancing, *rows), *play_apart_ops(self.apart, STATES, span)]
        for s in acts.seatings:
            found += self._call(s, s.state_apart, 1.0)
        return found + acts.spread(self._call, self._span)

    def _call(self, s: Any, name: str, part: float, *after: Any) -> list[Op]:
        if name not in s.kernels:
            return []
        return [Op(over_runs(s.kernels[name]), self.apart.acts.runs(s), part, self._span, after)]


def _stay(planted: Sequence[Any]) -> set[tuple[Any, ...]]:
    """Arrays that no step changes: of ions that nobody writes, and of mechanisms of which nothing but currents move."""
    written = {name for p in planted for ion in p.mechanism.ions for name in ion.write}
    written |= {f"e{x}" for p in planted for x in written_by(p.mechanism)}
    found: set[tuple[Any, ...]] = set()
    for p in planted:
        m = p.mechanism
        for x in (ion.name for ion in m.ions):
            parts = {"e": f"e{x}", "inside": f"{x}i", "outside": f"{x}o"}
            found |= {("ion", x, part) for part, name in parts.items() if name not in written}
        if p.constant and not m.kernels.keys() & {"state", "state_midpoint", "receive", "watch"}:
            found |= {("kept", m.name, field) for field in m.kept._fields}
    return found


def _arrays(block: Any) -> dict[tuple[Any, ...], Floats]:
    """All that a step reads or writes of a block's cells, voltages first."""
    lasting = {name: array.reshape(-1) for name, array in block.named_arrays()}
    currents = {("ion", name, "current"): block.ion(name).current for name in block.ions}
    return lasting | currents | {("junctions",): block.junctions}

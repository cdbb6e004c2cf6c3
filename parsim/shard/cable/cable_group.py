"""This rank's cells of one cable model: blocks of alike cells beside each other."""

from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Floats, Ints
from parsim.clock import Clock, Grid, Span
from parsim.jit import Block, Op, addresses
from parsim.shard.cable import sampling
from parsim.shard.cable.blame import blame
from parsim.shard.cable.block import CableBlock
from parsim.shard.cable.block_ops import hearing, moving
from parsim.shard.cable.block_steps import Around, Heard, begins_by_pointers
from parsim.shard.cable.block_sweeping import NEEDS_ROOM, NO_ROOM, sweep_ops
from parsim.shard.cable.block_sweeping import moving as moving_on
from parsim.shard.cable.detector import fired_at_start
from parsim.shard.cable.forest import Forest, gather
from parsim.shard.cable.reception import Reception
from parsim.shard.coupled.gap import Joined
from parsim.shard.events.arrivals import Arrivals
from parsim.shard.events.event_group import what_is_wrong
from parsim.shard.group import AbstractGroup, check
from parsim.shard.mailbox import Box, Mailbox
from parsim.shard.outbox import outbox_for, taken_over
from parsim.shard.saved import AbstractSaved, AbstractSaving
from parsim.shard.stages import Move, Stages, Watch, in_turn

LANES = 32  # cells of a block

_NO_CURRENT = np.zeros((1, 0))


class CableGroup(AbstractGroup):
    """Cells of one cable model, in blocks of `LANES` cells in the order of their gids.

    What cells are is held by the blocks: a name means some rows of an array there (`model.column`). All of it is there
    by array, [row, cell], to be saved, and to be laid out anew when cells are added; no bit hangs on how.
    """

    clocked: ClassVar[bool] = True
    implicit: ClassVar[bool] = True
    delays_in_steps: ClassVar[bool] = False
    block: ClassVar[int] = LANES

    def __init__(self, model: Any, seed: int, grid: Grid) -> None:
        super().__init__(model, seed, grid)
        places = max(1, len(model.ports))
        self.inbox: Arrivals = Arrivals(Mailbox(places), grid, places=places)
        self.reception = Reception(model.entries, seed, grid, model.exact) if model.ports else None
        self.out = outbox_for(0, 1)
        self.silent = model.detector is None and not model.plan.fires
        self.held: list[CableBlock] = []
        self.wrong: list[Ints] = []  # of each block, the step in which it went wrong, -1, or `NO_ROOM`
        self.forest: Forest | None = None  # in which its cells are moved
        self.split = False  # are steps finished by `finish_ops`?
        self._again: list[tuple[int, dict[str, Floats]]] = []  # those of `_new` that `begin_again` is for
        self._new: list[tuple[int, dict[str, Floats]]] = []  # cells that have not begun: how many, and states

    # ---- what is held ----------------------------------------------------------------------------

    def add_states(self, values: SimpleNamespace, states: dict[str, Floats], n: int) -> None:
        """New cells begin when intervals are laid out, for then it is known at which time."""
        self._new.append((n, states))

    def make_place(self, before: int) -> None:
        """Room for what waits at cells; everything else is fitted by `lay_out`."""
        if self.reception is not None:
            self.reception.fit(self.gids, self.reception.rows)

    def derived(self, values: SimpleNamespace, clock: Clock) -> Any:
        """What differs from cell to cell, by name."""
        return self.model.prepare(values, clock)

    def hold(self, params: Any) -> None:
        """Take what was derived; also what follows from states that were put."""
        self.params = params
        for k, block in enumerate(self.held):
            self._put_params(block, k * LANES)
            block.settle()

    def _put_params(self, block: CableBlock, first: int) -> None:
        for name, values in self.params.items():
            for row in self._rows(block, name):
                row[:] = values[first : first + block.lanes]

    def _rows(self, block: CableBlock, name: str) -> Iterator[Floats]:
        """The rows [lane] of a block that a name means."""
        column = self.model.column(name)
        array = block.array(column.array)
        for row in column.rows:
            yield array[row]

    def add_rows(self, slots: NDArray[np.int32]) -> None:
        """Connections behind those that are here."""
        if self.reception is not None:
            self.reception.add_rows(slots, self.gids)

    def lose_rows(self, new: Ints, now: int) -> None:
        """Where point processes keep more of a connection than its weight, what came over it goes with it."""
        keeping = np.array([self.model.remembers(port) for port in self.model.ports], bool)
        forget = np.repeat(keeping, self.gids.size)
        self.inbox.renumber(new, now, forget)
        if self.reception is not None:
            self.reception.lose_rows(new, forget)

    def lay_out(self, now: int, interval: int, longest: int) -> None:
        """Fit what arrives and what is fired to intervals from `now` on; new cells begin."""
        self.out = taken_over(self.out, outbox_for(self.gids.size, interval))
        if self._new:
            self._begin_new(now)
        self.inbox.lay_out(self.gids.size, now, interval, longest)

    def _begin_new(self, now: int) -> None:
        """Blocks of new cells, begun; and all cells in blocks of `LANES`."""
        before = sum(block.lanes for block in self.held)
        blocks, first = list(self.held), before
        for n, states in self._new:
            for begin in range(0, n, LANES):
                lanes = min(LANES, n - begin)
                some = {name: column[begin : begin + lanes] for name, column in states.items()}
                blocks.append(self._begun(first + begin, lanes, some, now))
            first += n
        if any(begins_by_pointers(p.mechanism) for p in self.model.plan.planted):
            self._again += self._new
        self._new = []
        if any(block.lanes != LANES for block in blocks[:-1]):
            blocks = self._arranged(blocks)
        self.held = blocks
        self.wrong = [np.full(1, -1, np.int64) for _ in blocks]

    def _block(self, first: int, lanes: int) -> CableBlock:
        model, (at, threshold) = self.model, self.model.detected
        noise = self.seed, self.gids[first : first + lanes]
        return CableBlock(model.plan.shape.tree(lanes), model.block_kind, self.grid, at, threshold, noise)

    def _begun(self, first: int, lanes: int, states: dict[str, Floats], now: int) -> CableBlock:
        """A block of new cells at step `now`; what was said of states holds before mechanisms begin, and after."""
        block = self._block(first, lanes)
        block.volts[:] = self.model.v
        self._put_params(block, first)
        self._put_states(block, states)
        block.start(now)
        if self.reception is not None and block.sent:
            self.reception.take_sent(block, first)
        self._put_states(block, states)
        block.settle()
        if self.model.detector is not None and self.model.detector.fires_at_start:
            self.out = fired_at_start(self.out, block.bundles.detector, block.volts, (first, now), self.grid)
        return block

    def _put_states(self, block: CableBlock, states: dict[str, Floats]) -> None:
        for name, values in states.items():
            for row in self._rows(block, name):
                row[:] = values

    def _arranged(self, blocks: list[CableBlock]) -> list[CableBlock]:
        """The same cells in blocks of `LANES`."""
        columns = _columns(blocks)
        n = sum(block.lanes for block in blocks)
        found = []
        for begin in range(0, n, LANES):
            block = self._block(begin, min(LANES, n - begin))
            for name, array in block.arrays().items():
                array[:] = columns[name][:, begin : begin + block.lanes]
            block.settle()
            found.append(block)
        return found

    # ---- a checkpoint ----------------------------------------------------------------------------

    def _lasting(self) -> dict[str, Any]:
        """Parameters, and all that blocks keep, [cell, row]."""
        parameters = {f"parameter {name}": column for name, column in vars(self.values).items()}
        # All ranks save alike, those without a cell too.
        columns = _columns(self.held or [self._block(0, 1)])
        return {name: array[:, : self.gids.size].T for name, array in columns.items()} | parameters

    def put_columns(self, cells: Ints, columns: dict[str, Any], now: int) -> None:
        """The reverse of `columns`, for some cells; others than those from there are passed by."""
        for name, held in vars(self.values).items():
            held[cells] = columns[f"parameter {name}"]
        for k in np.unique(cells // LANES):
            here = np.flatnonzero(cells // LANES == k)
            for name, array in self.held[k].arrays().items():
                array[:, cells[here] % LANES] = columns[name][here].T
        self.inbox.put_columns(cells, columns, now)

    def save(self, saving: AbstractSaving) -> None:
        """Collective: what waits at the cells or is on its way, and what connections keep."""
        if self.reception is not None:
            self.reception.save(saving)
        super().save(saving)

    def restore(self, saved: AbstractSaved) -> None:
        """The reverse of `save`."""
        self.out.count[0] = 0
        if self.reception is not None:
            self.reception.restore(saved)
        super().restore(saved)

    # ---- how it moves ----------------------------------------------------------------------------

    @classmethod
    def gather(cls, groups: Sequence[Any], free: Sequence[Any]) -> None:
        """Unequal cells are moved together in forests."""
        for group in groups:
            group.forest = None
        gather(free)

    def driven_by(self, into: str) -> None:
        """Stimuli will bring "spikes"; no cable cell takes a current."""
        self.mailbox.driven = True

    def drive(self, model: Any, params: Any, rows: Any, span: Span, key: Any) -> None:
        """Take what a stimulus brings in the steps of the span."""
        self.mailbox.drive(model, params, rows, span, key)

    def begin_ops(self, stages: Stages) -> None:
        """Lay out what comes before stimuli drive, and the looks that are taken at the end."""
        self.blocks = {"out": stages.follow(lambda: self.out), "box": stages.follow(self._box)}
        self.check_ops(stages)
        self.inbox.begin_ops(stages)
        if self.reception is not None:
            self.reception.begin_ops(stages)

    def check_ops(self, stages: Stages) -> None:
        """Lay out the looks that are taken at the end of each interval: blocks look at voltages themselves."""
        super().check_ops(stages)
        for k in range(len(self.held) if self.forest is None else 0):
            columns = stages.follow(lambda k=k: self.held[k].columns)  # type: ignore[misc]
            if columns.value:
                stages.collect.append(
                    Op(check, columns, self.blocks["out"], self.gids.size, self.mailbox.interval)
                )

    def _box(self) -> Box:
        box, more = self.mailbox, (_NO_CURRENT, self.gids, self.seed, self.grid, self.inbox.gathered)
        return Box(box.cube, box.ring, box.anchor, box.interval, *more)

    def gather_ops(self, stages: Stages) -> None:
        """Lay out the putting in order of what arrives."""
        if self.reception is not None:
            self.inbox.gather_ops(stages, self.blocks["box"])
            self.reception.gather_ops(stages, self.blocks["box"])

    def move_ops(self, stages: Stages, begin: int, end: int, watches: list[Watch]) -> None:
        """Lay out the moving of a range of cells, block by block; blocks that are sampled go together."""
        if self.forest is not None:
            self.forest.move_with(stages, watches)
            return
        ops = [self._move_op(stages, k) for k in range(begin // LANES, -(-end // LANES))]
        if watches:
            stages.move.append(Move(in_turn(ops), watches))
        else:
            stages.move.extend(Move(op, []) for op in ops)

    def _move_op(self, stages: Stages, k: int) -> Op:
        block, first, heard = self.held[k], k * LANES, self.reception
        around = Around(self.blocks["out"], first, self.wrong[k], self.heard(k))
        steps = block.acts.step(around, self.split)
        found = addresses(steps)
        if heard is None or around.heard is None:
            return Op(moving, found, parts=steps)

        def make_room() -> None:
            heard.make_room()
            stages.refresh()

        reaches = around.heard.entries, around.heard.box, around.heard.queue
        return Op(hearing, found, self.grid, np.full(1, -1), *reaches, make_room=make_room, parts=steps)

    def step_ops(self, stages: Stages) -> list[Op]:
        """The ops that move all blocks, for a step; without states where steps are `split`."""
        return [self._move_op(stages, k) for k in range(len(self.held))]

    def finish_ops(self) -> list[Op]:
        """What is left of a step that is `split`."""
        finishes = [block.acts.finish() for block in self.held]
        return [
            Op(moving_on, addresses(ops), wrong, parts=ops)
            for ops, wrong in zip(finishes, self.wrong, strict=True)
        ]

    def begin_again(self, now: int) -> None:
        """Cells that have begun begin again where mechanisms ask for what pointers follow, which is there now."""
        first = self.gids.size - sum(n for n, _ in self._again)
        for k, block in enumerate(self.held):
            if first < k * LANES + block.lanes and self._again:
                block.begin_again(now, max(0, first - k * LANES))
        for n, states in self._again:
            for name, column in states.items():
                self.put(name, np.arange(first, first + n), column)
            first += n
        self.changed(np.arange(self.gids.size), now)
        self._again = []

    def heard(self, k: int) -> Heard | None:
        """What reaches a block."""
        if self.reception is None:
            return None
        entries, blocks = self.reception.entries(k * LANES, self.held[k].lanes), self.reception.blocks
        return Heard(entries, blocks["rows"], self.blocks["box"], blocks["queue"])

    def spots(self, said: list[int]) -> Ints:
        """Those that couplings name, which are nodes."""
        return np.array(said, np.int64)

    def sweep_ops(self, stages: Stages, joined: Joined, waves: Block, words: Ints) -> dict[str, list[Op]]:
        """The ops of a window, block by block."""
        return sweep_ops(self, stages, joined, waves, words)

    def end_ops(self, stages: Stages) -> None:
        """Lay out what follows the exchange at an interval's edge."""
        if self.reception is not None or not self.silent:
            self.inbox.clear_ops(stages, self.blocks["box"], self.blocks["out"])

    def catch_up(self, cells: Ints, now: int) -> None:
        """States are always those of the last step."""

    def changed(self, cells: Ints, now: int) -> None:
        """What does not change in the matrix may have changed with what was set."""
        for k in np.unique(cells // LANES):
            self.held[k].settle()

    # ---- what can be seen ------------------------------------------------------------------------

    def put(self, name: str, cells: Ints, values: Floats) -> None:
        """Set a state of some cells."""
        for k in np.unique(cells // LANES):
            here = np.flatnonzero(cells // LANES == k)
            for row in self._rows(self.held[k], name):
                row[cells[here] % LANES] = values[here]

    def sample(self, name: str, cells: Ints, now: int, into: Floats) -> None:
        """A variable of some cells at the end of step `now`."""
        sampling.sample(self, self.model.column(name), cells, now, into)

    def sample_op(self, stages: Stages, name: str, into: Block) -> Op:
        """What takes samples of a variable, to where the `Samples` in a block say."""
        return sampling.sample_op(self, self.model.column(name), into)

    def finite_states(self) -> list[str]:
        """Blocks look at their voltages themselves."""
        return []

    def mistake(self) -> str | None:
        """Which voltage is no number, and the state that is none by which it came to be so."""
        if self.reception is not None and (said := what_is_wrong(self.reception.queue, self.model.name)):
            return said
        for k, wrong in enumerate(self.wrong):
            if wrong[0] == NO_ROOM:
                return NEEDS_ROOM.format(self.model.name)
            if wrong[0] >= 0:
                return self._mistake(self.held[k], k * LANES, int(wrong[0]))
        return None

    def find_not_finite(self) -> tuple[int, str, float] | None:
        """A cell with a state of a mechanism that is no number, the name of that state, and what it is."""
        for k, block in enumerate(self.held):
            for array, values in block.states():
                for row, lane in np.argwhere(~np.isfinite(values))[:1].tolist():
                    return k * LANES + lane, self.model.label(array, row), float(values[row, lane])
        return None

    def _mistake(self, block: CableBlock, first: int, step: int) -> str:
        lane, value, why = blame(block, step, self.model.label)
        return (
            f"the voltage of gid {self.gids[first + lane]} ({self.model.name}) became {value:g} in the step from "
            f"t = {self.grid.time(step):g} ms on{': ' if why else ''}{why}. Look for parameters that are too large, or "
            "use a smaller dt."
        )


def _columns(blocks: list[CableBlock]) -> dict[str, Floats]:
    """All that blocks keep, by name, [row, cell]."""
    arrays = [block.arrays() for block in blocks]
    return (
        {name: np.concatenate([one[name] for one in arrays], axis=1) for name in arrays[0]} if arrays else {}
    )

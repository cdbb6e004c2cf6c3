"""A rank's program: laid out from what it holds and what is recorded, and run from interval to interval."""

from collections.abc import Callable
from functools import partial
from threading import Lock
from time import perf_counter
from typing import Any

import numpy as np

from parsim.clock import NEVER
from parsim.engine.built import Built
from parsim.engine.event_driven import may_rest_between_events
from parsim.engine.keeping.recording import full_of_spikes
from parsim.engine.mistakes import check_cells
from parsim.engine.running import loop
from parsim.engine.running.ahead import Ahead
from parsim.engine.running.exchange import Exchange
from parsim.engine.running.free import free_groups, move_free
from parsim.engine.running.loop import (
    AT_END,
    BEGINS,
    COLLECTS,
    DELIVERED,
    FULL,
    HAVE_MET,
    MEETS,
    NEXT,
    NOW,
    OP,
    ORDERS,
    STAGE,
    STARTS,
    STATUS,
    STOPPED,
    TO_EXCHANGE,
    TO_LOOK,
    TOLD,
    TOTAL,
    Program,
)  # fmt: skip
from parsim.engine.running.watching import Watching
from parsim.errors import SimulationError
from parsim.jit import FAILED, MEETING, Block, Op, addresses, driver, told
from parsim.shard import found as spikes
from parsim.shard.found import found_spikes, widen
from parsim.shard.stages import Move, Stages

PATIENCE = 0.05  # seconds after which Ctrl-C is heard and progress is shown; the run of an interval is never broken off

# Notes that travel with the spikes, so that all ranks stop together; the greatest decides. In between are the reasons
# for which a run stops in good order.
GO, FAILED_SOMEWHERE = 0, 1 << 20


class Runner:
    """The program of one rank, and where it is."""

    def __init__(self, rank: Any) -> None:
        self.rank, self.watch = rank, rank.watch
        self._cursor = np.zeros(loop.WORDS, np.int64)
        self._cursor[loop.EVERY] = 1
        self._stop, self._began = 0, 0.0
        with _one_at_a_time:
            self.stages = lay_out(rank)
            self._ops = _by_stage(self.stages)
            self.program = _program(self.stages)
            rest = (self._cursor, 0, 0.0, 0, self.watch.counted, self.watch.clock)
            if rank.comm.size == 1:
                self._act: Any = driver(loop.alone, self.program, *rest)
        self.exchange: Exchange | None = None
        if rank.comm.size > 1:
            self.exchange = exchange = Exchange(rank.comm, self.stages.found, rank.built.precise)
            with _one_at_a_time:
                self._act = driver(loop.with_others, self.program, exchange.place, *rest)

    def fits(self) -> bool:
        """Let the ops work on what the rank holds now; False when that is of other types than before."""
        try:
            self.stages.refresh()
        except TypeError:
            return False
        return True

    def run(self, stop: int, watch: Callable[[Any], int], starts: bool) -> int:
        """Collective: move on to step `stop`. The reason for which `watch` stops all ranks before, or GO.

        `watch` is asked now and then, and at the end. When the run `starts`, cells go first through what is due at this
        very time, where an interval begins.
        """
        rank, cursor = self.rank, self._cursor
        self._place_cursor(stop, BEGINS)
        if starts:
            cursor[NOW], cursor[STAGE] = rank.now - 1, STARTS
            for keeper in rank.recorders.keepers:
                keeper.until = min(keeper.until, rank.now - 1)  # nothing of what is on this step is kept yet
        try:
            return self._on(watch)
        finally:
            self.stages.come_home()

    def exchange_early(self) -> None:
        """Collective: exchange and deliver what was fired since the interval began, though it is not over."""
        self._place_cursor(self.rank.now, COLLECTS)
        self._cursor[loop.EARLY] = 1
        self.stages.found.value.count[0] = 0
        self._on(lambda rank: GO)

    def _place_cursor(self, stop: int, stage: int) -> None:
        """Collective: where the rank is; it goes on to step `stop`, beginning with a stage."""
        rank, cursor = self.rank, self._cursor
        cursor[NOW], cursor[TOLD], cursor[DELIVERED] = rank.now, rank.spikes_so_far, rank.delivered
        cursor[loop.ANCHOR], cursor[loop.INTERVAL] = rank.anchor, rank.built.interval
        cursor[STAGE], cursor[OP], cursor[loop.EARLY] = stage, 0, 0
        self._expect_full()
        self._from, self._stop, self._began = rank.now, stop, perf_counter()
        if self.exchange is not None:
            self.exchange.begin()

    def _expect_full(self) -> None:
        """All ranks look, and hand over what they have recorded, when there are so many spikes; known alike to all."""
        self._cursor[FULL] = full_of_spikes(
            self.rank.recorders.keepers, self.rank.comm.size, int(self._cursor[TOLD])
        )

    def _on(self, watch: Callable[[Any], int]) -> int:
        exchange = self.exchange
        return self._alone(watch) if exchange is None else self._with_others(exchange, watch)

    def _alone(self, watch: Callable[[Any], int]) -> int:
        attempt, note = self.rank.attempt, GO
        why: int | None = STOPPED
        while why != AT_END and note == GO:
            self._began = perf_counter()
            why = self._go()
            self._look()
            note = attempt(watch, self.rank) or GO
            if attempt.failure is not None and why != AT_END:
                self.rank.break_off(self._origin())
        return note

    def _with_others(self, exchange: Exchange, watch: Callable[[Any], int]) -> int:
        """Collective. A rank that has failed says so at the next exchange, or at the end of the run."""
        note, cursor = GO, self._cursor
        while True:
            while (why := self._go()) == TO_EXCHANGE:
                exchange.outside()
            if why == AT_END or why == TO_LOOK or (why is None and cursor[STAGE] > MEETS):
                self._look()
                if why == AT_END or (why is None and cursor[NOW] >= self._stop):
                    return note
                if why == TO_LOOK:
                    continue
            if why is None:
                self._leave()
            if why != HAVE_MET and not exchange.under_way:
                own = self._note(watch)
                exchange.tell(own, int(cursor[NEXT]), silent=own == FAILED_SOMEWHERE)
            _, total, note, cursor[NEXT] = exchange(why == HAVE_MET)
            if note == FAILED_SOMEWHERE:
                self.rank.break_off(self._origin())
            cursor[TOTAL], cursor[TOLD], cursor[STAGE] = total, cursor[DELIVERED] + total, ORDERS
            if note != GO:
                self._stop = int(cursor[NOW])

    def _leave(self) -> None:
        """Collective: this rank has failed; ranks that wait for it within the interval go on to the exchange."""
        now, interval = int(self._cursor[NOW]), int(self._cursor[loop.INTERVAL])
        origin = now - (now - int(self._cursor[loop.ANCHOR])) % interval
        until = min(self._stop, origin + interval)
        self.rank.built.shortcuts.leave(now, until)
        self.rank.built.linker.leave(now, until)
        self.rank.built.relaxer.leave(until)

    def _note(self, watch: Callable[[Any], int]) -> int:
        """What this rank tells the others with its spikes."""
        attempt, now, note = self.rank.attempt, perf_counter(), GO
        if now - self._began >= PATIENCE or self._cursor[NOW] >= self._stop:
            self._began = now
            self._tell()
            note = attempt(watch, self.rank) or GO
        return note if attempt.failure is None else FAILED_SOMEWHERE

    def _origin(self) -> int:
        """Where the interval began that is to be exchanged, or that was not come through."""
        cursor = self._cursor
        if cursor[NOW] < self._from or (cursor[NOW] == self._from and cursor[STAGE] == MEETS):
            return self._from  # what is due at this very time
        last = int(cursor[NOW]) - (1 if cursor[STAGE] == MEETS else 0)
        return last - (last - int(cursor[loop.ANCHOR])) % int(cursor[loop.INTERVAL])

    def _go(self) -> int | None:
        """On until the driver has come to something that only Python can do: what. None when this rank has failed."""
        attempt, began = self.rank.attempt, perf_counter()
        why = attempt.in_any_case(self._drive)
        while why == STOPPED and self._goes_on():
            why = attempt.in_any_case(self._drive)
        self.watch.driven(perf_counter() - began)
        return None if why == STOPPED else why

    def _goes_on(self) -> bool:
        """Give an op that has not done its part what it waits for; False when this rank has failed."""
        if self._cursor[STATUS] != MEETING:
            return bool(self.rank.attempt.in_any_case(self._answer))
        # All ranks are in it, so what goes wrong is no failure of this rank alone, of which they hear later.
        began = perf_counter()
        goes_on = bool(self.rank.attempt.hears(self._stopped().answer()))
        if self._cursor[loop.LEFT] == 0:  # cells are on their way, so it is part of moving them
            self.watch.counted[loop.INTEGRATING] += (perf_counter() - began) * self._cursor[loop.EVERY]
        return goes_on

    def _stopped(self) -> Op:
        """The op that has not done its part."""
        return self._ops[int(self._cursor[STAGE])][int(self._cursor[OP])]

    def _drive(self) -> int:
        where: tuple[Any, ...] = (self.program.address,)
        if self.exchange is not None:
            where = (self.program.address, self.exchange.place.address)
        # A call may be of one interval, or end time and again where an op needs room.
        late = perf_counter() - self._began >= PATIENCE or self.rank.attempt.failure is not None
        rest = (0.0 if late else PATIENCE, self._room(), self.watch.counted, self.watch.clock)
        try:
            return self._act(*where, self._cursor, self._stop, *rest)  # type: ignore[no-any-return]
        except Exception as error:
            if (named := told(error)) is error:
                raise
            raise named from error

    def _room(self) -> int:
        """The step by which some buffer of samples may be full; alike on all ranks."""
        rank = self.rank
        return min(
            (sampler.full_at(rank.built.interval) for sampler in rank.recorders.samplers), default=NEVER
        )

    def _answer(self) -> bool:
        """An op has not done its part: give it room, so that it can go on, or say what is wrong."""
        rank, op = self.rank, self._stopped()
        if self._cursor[STATUS] == FAILED or op.make_room is None:
            origin = self._origin()
            self.stages.come_home()
            rank.now = min(self._stop, origin + rank.built.interval)
            check_cells(rank.built, origin, rank.now)
            raise SimulationError(f"an op failed at t = {rank.clock.time(rank.now):g} ms without saying why.")
        op.make_room()
        return True

    def _look(self) -> None:
        """Collective: let Python see where the run is. What is recorded goes where it was asked for when it is much."""
        rank = self.rank
        self._count()
        with self.watch("record"):
            self._tell()
            for keeper in rank.recorders.keepers:
                keeper.until = rank.now
                if rank.comm.size == 1 or self._cursor[TOLD] >= self._cursor[FULL]:
                    keeper.flush(rank.attempt)
            if self._cursor[TOLD] >= self._cursor[FULL]:
                self._expect_full()
            for sampler in rank.recorders.samplers:
                sampler.note(rank.now)
                if sampler.full(rank.built.interval):
                    sampler.flush(rank.attempt)

    def _tell(self) -> None:
        rank, cursor = self.rank, self._cursor
        self.stages.come_home()
        rank.now = int(cursor[NOW])
        rank.spikes_so_far, rank.delivered = int(cursor[TOLD]), int(cursor[DELIVERED])

    def _count(self) -> None:
        """Some intervals are timed; what all of them took together is known."""
        if (exchange := self.exchange) is not None:
            self.rank.comm.bytes_sent += exchange.bytes_sent()
            self.watch.add("wait", exchange.waited)
            self.watch.add("exchange", exchange.seconds)
            exchange.waited = exchange.seconds = 0.0


_one_at_a_time = Lock()  # ranks that are threads lay out in turn: what the first compiles, the others find


def lay_out(rank: Any) -> Stages:
    """Ask everything that a rank holds for its ops, stage by stage."""
    built, recorders, grid = rank.built, rank.recorders, rank.clock.for_kernels
    stages = Stages(Block(found_spikes(spikes.FEWEST, built.precise)))
    free = free_groups(built)
    for group in built.groups.values():
        group.inbox.expect([table for table in built.tables if table.group is group])
        group.begin_ops(stages)
    ahead, is_coupled = Ahead(stages), built.relaxer.is_coupled
    for drive, _ in built.drives:
        ahead.drive(drive, is_coupled(drive.group))
    for group in built.groups.values():
        ahead.gather(group, is_coupled(group))
    built.event_driven.gather_ops(stages)

    watching = Watching(recorders.samplers, stages)
    built.event_driven.move_ops(stages, watching)
    built.shortcuts.move_ops(stages, built.event_driven.outbox_blocks(stages))
    move_free(free, stages, watching)
    _move_bound(built, stages, ahead, watching)

    def more() -> None:
        widen(stages.found, 0, built.precise)

    def collect(gids: Block, out: Block) -> Op:
        act = spikes.collect_exact if built.precise else spikes.collect
        return Op(act, gids, out, stages.found, make_room=more)

    for group in built.groups.values():
        gids = stages.follow(lambda group=group: (group.gids,))  # type: ignore[misc]
        if not group.silent:
            stages.collect.append(collect(gids, group.blocks["out"]))
        group.end_ops(stages)
    built.event_driven.end_ops(stages, collect, may_rest_between_events(built.network))
    built.shortcuts.end_ops(stages)
    silent = built.event_driven.islands is None and all(group.silent for group in built.groups.values())
    # Where nobody can fire nothing is put in order, and so nothing compiled for that.
    if rank.comm.size > 1 or not silent:
        exact = (spikes.put_exact_in_order, stages.found, grid)
        stages.order.append(Op(*exact) if built.precise else Op(spikes.put_in_order, stages.found))
    for keeper in recorders.keepers:
        stages.keep += keeper.ops(stages.found, grid, lambda: rank.attempt)
    for group in built.groups.values():
        group.history_ops(stages, partial(built.let_rows_hear, group))
    for doses in built.doses.values():
        doses.ops(stages, built.let_all_rows_hear)
    for sampler in recorders.samplers:
        sampler.row_ops(stages, built.let_rows_hear)
    for table in built.tables:
        table.is_noted_anew()
    for listener in recorders.listeners:
        listener.ops(stages, rank)
    built.event_driven.listen_ops()
    for table in built.tables:
        table.ops(stages, table.group.blocks["box"])
    return stages


def _move_bound(built: Built, stages: Stages, ahead: Ahead, watching: Watching) -> None:
    """Cells that hear from each other within an interval, by links or junctions; where they have both, step by step."""
    relaxer, linker, joined = built.relaxer, built.linker, None
    if relaxer.active:
        joined = relaxer.ops(
            stages, ahead, lambda group: [] if linker.is_linked(group) else watching.of(group), built.interval
        )
    if linker.active:
        op = linker.ops(stages, joined if relaxer.one_step else None, relaxer.is_coupled)
        stages.move.append(Move(op, [watch for group in linker.groups for watch in watching.of(group)]))
    if joined is not None and not (linker.active and relaxer.one_step):
        stages.move.append(Move(joined, []))


def _by_stage(stages: Stages) -> list[list[Op]]:
    """The ops that may stop the driver, by what the cursor says."""
    moves = [move.op for move in stages.move]
    return [
        stages.start, stages.begin, moves, stages.collect, [], stages.order, stages.keep, stages.clear, stages.deliver,
    ]  # fmt: skip


def _program(stages: Stages) -> Block:
    """The program in a block that keeps its ops."""
    moves: list[Move] = stages.move
    samples = [watch for move in moves for watch in move.watches]
    watch = np.cumsum([0, *(len(move.watches) for move in moves)]).astype(np.int64)
    every = np.array([one.every for one in samples], np.int64)
    program = Program(
        addresses(stages.start), addresses(stages.begin), addresses([move.op for move in moves]), watch,
        addresses([one.sample for one in samples]), every, addresses(stages.collect), addresses(stages.order),
        addresses(stages.keep), addresses(stages.clear), addresses(stages.deliver),
        addresses(stages.next_event), stages.next, stages.found,
    )  # fmt: skip
    return Block(program, stages)

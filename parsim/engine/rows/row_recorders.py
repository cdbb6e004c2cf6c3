"""What is recorded of connections is kept: samples between intervals, and the spikes that go over them."""

from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Floats, Ints
from parsim.engine.agree import Attempt
from parsim.engine.keeping.recording import Sampler
from parsim.engine.rank import Rank
from parsim.engine.rows.held_rows import AbstractHeldRows, HeldTable, Rows, taken
from parsim.engine.rows.own_rows import OwnRows, Share, of_statement
from parsim.engine.rows.row_changes import statements
from parsim.jit import Block, Op
from parsim.kernels.rows import how_manyth
from parsim.models.ports import entry_of, turns_of
from parsim.network.projection import Projection
from parsim.network.row_recording import NamedRows, RecordedRows, RowRecording, TransmissionRecording
from parsim.shard.rows.early import Early
from parsim.shard.rows.noting import Noting, Walked, see_to_room
from parsim.shard.rows.row_samples import Transmitted, Watched, no_transmissions, note_transmissions
from parsim.shard.rows.table import Table
from parsim.shard.stages import Stages

ROOM = 1 << 12  # transmissions that find room at first


# ---- connections by name --------------------------------------------------------------------------------


def nth_of(own: OwnRows) -> Ints:
    """The how manyth of its target's rows each row of a statement is."""
    cells, n = own.cells()
    nth = np.empty(own.size, np.int64)
    how_manyth(cells, np.zeros(n, np.int64), nth)
    if all(share.held.nth is None for share in own.shares):
        return nth
    parts = [
        values if share.held.nth is None else share.held.nth[_numbers(share)]
        for share, values in own.split(nth)
    ]
    return own.joined(parts, np.int64)  # type: ignore[no-any-return]


def nth_by_holder(rank: Rank, said: dict[int, Projection]) -> dict[int, Ints]:
    """`nth_of` the rows of statements, in all tables and drives that have any, by the `id` of these."""
    nth: dict[int, Ints] = {}
    for one in said.values():
        whole = of_statement(rank, one)
        for share, values in whole.split(nth_of(whole)):
            column = nth.setdefault(id(share.held.rows_of), np.empty(share.held.size, np.int64))
            column[slice(None) if share.rows is None else share.rows] = values
    return nth


def names_of(rank: Rank, own: OwnRows) -> NamedRows:
    """The names of this rank's rows, in their order."""
    nth = nth_by_holder(rank, {one.serial: one for share in own.shares for one in statements(rank, share)})
    found = [nth[id(share.held.rows_of)] for share in own.shares]
    return NamedRows(
        own.column("serial", np.int64),
        own.column("target", np.int64),
        own.joined(
            [c if s.rows is None else c[s.rows] for c, s in zip(found, own.shares, strict=True)], np.int64
        ),
    )


class RowPiece(NamedTuple):
    """Recorded rows of one table or drive, and which columns of all they are."""

    held: AbstractHeldRows
    rows: Ints
    columns: Ints
    at: Ints | None = None  # where they are in a sampler's buffer; one after another as long as all are there


def pieces_of(rank: Rank, rows: RecordedRows) -> tuple[list[RowPiece], int]:
    """Collective: this rank's share of recorded connections, and how many they are on all ranks."""
    if rows.names is None:
        own = of_statement(rank, rows.statements[0])
        place, n = own.place(), int(rank.comm.total(np.array([own.size], np.int64))[0])
        found = own.split(np.arange(own.size) if place is None else place)
        return [RowPiece(share.held, _numbers(share), columns) for share, columns in found], n
    names, pieces = rows.names, []
    for said in rows.statements:
        whole = of_statement(rank, said)
        columns = np.flatnonzero(names.serials == said.serial)
        bits = int(names.nth.max(initial=0)).bit_length() + 1
        keys = (names.targets[columns] << bits) + names.nth[columns]
        order = np.argsort(keys)
        mine = np.minimum(nth_of(whole), (1 << bits) - 1) + (whole.column("target", np.int64) << bits)
        at = np.minimum(np.searchsorted(keys[order], mine), max(keys.size - 1, 0))
        hits = keys[order][at] == mine if keys.size else np.zeros(mine.size, bool)
        which = np.where(hits, columns[order][at] if keys.size else 0, -1)
        for share, values in whole.split(which):
            here = values >= 0
            pieces.append(RowPiece(share.held, _numbers(share)[here], values[here]))
    return [piece for piece in pieces if piece.rows.size], names.nth.size


def _numbers(share: Share) -> Ints:
    rows: Rows = share.rows
    return np.arange(share.size) if rows is None else rows


def lose_recorded(rank: Rank, gone: dict[int, Any]) -> None:
    """Rows of tables and drives, by their `id`, are about to go: no recorder looks at them any more."""
    for sampler in rank.recorders.samplers:
        begin, left = 0, []
        for piece in sampler.row_pieces:
            at = np.arange(begin, begin + piece.rows.size) if piece.at is None else piece.at
            begin += 0 if piece.at is not None else piece.rows.size
            stays = np.ones(piece.rows.size, bool)
            rows = piece.rows
            if (mask := gone.get(id(piece.held.rows_of))) is not None:
                stays = ~mask[rows]
                rows = (np.cumsum(~mask) - 1)[rows[stays]]
            sampler.buffer[:, at[~stays]] = np.nan
            left.append(piece._replace(rows=rows, columns=piece.columns[stays], at=at[stays]))
        sampler.row_pieces = left
    for listener in rank.recorders.listeners:
        listener.lose(gone)


# ---- samples --------------------------------------------------------------------------------------------


def add_row_recorders(rank: Rank) -> None:
    """Collective: record from now on what was asked for of connections since the last call."""
    known = {id(one.said) for one in [*rank.recorders.samplers, *rank.recorders.listeners]}
    for said in rank.network.recordings:
        if id(said) in known or not isinstance(said, (RowRecording, TransmissionRecording)):
            continue
        pieces, n = pieces_of(rank, said.rows)
        if isinstance(said, RowRecording):
            own = np.concatenate([np.empty(0, np.int64), *(piece.columns for piece in pieces)])
            sampler = Sampler(said, [], own, n, rank.comm, rank.first_process, rank.clock)
            sampler.row_pieces = pieces
            sampler.begin(rank.now)
            sampler.make_room(rank.built.interval)
            ends = [_of_all(rank, pieces, end, n, said.everywhere) for end in ("source", "target")]
            if sampler.keeps:
                said.begin(*ends)
            rank.recorders.samplers.append(sampler)
        else:
            rank.recorders.listeners.append(Listener(rank, said, pieces))
        rank.laid_out.forget()


def _of_all(rank: Rank, pieces: list[RowPiece], name: str, n: int, everywhere: bool) -> Any:
    """Collective: what recorded connections have by a name, in their order; 0 for those that are gone."""
    bring = (lambda a: rank.comm.allgather(a)[0]) if everywhere else rank.comm.gather
    nothing = np.empty(0, np.int64)
    columns = bring(np.concatenate([nothing, *(piece.columns for piece in pieces)]))
    values = bring(np.concatenate([nothing, *(Share(p.held, p.rows).column(name) for p in pieces)]))
    found = np.zeros(n if everywhere or rank.comm.rank == 0 else 0, np.int64)
    found[columns] = values
    return found


# ---- transmissions --------------------------------------------------------------------------------------


def _watched(table: Table, which: Ints) -> Watched:
    return Watched(table.sources, table.weight, which)


def _ports(share: Share, said: Projection, mine: NDArray[np.bool_]) -> Any:
    """By which ports some rows of a statement enter, [2, row]: weights above 0, and all others."""
    held, group = share.held, share.held.group
    if turns_of(group.model, said.receptor)[1] == 1:
        return np.array(entry_of(group.model, said.receptor))[:, None]
    assert isinstance(held, HeldTable)
    return taken(held.table.slot, share.rows, held.size)[mine] // group.gids.size


def _early(piece: RowPiece) -> list[Early]:
    rows = piece.held.table.transmission if isinstance(piece.held, HeldTable) else None
    return [] if rows is None else rows.early


class Listener:
    """Notes the spikes that go over this rank's share of some connections, and brings them together now and then."""

    def __init__(self, rank: Rank, said: TransmissionRecording, pieces: list[RowPiece]) -> None:
        self.said, self.pieces, self.comm = said, pieces, rank.comm
        self.keeps = rank.comm.rank == 0 or (said.everywhere and rank.first_process)
        self.noted = Block(no_transmissions(ROOM))
        self.chunks: list[tuple[Any, ...]] = []
        n = 1 + max((int(piece.columns.max(initial=0)) for piece in pieces), default=0)
        # Of each recorded connection that is here: its ends, and the ports by which it enters.
        self.about = np.zeros((4, n), np.int64)
        for piece in pieces:
            share = Share(piece.held, piece.rows)
            self.about[0, piece.columns] = share.column("source")
            self.about[1, piece.columns] = share.column("target")
            for early in _early(piece):
                if early.step < rank.now:
                    early.seen.add(id(self))
            serial = share.column("serial")
            for one in statements(rank, share):
                mine = serial == one.serial
                self.about[2:, piece.columns[mine]] = _ports(share, one, mine)

    def ops(self, stages: Stages, rank: Rank) -> None:
        """Lay out the noting, before spikes are delivered or as they are."""
        for held, rows, columns, _ in self.pieces:
            assert isinstance(held, HeldTable)
            which = np.full(held.rows_of.slot.size, -1, np.int64)
            which[rows] = columns
            need = np.zeros(2, np.int64)
            make_room = partial(self._make_room, stages, need)
            if (synapse := held.table.transmission) is None:
                watched = stages.follow(partial(_watched, held.table, which))
                act = Op(
                    note_transmissions,
                    watched,
                    self.noted,
                    stages.found,
                    rank.clock.for_kernels,
                    need,
                    make_room=make_room,
                )
            else:
                synapse.notes.append(lambda params, which=which: Noting(params, which, self.noted.value))  # type: ignore[misc]
                if held.table.short:  # spikes go over these before they are found
                    self._take_early(held.table, which)
                    need[0] = np.diff(held.table.sources.start).max(initial=0)
                    synapse.note_rooms.append(make_room)
                    continue
                walked = stages.follow(lambda held=held: Walked(held.table.sources))  # type: ignore[misc]
                act = Op(see_to_room, walked, self.noted, stages.found, need, make_room=make_room)
            stages.deliver.append(act)

    def _take_early(self, table: Table, columns: Ints) -> None:
        """What went over rows before there were ops."""
        assert table.transmission is not None
        for one in table.transmission.early:
            if id(self) not in one.seen:
                one.seen.add(id(self))
                n = int(one.noted.count[0])
                which = columns[one.noted.which[:n]]
                mine = which >= 0
                self._hand(one.noted.times[:n][mine], which[mine], one.noted.weights[:n][mine])

    def lose(self, gone: dict[int, Any]) -> None:
        """Rows are about to go."""
        left = []
        for piece in self.pieces:
            if (mask := gone.get(id(piece.held.rows_of))) is not None:
                stays = ~mask[piece.rows]
                rows = (np.cumsum(~mask) - 1)[piece.rows[stays]]
                piece = piece._replace(rows=rows, columns=piece.columns[stays])
            left.append(piece)
        self.pieces = left

    def _make_room(self, stages: Stages, need: Ints) -> None:
        self.hand_over()
        if self.noted.value.times.size < need.max():
            self.noted.put(no_transmissions(2 * int(need.max())))
            stages.refresh()

    def hand_over(self) -> None:
        """What was noted to where more of it is."""
        noted: Transmitted = self.noted.value
        if n := int(noted.count[0]):
            noted.count[0] = 0
            self._hand(noted.times[:n].copy(), noted.which[:n].copy(), noted.weights[:n].copy())

    def _hand(self, times: Floats, which: Ints, weights: Floats) -> None:
        source, target, positive, other = self.about[:, which]
        ports = np.where(weights > 0.0, positive, other)
        self.chunks.append((times, source, target, weights, ports, which))

    def flush(self, attempt: Attempt) -> None:
        """Collective: bring all to where it was asked for, in order of time and connection."""
        attempt.in_any_case(self.hand_over)
        empty = (
            np.empty(0),
            *(np.empty(0, np.int64) for _ in range(2)),
            np.empty(0),
            *(np.empty(0, np.int64),) * 2,
        )
        mine = [np.concatenate(parts) for parts in zip(empty, *self.chunks, strict=True)]
        self.chunks = []
        bring = (lambda a: self.comm.allgather(a)[0]) if self.said.everywhere else self.comm.gather
        *columns, which = (bring(column) for column in mine)
        if self.keeps:
            order = np.lexsort((which, columns[0]))
            attempt.in_any_case(self.said.keep, *(column[order] for column in columns))

    def finish(self, now: float) -> None:
        """All spikes that have gone over connections up to `now` (ms) are where they were asked for."""
        self.said.duration = now

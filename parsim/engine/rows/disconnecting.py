"""Connections are taken away, on all ranks; what was sent over them arrives."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from parsim.engine.agree import together
from parsim.engine.keeping.gathered import SharedWriter, of_mine
from parsim.engine.rank import Rank
from parsim.engine.rows.held_rows import AbstractHeldRows, held_rows
from parsim.engine.rows.own_rows import OwnRows
from parsim.engine.rows.row_names import save_rows
from parsim.engine.rows.row_recorders import lose_recorded, nth_by_holder
from parsim.io.checkpoint import Checkpoint

Gone = list[tuple[AbstractHeldRows, NDArray[np.bool_]]]


def disconnect(rank: Rank, own: OwnRows) -> None:
    """Collective: these connections are no more from now on."""
    gone: Gone = []

    def plan() -> None:
        for share in own.shares:
            mask = np.zeros(share.held.size, bool)
            mask[slice(None) if share.rows is None else share.rows] = True
            gone.append((share.held, mask))

    together(rank.comm, plan)
    rank.sets += 1
    rank.begin_interval()
    rank.let_rows_hear()
    take_away(rank, gone)


def take_away(rank: Rank, gone: Gone) -> None:
    """Collective: rows are no more, at a step where an interval begins."""

    def name() -> None:
        serials = {serial for held, _ in gone for serial in _serials(held)}
        for held in held_rows(rank):
            # Also of tables that keep all rows of such a statement: what is left is still named as when it was built.
            if held.nth is None and held.size and serials & _serials(held):
                held.rows_of.nth = _nth(rank, held).astype(np.int32)

    together(rank.comm, name)
    masks = {id(held.rows_of): mask for held, mask in gone}
    lose_recorded(rank, masks)
    rank.built.take_away(masks, rank.now)
    rank.anchor = rank.now
    rank.laid_out.forget()


# ---- a checkpoint ---------------------------------------------------------------------------------------


def lossy(rank: Rank) -> list[bool]:
    """Collective: of each table, then of each drive, whether some rank has lost rows of it."""
    mine = np.array([held.nth is not None for held in held_rows(rank)], np.int64)
    return [bool(flag) for flag in rank.comm.maximum(mine)] if mine.size else []


def save_left(rank: Rank, file: SharedWriter, lost: list[bool]) -> None:
    """Collective: which rows are left of tables and drives of which some are gone."""
    for at, held in enumerate(held_rows(rank)):
        if lost[at]:
            columns = {
                "serial": np.broadcast_to(held.serial, held.size).astype(np.int64),
                "nth": _nth(rank, held),
            }
            extent = rank.built.extent_of(held.group)
            save_rows(file, f"left/{at}", held.group, extent, held.names(), columns, held.base)


def _serials(held: AbstractHeldRows) -> set[int]:
    """Of the statements of rows."""
    return set(np.unique(held.serial).tolist()) if held.size else set()


def _nth(rank: Rank, held: AbstractHeldRows) -> Any:
    """The how manyth of those of its statement onto its target each row was when built."""
    if held.nth is not None or held.size == 0:
        return np.empty(0, np.int64) if held.nth is None else held.nth.astype(np.int64)
    serials = _serials(held)
    said = {one.serial: one for one in rank.network.projections if one.serial in serials}
    return nth_by_holder(rank, said)[id(held.rows_of)]


def restore_left(rank: Rank, file: Checkpoint) -> None:
    """Collective: take away what was gone when `save_left` was called; nothing is on its way yet."""
    lost, gone = file.about["left"], []

    def find() -> None:
        for at, held in enumerate(held_rows(rank)):
            if lost[at]:
                gone.append((held, ~_left(rank, file, f"left/{at}", held)))

    together(rank.comm, find)
    if any(lost):
        take_away(rank, gone)


def _left(rank: Rank, file: Checkpoint, folder: str, held: AbstractHeldRows) -> NDArray[np.bool_]:
    """Which of the rows that are here are in the file."""
    keep, nth = np.zeros(held.size, bool), _nth(rank, held)
    local, serial = np.asarray(held.local(None), np.int64), np.broadcast_to(held.serial, held.size)
    for block in file.blocks(folder):
        cells, here = of_mine(held.group.gids, block["gid"])
        counts = block["count"]
        begins, sizes = np.cumsum(counts) - counts, counts[here]
        within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        saved = np.repeat(begins[here], sizes) + within
        names = np.repeat(cells, sizes), block["connection serial"][saved], block["connection nth"][saved]
        mine = np.flatnonzero(np.isin(local, cells))
        keep[mine] = among((local[mine], serial[mine], nth[mine]), names)
    return keep


def among(these: tuple[Any, ...], those: tuple[Any, ...]) -> NDArray[np.bool_]:
    """Which of these triples of numbers are among those."""
    if these[0].size == 0 or those[0].size == 0:
        return np.zeros(these[0].size, bool)
    bits = [int(max(a.max(), b.max())).bit_length() for a, b in zip(these, those, strict=True)]
    keys = [
        (one[0].astype(np.int64) << (bits[1] + bits[2])) | (one[1].astype(np.int64) << bits[2]) | one[2]
        for one in (these, those)
    ]
    return np.isin(keys[0], keys[1])

"""What connections remember, and what of them is not as it was said, to a file of all ranks and back.

Tables and drives stand in one order on all ranks. In the file a row is its target and the how manyth of the target's
rows in its table or drive it is.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from parsim.engine.keeping.gathered import SharedWriter
from parsim.engine.rank import Rank
from parsim.engine.rows.held_rows import AbstractHeldRows, held_rows, taken
from parsim.engine.rows.own_rows import share
from parsim.engine.rows.row_changes import put
from parsim.engine.rows.row_names import restore_rows, save_rows
from parsim.io.checkpoint import Checkpoint


class Saved(NamedTuple):
    """What is saved of the rows of a table or drive: what they remember, and new values of what was said."""

    folder: str
    held: AbstractHeldRows
    states: dict[str, Any]
    new: list[str]


def changed_rows(rank: Rank) -> list[list[str]]:
    """Collective: of each table, then of each drive, the names of what has new values on any rank."""
    held = held_rows(rank)
    flags = [[name in one.changed for name in one.said] for one in held]
    flat = np.array([flag for one in flags for flag in one], np.int64)
    found = iter(rank.comm.maximum(flat).tolist() if flat.size else [])
    return [[name for name in one.said if next(found)] for one in held]


def _saved(rank: Rank, changed: list[list[str]]) -> Iterator[Saved]:
    for at, (held, new) in enumerate(zip(held_rows(rank), changed, strict=True)):
        if (states := held.remembered) or new:
            yield Saved(f"rows/{at}", held, states, new)


def save_all_rows(rank: Rank, file: SharedWriter, changed: list[list[str]]) -> None:
    """Collective: what connections remember, and the names that `changed_rows` has found."""
    for folder, held, states, new in _saved(rank, changed):
        columns = states | {f"new {name}": taken(held.column(name), None, held.size) for name in new}
        save_rows(
            file, folder, held.group, rank.built.extent_of(held.group), held.names(), columns, held.base
        )


def restore_new_values(rank: Rank, file: Checkpoint) -> None:
    """The reverse of `save_all_rows`, of new values; nothing collective."""
    for folder, held, _, new in _saved(rank, file.about["rows"]):
        if new:
            values = {f"new {name}": np.empty(held.size) for name in new}
            restore_rows(file, folder, held.group.gids, held.names(), values, held.base)
            own = share(held, None)
            put(rank, own, {name: taken(values[f"new {name}"], own.rows, held.size) for name in new})


def restore_states(rank: Rank, file: Checkpoint) -> None:
    """The reverse of `save_all_rows`, of what connections remember; nothing collective."""
    for folder, held, states, _ in _saved(rank, file.about["rows"]):
        if states:
            restore_rows(file, folder, held.group.gids, held.names(), states, held.base)

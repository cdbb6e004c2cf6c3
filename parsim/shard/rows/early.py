"""What goes over connections of less than a step as cells begin: noted before there are ops that do it in a run."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from parsim.jit import Block
from parsim.shard.rows.noting import Noting
from parsim.shard.rows.row_samples import Transmitted, no_transmissions


class Early(NamedTuple):
    """Spikes over rows of a table that went out at a step; `which` are the rows. `seen`: by these recorders."""

    step: int
    noted: Transmitted
    seen: set[int]


@contextmanager
def noted_early(tables: list[Any], spikes: int, step: int) -> Iterator[None]:
    """Meanwhile all rows of tables note what they bring, for so many spikes, and nobody else does."""
    before = []
    for table in tables:
        rows = table.transmission
        noted = Block(no_transmissions(spikes * int(np.diff(rows.sources.start).max(initial=0))))
        before.append((rows, rows.notes, rows.note_rooms, noted))
        which = np.arange(table.slot.size)
        rows.notes = [lambda params, which=which, noted=noted: Noting(params, which, noted.value)]
        rows.note_rooms = []
    yield
    for rows, notes, rooms, noted in before:
        rows.notes, rows.note_rooms = notes, rooms
        if noted.value.count[0]:
            rows.early.append(Early(step, noted.value, set()))

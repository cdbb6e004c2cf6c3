"""New values that reach further than the rows they were said for, and whether all of them fit together."""

from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Ints, with_new
from parsim.engine.rank import Rank
from parsim.engine.rows.held_rows import HeldTable, taken
from parsim.engine.rows.own_rows import OwnRows, Share, of_statement
from parsim.errors import DescriptionError
from parsim.kernels.order import GID_BITS
from parsim.models.checks import check_together, read_by_check
from parsim.network.projection import Projection


class NewColumn(NamedTuple):
    """New values of one name: of rows of this rank, [row], or without a dimension where all get the same."""

    own: OwnRows
    name: str
    values: Any

    def split(self) -> list[tuple[Share, Any]]:
        """What belongs to each share of the rows."""
        if self.values.ndim:
            return self.own.split(self.values)
        return [(share, self.values) for share in self.own.shares]


def shared_column(rank: Rank, some: NewColumn, said: list[Projection], per: str) -> NewColumn:
    """New values of some rows of statements, for all rows that share them: onto the same "target", or "statement"."""
    own, name, values = some
    shares = [share for one in said for share in of_statement(rank, one).shares]
    everyone = OwnRows(rank.comm, shares)
    if per == "statement":
        return NewColumn(everyone, name, values)
    keys, which, of_key = np.unique(_targets(own), return_index=True, return_inverse=True)
    found = _targets(everyone)
    at = np.minimum(np.searchsorted(keys, found), max(keys.size - 1, 0))
    mine = keys[at] == found if keys.size else np.zeros(found.size, bool)
    wide = everyone if mine.all() else everyone.masked(mine)
    if values.ndim == 0:
        return NewColumn(wide, name, values)
    if (apart := values != values[which][of_key]).any():
        row = int(np.argmax(apart))
        raise DescriptionError(
            f"{name} is one for all connections of a statement onto a target, but those onto gid "
            f"{own.column('target', np.int64)[row]} get {values[which][of_key][row]:g} and {values[row]:g}. Give them "
            "the same."
        )
    return NewColumn(wide, name, values[which][at[mine]])


def _targets(own: OwnRows) -> Ints:
    """The statement and target of each row, as one number."""
    found: Ints = (own.column("serial", np.int64) << GID_BITS) | own.column("target", np.int64)
    return found


class Changed:
    """The rows of a table of which some get new values, and what all will have then."""

    def __init__(self, held: HeldTable) -> None:
        self.held = held
        self.new: dict[str, Any] = {}
        self.rows = np.zeros(held.size, bool)

    def put(self, share: Share, name: str, values: Any) -> None:
        """Some rows get new values of a name."""
        if self.held.table.transmission is None or name not in read_by_check(
            self.held.table.transmission.synapse
        ):
            return
        if share.rows is None:
            self.new[name], self.rows[:] = values, True
            return
        column = self.new[name] if name in self.new else np.array(self.held.column(name))
        self.new[name] = with_new(column, share.rows, values, self.held.size)
        self.rows[share.rows] = True

    def check(self) -> None:
        """They contradict neither each other nor what the rows have, as far as the synapse's check reads them."""
        if not self.new:
            return
        assert self.held.table.transmission is not None
        synapse = self.held.table.transmission.synapse
        rows = None if self.rows.all() else np.flatnonzero(self.rows)
        columns = {
            name: self.new.get(name, np.asarray(self.held.column(name))) for name in read_by_check(synapse)
        }
        check_together(
            synapse,
            {
                name: column if rows is None else taken(column, rows, self.held.size)
                for name, column in columns.items()
            },
        )

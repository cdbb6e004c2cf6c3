"""Rows of connections by name, wherever they are held: in tables, or in the drives of stimuli."""

from abc import ABC, abstractmethod
from collections.abc import Collection
from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Gids, Ints
from parsim.assembly.connections import in_ms
from parsim.assembly.short_rows import source_gids, spread
from parsim.clock import Clock
from parsim.engine.rank import Rank
from parsim.engine.rows.row_names import RowNames
from parsim.kernels.sources import gids_of
from parsim.network.members import Members
from parsim.network.population import Population
from parsim.shard.drive import Drive
from parsim.shard.group import AbstractGroup
from parsim.shard.rows.by_source import BySource
from parsim.shard.rows.table import Table

Rows = Ints | None  # the numbers of rows in their table or drive; None for all of them


def taken(column: Any, rows: Rows, n: int) -> Any:
    """What some of n rows have in a column [row], or in one without a dimension that all share."""
    if rows is None:
        return np.asarray(spread(column, n))
    return column[rows] if column.ndim else np.broadcast_to(column, rows.size)


class AbstractHeldRows(ABC):
    """The rows of one table or drive of this rank, numbered from 0.

    group: of the targets. in_any_order: where they do not come by (source, statement, target, draw).
    """

    in_any_order: ClassVar[bool]
    group: AbstractGroup

    @property
    @abstractmethod
    def size(self) -> int:
        """How many there are."""

    @property
    @abstractmethod
    def serial(self) -> NDArray[Any]:
        """Of their statements, [row] or without a dimension."""

    @property
    def base(self) -> int:
        """Of the number that the first row has among all onto the group."""
        return self.rows_of.base

    @property
    def nth(self) -> Any:
        """The how manyth of its statement's rows onto its target each was when built; None as long as all are there."""
        return self.rows_of.nth

    @property
    @abstractmethod
    def rows_of(self) -> Table | Drive:
        """The table or drive."""

    @property
    @abstractmethod
    def said(self) -> list[str]:
        """The names of what was said of rows and can be set, in an order that is the same on all ranks."""

    @property
    @abstractmethod
    def changed(self) -> set[str]:
        """Those of which some row here has a new value."""

    @property
    @abstractmethod
    def states(self) -> dict[str, Any]:
        """What the rows remember, by name, [row]."""

    @property
    def kept(self) -> dict[str, Any]:
        """What their targets keep of the rows, by name, [row]."""
        mine, kept = slice(self.base, self.base + self.size), self.group.kept_of_rows
        return {name: column[mine] for name, column in kept.items() if name not in self._own}

    @property
    def _own(self) -> Collection[str]:
        """Names that mean something of the rows themselves."""
        return self.said

    @property
    def remembered(self) -> dict[str, Any]:
        """That, and what rows remember together, as it is read and written by rows."""
        return self.states

    @property
    def hears(self) -> bool:
        """Do the rows hear of spikes of their targets?"""
        return False

    @property
    def changes_within_interval(self) -> bool:
        """May spikes go over the rows while cells move?"""
        return False

    @abstractmethod
    def names(self) -> RowNames:
        """The rows by names that hold on any number of ranks."""

    @abstractmethod
    def sources(self, rows: Rows) -> Gids:
        """Gids; where the sources are stimuli, their numbers."""

    @abstractmethod
    def targets(self, rows: Rows) -> Gids:
        """Gids."""

    @abstractmethod
    def from_any(self, sources: Members) -> NDArray[np.bool_]:
        """Which rows come from any of these?"""

    def local(self, rows: Rows) -> Any:
        """The target of each, as a local index."""
        local = self._local()
        return local if rows is None else local[rows]

    @property
    def is_by_source(self) -> bool:
        """Are they of one statement, and come by source?"""
        return not self.in_any_order and self.serial.ndim == 0

    @abstractmethod
    def runs(self) -> tuple[Ints, Gids]:
        """How many rows each source has that has any, and its gid, where they come by source."""

    @abstractmethod
    def column(self, name: str) -> Any:
        """A parameter or state of the rows, [row] or without a dimension; delays in ms."""

    def sampled(self, name: str, rows: Ints) -> tuple[Any, Ints]:
        """A column as it is kept, and where in it that of some rows is."""
        return self.column(name), rows

    def onto_any(self, targets: Members) -> NDArray[np.bool_]:
        """Which rows lead to any of these?"""
        return targets.has(self.group.gids)[self._local()]

    @abstractmethod
    def _local(self) -> Any:
        """The target of each row, as a local index."""


@final
class HeldTable(AbstractHeldRows):
    """Those of a table."""

    in_any_order: ClassVar[bool] = False

    def __init__(self, table: Table, clock: Clock) -> None:
        self.table, self.clock = table, clock
        self.group = table.group

    @property
    def rows_of(self) -> Table:
        return self.table

    @property
    def size(self) -> int:
        return self.table.slot.size

    @property
    def serial(self) -> NDArray[Any]:
        return self.table.serial

    @property
    def said(self) -> list[str]:
        states = self.states
        return [name for name in self.table.columns() if name not in states or name in self._per_source]

    @property
    def _per_source(self) -> tuple[str, ...]:
        """States that all rows of a source share until some get values of their own."""
        return () if self.table.transmission is None else self.table.transmission.synapse.per_source

    @property
    def changed(self) -> set[str]:
        return self.table.changed

    @property
    def hears(self) -> bool:
        return self.table.transmission is not None and self.table.hears

    @property
    def changes_within_interval(self) -> bool:
        return self.table.transmission is not None and self.table.short

    @property
    def states(self) -> dict[str, Any]:
        return {} if self.table.transmission is None else self.table.transmission.columns()

    @property
    def _own(self) -> Collection[str]:
        return self.table.columns()

    @property
    def remembered(self) -> dict[str, Any]:
        return {} if self.table.transmission is None else self.table.transmission.saved()

    def names(self) -> RowNames:
        return RowNames([self.table], self.group)

    def sources(self, rows: Rows) -> Gids:
        found = source_gids(self.table)
        return found if rows is None else found[rows]

    def targets(self, rows: Rows) -> Gids:
        return self.group.gids[self.local(rows)]

    def from_any(self, sources: Members) -> NDArray[np.bool_]:
        held = self.table.sources
        return np.repeat(sources.has(gids_of(held)), np.diff(held.start))

    def runs(self) -> tuple[Ints, Gids]:
        counts = np.diff(self.table.sources.start)
        return counts[counts > 0], gids_of(self.table.sources)[counts > 0]

    def column(self, name: str) -> Any:
        said = self.table.columns()
        column = said[name] if name in said else self.kept[name]
        return in_ms(column, self.clock) if name == "delay" else column

    def sampled(self, name: str, rows: Ints) -> tuple[Any, Ints]:
        column = self.column(name)
        return (column.held, column.of(rows)) if isinstance(column, BySource) else (column, rows)

    def _local(self) -> Any:
        return self.table.local()


@final
class HeldDrive(AbstractHeldRows):
    """Those of a drive, whose stimuli are of one population and come as they were chosen."""

    in_any_order: ClassVar[bool] = True

    def __init__(self, drive: Drive, population: Population, clock: Clock) -> None:
        self.drive, self.population, self.clock = drive, population, clock
        self.group = drive.group

    @property
    def rows_of(self) -> Drive:
        return self.drive

    @property
    def size(self) -> int:
        return self.drive.rows.slot.size

    @property
    def serial(self) -> NDArray[Any]:
        return np.asarray(self.drive.serial)

    @property
    def said(self) -> list[str]:
        return ["weight"]

    @property
    def changed(self) -> set[str]:
        return self.drive.changed

    @property
    def states(self) -> dict[str, Any]:
        return {}

    @property
    def kept(self) -> dict[str, Any]:
        return super().kept if self.drive.numbered else {}

    @property
    def _own(self) -> Collection[str]:
        return ("weight", "delay")

    @property
    def remembered(self) -> dict[str, Any]:
        self.drive.make_room()
        return {"sent": self.drive.rows.state} if self.drive.recalls else {}

    def names(self) -> RowNames:
        return RowNames([self.drive], self.group)

    def sources(self, rows: Rows) -> Gids:
        return taken(self.drive.rows.stimulus, rows, self.size) + self.population.first

    def targets(self, rows: Rows) -> Gids:
        return taken(self.drive.rows.gid, rows, self.size)  # type: ignore[no-any-return]

    def from_any(self, sources: Members) -> NDArray[np.bool_]:
        return sources.has(self.sources(None))

    def runs(self) -> tuple[Ints, Gids]:
        raise NotImplementedError("these come as stimuli were chosen")

    def column(self, name: str) -> Any:
        rows = self.drive.rows
        if name in self.kept:
            return self.kept[name]
        return rows.weight if name == "weight" else np.asarray(self.clock.times(rows.delay)) + rows.rest

    def _local(self) -> Any:
        return self.drive.local()


def held_rows(rank: Rank) -> list[AbstractHeldRows]:
    """Of each table of a rank, then of each drive, which stand in one order on all ranks."""
    return [
        *(HeldTable(table, rank.clock) for table in rank.built.tables),
        *(HeldDrive(drive, population, rank.clock) for drive, population in rank.built.drives),
    ]

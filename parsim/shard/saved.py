"""How a group is saved and restored, whatever is made of it: columns by cell, things at cells, rows of connections.

Cells are local, here as in the rest of a group. Rows are numbered by rank, so what keeps the number of a row keeps the
row's name in its place, which is the same on any number of ranks.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

from parsim.arrays import Ints


class AbstractSaving(ABC):
    """Takes what a group saves, part by part. All is collective: every rank puts the same parts in the same order."""

    now: int  # the step up to which the cells have been moved

    @abstractmethod
    def put_cells(self, part: str, columns: dict[str, Any]) -> None:
        """Columns [cell, ...], or lists of trains, of all cells of the group."""

    @abstractmethod
    def put_loose(self, part: str, cells: Ints, columns: dict[str, Any]) -> None:
        """Columns [n] of things that are at `cells` [n], any number of them, in no order."""

    @abstractmethod
    def put_rows(self, part: str, columns: dict[str, Any]) -> None:
        """Columns [row] of all connections onto the group."""

    @abstractmethod
    def names_of(self, rows: Any, cells: Ints) -> Ints:
        """The names of rows, which lead to `cells`; -1, no row, stays."""


class AbstractSaved(ABC):
    """Gives back, of what was put part by part, the share of this rank's cells. Nothing is collective."""

    now: int  # as when it was saved

    @abstractmethod
    def cells(self, part: str) -> Iterator[tuple[Ints, dict[str, Any]]]:
        """Cells with their columns, until all cells were given."""

    @abstractmethod
    def loose(self, part: str) -> Iterator[tuple[Ints, dict[str, Any]]]:
        """The cells at which things are, with columns of these."""

    @abstractmethod
    def take_rows(self, part: str, columns: dict[str, Any]) -> None:
        """Fill columns [row] of all connections onto the group."""

    @abstractmethod
    def rows_of(self, names: Any, cells: Ints) -> Ints:
        """The reverse of `names_of`."""

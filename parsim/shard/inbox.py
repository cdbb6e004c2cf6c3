"""What is on its way to the cells of a group: as sums by step, or spike by spike."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Ints
from parsim.jit import Block
from parsim.shard.inputs import Events
from parsim.shard.saved import AbstractSaved, AbstractSaving
from parsim.shard.stages import Stages


class AbstractInbox(ABC):
    """Where tables deliver to and drives send to.

    `mailbox` holds sums by step: all that arrives, or only what stimuli send on the grid.
    """

    names_rows: ClassVar[bool]  # does what arrives say over which connection it came?
    places: int = 1  # where in cells what says so can end
    mailbox: Any

    @property
    @abstractmethod
    def gathered(self) -> Events:
        """Where ops put in order what arrives at exact times in an interval."""

    @abstractmethod
    def add_rows(self, port: NDArray[np.int16]) -> None:
        """Connections behind those that lead here already: by which port each enters, if events tell ports apart."""

    @abstractmethod
    def renumber(self, new: Ints, now: int, forget: NDArray[np.bool_]) -> Ints:
        """What is on its way at step `now` comes over connections with other numbers, or, below 0, over none.

        Where `forget` is true, [place, cell], what comes over those that are gone goes with them. Returns the new
        numbers of all: those that are gone have that of what comes over none, by the same port.
        """

    @abstractmethod
    def lay_out(self, cells: int, now: int, interval: int, longest: int) -> None:
        """Make room for `cells` cells, intervals of `interval` steps from `now` on, delays up to `longest`."""

    @abstractmethod
    def sent(self) -> Any:
        """Events at exact times as they are on their way now, for `put_back`; more may be sent meanwhile."""

    @abstractmethod
    def put_back(self, sent: Any) -> None:
        """On their way are those events again."""

    # ---- a checkpoint ----------------------------------------------------------------------------

    @abstractmethod
    def columns(self, now: int) -> dict[str, Any]:
        """The sums that arrive after step `now`, [cell, ...] by name."""

    @abstractmethod
    def begin_at(self, origin: int) -> None:
        """Nothing is on its way, and an interval begins at step `origin`; what was saved is put after that."""

    @abstractmethod
    def put_columns(self, cells: Ints, columns: dict[str, Any], now: int) -> None:
        """The reverse of `columns`, for some cells; other names than those from there are passed by."""

    @abstractmethod
    def save(self, saving: AbstractSaving) -> None:
        """Collective: what is on its way and is no column."""

    @abstractmethod
    def restore(self, saved: AbstractSaved) -> None:
        """The reverse of `save`."""

    # ---- as ops ----------------------------------------------------------------------------------

    @abstractmethod
    def expect(self, tables: list[Any]) -> None:
        """Make ready for the ops of these tables, which are all that deliver here."""

    @abstractmethod
    def begin_ops(self, stages: Stages) -> None:
        """Make ready to lay out ops."""

    @abstractmethod
    def drive_ops(self, stages: Stages, drive: Any, box: Block) -> None:
        """Lay out what a drive sends; `box` is the block of the mailbox."""

    @abstractmethod
    def gather_ops(self, stages: Stages, box: Block) -> None:
        """Lay out the putting in order of what arrives at exact times, once stimuli have driven."""

    @abstractmethod
    def deliver_ops(self, stages: Stages, table: Any, box: Block) -> None:
        """Lay out the delivery of spikes through the rows of a table."""

    @abstractmethod
    def clear_ops(self, stages: Stages, box: Block, out: Block) -> None:
        """Lay out the forgetting of the interval that is past; `out` is the block of the cells' outbox."""

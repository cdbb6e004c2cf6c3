"""Where connections are held: in the simulation, with recorders, or as gap junctions."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np

from parsim.arrays import Floats, Gids, Ints
from parsim.nest import errors, readout
from parsim.nest.kernel import kernel
from parsim.nest.labels import Name, names_of
from parsim.nest.names import nests, ours
from parsim.nest.wires import Mark


class AbstractRows(ABC):
    """Connections of one model and receptor: ids of sources and targets [row], and what else they have, by name.

    `order` is where they stand among others of their model: between cells, to recorders, from generators and meters.
    """

    order = 0

    def __init__(self, mark: Mark, source: Gids, target: Gids) -> None:
        self.name, self.receptor, self.label = mark.name, mark.receptor, mark.label
        self.source, self.target = source, target
        self.names: tuple[str, ...] = ("weight", "delay")
        self.settable: tuple[str, ...] = ()

    @abstractmethod
    def column(self, key: str) -> Any:
        """What all rows have, [row]."""

    def labels(self) -> Ints:
        """The label of each row."""
        return np.full(self.source.size, self.label)

    def disconnect(self, rows: Ints) -> None:
        """Some rows are no more."""
        raise errors.unsupported(
            f"Taking away {self.name} connections of recorders or junctions", "Use ResetKernel."
        )

    @abstractmethod
    def set(self, rows: Ints, values: dict[str, Any]) -> None:
        """New values for some rows: numbers, or arrays with one for each."""


class HeldRows(AbstractRows):
    """In the simulation; `find` finds them there, again after some connection was taken away.

    `alive[row]` says which are still there; these stand in `found`, in the same order. `alike` are all parts that are
    marked as this one is, in order.
    """

    def __init__(self, mark: Mark, find: Callable[[], Any], ends: tuple[Gids, Gids], order: int) -> None:
        super().__init__(mark, *ends)
        self.find, self.order = find, order
        self.alike: list[HeldRows] = [self]
        self.alive = np.ones(self.source.size, bool)
        self._found: Any = None
        self._cuts = -1
        self._can_leave = False  # has it been seen that they can be taken away?
        self._before: Any = None  # which were there when the simulation knew last
        model = self.found.synapses[0]
        shared = kernel.models.synapses[mark.name].common
        known = dict.fromkeys(nests(p.name) for p in (*model.params, *model.recordables))
        self.names = tuple(name for name in known if name not in shared and name not in readout.HIDDEN)
        self.settable = self.names
        if kernel.models.synapses[mark.name].has_label:
            self.settable = (*self.names, "synapse_label")

    @property
    def found(self) -> Any:
        """Collective: the rows that are still there."""
        if self._cuts != kernel.said.cuts:
            found = self.find()
            if len(found) != np.count_nonzero(self.alive):
                raise errors.InexistentConnection("connections were taken away; find these again.")
            self._found, self._cuts = found, kernel.said.cuts
        return self._found

    def _places(self, rows: Ints) -> Ints:
        """Where rows stand among those that are still there."""
        if not self.alive[rows].all():
            raise errors.InexistentConnection("the connection was taken away.")
        places: Ints = (np.cumsum(self.alive) - 1)[rows]
        return places

    def column(self, key: str) -> Any:
        """What all rows have, [row]; NaN where they were taken away."""
        held = self.found.get(ours(key))
        if self.alive.all():
            return held
        column = np.full(self.alive.size, np.nan)
        column[self.alive] = held
        return column

    @property
    def _mark(self) -> tuple[str, int, int]:
        return self.name, self.receptor, self.label

    def _names(self) -> list[Name]:
        """By which labels know its rows."""
        each = names_of((part.source, part.target) for part in self.alike)
        return each[self.alike.index(self)]

    def labels(self) -> Ints:
        """The label of each row."""
        known = kernel.wires.labels
        return known.of(self._mark, self._names()) if known.has(self._mark) else super().labels()

    def set(self, rows: Ints, values: dict[str, Any]) -> None:
        """New values for some rows."""
        if "synapse_label" in values:
            names, label = self._names(), values.pop("synapse_label")
            numbers = np.broadcast_to(label, rows.size).astype(np.int64).tolist()
            kernel.wires.labels.put(self._mark, [names[row] for row in rows.tolist()], numbers)
        if "delay" in values and (values["delay"] == self.column("delay")[rows]).all():
            values = {key: value for key, value in values.items() if key != "delay"}
        if not values:
            return
        order = np.argsort(rows)
        picked = self.found[self._places(rows[order])]
        picked.set(**{ours(key): v[order] if isinstance(v, np.ndarray) else v for key, v in values.items()})

    def disconnect(self, rows: Ints) -> None:
        """Some rows are no more; a loop that takes away one after the other is one change of the simulation."""
        if not self._can_leave:
            kernel.said.disconnect(self.found[np.sort(self._places(rows))])
            self.alive[rows] = False
            models = {batch.native() for batch, _ in kernel.batches.pieces(np.unique(self.target))}
            self._can_leave = len(models) == 1
            return
        if not self.alive[rows].all():
            raise errors.InexistentConnection("the connection was taken away.")
        if not kernel.said.waits_for(self):
            _ = self.found
            self._before = self.alive.copy()
        self.alive[rows] = False
        kernel.said.disconnect_later(self)

    def leaving(self) -> Any:
        """Those that the simulation still has, and should not."""
        return self._found[np.flatnonzero(~self.alive[self._before])]


class FixedRows(AbstractRows):
    """With recorders, where weights and delays mean nothing, or gap junctions, which stay as they were said."""

    def __init__(self, name: str, ends: tuple[Gids, Gids], weight: Floats, delay: Floats, order: int) -> None:
        super().__init__(Mark(name), *ends)
        self.weight, self.delay, self.order = weight, delay, order

    def column(self, key: str) -> Any:
        """What all rows have, [row]."""
        return getattr(self, key)

    def set(self, rows: Ints, values: dict[str, Any]) -> None:
        """They stay."""
        raise errors.unsupported(
            f"Setting {self.name} connections of recorders or junctions", "Say it in Connect."
        )

"""Where connections are held: in the simulation, with recorders, or as gap junctions."""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from parsim.arrays import Floats, Gids, Ints
from parsim.nest import errors
from parsim.nest.names import nests, ours


class AbstractRows(ABC):
    """Connections of one model and receptor: ids of sources and targets [row], and what else they have, by name.

    `order` is where they stand among others of their model: between cells, to recorders, from generators and meters.
    """

    order = 0

    def __init__(self, name: str, receptor: int, source: Gids, target: Gids) -> None:
        self.name, self.receptor, self.source, self.target = name, receptor, source, target
        self.names: tuple[str, ...] = ("weight", "delay")
        self.settable: tuple[str, ...] = ()

    @abstractmethod
    def column(self, key: str) -> Any:
        """What all rows have, [row]."""

    @abstractmethod
    def set(self, rows: Ints, values: dict[str, Any]) -> None:
        """New values for some rows: numbers, or arrays with one for each."""


class HeldRows(AbstractRows):
    """In the simulation."""

    def __init__(self, name: str, receptor: int, found: Any, ends: tuple[Gids, Gids], order: int) -> None:
        super().__init__(name, receptor, *ends)
        self.found, self.order = found, order
        model = found.synapses[0]
        self.names = tuple(dict.fromkeys(nests(p.name) for p in (*model.params, *model.recordables)))
        self.settable = self.names

    def column(self, key: str) -> Any:
        """What all rows have, [row]."""
        return self.found.get(ours(key))

    def set(self, rows: Ints, values: dict[str, Any]) -> None:
        """New values for some rows."""
        order = np.argsort(rows)
        picked = self.found[rows[order]]
        picked.set(**{ours(key): v[order] if isinstance(v, np.ndarray) else v for key, v in values.items()})


class FixedRows(AbstractRows):
    """With recorders, where weights and delays mean nothing, or gap junctions, which stay as they were said."""

    def __init__(self, name: str, ends: tuple[Gids, Gids], weight: Floats, delay: Floats, order: int) -> None:
        super().__init__(name, 0, *ends)
        self.weight, self.delay, self.order = weight, delay, order

    def column(self, key: str) -> Any:
        """What all rows have, [row]."""
        return getattr(self, key)

    def set(self, rows: Ints, values: dict[str, Any]) -> None:
        """They stay."""
        raise errors.unsupported(
            f"Setting {self.name} connections of recorders or junctions", "Say it in Connect."
        )

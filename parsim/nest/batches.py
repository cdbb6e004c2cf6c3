"""Nodes as they were created: batches of one model, with ids that count from 1, and what is set of them.

What a script sets is kept here, by NEST's names, and told to the simulation when that has to know. So what was set can
be read before there is a simulation, and a loop that sets one node after the other costs one change.
"""

from bisect import bisect_right
from collections.abc import Iterator
from itertools import chain
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Ints
from parsim.nest import errors
from parsim.nest.names import NodeModel, recorded_of_receptors
from parsim.network.population import Population, PopulationPart, Selection

Places = range | Ints


def as_ids(node: int) -> range:
    """One node as ids."""
    return range(node, node + 1)


MOST_PARTS = 100  # that are kept for those who ask again
_NOBODY = SimpleNamespace(seed=0)  # in place of a network, where connections are only checked


class Batch:
    """`size` nodes of one model with ids from `first`; `columns` hold what can be set: one value for all, or [node].

    `population` is None as long as no network holds them, then they stand in it from `offset`. `recorders` are those
    of a batch of recorders. `layer` is where they are, None where they have no positions.
    """

    def __init__(self, first: int, size: int, model: NodeModel, layer: Any = None) -> None:
        self.first, self.size, self.model, self.layer = first, size, model, layer
        self.columns: dict[str, Any] = dict(model.defaults)
        self.lists = {key for key, value in model.defaults.items() if isinstance(value, tuple)}
        self.population: Population | None = None
        self.offset = 0
        self.recorders: list[Any] = []
        self.changed: dict[str, Places] = {}  # since it was told: at which places, or marks [node]
        self.used: set[str] = set()  # what was said of connections by these, so that it stays as it is
        self.as_of: dict[str, int] = {}  # for states, after how many runs they were read
        self._stand_in: Population | None = None
        self._parts: dict[range, Selection] = {}  # those that were asked for last, of `_of`
        self._part: tuple[Any, Ints, Selection] | None = None  # the last that is no range
        self._of: Any = None

    @property
    def stand_in(self) -> Population:
        """A population by which connections can be checked before a network holds them."""
        if self._stand_in is None:
            where = None if self.layer is None else self.layer.layout
            self._stand_in = Population(
                _NOBODY, self.native(), self.first, self.size, 0, self.model.name, {}, where
            )
        return self._stand_in

    def native(self) -> Any:
        """parsim's model of these nodes; where there may be any number of receptors, with as many as were set."""
        model = self.model.native
        if getattr(model, "per_receptor", None) is None:
            return model
        # Where there are none, the model has one that nothing reaches.
        return _with_receptors(model, max(self.n_receptors, 1))

    @property
    def n_receptors(self) -> int:
        """How many receptors nodes have, of models with any number of them."""
        given = self.columns[self.of_receptors[0]]
        sizes = {len(one) for one in given} if isinstance(given, list) else {len(given)}
        if len(sizes) > 1:
            raise errors.unsupported(
                "Nodes of one Create with other numbers of receptors", "Create them in several calls."
            )
        return sizes.pop()

    @property
    def of_receptors(self) -> tuple[str, ...]:
        """Lists with an element for each receptor, of models with any number of these."""
        each = getattr(self.model.native, "per_receptor", None)
        return () if each is None else tuple(one.name for one in each.params)

    @property
    def recordables(self) -> tuple[str, ...]:
        """What can be recorded of its nodes."""
        if not self.of_receptors:
            return self.model.recordables
        found = recorded_of_receptors(self.native())
        return tuple(found if self.n_receptors else (name for name in found if not name.endswith("_1")))

    def set(self, key: str, places: Places, value: Any) -> None:
        """One value for the nodes at these places, or an array [place], or for lists a list of arrays."""
        whole = len(places) == self.size
        if key in self.lists:
            self._set_lists(key, places, value, whole)
        elif whole:
            self.columns[key] = value if not isinstance(value, np.ndarray) else value.copy()
        else:
            column = self.columns[key]
            if not isinstance(column, np.ndarray):
                column = self.columns[key] = np.full(self.size, column, _dtype(column))
            column[_index(places)] = value
        if key in self.of_receptors:
            self._stand_in = None
        if self.population is not None:
            self._note_change(key, places)

    def _note_change(self, key: str, places: Places) -> None:
        before = self.changed.get(key)
        if before is None:
            self.changed[key] = places
            return
        if isinstance(before, range) or before.dtype != bool:
            marks = self.changed[key] = np.zeros(self.size, bool)
            marks[_index(before)] = True
        self.changed[key][_index(places)] = True  # type: ignore[index]

    def part(self, network: Any, places: Places) -> Selection:
        """Some of its nodes as a selection of the network that holds them."""
        shift = self.offset
        assert self.population is not None
        if not isinstance(places, range):
            if (
                self._part is None
                or self._part[0] is not network
                or not np.array_equal(self._part[1], places)
            ):
                part = PopulationPart(self.population, places + shift)
                self._part = network, places, Selection(network, (part,))
            return self._part[2]
        if self._of is not network or len(self._parts) > MOST_PARTS:
            self._of, self._parts = network, {}
        found = self._parts.get(places)
        if found is None:
            where = range(places.start + shift, places.stop + shift, places.step)
            found = self._parts[places] = Selection(network, (PopulationPart(self.population, where),))
        return found

    def _set_lists(self, key: str, places: Places, value: Any, whole: bool) -> None:
        if whole and not isinstance(value, list):
            self.columns[key] = value
            return
        column = self.columns[key]
        if not isinstance(column, list):
            column = self.columns[key] = [column] * self.size
        for at, place in enumerate(places):
            column[place] = value[at] if isinstance(value, list) else value

    def at(self, key: str, places: Places) -> Any:
        """What was set of these nodes: one value, an array [place] or a list of arrays."""
        column = self.columns[key]
        if isinstance(column, np.ndarray) and key not in self.lists:
            return column[_index(places)]
        return [column[place] for place in places] if isinstance(column, list) else column

    def values(self, key: str, places: Places) -> list[Any]:
        """The same as a list of one value a node."""
        found = self.at(key, places)
        if key in self.lists:
            rows = found if isinstance(found, list) else [found] * len(places)
            return [np.array(row, np.float64) for row in rows]
        return found.tolist() if isinstance(found, np.ndarray) else [found] * len(places)


def _dtype(value: Any) -> Any:
    return type(value) if isinstance(value, (bool, int, float)) else object


def _index(places: Places) -> Any:
    return slice(places.start, places.stop, places.step) if isinstance(places, range) else places


def _with_receptors(model: Any, n: int) -> Any:
    """The model with receptors 1 to n; the same value each time, so that all cells of it are one group."""
    if n == len(model.ports):
        return model
    if (model, n) not in _MADE:
        _MADE[model, n] = model.with_receptors(**{str(k + 1): {} for k in range(n)})
    return _MADE[model, n]


_MADE: dict[Any, Any] = {}


class Piece(NamedTuple):
    """Some nodes of one batch, by their places in it."""

    batch: Batch
    places: Places


class Batches:
    """All batches, in the order of their ids."""

    def __init__(self) -> None:
        self.all: list[Batch] = []
        self._firsts: list[int] = []
        self.size = 0  # of all: the greatest id
        self.types: set[str] = set()  # of models that were created

    def add(self, model: NodeModel, n: int, layer: Any = None) -> Batch:
        """`n` nodes more."""
        made = Batch(self.size + 1, n, model, layer)
        self.all.append(made)
        self._firsts.append(made.first)
        self.types.add(model.type_id)
        self.size += n
        return made

    def drop(self) -> Batch:
        """The last batch is gone; nobody has been told of it."""
        batch = self.all.pop()
        self._firsts.pop()
        self.size -= batch.size
        return batch

    def of(self, node: int) -> Batch:
        """The batch that holds an id."""
        return self.all[bisect_right(self._firsts, node) - 1]

    def pieces(self, ids: range | Ints) -> Iterator[Piece]:
        """Nodes by ascending ids, batch by batch."""
        n = len(ids)
        if n == 0:
            return
        if isinstance(ids, range):  # most often of one batch
            batch = self.of(ids.start)
            if ids[-1] < batch.first + batch.size:
                yield Piece(batch, range(ids.start - batch.first, ids.stop - batch.first, ids.step))
                return
        at = 0
        while at < n:
            batch = self.of(int(ids[at]))
            end = batch.first + batch.size
            if isinstance(ids, range):
                until = min(n, -(-(end - ids.start) // ids.step))
                part = ids[at:until]
                yield Piece(batch, range(part.start - batch.first, part.stop - batch.first, part.step))
            else:
                until = int(np.searchsorted(ids, end))
                yield Piece(batch, ids[at:until] - batch.first)
            at = until

    def stand_in(self, ids: range | Ints) -> Selection:
        """Nodes as a selection of populations that no network holds."""
        return Selection(_NOBODY, tuple(PopulationPart(b.stand_in, places) for b, places in self.pieces(ids)))

    def selection(self, network: Any, ids: range | Ints) -> Selection:
        """Nodes as a selection of the network that holds them."""
        parts = (batch.part(network, places).parts for batch, places in self.pieces(ids))
        return Selection(network, tuple(chain.from_iterable(parts)))

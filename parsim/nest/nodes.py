"""`NodeCollection`: nodes by their ids."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from parsim.arrays import Ints, written
from parsim.nest import errors, status
from parsim.nest.kernel import kernel
from parsim.nest.layers import layer_of

_OWN = ("ids", "_session")


class NodeCollection:
    """Nodes by ascending ids, each once: `neurons[0]`, `neurons[2:5]`, `a + b`, `neurons.V_m`, `neurons.V_m = -60.0`.

    Parameters
    ----------
    ids : iterable of int, optional
        Ids of nodes that exist, ascending.
    """

    __slots__ = ("_session", "ids")
    ids: range | Ints
    _session: int

    def __init__(self, ids: Iterable[int] | None = None) -> None:
        object.__setattr__(self, "ids", range(1, 1) if ids is None else _checked(ids))
        object.__setattr__(self, "_session", kernel.resets)

    # ---- as a sequence --------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self.ids)

    def __bool__(self) -> bool:
        return len(self.ids) > 0

    def __iter__(self) -> Iterator["NodeCollection"]:
        return (nodes(range(node, node + 1)) for node in self.tolist())

    def __contains__(self, node: Any) -> bool:
        if not isinstance(node, (int, float, np.number)):
            raise TypeError(f"{node!r:.60} is no id of a node; give a number.")
        if isinstance(self.ids, range):
            return node in self.ids
        at = np.searchsorted(self.ids, node)
        return bool(at < self.ids.size and self.ids[at] == node)

    def __getitem__(self, key: Any) -> "NodeCollection":
        n = len(self.ids)
        if type(key) is int and -n <= key < n:  # as in loops
            node = int(self.ids[key])
            return nodes(range(node, node + 1))
        if isinstance(key, slice):
            return nodes(self.ids[_range_of(key, n)])
        if isinstance(key, (int, np.integer)) and not isinstance(key, bool):
            if not -n <= key < n:
                raise IndexError(f"there is no node {key} in {n}.")
            return self[int(key)]
        if isinstance(key, (list, tuple, np.ndarray)):
            return nodes(written(self.ids)[_places(key, n)])
        raise IndexError(
            f"{key!r:.60} is no index; give a number, a slice, or a list of numbers or truth values."
        )

    def __add__(self, other: Any) -> "NodeCollection":
        if isinstance(other, int) and other == 0:  # sum([a, b]) begins with it
            return self
        if not isinstance(other, NodeCollection):
            return NotImplemented
        self._alive()
        other._alive()
        if not self:
            return other
        if not other:
            return self
        if any(batch.layer for ids in (self.ids, other.ids) for batch, _ in kernel.batches.pieces(ids)):
            raise errors.BadProperty("nodes with positions cannot be joined to others.")
        first, second = sorted((self.ids, other.ids), key=lambda ids: int(ids[0]))
        if isinstance(first, range) and isinstance(second, range) and first.step == second.step == 1:
            if first.stop == second.start:
                return nodes(range(first.start, second.stop))
        both = np.concatenate([written(self.ids), written(other.ids)])
        both.sort()
        if (twice := both[1:] == both[:-1]).any():
            raise errors.BadProperty(
                f"node {both[1:][twice][0]} is in both collections; join those that are apart."
            )
        return nodes(both)

    __radd__ = __add__

    def __eq__(self, other: Any) -> bool:
        if not isinstance(other, NodeCollection):
            raise NotImplementedError(
                f"a NodeCollection cannot be compared with {other!r:.60}; compare tolist()."
            )
        return self._session == other._session and self.tolist() == other.tolist()

    def __ne__(self, other: Any) -> bool:
        return not self == other

    __hash__ = None  # type: ignore[assignment]

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.array(written(self.ids), np.int64 if dtype is None else dtype)

    def index(self, node: int) -> int:
        """At which place an id stands; ValueError where it does not."""
        if node not in self:
            raise ValueError(f"node {node!r:.60} is not in the collection.")
        return int(self.ids.index(node) if isinstance(self.ids, range) else np.searchsorted(self.ids, node))

    def tolist(self) -> list[int]:
        """The ids."""
        return list(self.ids) if isinstance(self.ids, range) else self.ids.tolist()

    def _to_array(self, selection: str = "all") -> dict[Any, list[int]]:
        if selection == "all":
            return {"All": self.tolist()}
        size = kernel.comm.size
        if selection == "rank":
            mine = [node for node in self.tolist() if node % size == kernel.comm.rank]
            return {kernel.comm.rank: mine}
        threads = kernel.settings["local_num_threads"]
        return {t: [n for n in self.tolist() if n % (threads * size) // size == t] for t in range(threads)}

    # ---- what the nodes are ---------------------------------------------------------------------

    @property
    def spatial(self) -> dict[str, Any] | None:
        """Where they are, of nodes of one layer; None of others."""
        if (layer := layer_of(self.ids)) is None:
            return None
        ((_, places),) = kernel.batches.pieces(self.ids)
        return layer.said(places)

    def get(self, *keys: Any, **given: Any) -> Any:
        """What `GetStatus` gives, by name: see `status.get`."""
        self._alive()
        return status.get(self.ids, keys, given)

    def set(self, params: Any = None, **values: Any) -> None:
        """New values: a dict for all, a list of dicts, or keywords."""
        self._alive()
        if not self:
            return
        if params is not None and values:
            raise TypeError("set takes a dict or keywords, and not both.")
        if params is None and not values:
            raise TypeError("set needs a dict, a list of dicts or keywords.")
        status.set_(self.ids, values if params is None else params)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name in _OWN:
            raise AttributeError(f"a NodeCollection has no attribute '{name}'.")
        if not self:
            raise AttributeError(f"an empty NodeCollection has no '{name:.60}'.")
        return self.get(name)

    def __setattr__(self, name: str, value: Any) -> None:
        self.set({name: value})

    def __repr__(self) -> str:
        if not self:
            return "NodeCollection(<empty>)"
        self._alive()
        runs = list(_runs(self.ids))
        between = "\n               " if len(runs) > 1 or runs[0][3] > 1 else " "
        parts = ";".join(between + _described(*run) for run in runs)
        spatial = "None" if layer_of(self.ids) is None else "spatial"
        return f"NodeCollection(metadata={spatial},{parts})"

    def _alive(self) -> None:
        if self._session != kernel.resets and len(self.ids):
            raise errors.KernelException("these nodes went with ResetKernel; create new ones.")

    def __reduce__(self) -> Any:
        raise TypeError("a NodeCollection cannot be copied or pickled; keep its tolist().")


def nodes(ids: range | Ints) -> NodeCollection:
    """A collection of ids that are known to be right."""
    made = NodeCollection.__new__(NodeCollection)
    if isinstance(ids, np.ndarray) and ids.size and ids[-1] - ids[0] == ids.size - 1:
        ids = range(int(ids[0]), int(ids[-1]) + 1)
    object.__setattr__(made, "ids", ids)
    object.__setattr__(made, "_session", kernel.resets)
    return made


def as_nodes(given: Any) -> NodeCollection:
    """A collection as it is; of ids, or of collections, one of all."""
    if isinstance(given, NodeCollection):
        return given
    if isinstance(given, (list, tuple)) and any(isinstance(one, NodeCollection) for one in given):
        return NodeCollection(
            [node for one in given for node in (one.ids if isinstance(one, NodeCollection) else [one])]
        )
    return NodeCollection(given)


def _checked(ids: Any) -> range | Ints:
    if isinstance(ids, (str, int, float)) or not hasattr(ids, "__iter__"):
        raise TypeError(f"ids are {ids!r:.60}; a list of ids of nodes is needed.")
    listed = list(ids)
    if any(not isinstance(one, (int, np.integer)) or isinstance(one, bool) for one in listed):
        raise TypeError("ids of nodes are whole numbers.")
    found = np.array(listed, np.int64)
    if found.size == 0:
        return range(1, 1)
    if found.min() < 0:
        raise OverflowError(f"{int(found.min())} is no id of a node; they count from 1.")
    if (np.diff(found) < 0).any():
        raise errors.BadProperty("ids must ascend; sort them.")
    if (np.diff(found) == 0).any():
        raise errors.BadProperty(f"node {int(found[:-1][np.diff(found) == 0][0])} is named twice.")
    wrong = found[(found < 1) | (found > kernel.batches.size)]
    if wrong.size:
        raise errors.UnknownNode(f"there is no node {wrong[0]}; {kernel.batches.size} were created.")
    return found if found[-1] - found[0] != found.size - 1 else range(int(found[0]), int(found[-1]) + 1)


def _range_of(key: slice, n: int) -> slice:
    step = 1 if key.step is None else key.step
    if step < 1:
        raise IndexError("the step of a slice must be at least 1.")
    for edge in (key.start, key.stop):
        if edge is not None and not -n <= edge <= n:
            raise IndexError(f"{edge} is out of range; there are {n} nodes.")
    start, stop, _ = key.indices(n)
    if start >= stop:
        raise errors.BadParameter(f"the slice from {start} to {stop} holds no node.")
    return key


def _places(key: Any, n: int) -> Any:
    found = np.asarray(key)
    is_mixed = (
        isinstance(key, (list, tuple)) and found.dtype != bool and any(isinstance(k, bool) for k in key)
    )
    if found.ndim != 1 or is_mixed:
        raise TypeError(
            f"{key!r:.60} are no places of nodes; give a flat list of whole numbers or truth values."
        )
    if found.size == 0:
        return np.empty(0, np.int64)
    if found.dtype == bool:
        if found.shape != (n,):
            raise IndexError(f"{found.size} truth values do not fit {n} nodes.")
        return np.flatnonzero(found)
    if found.dtype.kind not in "iu":
        raise TypeError(f"{key!r:.60} are no places of nodes; give whole numbers.")
    if found.min() < -n or found.max() >= n:
        raise IndexError(f"{key!r:.60} is out of range; there are {n} nodes.")
    found = np.where(found < 0, found + n, found)
    if np.unique(found).size != found.size:
        raise ValueError(f"{key!r:.60} names a node twice.")
    if (np.diff(found) < 0).any():
        raise errors.BadProperty(f"{key!r:.60} must ascend.")
    return found


def _runs(ids: range | Ints) -> Iterator[tuple[str, int, int, int]]:
    """Model, first and last id and step of what goes on without a gap."""
    last: tuple[str, int, int, int] | None = None
    for run in _pieces(ids):
        if last is not None and last[0] == run[0] and last[3] == run[3] == 1 and last[2] + 1 == run[1]:
            last = last[0], last[1], run[2], 1
            continue
        if last is not None:
            yield last
        last = run
    if last is not None:
        yield last


def _pieces(ids: range | Ints) -> Iterator[tuple[str, int, int, int]]:
    """The same batch by batch."""
    for batch, places in kernel.batches.pieces(ids):
        found = np.asarray(places) + batch.first
        if isinstance(places, range) and places.step > 1 and len(places) > 1:
            yield batch.model.name, int(found[0]), int(found[-1]), places.step
            continue
        for run in np.split(found, np.flatnonzero(np.diff(found) != 1) + 1):
            yield batch.model.name, int(run[0]), int(run[-1]), 1


def _described(model: str, first: int, last: int, step: int) -> str:
    size = (last - first) // step + 1
    text = f"model={model}, size={size}, first={first}"
    return text + (f", last={last}" if size > 1 else "") + (f", step={step}" if step > 1 else "")

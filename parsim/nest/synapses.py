"""`SynapseCollection`: connections, read and set together."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from parsim.arrays import Ints
from parsim.errors import DescriptionError, ParsimError
from parsim.nest import errors
from parsim.nest.kernel import kernel
from parsim.nest.layers import distances
from parsim.nest.parameters import Parameter
from parsim.nest.rows import AbstractRows, HeldRows
from parsim.nest.spec import as_model_takes, label_of

_FIXED = ("source", "target", "synapse_model", "synapse_id", "target_thread", "port", "receptor", "sizeof")
_FROM_0 = ("ht_neuron", "iaf_cond_alpha_mc")  # NEST counts their receptors from 0 where it shows them
_OWN = ("_parts", "_which", "_rows", "_session", "print_full")
_SHOWN, _ENDS = 35, 15
_COLUMNS = ("source", "target", "synapse_model", "weight", "delay")


class SynapseCollection:
    """Connections as `GetConnections` finds them: `found.weight`, `found.set(weight=2.0)`, `found[3]`, `found[::2]`.

    Connection i is row `rows[i]` of `parts[which[i]]`.
    """

    def __init__(self, parts: list[AbstractRows], which: Ints, rows: Ints) -> None:
        for name, value in zip(_OWN, (parts, which, rows, kernel.resets, False), strict=True):
            object.__setattr__(self, name, value)

    _parts: list[AbstractRows]
    _which: Ints
    _rows: Ints
    _session: int
    print_full: bool

    # ---- as a sequence --------------------------------------------------------------------------

    def __len__(self) -> int:
        return int(self._which.size)

    def __iter__(self) -> Iterator["SynapseCollection"]:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, key: Any) -> "SynapseCollection":
        if isinstance(key, (int, np.integer)):
            if not -len(self) <= key < len(self):
                raise IndexError(f"there is no connection {key} in {len(self)}.")
            key = slice(int(key) % len(self), int(key) % len(self) + 1)
        if not isinstance(key, slice):
            raise IndexError(f"{key!r:.60} is no index; give a number or a slice.")
        return SynapseCollection(self._parts, self._which[key], self._rows[key])

    def __eq__(self, other: Any) -> bool:
        if not isinstance(other, SynapseCollection):
            raise NotImplementedError(f"connections cannot be compared with {other!r:.60}.")
        return len(self) == len(other) and all(
            self._column(key) == other._column(key) for key in ("source", "target", "synapse_model", "port")
        )

    __hash__ = None  # type: ignore[assignment]

    def picked(self, places: Ints) -> "SynapseCollection":
        """Those at some places."""
        return SynapseCollection(self._parts, self._which[places], self._rows[places])

    def disconnect(self) -> None:
        """Collective: they are no more."""
        self._alive()
        for i in np.unique(self._which).tolist():
            rows = self._rows[self._which == i]
            try:
                self._parts[i].disconnect(rows)
            except DescriptionError as error:
                raise errors.as_kind(errors.KernelException, error) from None
            kernel.wires.count(self._parts[i].name, -int(rows.size))

    def sources(self) -> Iterator[int]:
        """The ids of the sources."""
        return iter(self._column("source"))

    def targets(self) -> Iterator[int]:
        """The ids of the targets."""
        return iter(self._column("target"))

    # ---- reading --------------------------------------------------------------------------------

    def get(self, keys: Any = None, output: str = "") -> Any:
        """A value for one connection and a list for several; a dict for a list of names, or for none."""
        self._alive()
        if not len(self):
            return {} if keys is None else ()
        if isinstance(keys, str):
            if keys not in self._keys() and len(self) > 1:
                return []
            found: Any = self._plain(keys)
        elif keys is None or isinstance(keys, Iterable):
            found = {key: self._plain(key) for key in (self._keys() if keys is None else keys)}
        else:
            raise TypeError(f"{keys!r:.60} is no name of a property; give a text or a list of them.")
        if output == "json":
            return json.dumps(found)
        if output == "pandas":
            import pandas

            columns = found if isinstance(found, dict) else {keys: found}
            columns = {key: one if len(self) > 1 else [one] for key, one in columns.items()}
            return pandas.DataFrame(columns, index=self._column("source"))
        return found

    def _keys(self) -> list[str]:
        return sorted({*_FIXED, *(key for part in self._used() for key in self._names(part))})

    def _names(self, part: AbstractRows) -> tuple[str, ...]:
        has_label = kernel.models.synapses[part.name].has_label
        return (*part.names, "synapse_label") if has_label else part.names

    def _used(self) -> list[AbstractRows]:
        return [self._parts[i] for i in np.unique(self._which)]

    def _plain(self, key: str) -> Any:
        if key not in self._keys():
            raise KeyError(key)
        found = self._column(key)
        return found[0] if len(found) == 1 else found

    def _column(self, key: str) -> list[Any]:
        found: list[Any] = [None] * len(self)
        for i in np.unique(self._which).tolist():
            part, here = self._parts[i], np.flatnonzero(self._which == i)
            rows = self._rows[here]
            if key in _FIXED or key in self._names(part):
                column = (
                    part.column(key)[rows].tolist() if key in part.names else self._fixed(part, rows, key)
                )
                for at, value in zip(here.tolist(), column, strict=True):
                    found[at] = value
        return found

    def _fixed(self, part: AbstractRows, rows: Ints, key: str) -> list[Any]:
        if key == "port":
            ports: list[Any] = rows.tolist()
            return ports
        if key in ("source", "target"):
            ends: list[Any] = getattr(part, key)[rows].tolist()
            return ends
        if key == "synapse_label":
            labels: list[Any] = part.labels()[rows].tolist()
            return labels
        if key == "target_thread":
            return _threads(part, rows)
        if key == "receptor" and isinstance(part, HeldRows):
            return [
                part.receptor - (kernel.batches.of(node).model.type_id in _FROM_0)
                for node in part.target[rows].tolist()
            ]
        one = {
            "synapse_model": part.name, "synapse_id": kernel.models.synapse_number(part.name),
            "receptor": part.receptor, "sizeof": 32,
        }[key]  # fmt: skip
        return [one] * rows.size

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name in _OWN:
            raise AttributeError(f"connections have no attribute '{name}'.")
        if name == "distance":
            self._alive()
            return distances(np.array(self._column("source")), np.array(self._column("target"))).tolist()
        return self.get(name)

    # ---- setting --------------------------------------------------------------------------------

    def set(self, params: Any = None, **values: Any) -> None:
        """New values: a dict for all, a list with a dict for each, or keywords; lists have one value a connection."""
        self._alive()
        if params is not None and values:
            raise TypeError("set takes a dict or keywords, and not both.")
        if params is None and not values:
            raise TypeError("set needs a dict, a list of dicts or keywords.")
        given = values if params is None else params
        if isinstance(given, (list, tuple)):
            if len(given) != len(self) or not all(isinstance(one, Mapping) for one in given):
                raise TypeError(f"a list of parameters has a dict for each of the {len(self)} connections.")
            for one, said in zip(self, given, strict=True):
                one.set(said)
            return
        if not isinstance(given, Mapping):
            raise TypeError(f"parameters are {given!r:.60}; a dict is needed, or a list of dicts.")
        if len(self):
            self._put({key: self._checked(key, raw) for key, raw in given.items()})

    def _checked(self, key: str, raw: Any) -> Any:
        known = set.intersection(*({*part.settable} for part in self._used()))
        if key not in known:
            raise errors.UnaccessedDictionaryEntry(
                f"connections have no '{key!s:.60}' that can be set. There are: {', '.join(sorted(known))}."
            )
        if isinstance(raw, Parameter):
            raise errors.TypeMismatch(f"{key} is a Parameter; give numbers.")
        found = np.asarray(raw)
        if found.dtype.kind not in "iufb":
            raise errors.TypeMismatch(f"{key} is {raw!r:.60}; numbers are needed.")
        if found.ndim and found.size < len(self):
            raise IndexError(f"{key} has {found.size} values for {len(self)} connections.")
        if found.ndim and found.size > len(self):
            raise errors.BadProperty(f"{key} has {found.size} values for {len(self)} connections.")
        if key == "synapse_label":
            return found if found.ndim and [label_of(one) for one in found.tolist()] else label_of(raw)
        numbers = found.astype(np.float64)
        if key != "delay":
            return numbers
        models = kernel.models.synapses
        natives = {models[part.name].native if part.name in models else None for part in self._used()}
        kept = all(native is not None and native.any_delay for native in natives)
        return np.asarray(as_model_takes(numbers, kernel.clock, natives.pop() if kept else None))

    def _put(self, values: dict[str, Any]) -> None:
        if "delay" in values:
            kernel.wires.note_delays(float(np.min(values["delay"])), float(np.max(values["delay"])))
        for i in np.unique(self._which).tolist():
            here = np.flatnonzero(self._which == i)
            mine = {key: value[here] if np.ndim(value) else float(value) for key, value in values.items()}
            try:
                self._parts[i].set(self._rows[here], mine)
            except ParsimError as error:
                kind = errors.BadDelay if "delay" in values else errors.BadProperty
                raise errors.as_kind(kind, error) from None

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "print_full":
            object.__setattr__(self, name, bool(value))
        else:
            self.set({name: value})

    def __repr__(self) -> str:
        if not len(self):
            return "The synapse collection does not contain any connections."
        whole = self.print_full or len(self) < _SHOWN
        among = np.arange(len(self))
        shown = self if whole else self.picked(np.concatenate([among[:_ENDS], among[-_ENDS:]]))
        columns = [[_written(value) for value in shown._column(name)] for name in _COLUMNS]
        heads = [name.replace("_", " ") for name in _COLUMNS]
        widths = [len(head) + 2 for head in heads]
        widths[:3] = [
            max(width, *map(len, column)) for width, column in zip(widths, columns[:3], strict=False)
        ]
        rows = [_line(row, widths)[1:] for row in zip(*columns, strict=True)]
        if not whole:
            rows.insert(_ENDS, _line(["\u22ee"] * len(heads), widths)[2:] + " ")
        ruler = " ".join("-" * width for width in widths)
        head = " ".join(f"{word:^{width}}" for word, width in zip(heads, widths, strict=True))
        return "\n".join([head, ruler, *rows])

    def _alive(self) -> None:
        if self._session != kernel.resets:
            raise errors.KernelException("these connections went with ResetKernel; find them again.")
        kernel.settle()


def _written(value: Any) -> str:
    return f"{value:#.4g}" if isinstance(value, float) else str(value)


def _line(words: Sequence[str], widths: list[int]) -> str:
    return " ".join(f"{word:>{width}}" for word, width in zip(words, widths, strict=True))


def _threads(part: AbstractRows, rows: Ints) -> list[Any]:
    """Where NEST would hold them: with the target, or with a source that a device hears."""
    of = kernel.batches.of
    if kernel.settings["local_num_threads"] == 1:
        return [0] * rows.size
    ends = zip(part.source[rows].tolist(), part.target[rows].tolist(), strict=True)
    held = (
        source if of(source).model.is_cell and not of(target).model.is_cell else target
        for source, target in ends
    )
    return [kernel.process_of(node) // kernel.comm.size for node in held]

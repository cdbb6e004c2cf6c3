"""Connections as they were said, until a network is told of them; how many there are, and how long they take.

Pairs that are connected one by one are put together: a loop of 20,000 of them is one statement of the network.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from parsim.nest import errors
from parsim.nest.labels import Labels

Ids = Any  # range or int64[n], ascending


class Mark(NamedTuple):
    """What a script tells connections apart by: the names of their model, receptor and label there.

    `recorder` is the id of the weight recorder that hears of them, `transmitter` that of the volume transmitter that
    they feel.
    """

    name: str
    receptor: int = 0
    recorder: int | None = None
    transmitter: int | None = None
    label: int = -1


UNMARKED = Mark("")


@dataclass(eq=False)
class Statement:
    """Nodes to nodes by a rule of the network; `values` are those of the synapse by parsim's names."""

    source: Ids
    target: Ids
    rule: Any
    synapse: Any  # its native model, None for junctions
    values: dict[str, Any]
    receptor: str | None = None
    mark: Mark = UNMARKED


@dataclass(eq=False)
class Pairs:
    """Single pairs of one synapse model and receptor; `values` has a list for each parameter."""

    synapse: Any
    receptor: str | None
    mark: Mark
    sources: list[int] = field(default_factory=list)
    targets: list[int] = field(default_factory=list)
    values: dict[str, list[float]] = field(default_factory=dict)


class PairKey(NamedTuple):
    """What is alike in pairs of one statement; `kind` is "cell", "gap", or the model of generators."""

    kind: Any
    synapse: Any
    receptor: str | None
    mark: Mark


class Wires:
    """All connections: what the network was not told yet is `pending`, in the order in which it was begun."""

    def __init__(self, resolution: float) -> None:
        self.resolution = resolution
        self.pending: list[Statement | Pairs] = []
        self.counts: dict[str, int] = {}
        self.labels = Labels()
        self.uncounted: set[str] = set()  # models of which some rule draws how many there are
        self.shortest, self.longest = np.inf, 0.0
        self.allowed: tuple[float, float] | None = None
        self.recorded: list[
            Any
        ] = []  # name, sources, targets, weight and delay of what leads from and to recorders
        self._sent: dict[int, str] = {}
        self._meters: dict[int, int] = {}
        self._open: dict[Any, Pairs] = {}
        self._targets: list[Ids] = []

    def add(self, statement: Statement) -> None:
        """One statement more."""
        self.pending.append(statement)
        self._targets.append(statement.target)

    def add_pair(self, key: PairKey, pair: tuple[int, int], values: dict[str, float]) -> None:
        """One pair more; `key` tells apart what cannot stand in one statement."""
        pairs = self._open.get(key)
        if pairs is None:
            values_of = {name: [] for name in values}  # type: dict[str, list[float]]
            pairs = self._open[key] = Pairs(*key[1:], values=values_of)
            self.pending.append(pairs)
            self._targets.append(pairs.targets)
        pairs.sources.append(pair[0])
        pairs.targets.append(pair[1])
        for name, value in values.items():
            pairs.values[name].append(value)

    def taken(self) -> list[Statement | Pairs]:
        """What is pending, which is so no more."""
        if not self.pending:
            return []
        found, self.pending, self._open = self.pending, [], {}
        self._targets = [list(ids) if isinstance(ids, list) else ids for ids in self._targets]
        return found

    def next_meter(self, node: int) -> int:
        """The how manyth meter this is that is connected to a node, from 1."""
        self._meters[node] = self._meters.get(node, 0) + 1
        return self._meters[node]

    def other_synapse(self, generators: Any, name: str) -> str | None:
        """By which other model any of these generators is connected; NEST allows them one."""
        others = (self._sent.get(int(node), name) for node in generators)
        return next((other for other in others if other != name), None)

    def note_sent(self, generators: Any, name: str) -> None:
        """These generators are connected by a model."""
        for node in generators:
            self._sent[int(node)] = name

    def count(self, name: str, n: int | None) -> None:
        """So many more of a model; None where that is drawn."""
        self.counts[name] = self.counts.get(name, 0) + (n or 0)
        if n is None:
            self.uncounted.add(name)

    def counted(self, name: str) -> int:
        """How many there are of a model, as far as that is known without drawing any."""
        return self.counts.get(name, 0)

    def allow(self, shortest: float, longest: float) -> None:
        """Delays must stay within these, from now on."""
        if self.counts and (self.shortest < shortest or self.longest > longest):
            raise errors.BadDelay(f"there are delays outside of {shortest:g} to {longest:g} ms.")
        # As NEST rounds them: outwards, to whole steps.
        step = self.resolution
        self.allowed = math.floor(shortest / step + 1e-9) * step, math.ceil(longest / step - 1e-9) * step

    def note_delays(self, shortest: float, longest: float) -> None:
        """Delays from the one to the other, in ms."""
        if self.allowed is not None and not (
            self.allowed[0] - 1e-9 <= shortest and longest <= self.allowed[1] + 1e-9
        ):
            raise errors.BadDelay(
                f"a delay of {shortest if shortest < self.allowed[0] else longest:g} ms is not within min_delay and "
                f"max_delay, which were set to {self.allowed[0]:g} and {self.allowed[1]:g} ms."
            )
        if shortest < self.shortest:
            self.shortest = shortest
        if longest > self.longest:
            self.longest = longest

    def reach(self, node: int) -> bool:
        """Does any connection lead to a node?"""
        return any(_has(ids, node) for ids in self._targets)


def _has(ids: Iterable[int], node: int) -> bool:
    return bool(np.isin(node, ids)) if isinstance(ids, np.ndarray) else node in ids

"""Labels of connections that were set after these were made."""

from collections import Counter
from collections.abc import Iterable

import numpy as np

from parsim.arrays import Gids, Ints

Name = tuple[int, int, int]  # source, target, and which of the connections of the pair


def names_of(ends: Iterable[tuple[Gids, Gids]]) -> list[list[Name]]:
    """Of connections that follow one another, in parts: names that hold for as long as none is taken away."""
    seen: Counter[tuple[int, int]] = Counter()
    found = []
    for sources, targets in ends:
        names = []
        for pair in zip(sources.tolist(), targets.tolist(), strict=True):
            names.append((*pair, seen[pair]))
            seen[pair] += 1
        found.append(names)
    return found


class Labels:
    """By what connections were marked with, and by their names."""

    def __init__(self) -> None:
        self._set: dict[tuple[str, int, int], dict[Name, int]] = {}

    def has(self, mark: tuple[str, int, int]) -> bool:
        """Was any set of connections that are so marked?"""
        return mark in self._set

    def put(self, mark: tuple[str, int, int], names: Iterable[Name], labels: Iterable[int]) -> None:
        """New ones for some."""
        self._set.setdefault(mark, {}).update(zip(names, labels, strict=True))

    def of(self, mark: tuple[str, int, int], names: Iterable[Name]) -> Ints:
        """Those of connections with these names."""
        found, default = self._set.get(mark, {}), mark[2]
        return np.array([found.get(name, default) for name in names], np.int64)

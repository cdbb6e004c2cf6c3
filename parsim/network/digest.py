"""Numbers for what was said, by which ranks and files know that it is the same."""

import zlib
from threading import Lock
from typing import Any

import numpy as np

from parsim.given.trains import Trains
from parsim.given.values import AbstractValue, Array
from parsim.network.pairs import Lists
from parsim.network.population import Selection

_PLAIN = (str, int, float, bool, range, type(None))


class Digest:
    """Of all statements, and of those alone that make the network's structure.

    They are read when asked for: one rank alone never asks, which spares a fifth of setting up.
    """

    def __init__(self, seed: int) -> None:
        self._all, self._structure = digest(0, seed), 0
        self._unread: list[tuple[bool, tuple[Any, ...]]] = []
        self._reading = Lock()  # ranks that are threads hold one network

    def note_structure(self, *said: Any) -> None:
        """A statement that creates, connects or couples."""
        self._unread.append((True, said))

    def note(self, *said: Any) -> None:
        """Any other."""
        self._unread.append((False, said))

    def __getstate__(self) -> dict[str, Any]:
        self.read()
        return {"_all": self._all, "_structure": self._structure, "_unread": []}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, _reading=Lock())

    def read(self) -> tuple[int, int]:
        """The digest of everything, and that of the structure."""
        with self._reading:
            for of_structure, said in self._unread:
                if of_structure:
                    self._structure = digest(self._structure, *said)
                    said = (self._structure,)
                self._all = digest(self._all, *said)
            self._unread.clear()
            return self._all, self._structure


def digest(before: int, *said: Any) -> int:
    """A number that differs, most likely, when ranks have said different things. Functions count by name."""
    for thing in said:
        if type(thing) in _PLAIN:  # most are, and none of what is asked below, which takes longer
            before = zlib.crc32(repr(thing).encode(), before)
        elif isinstance(thing, np.ndarray):
            before = zlib.crc32(np.ascontiguousarray(thing).data, before)
        elif isinstance(thing, Selection):
            before = digest(before, *((part.population.serial, part.where) for part in thing.parts))
        elif isinstance(thing, (tuple, list)):
            before = digest(before, *thing)
        elif isinstance(thing, dict):
            before = digest(before, *thing.items())
        elif isinstance(thing, Array):
            before = digest(before, thing.values)
        elif isinstance(thing, Trains):  # often one list that all members share
            before = digest(before, list({id(train): train for train in thing.trains}.values()))
        elif isinstance(thing, Lists):
            before = digest(before, thing.sources, thing.targets)
        else:
            text = thing.describe() if isinstance(thing, AbstractValue) else repr(thing)
            before = zlib.crc32(text.encode(), before)
    return before

"""Numbers for what was said, by which ranks and files know that it is the same."""

import zlib
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, NamedTuple

import numpy as np

from parsim.given.trains import Trains
from parsim.given.values import AbstractValue, Array, Function
from parsim.jit.key import text_of
from parsim.models.catalogue import CELL_MODELS, EVENT_MODELS, STIMULUS_MODELS
from parsim.network.population import Selection
from parsim.network.rules import AbstractRule

BUILT_IN = (*CELL_MODELS, *EVENT_MODELS, *STIMULUS_MODELS)
VOLTAGES = np.linspace(-120.0, 120.0, 49)  # mV, at which what junctions are is told


class Statement(NamedTuple):
    """One call, and what it said, by name.

    makes: whether it creates, connects or couples, so that a checkpoint is of it. shown: what stands in errors.
    besides: what only ranks must have alike.
    """

    verb: str
    makes: bool
    said: dict[str, Any]
    shown: tuple[str, ...]
    besides: dict[str, Any]

    def number(self) -> int:
        """Alike when the same was said, as far as a checkpoint is concerned."""
        return digest(0, self.verb, self.said)

    def parts(self) -> dict[str, int]:
        """A number for each thing that was said."""
        return {name: digest(0, value) for name, value in (self.said | self.besides).items()}

    def text(self) -> str:
        """In the words of the call."""
        said = self.said | self.besides
        names = [name for name in self.shown if said[name] is not None]
        return f"{self.verb}({', '.join(f'{name}={_shown(said[name])}' for name in names)})"


@dataclass(frozen=True)
class Code:
    """The functions of a model, which ranks must have alike. They are read when asked for, which takes milliseconds."""

    model: Any

    def number(self) -> int:
        """0 for built-in models."""
        if self.model in BUILT_IN:
            return 0
        parts = (getattr(self.model, field.name) for field in fields(self.model))
        return digest(0, *(text_of(part) for part in parts if callable(part)), self.model.says())


class Digest:
    """Of all statements. They are read when asked for; one rank never asks, which spares a fifth of setting up."""

    def __init__(self, seed: int) -> None:
        self.statements = [Statement("Network", True, {"seed": seed}, ("seed",), {})]
        self._read: list[tuple[int, int]] = []  # of each statement, for checkpoints and for ranks
        self._all = (0, 0)  # how many were read for the number of all, and that

    def note(self, verb: str, said: dict[str, Any], makes: bool, shown: Any = None, **besides: Any) -> None:
        """A statement."""
        self.statements.append(Statement(verb, makes, said, tuple(shown or {**said, **besides}), besides))

    def numbers(self) -> list[tuple[int, int]]:
        """Of each statement, a number for checkpoints and one for ranks."""
        read = self._read
        if unread := self.statements[len(read) :]:
            # Replaced at once, for ranks that are threads hold one network.
            read = self._read = read + [(n := one.number(), digest(n, one.besides)) for one in unread]
        return read

    def number(self) -> int:
        """Of all that was said, for ranks."""
        (begin, number), read = self._all, self.numbers()
        self._all = len(read), digest(number, *(of_ranks for _, of_ranks in read[begin:]))
        return self._all[1]

    def structure(self) -> list[tuple[int, str]]:
        """Of each statement that makes the network, its number and text."""
        return [
            (number, statement.text())
            for statement, (number, _) in zip(self.statements, self.numbers(), strict=True)
            if statement.makes
        ]


def digest(before: int, *said: Any) -> int:
    """A number that differs, most likely, when ranks have said different things.

    Of functions it says nothing: what they give is compared apart. Numbers of equal value are alike.
    """
    for thing in said:
        if isinstance(thing, (bool, int, float, np.number, np.bool_)):
            before = zlib.crc32(_number(thing).encode(), before)
        elif isinstance(thing, np.ndarray):
            before = zlib.crc32(np.ascontiguousarray(thing).data, digest(before, thing.size))
        elif isinstance(thing, Selection):
            at = () if thing.place is None else (thing.place,)
            before = digest(before, *at, *((part.population.serial, part.where) for part in thing.parts))
        elif isinstance(thing, (tuple, list)):
            before = digest(before, len(thing), *thing)
        elif isinstance(thing, dict):
            before = digest(before, *thing.items())
        elif isinstance(thing, Array):
            before = digest(before, thing.values)
        elif isinstance(thing, Trains):  # often one list that all members share
            before = digest(before, list({id(train): train for train in thing.trains}.values()))
        elif isinstance(thing, AbstractRule):
            before = digest(before, *thing.says())
        elif isinstance(thing, Code):
            before = digest(before, thing.number())
        elif isinstance(thing, Function):
            before = digest(before, "a function", thing.unit)
        elif is_dataclass(thing):
            before = digest(before, type(thing).__name__, *(getattr(thing, f.name) for f in fields(thing)))
        else:
            before = zlib.crc32(_word(thing).encode(), before)
    return before


def gating(junction: Any) -> Any:
    """Which part of a junction's weight conducts, at some voltages; rounded, for last bits may differ elsewhere."""
    return None if junction is None else np.array([junction(dv) for dv in VOLTAGES], np.float32)


def _number(thing: Any) -> str:
    """5, np.int64(5) and 5.0 are the same."""
    if isinstance(thing, (float, np.floating)) and not float(thing).is_integer():
        return repr(float(thing))
    return repr(int(thing))


def _word(thing: Any) -> str:
    text = repr(thing)
    return type(thing).__name__ if " at 0x" in text else text  # an address says nothing


def _shown(thing: Any) -> str:
    if isinstance(thing, Array):
        thing = thing.values
    if isinstance(thing, np.ndarray):
        return np.array2string(thing, threshold=6, edgeitems=3, separator=", ", max_line_width=10_000)
    return thing.describe() if isinstance(thing, (AbstractValue, Trains)) else f"{thing!r:.100}"


def rows_said(said: Any) -> dict[str, Any]:
    """What connect and couple say."""
    names = ("source", "target", "rule", "weight", "delay")
    others = {name: value for name, value in getattr(said, "values", {}).items() if name not in names}
    beside = {name: getattr(said, name, None) for name in ("receptor", "transmitter")}
    beside = {name: given for name, given in beside.items() if given is not None}
    return {name: getattr(said, name) for name in names if hasattr(said, name)} | others | beside

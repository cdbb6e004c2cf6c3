"""Parameters of cable cells that have names of their own, because they differ from cell to cell."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from parsim.errors import DescriptionError
from parsim.models.archived import ARCHIVED
from parsim.models.cable_names import Column, values_at
from parsim.models.params import Param
from parsim.shard.cable.block import Planted


@dataclass(frozen=True)
class Named(Param):
    """A parameter of each cell: its name, and `path`, what it stands for in a cell."""

    path: str = ""


def named_of(params: Sequence[Param]) -> list[Named]:
    """Those that stand for something in a cell; others are of the traces of its spikes."""
    return [param for param in params if isinstance(param, Named)]


def path_of(params: Sequence[Param], name: str) -> str:
    """What a name stands for, most for themselves."""
    return next((param.path for param in named_of(params) if param.name == name), name)


def named_params(
    paths: Mapping[Any, Any], column_of: Callable[[Any, str], Column], planted: Sequence[Planted], model: str
) -> tuple[Named, ...]:
    """Names to what they stand for, with the values that are said there as defaults; or an error."""
    found: list[Named] = []
    taken: dict[Any, str] = {}
    for name, path in paths.items():
        what = f"parameter '{name:.60}' of {model}" if isinstance(name, str) else f"a parameter of {model}"
        if not (isinstance(name, str) and name.isidentifier()):
            raise DescriptionError(f"{what} needs a name of letters, digits and underscores.")
        if name in (param.name for param in ARCHIVED):
            raise DescriptionError(
                f"{what} has the name of what every cell has that keeps its spikes for connections that learn. "
                f"Call it otherwise, such as '{name}_own'."
            )
        column = column_of(path, what)
        if column.array[0] != "kept" or not isinstance(column.declared, Param):
            raise DescriptionError(f"{what} is '{path}', which is no parameter of a mechanism.")
        if not column.settable:
            raise DescriptionError(f"{what} is '{path}', which follows what is played, in all cells alike.")
        for row in column.rows:
            if other := taken.get((column.array, row)):
                raise DescriptionError(f"{what} stands for what '{other}' stands for, too; name it once.")
            taken[column.array, row] = name
        p = next(p for p in planted if p.mechanism.name == column.array[1])
        values = values_at(p, column.array[2], column.rows)
        if len(set(values)) > 1:
            raise DescriptionError(
                f"{what} is '{path}', which is {values[0]:g} at some places and "
                f"{next(x for x in values if x != values[0]):g} at others; name parts of it that are equal."
            )
        d = column.declared
        found.append(Named(name, values[0], d.unit, path, d.above, d.at_least, d.at_most, path=path))
    return tuple(found)

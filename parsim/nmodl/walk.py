"""What stands somewhere in a program: statements and expressions within statements."""

from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from parsim.nmodl import syntax as s


def nodes(of: Any) -> Iterator[Any]:
    """All statements and expressions within, each before its parts."""
    if isinstance(of, (list, tuple)):
        for one in of:
            yield from nodes(one)
    elif is_dataclass(of) and not isinstance(of, type):
        yield of
        for field in fields(of):
            yield from nodes(getattr(of, field.name))


def reached(program: s.Program, body: Iterable[Any]) -> list[Any]:
    """All nodes of these statements, and of the functions and procedures that they call, directly or not."""
    found, seen, waiting = [], set[str](), [list(body)]
    while waiting:
        for node in nodes(waiting.pop()):
            found.append(node)
            if isinstance(node, s.Call) and node.name not in seen:
                seen.add(node.name)
                waiting += [
                    b.body
                    for b in program.blocks
                    if b.name == node.name and b.kind in ("FUNCTION", "PROCEDURE")
                ]
    return found


def mentioned(found: Iterable[Any]) -> set[str]:
    """Names of variables and arrays among nodes."""
    return {node.id for node in found if isinstance(node, (s.Name, s.Index, s.Prime))}


def targets(found: Iterable[Any]) -> set[str]:
    """Names of variables and arrays that are assigned among nodes."""
    return {node.target.id for node in found if isinstance(node, s.Assign)}


def calls(found: Iterable[Any]) -> set[str]:
    """Names of what is called."""
    return {node.name for node in found if isinstance(node, s.Call)}

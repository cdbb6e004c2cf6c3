"""What can be recorded, read and set in a cable cell, by name: `"dend(0.7).v"`, `"soma.hh.m"`, `"syn.g"`, `"cai"`."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from parsim.errors import DescriptionError, suggestion
from parsim.models.cable_plan import Plan
from parsim.models.mechanism import Mechanism
from parsim.models.params import Param, Variable
from parsim.models.section import Place, as_place
from parsim.shard.cable.block import Planted

MOST_SHOWN = 16  # names in an error
V = Variable("v", "mV")
_ION = {"e{}": ("e", "mV"), "i{}": ("current", "mA/cm2"), "{}i": ("inside", "mM"), "{}o": ("outside", "mM")}


class Column(NamedTuple):
    """Numbers of a cell: some rows of an array of its block, of which `shows` is the one that is read.

    `array` is ("v",), ("ion", name, part), ("kept", mechanism, field) or ("observed", mechanism, row).
    """

    array: tuple[Any, ...]
    rows: tuple[int, ...]
    shows: int
    declared: Param | Variable
    settable: bool = True
    is_pointer: bool = False


@dataclass(frozen=True)
class Names:
    """The names of a cell that is laid out."""

    plan: Plan

    @cached_property
    def _rows(self) -> list[dict[int, int]]:
        """Of each mechanism, the row of its instance at a node."""
        return [{node: row for row, node in enumerate(p.nodes)} for p in self.plan.planted]

    @cached_property
    def _density(self) -> dict[str, int]:
        """The numbers of density mechanisms by name."""
        planted = enumerate(self.plan.planted)
        return {p.mechanism.name: at for at, p in planted if p.mechanism.kind == "density"}

    @cached_property
    def _ion_parts(self) -> dict[str, tuple[str, str, str]]:
        """What mechanisms share of ions, by name: the ion, the part of its bundle, the unit."""
        return {form.format(x): (x, *part) for x in self.plan.ions for form, part in _ION.items()}

    @cached_property
    def _ion_nodes(self) -> dict[str, set[int]]:
        """Where there is a mechanism that has to do with an ion."""
        found: dict[str, set[int]] = {x: set() for x in self.plan.ions}
        for p in self.plan.planted:
            for ion in p.mechanism.ions:
                found[ion.name].update(p.nodes)
        return found

    def find(self, name: str) -> Column | None:
        """What a name means; None where it means nothing. Without a section it is the whole cell, read at the first."""
        cuts = [i for i, c in enumerate(name) if c == "."]
        for i in cuts:
            if (found := self._at(name[:i], name[i + 1 :])) is not None:
                return found
        every = [node for s in self.plan.sections for node in self.plan.shape.nodes(s)]
        if name == "v":
            every = list(range(len(self.plan.shape.parent)))
        return self._on(every, self._middle(next(iter(self.plan.sections))), name)

    def hint(self, said: str, known: Iterable[str]) -> str:
        """Which name may be meant: `m_hh` and `_ref_v` of NEURON's are `hh.m` and `v`; else the nearest."""
        owner, dot, last = said.rpartition(".")
        variable, _, mechanism = last.removeprefix("_ref_").rpartition("_")
        for one in (last.removeprefix("_ref_"), f"{mechanism}.{variable}"):
            if self.find(f"{owner}{dot}{one}") is not None:
                return f" Did you mean '{owner}{dot}{one}'?"
        return suggestion(said, known)

    @cached_property
    def all_known(self) -> list[str]:
        """The names of `known`."""
        return [name for name, _ in self.known()]

    def known(self) -> Iterator[tuple[str, Column]]:
        """All names of the whole cell, of sections and of places, in order."""
        for variable in self._variables():
            if (found := self.find(variable)) is not None:
                yield variable, found
        for section in self.plan.sections:
            for variable in self._variables():
                if (found := self._at(section, variable)) is not None:
                    yield f"{section}.{variable}", found
        for place, (at, _) in self.plan.instances.items():
            for variable in _names_of(self.plan.planted[at].mechanism):
                if (found := self._at(place, variable)) is not None:
                    yield f"{place}.{variable}", found

    def _variables(self) -> Iterator[str]:
        yield "v"
        for p in self.plan.planted:
            if p.mechanism.kind == "density":
                yield from (f"{p.mechanism}.{name}" for name in _names_of(p.mechanism))
        for x in self.plan.ions:
            yield from (form.format(x) for form in _ION if form != "i{}")

    def _at(self, owner: str, variable: str) -> Column | None:
        """A variable of a place, a section, a point of it, or a label."""
        plan = self.plan
        if (named := re.fullmatch(r"(\w+)(?:\[(\d+)\])?", owner)) and named[1] in plan.instances:
            at, rows = plan.instances[named[1]]
            if named[2] is not None:
                if int(named[2]) >= len(rows):
                    return None
                rows = rows[int(named[2]) : int(named[2]) + 1]
            return self._of(at, list(rows), rows[0], variable)
        if sections := plan.sections_of(owner):
            nodes = [node for s in sections for node in plan.shape.nodes(s)]
            return self._on(nodes, self._middle(sections[0]), variable)
        if (point := self._point(owner)) is not None:
            node = plan.shape.node(point)
            return self._on([node], node, variable)
        return None

    def pointers(self) -> Iterator[tuple[Column, str, str]]:
        """Of each instance of a mechanism that has some: the column, where it is, the name of the pointer there."""
        plan = self.plan
        for at, p in enumerate(plan.planted):
            if not p.mechanism.pointers:
                continue
            owners = {
                row: f"{name}[{k}]" if len(rows) > 1 else name
                for name, (which, rows) in plan.instances.items()
                if which == at
                for k, row in enumerate(rows)
            }
            for one in p.mechanism.pointers:
                for row, node in enumerate(p.nodes):
                    if row in owners:
                        owner, name = owners[row], one.name
                    elif (point := self._point_of(node)) is not None:
                        owner, name = point, f"{p.mechanism}.{one.name}"
                    else:
                        continue  # a point without area between compartments
                    array = ("kept", p.mechanism.name, one.name)
                    yield Column(array, (row,), row, one, False, True), owner, name

    def _point_of(self, node: int) -> str | None:
        """The middle of the compartment that a node is."""
        for name, section in self.plan.sections.items():
            if node in (nodes := self.plan.shape.nodes(name)):
                return f"{name}({(node - nodes.start + 0.5) / section.nseg:.4g})"
        return None

    def point(self, name: str) -> Place | None:
        """A point of a section, or the middle of one; None where there is none of that name."""
        return Place(name, 0.5) if name in self.plan.sections else self._point(name)

    def _point(self, owner: str) -> Place | None:
        try:
            found = as_place(owner, "a place", 0.5) if owner.endswith(")") else None
        except DescriptionError:
            return None
        return found if found is not None and found.section in self.plan.sections else None

    def _middle(self, section: str) -> int:
        return self.plan.shape.node(Place(section, 0.5))

    def _on(self, nodes: list[int], shows: int, variable: str) -> Column | None:
        """A variable of nodes."""
        if variable == "v":
            return Column(("v",), tuple(nodes), shows, V)
        owner, _, rest = variable.partition(".")
        if (at := self._density.get(owner)) is not None:
            row_of = self._rows[at]
            rows = [row_of[node] for node in nodes if node in row_of]
            return self._of(at, rows, row_of.get(shows, rows[0]), rest) if rows else None
        return self._of_ion(nodes, shows, variable)

    def _of_ion(self, nodes: list[int], shows: int, variable: str) -> Column | None:
        if variable not in self._ion_parts:
            return None
        x, part, unit = self._ion_parts[variable]
        has = self._ion_nodes[x]
        rows = [node for node in nodes if node in has]
        if not rows:
            return None
        at = shows if shows in has else rows[0]
        return Column(("ion", x, part), tuple(rows), at, Variable(variable, unit), part != "current")

    def _of(self, at: int, rows: list[int], shows: int, variable: str) -> Column | None:
        """A variable of instances of a mechanism."""
        m = self.plan.planted[at].mechanism
        variable = re.sub(r"\[(\d+)\]", r"_\1", variable)
        kept: list[Param | Variable] = [*m.states, *m.carried, *m.params]
        for one in kept:
            if one.name == variable:
                return Column(
                    ("kept", m.name, variable),
                    tuple(rows),
                    shows,
                    one,
                    not self._is_played(at, rows, variable),
                )
        for one in m.pointers:
            if one.name == variable:
                return Column(("kept", m.name, variable), tuple(rows), shows, one, False, True)
        for row, seen in enumerate(m.observed):
            if seen.name == variable:
                return Column(("observed", m.name, row), tuple(rows), shows, seen, False)
        return None

    def _is_played(self, at: int, rows: list[int], name: str) -> bool:
        """Does a parameter follow values in time, in some of these instances?"""
        return any(one.name == name and (one.which[rows] >= 0).any() for one in self.plan.planted[at].played)


def listed(names: Iterable[str]) -> str:
    """Names for an error, not all of many."""
    known = list(names)
    return ", ".join(known[:MOST_SHOWN]) + (", ..." if len(known) > MOST_SHOWN else "")


def _names_of(m: Mechanism) -> list[str]:
    known: list[Param | Variable] = [*m.states, *m.params, *m.carried, *m.observed, *m.pointers]
    return [one.name for one in known]


def values_at(p: Planted, name: str, rows: tuple[int, ...]) -> list[float]:
    """What a parameter is in some instances, as it was said."""
    default = next(one.default for one in p.mechanism.params if one.name == name)
    said = p.values.get(name)
    return [float(said[row, 0]) if said is not None else float(default) for row in rows]

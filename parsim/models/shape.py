"""Sections of a cell to nodes: a tree of compartments, parents before children.

A node is a compartment, or a point without area where three or more meet or that something is attached to. Ends with
nothing beyond are left out, as nothing flows there; an end with one section beyond is part of the resistance between.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from parsim.errors import DescriptionError, suggestion
from parsim.kernels.tree import Tree, make_tree
from parsim.models.section import Place, Section


@dataclass
class Shape:
    """Nodes of one cell; `g` is the conductance to the parent (uS), and areas are um2."""

    parent: list[int] = field(default_factory=list)
    g: list[float] = field(default_factory=list)
    cm: list[float] = field(default_factory=list)
    area: list[float] = field(default_factory=list)
    diam: list[float] = field(default_factory=list)
    first: dict[str, int] = field(default_factory=dict)  # of each section, its first node
    nseg: dict[str, int] = field(default_factory=dict)
    ends: dict[Place, int] = field(default_factory=dict)  # nodes without area
    same: dict[Place, Place] = field(
        default_factory=dict
    )  # of the beginning of a section the point it grows from

    def node(self, place: Place) -> int:
        """The compartment at a place, or the node without area that is there."""
        if (end := self.same.get(place, place)) in self.ends:
            return self.ends[end]
        n = self.nseg[place.section]
        return self.first[place.section] + min(int(place.x * n + 1e-9), n - 1)

    def nodes(self, section: str) -> range:
        """The compartments of a section."""
        return range(self.first[section], self.first[section] + self.nseg[section])

    def tree(self, lanes: int = 1) -> Tree:
        """The arrays of as many such cells."""
        g, cm, area, diam = (np.array(column, float) for column in (self.g, self.cm, self.area, self.diam))
        return make_tree(np.array(self.parent), g, cm, area, diam, lanes)

    def add(self, parent: int, resistance: float, cm: float, area: float, diam: float) -> int:
        """A node; it gives its number."""
        self.parent.append(parent)
        self.g.append(1.0 / resistance if parent >= 0 else 0.0)
        self.cm.append(cm)
        self.area.append(area)
        self.diam.append(diam)
        return len(self.parent) - 1


class Cut(NamedTuple):
    """The compartments of a section [compartment]: area, um2, mean diameter, um; resistance of both halves, MOhm."""

    area: list[float]
    diam: list[float]
    before: list[float]
    behind: list[float]

    def half(self, x: float) -> float:
        """The resistance from the end at `x` (0 or 1) to the middle of the compartment there."""
        return self.before[0] if x == 0.0 else self.behind[-1]


def cut(section: Section) -> Cut:
    """A section, cut into its compartments."""
    profile, length = section.profile, section.L / section.nseg
    whole = [profile.between(k * length, (k + 1) * length) for k in range(section.nseg)]
    if len(set(profile.d)) == 1:
        half = 1e-2 * section.Ra * (length / 2.0) / (np.pi * profile.d[0] ** 2 / 4.0)
        area = np.pi * profile.d[0] * section.L / section.nseg
        n = section.nseg
        return Cut([area] * n, [profile.d[0]] * n, [half] * n, [half] * n)
    before = [profile.between(k * length, (k + 0.5) * length) for k in range(section.nseg)]
    behind = [profile.between((k + 0.5) * length, (k + 1) * length) for k in range(section.nseg)]
    halves = ([1e-2 * section.Ra * cone.resistance for cone in part] for part in (before, behind))
    return Cut([cone.area for cone in whole], [cone.diam for cone in whole], *halves)


def shape_of(sections: Sequence[Section], attached: Iterable[Place] = ()) -> Shape:
    """The nodes of a cell. `attached` are places at which something will stand: ends among them become nodes."""
    by_name = {section.name: section for section in sections}
    ordered = _ordered(sections, by_name)
    beyond = Counter(point for s in ordered if (point := _grows_from(s, by_name)) is not None)
    kept = {_canonical(place, by_name) for place in attached if place.x in (0.0, 1.0)}
    shape, cuts = Shape(), {section.name: cut(section) for section in sections}

    def end(point: Place) -> tuple[int, float]:
        """The node at the end of a section, and the resistance from there to the end."""
        section, half = by_name[point.section], cuts[point.section].half(point.x)
        inner = shape.node(point)
        if point in shape.ends:
            return inner, 0.0
        if beyond[point] <= 1 and point not in kept:
            return inner, half
        diam = section.profile.d[0 if point.x == 0.0 else -1]
        shape.ends[point] = shape.add(inner, half, section.cm, 0.0, diam)
        return shape.ends[point], 0.0

    for section in ordered:
        beginning = Place(section.name, 0.0)
        shape.same[beginning] = _canonical(beginning, by_name)
        point, (area, diam, before, behind) = _grows_from(section, by_name), cuts[section.name]
        node, resistance = -1, 0.0
        if point is not None:
            node, resistance = end(point) if point.x in (0.0, 1.0) else (shape.node(point), 0.0)
        shape.first[section.name], shape.nseg[section.name] = len(shape.parent), section.nseg
        for k in range(section.nseg):
            resistance = resistance if k == 0 else behind[k - 1]
            node = shape.add(node, resistance + before[k], section.cm, area[k], diam[k])
    for point in kept:
        end(point)
    return shape


def _grows_from(section: Section, by_name: dict[str, Section]) -> Place | None:
    point = section.grows_from
    return None if point is None else _canonical(point, by_name)


def _canonical(point: Place, by_name: dict[str, Section]) -> Place:
    """The beginning of a section that grows from another is a point of the other."""
    while point.x == 0.0 and (further := by_name[point.section].grows_from) is not None:
        point = further
    return point


def _ordered(sections: Sequence[Section], by_name: dict[str, Section]) -> list[Section]:
    """Parents before children, otherwise as they were said."""
    if len(by_name) != len(sections):
        twice = next(name for name, n in Counter(s.name for s in sections).items() if n > 1)
        raise DescriptionError(f"there are two sections '{twice}'; rename one.")
    roots = [s.name for s in sections if s.parent is None]
    if len(roots) != 1:
        said = f"{len(roots)} ({', '.join(roots)})" if roots else "none"
        raise DescriptionError(f"of the sections of a cell one must have no parent; here it is {said}.")
    found: dict[str, Section] = {}
    for section in sections:
        path = [section]
        while (point := path[-1].grows_from) is not None and path[-1].name not in found:
            if point.section not in by_name:
                raise DescriptionError(
                    f"section {path[-1].name} grows from '{point.section}', which is not there."
                    f"{suggestion(point.section, by_name)} There are: {', '.join(by_name)}."
                )
            path.append(by_name[point.section])
            if len(path) > len(sections):
                circle = list(dict.fromkeys(s.name for s in path))
                raise DescriptionError(f"sections grow from each other in a circle: {', '.join(circle)}.")
        found |= {s.name: s for s in reversed(path) if s.name not in found}
    return list(found.values())

"""Sections of a cell to nodes: a tree of compartments, parents before children.

A node is a compartment, or a point without area where three or more meet or that something is attached to. Ends with
nothing beyond are left out, as nothing flows there; an end with one section beyond is part of the resistance between.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

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

    def node(self, place: Place) -> int:
        """The compartment at a place, or the node without area that is there."""
        if place in self.ends:
            return self.ends[place]
        n = self.nseg[place.section]
        return self.first[place.section] + min(int(place.x * n + 1e-9), n - 1)

    def nodes(self, section: str) -> range:
        """The compartments of a section."""
        return range(self.first[section], self.first[section] + self.nseg[section])

    def tree(self, lanes: int = 1) -> Tree:
        """The arrays of as many such cells."""
        g, cm, area, diam = (np.array(column, float) for column in (self.g, self.cm, self.area, self.diam))
        return make_tree(np.array(self.parent), g, cm, area, diam, lanes)

    def add(self, parent: int, resistance: float, section: Section, area: float) -> int:
        """A node; it gives its number."""
        self.parent.append(parent)
        self.g.append(1.0 / resistance if parent >= 0 else 0.0)
        self.cm.append(section.cm)
        self.area.append(area)
        self.diam.append(section.diam)
        return len(self.parent) - 1


def shape_of(sections: Sequence[Section], attached: Iterable[Place] = ()) -> Shape:
    """The nodes of a cell. `attached` are places at which something will stand: ends among them become nodes."""
    by_name = {section.name: section for section in sections}
    ordered = _ordered(sections, by_name)
    beyond = Counter(point for s in ordered if (point := _grows_from(s, by_name)) is not None)
    kept = {_canonical(place, by_name) for place in attached if place.x in (0.0, 1.0)}
    shape = Shape()

    def end(point: Place) -> tuple[int, float]:
        """The node at the end of a section, and the resistance from there to the end."""
        section = by_name[point.section]
        inner = shape.node(point)
        if point in shape.ends:
            return inner, 0.0
        if beyond[point] <= 1 and point not in kept:
            return inner, _half(section)
        shape.ends[point] = shape.add(inner, _half(section), section, 0.0)
        return shape.ends[point], 0.0

    for section in ordered:
        point, half = _grows_from(section, by_name), _half(section)
        node, resistance = -1, 0.0
        if point is not None:
            node, resistance = end(point) if point.x in (0.0, 1.0) else (shape.node(point), 0.0)
        shape.first[section.name], shape.nseg[section.name] = len(shape.parent), section.nseg
        area = np.pi * section.diam * section.L / section.nseg
        for k in range(section.nseg):
            node = shape.add(node, (resistance if k == 0 else half) + half, section, area)
    for point in kept:
        end(point)
    return shape


def _half(section: Section) -> float:
    """The resistance of half a compartment, MOhm."""
    return 1e-2 * section.Ra * (section.L / section.nseg / 2.0) / (np.pi * section.diam**2 / 4.0)


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

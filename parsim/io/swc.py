"""SWC files, Cannon et al. 1998: points of a reconstructed cell, each with its radius and the point it grows from.

id  type  x  y  z  radius  parent        um; types: 1 soma, 2 axon, 3 basal dendrite, 4 apical dendrite
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from parsim.errors import DescriptionError
from parsim.given.plain import as_path
from parsim.models.morphology import Morphology
from parsim.models.section import Section

SOMA = 1
_NAMES = {1: "soma", 2: "axon", 3: "dend", 4: "apic"}
_LABELS = {1: "soma", 2: "axon", 3: "basal", 4: "apical"}


class Point(NamedTuple):
    """A line of a file."""

    line: int
    type: int
    at: tuple[float, float, float, float]  # x, y, z, diameter
    parent: int


def morphology(
    path: str | os.PathLike[str], *, nseg: Any = 1, Ra: float = 35.4, cm: float = 1.0
) -> Morphology:
    """The sections of a cell in an SWC file: unbranched pieces of one type, called soma, axon[k], dend[k], apic[k].

    Labels are "axon", "basal", "apical" and, of other types, "type5" and the like. A soma of one point, or of three of
    which two grow from the first, is a cylinder of the sphere's length, diameter and so area; else a chain of points.
    What grows from the soma grows from its middle, and begins at its own first point.

    Parameters
    ----------
    path : path
    nseg : int or rule
        Of each section, such as `every(40.0)`.
    Ra, cm : float
        As in `Section`.

    Raises
    ------
    DescriptionError
        A file that is no tree of points, with the line.
    """
    file = Path(as_path(path, "the morphology"))
    try:
        text = file.read_text(errors="replace")
    except OSError as error:
        raise DescriptionError(f"there is no morphology '{file}': {error.strerror or error}.") from None
    points = _points(text, file.name)
    return _Tree(points, file.name).sections(nseg=nseg, Ra=Ra, cm=cm)


def _points(text: str, name: str) -> dict[int, Point]:
    found: dict[int, Point] = {}
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split("#")[0].replace(",", " ").split()
        if not words:
            continue
        try:
            own, kind, parent = (int(float(words[k])) for k in (0, 1, 6))
            x, y, z, radius = (float(word) for word in words[2:6])
        except (ValueError, IndexError, OverflowError):
            raise DescriptionError(
                f"{name}:{number}: '{line.strip()[:60]}' is not seven numbers: id, type, x, y, z, radius, parent."
            ) from None
        if not all(abs(value) < float("inf") for value in (x, y, z)) or not 0.0 < radius < float("inf"):
            raise DescriptionError(
                f"{name}:{number}: point {own} has radius {radius:g} at ({x:g}, {y:g}, {z:g}) um; a radius above "
                "0 and a finite place are needed."
            )
        if own in found:
            raise DescriptionError(
                f"{name}:{number}: point {own} is there twice, first in line {found[own].line}."
            )
        found[own] = Point(number, kind, (x, y, z, 2.0 * radius), parent)
    if not found:
        raise DescriptionError(f"{name} holds no points.")
    return found


class _Tree:
    """The points of a file that grow from each other."""

    def __init__(self, points: dict[int, Point], name: str) -> None:
        self.points, self.name = points, name
        self.beyond: dict[int, list[int]] = {own: [] for own in points}
        roots = [own for own, point in points.items() if point.parent < 0]
        for own, point in points.items():
            if point.parent >= 0 and point.parent not in points:
                raise DescriptionError(
                    f"{name}:{point.line}: point {own} grows from point {point.parent}, which is not in the file."
                )
            if point.parent >= 0:
                self.beyond[point.parent].append(own)
        if len(roots) > 1:
            one, other = (points[own] for own in roots[:2])
            raise DescriptionError(
                f"{name} has {len(roots)} roots, points {roots[0]} and {roots[1]} in lines {one.line} and {other.line} "
                "among them; a cell is one tree. Join them or split the file."
            )
        reached = set(self._reached(roots))
        if lost := [own for own in points if own not in reached]:
            raise DescriptionError(
                f"{name}:{points[lost[0]].line}: points grow from each other in a circle, point {lost[0]} among them."
            )
        self.root = roots[0]

    def _reached(self, begin: list[int]) -> Iterator[int]:
        ahead = list(begin)
        while ahead:
            own = ahead.pop()
            yield own
            ahead.extend(self.beyond[own])

    def sections(self, **more: Any) -> Morphology:
        """The sections of the tree."""
        found: list[Section] = []
        names: dict[int, list[str]] = {}

        def add(kind: int, points: list[Any], parent: str | None) -> str:
            of_kind = names.setdefault(kind, [])
            name = _NAMES.get(kind, f"type{kind}")
            of_kind.append(name if kind == SOMA else f"{name}[{len(of_kind)}]")
            try:
                found.append(Section(of_kind[-1], points=points, parent=parent, **more))
            except DescriptionError as error:
                raise DescriptionError(f"{self.name}: {error}") from error.__cause__
            return of_kind[-1]

        begins: list[tuple[int, str | None]] = []  # first points of sections, and where these grow from
        if self.points[self.root].type == SOMA:
            soma = self._soma()
            name = add(SOMA, self._soma_points(soma), None)
            begins = [(own, f"{name}(0.5)") for at in soma for own in self.beyond[at] if own not in soma]
        else:
            begins = [(own, None) for own in self.beyond[self.root]]
            if not begins:
                raise DescriptionError(f"{self.name} holds one point, which is no soma.")
        root = None
        while begins:
            first, parent = begins.pop(0)
            chain = self._chain(first)
            before = self.points[self.points[first].parent]
            points = [self.points[own].at for own in chain]
            if before.type != SOMA or len(chain) == 1:
                points.insert(0, before.at if before.type != SOMA else (*before.at[:3], points[0][3]))
            if parent is None and root is not None:
                parent = f"{root}(0)"
            name = add(self.points[first].type, points, parent)
            root = root or name
            begins += [(own, name) for own in self.beyond[chain[-1]]]
        labels = {_LABELS.get(kind, f"type{kind}"): tuple(of_kind) for kind, of_kind in names.items()}
        labels.pop("soma", None)
        return Morphology(found, labels)

    def _chain(self, first: int) -> list[int]:
        """The unbranched piece of one type that begins with a point."""
        chain = [first]
        while (
            len(ahead := self.beyond[chain[-1]]) == 1
            and self.points[ahead[0]].type == self.points[first].type
        ):
            chain += ahead
        return chain

    def _soma(self) -> list[int]:
        soma, begin = [], [self.root]
        while begin:
            soma.append(begin.pop(0))
            begin += [own for own in self.beyond[soma[-1]] if self.points[own].type == SOMA]
        return soma

    def _soma_points(self, soma: list[int]) -> list[tuple[float, float, float, float]]:
        inner = [sum(self.points[own].type == SOMA for own in self.beyond[at]) for at in soma]
        x, y, z, diam = self.points[self.root].at
        if len(soma) == 1 or (len(soma) == 3 and inner[0] == 2):
            return [(x, y - diam / 2.0, z, diam), (x, y + diam / 2.0, z, diam)]
        if max(inner) > 1:
            line = self.points[soma[inner.index(max(inner))]].line
            raise DescriptionError(
                f"{self.name}:{line}: the soma branches. Give it as one point, as three, or as a chain of points."
            )
        return [self.points[own].at for own in soma]

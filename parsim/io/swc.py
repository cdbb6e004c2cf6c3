"""SWC files, Cannon et al. 1998: points of a reconstructed cell, each with its radius and the point it grows from.

id  type  x  y  z  radius  parent        um; types: 1 soma, 2 axon, 3 basal dendrite, 4 apical dendrite
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from parsim.errors import DescriptionError
from parsim.given.plain import as_path
from parsim.io.pieces import SOMA, Point, pieces
from parsim.models.morphology import Morphology
from parsim.models.section import Section

_NAMES = {1: "soma", 2: "axon", 3: "dend", 4: "apic"}
_LABELS = {1: "soma", 2: "axon", 3: "basal", 4: "apical"}


def morphology(
    path: str | os.PathLike[str], *, nseg: Any = 1, Ra: float = 35.4, cm: float = 1.0
) -> Morphology:
    """The sections of a cell in an SWC file: unbranched pieces of one type: soma, axon[k], dend[k], apic[k].

    Labels are "axon", "basal", "apical" and, of other types, "type5" and the like. Pieces and where they meet are those
    of NEURON's Import3d. A soma of one point, or of three as NeuroMorpho.org has them, is a cylinder of the sphere's
    length, diameter and area; what grows from it grows from its middle, and begins at its own first point. Other
    somata are chains of points, further ones soma[1] and so on, and what grows from them begins at one of their ends or
    at the middle.

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
        for piece in pieces(self.points, self.beyond, self.root, self.name):
            of_kind = names.setdefault(piece.type, [])
            name = _NAMES.get(piece.type, f"type{piece.type}")
            of_kind.append(name if piece.type == SOMA and not of_kind else f"{name}[{len(of_kind)}]")
            parent = None if piece.parent is None else found[piece.parent].name
            at = parent if parent is None or piece.x == 1.0 else f"{parent}({piece.x:g})"
            try:
                found.append(Section(of_kind[-1], points=piece.points, parent=at, **more))
            except DescriptionError as error:
                raise DescriptionError(f"{self.name}: {error}") from error.__cause__
        labels = {_LABELS.get(kind, f"type{kind}"): tuple(of_kind) for kind, of_kind in names.items()}
        labels.pop("soma", None)
        return Morphology(found, labels)

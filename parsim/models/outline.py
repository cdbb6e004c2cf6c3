"""Where the sections of a cell are in space, for pictures: through their points, or laid out on a plane."""

from collections.abc import Mapping

import numpy as np

from parsim.arrays import Floats
from parsim.models.section import Place, Section

SPREAD = 80.0  # degrees between the outer ones of several sections that grow from one point


def outlines(sections: Mapping[str, Section]) -> dict[str, Floats]:
    """Of each section the line that it follows, [point, (x, y, z)] in um, from its beginning to its end.

    A section without points begins where it grows from and is straight: it goes on from an end of its parent, several
    of them fanned out, and stands off where it grows from a side.
    """
    beside: dict[Place, list[str]] = {}
    for section in sections.values():
        if section.grows_from is not None:
            beside.setdefault(section.grows_from, []).append(section.name)
    found: dict[str, Floats] = {}
    waiting = list(sections.values())
    while waiting:  # sections are a tree, so there is always one whose parent is known
        later = [s for s in waiting if s.grows_from is not None and s.grows_from.section not in found]
        for section in waiting:
            at = section.grows_from
            if at is None or at.section in found:
                found[section.name] = _line(section, at, found, [] if at is None else beside[at])
        waiting = later
    return found


def point_on(line: Floats, x: float) -> Floats:
    """The point at `x`, from 0 to 1, along a line."""
    s = np.concatenate([[0.0], np.cumsum(np.sqrt((np.diff(line, axis=0) ** 2).sum(1)))])
    return np.array([np.interp(x * s[-1], s, line[:, k]) for k in range(3)])


def _line(section: Section, at: Place | None, found: Mapping[str, Floats], beside: list[str]) -> Floats:
    if section.points is not None:
        return np.array(section.points, float)[:, :3]
    if at is None:
        return np.array([[-0.5, 0.0, 0.0], [0.5, 0.0, 0.0]]) * section.L
    parent = found[at.section]
    begin, which, n = point_on(parent, at.x), beside.index(section.name), len(beside)
    along = parent[-1] - parent[-2] if at.x > 0.0 else parent[0] - parent[1]
    angle = SPREAD * (which / (n - 1) - 0.5) if n > 1 else 0.0
    if 0.0 < at.x < 1.0:
        angle = (90.0 if which % 2 == 0 else -90.0) + angle / 2.0
    a = np.deg2rad(angle)
    ahead = along[:2] / max(float(np.hypot(along[0], along[1])), 1e-9)
    turned = np.cos(a) * ahead[0] - np.sin(a) * ahead[1], np.sin(a) * ahead[0] + np.cos(a) * ahead[1]
    return np.stack([begin, begin + section.L * np.array([*turned, 0.0])])

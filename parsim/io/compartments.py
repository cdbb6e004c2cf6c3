"""A SONATA report of compartments: several elements of each cell, from recordings in memory."""

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from parsim.arrays import Floats, Gids, Ints, shown
from parsim.errors import DescriptionError
from parsim.given.plain import as_path
from parsim.io.elements import Elements
from parsim.models.cable import CableModel
from parsim.models.cable_plan import distance
from parsim.models.outline import outlines, point_on
from parsim.models.section import Place, Section
from parsim.network.recording import Recording


def save_compartments(path: str | os.PathLike[str], recordings: list[Recording]) -> None:
    """Write what was recorded at several places of cable cells as one SONATA compartment report.

    Where a recording is empty, as on ranks other than 0, nothing is written.

    Parameters
    ----------
    path : path
    recordings : list of Recording
        One for each place, such as of "soma(0.5).v" and "dend(0.7).v", of one variable at one interval. An element is
        the number of a section in the model, and how far along it.

    Raises
    ------
    DescriptionError
        Recordings of different units, intervals or times; of what is at no point of a section.
    """
    from parsim.io.results import (
        TraceFile,  # h5py, a tenth of what a start takes, is loaded when a file is made
    )

    path = as_path(path, "path")
    if not isinstance(recordings, (list, tuple)) or not recordings:
        raise DescriptionError(
            f"recordings is {shown(recordings)}; a list of what Network.record has returned is needed."
        )
    for one in recordings:
        _check(one, recordings[0])
    if recordings[0].times.size == 0:
        return
    gids = np.concatenate([one.gids for one in recordings])
    found = [_point(one, gid) for one in recordings for gid in one.gids.tolist()]
    numbers = [list(model.plan.sections).index(at.section) for model, at in found]
    values = np.concatenate([one.values for one in recordings], axis=1)
    order = np.lexsort((np.array([at.x for _, at in found]), np.array(numbers), gids))
    elements = _elements([found[k] for k in order], np.array(numbers)[order], gids[order])
    first = recordings[0]
    name = first.variable.rpartition(".")[2]
    about: dict[str, Any] = {}
    file = TraceFile(path, gids[order], name, first.unit, first.interval, about, elements=elements)
    file.append(first.times, values[:, order])
    file.close(float(first.times[-1]))


def _check(one: Any, first: Any) -> None:
    if not isinstance(one, Recording):
        raise DescriptionError(
            f"{shown(one)} is no recording; give what Network.record has returned, without to=."
        )
    if one.to is not None:
        raise DescriptionError(
            f"{one.variable} was recorded to {one.to}; leave out to= to have it in memory."
        )
    if (one.unit, one.interval) != (first.unit, first.interval) or not np.array_equal(one.times, first.times):
        raise DescriptionError(
            f"{one.variable} ({one.unit or 'no unit'}) has {one.times.size} samples, one each {one.interval:g} ms, and "
            f"{first.variable} ({first.unit or 'no unit'}) {first.times.size}, one each {first.interval:g} ms. A "
            "report has one unit and the same times for all."
        )


def _point(one: Recording, gid: int) -> tuple[CableModel, Place]:
    """The model of a cell, and the point at which it was recorded."""
    for part in one.cells.parts:
        population = part.population
        if population.first <= gid < population.first + population.size:
            model = population.model
            place = one.variable.rpartition(".")[0]
            point = model.names.point(place) if isinstance(model, CableModel) else None
            if isinstance(model, CableModel) and point is not None:
                return model, point
    raise DescriptionError(
        f'{one.variable} is at no point of a section. Record such as "dend(0.7).v" or "dend.v", of cable cells.'
    )


def _elements(points: list[tuple[CableModel, Place]], section: Ints, gids: Gids) -> Elements:
    """Where points are that stand in order of cells, sections and along these."""
    lines: dict[CableModel, dict[str, Floats]] = {}
    rows, here = [], dict[str, list[int]]()
    for k, (model, at) in enumerate(points):
        if k == 0 or gids[k] != gids[k - 1]:
            here = {}
            for other in range(k, int(np.searchsorted(gids, gids[k], side="right"))):
                here.setdefault(points[other][1].section, []).append(other)
        sections = model.plan.sections
        if model not in lines:
            lines[model] = outlines(sections)
        diam = sections[at.section].profile.at(at.x)
        before = _before(k, at, here, points, sections)
        rows.append((*point_on(lines[model][at.section], at.x), distance(at, sections), diam, before))
    x, y, z, far, diams, befores = (np.array(column) for column in zip(*rows, strict=True))
    along = np.array([at.x for _, at in points])
    return Elements(section, along, x, y, z, far, diams, befores)


def _before(
    k: int, at: Place, here: dict[str, list[int]], points: list[Any], sections: Mapping[str, Section]
) -> int:
    """The element that comes before another of its cell on the way from the first section; -1 where there is none."""
    before = [other for other in here[at.section] if other < k]
    if before:
        return before[-1]
    up = sections[at.section].grows_from
    while up is not None:
        x, further = up.x, sections[up.section].grows_from
        there = [(abs(points[o][1].x - x), o) for o in here.get(up.section, [])]
        if further is not None:
            there = [(apart, o) for apart, o in there if points[o][1].x <= x]
        if there:
            return min(there)[1]
        up = further
    return -1

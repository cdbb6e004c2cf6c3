"""A SONATA report of compartments: several elements of each cell, from recordings in memory."""

import os
from typing import Any

import numpy as np

from parsim.arrays import shown
from parsim.errors import DescriptionError
from parsim.given.plain import as_path
from parsim.models.cable import CableModel
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
    found = [_element(one, gid) for one in recordings for gid in one.gids.tolist()]
    section, along = np.array([s for s, _ in found]), np.array([x for _, x in found])
    values = np.concatenate([one.values for one in recordings], axis=1)
    order = np.lexsort((along, section, gids))
    first = recordings[0]
    name = first.variable.rpartition(".")[2]
    about: dict[str, Any] = {}
    elements = section[order], along[order]
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


def _element(one: Recording, gid: int) -> tuple[int, float]:
    """The number of a section, and how far along it the variable stands."""
    for part in one.cells.parts:
        population = part.population
        if population.first <= gid < population.first + population.size:
            model = population.model
            place = one.variable.rpartition(".")[0]
            point = model.names.point(place) if isinstance(model, CableModel) else None
            if isinstance(model, CableModel) and point is not None:
                return list(model.plan.sections).index(point.section), point.x
    raise DescriptionError(
        f'{one.variable} is at no point of a section. Record such as "dend(0.7).v" or "dend.v", of cable cells.'
    )

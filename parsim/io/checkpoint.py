"""A simulation's state in an HDF5 file: a few words as JSON, and arrays by name."""

import json
import os
from collections.abc import Mapping
from typing import Any

import h5py

from parsim.errors import DescriptionError

MARK = "parsim checkpoint"


def write_checkpoint(
    path: str | os.PathLike[str], about: Mapping[str, Any], arrays: Mapping[str, Any]
) -> None:
    """Write a checkpoint; an older file stays until the new one is whole."""
    path = os.path.abspath(path)
    if not os.path.isdir(os.path.dirname(path)):
        raise DescriptionError(f"the folder {os.path.dirname(path)} does not exist; make it first.")
    unfinished = path + ".unfinished"
    with h5py.File(unfinished, "w", libver="earliest") as file:
        file.attrs["kind"] = MARK
        file["about"] = json.dumps(about)
        for name, values in arrays.items():
            file[f"arrays/{name}"] = values
    os.replace(unfinished, path)


def read_checkpoint(path: str | os.PathLike[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What `write_checkpoint` was given; an error when the file is something else."""
    try:
        with h5py.File(path, "r") as file:
            if file.attrs.get("kind") != MARK:
                raise DescriptionError(
                    f"{path} is no checkpoint; give a file that Simulation.save has written."
                )
            arrays: dict[str, Any] = {}
            file["arrays"].visititems(
                lambda name, found: (
                    arrays.__setitem__(name, found[()]) if isinstance(found, h5py.Dataset) else None
                )
            )
            return json.loads(file["about"][()]), arrays
    except OSError as error:
        raise DescriptionError(f"{path} cannot be read as a checkpoint: {error}.") from None

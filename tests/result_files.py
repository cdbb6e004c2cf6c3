"""Result files as a whole, to be compared."""

from pathlib import Path

import h5py
import numpy as np


def contents(path: Path) -> dict[str, tuple[str, bytes]]:
    """All of a result file but where it came from: the types and bytes of its arrays and attributes."""
    found = {}

    def look(name: str, item: h5py.Group | h5py.Dataset) -> None:
        if name in ("provenance/json", "provenance/check"):
            return
        for key, value in item.attrs.items():
            found[f"{name}@{key}"] = str(np.asarray(value).dtype), np.asarray(value).tobytes()
        if isinstance(item, h5py.Dataset):
            found[name] = f"{item.dtype} {item.shape}", np.asarray(item[()]).tobytes()

    with h5py.File(path, "r") as file:
        file.visititems(look)
    return found

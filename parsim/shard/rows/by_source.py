"""What all rows of a source share, as it is read and written by rows."""

from typing import Any

import numpy as np

from parsim.arrays import Ints
from parsim.kernels.sources import Sources


class BySource:
    """A column [source] that stands for one [row]."""

    ndim = 1

    def __init__(self, sources: Sources, held: Any) -> None:
        self.start, self.held = sources.start, held

    def of(self, rows: Any) -> Ints:
        """Which sources are those of rows?"""
        found: Ints = np.searchsorted(self.start, rows, side="right") - 1
        return found

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return np.repeat(self.held, np.diff(self.start)).astype(dtype or self.held.dtype, copy=False)

    def __getitem__(self, rows: Any) -> Any:
        return self.held[self.of(rows)]

    def __setitem__(self, rows: Any, values: Any) -> None:
        self.held[self.of(rows)] = values

"""Names for the roles that arrays play, bundles of columns, and how what a user gave is shown in errors."""

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Gids = NDArray[np.int64]

Bundle = TypeVar("Bundle", bound=tuple[Any, ...])  # a NamedTuple of columns of one length


def aligned_zeros(*shape: int) -> Floats:
    """Zeros that begin with a line of memory, of 64 bytes."""
    n, line = int(np.prod(shape)), 8
    whole = np.zeros(n + line)
    begin = -(whole.ctypes.data // whole.itemsize) % line
    return whole[begin : begin + n].reshape(shape)


def written(numbers: range | Ints) -> Ints:
    """Whole numbers as an array; numpy would ask a range for one after the other, a microsecond each."""
    if isinstance(numbers, range):
        return np.arange(numbers.start, numbers.stop, numbers.step, dtype=np.int64)
    return np.asarray(numbers, np.int64)


def picked(bundle: Bundle, which: Any) -> Bundle:
    """The same bundle with some of its elements, by place or by a mask."""
    kind: Any = type(bundle)
    some: Bundle = kind(*(column[which] for column in bundle))
    return some


def concatenated(bundles: Sequence[Bundle]) -> Bundle:
    """One bundle with the elements of these, of which there is at least one, as they come."""
    kind: Any = type(bundles[0])
    whole: Bundle = kind(*(np.concatenate(columns) for columns in zip(*bundles, strict=True)))
    return whole


def with_new(column: Any, rows: Ints | None, values: Any, n: int) -> Any:
    """A column of n rows with new values at some of them, or at all; without a dimension where all share one."""
    if rows is None and values.ndim == 0:
        return np.asarray(values, column.dtype)
    spread = column if column.ndim else np.full(n, column)
    spread[slice(None) if rows is None else rows] = values
    return spread


def shown(given: Any, most: int = 60) -> str:
    """The beginning of its text, in one line, however long it is or whatever it does when asked."""
    try:
        if isinstance(given, (list, tuple)) and len(given) > most:
            given = given[:most]
        text = " ".join(repr(given).split())
    except Exception:
        text = f"a {type(given).__name__}"
    return text[:most]

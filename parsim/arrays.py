"""Names for the roles that arrays play, and the casts at the door, each with one clear error."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from parsim.errors import DescriptionError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Gids = NDArray[np.int64]


def as_floats(values: Any, what: str) -> Floats:
    """A contiguous float64 array of any shape; NaN and text are refused, infinities are not."""
    try:
        array = np.asarray(values, dtype=np.float64, order="C")
    except (TypeError, ValueError):
        raise DescriptionError(
            f"{what} is {values!r:.80}, which is not a number or an array of numbers."
        ) from None
    if np.isnan(array).any():
        where = "" if array.ndim == 0 else f" (first at index {int(np.isnan(array).ravel().argmax())})"
        raise DescriptionError(f"{what} is NaN{where}. Give a number.")
    return array


def as_ints(values: Any, what: str) -> NDArray[Any]:
    """A contiguous copy as int32, or int64 where that is needed; floats are accepted when they are whole."""
    given = (
        values if isinstance(values, np.ndarray) and values.dtype.kind in "iu" else as_floats(values, what)
    )
    least, most = given.min(initial=0), given.max(initial=0)
    whole = given.dtype.kind != "f" or not (np.rint(given) != given).any()
    if not (whole and least > -(2**53) and most < 2**53):
        raise DescriptionError(f"{what} is {values!r:.80}; whole numbers are needed.")
    return np.array(given, dtype=np.int32 if -(2**31) <= least and most < 2**31 else np.int64, order="C")


def as_count(value: Any, what: str, least: int = 0) -> int:
    """A whole number of at least `least`."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        whole = isinstance(value, float) and value.is_integer()
        hint = f" Write {int(value)}." if whole else ""
        raise DescriptionError(
            f"{what} is {value!r:.80}; a whole number of at least {least} is needed.{hint}"
        )
    if value < least:
        raise DescriptionError(f"{what} is {value}; it must be at least {least}.")
    return int(value)

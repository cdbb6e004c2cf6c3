"""The door for numbers: whatever stands for numbers becomes a float64 array in one unit, or one error.

Numbers, text and quantities, alone or in lists, arrays, Series and the like, nested as they may be. What
only looks like numbers is refused: truth values, dates, bytes, complex numbers, masked or missing values.
"""

import datetime
import decimal
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Floats, shown
from parsim.errors import DescriptionError
from parsim.given.units import from_quantity, from_text, from_timedelta, is_quantity

_FAST = frozenset(
    {
        float,
        int,
        np.float64,
        np.float32,
        np.int64,
        np.int32,
        np.int16,
        np.int8,
        np.uint8,
        np.uint16,
        np.uint32,
    }
)
TRUTH = "truth"  # the unit of flags: where it is needed, and only there, truth values are numbers, 0 and 1
_DEEPEST = 32  # lists in lists
_LONGEST = 2**31  # elements of a range


def as_numbers(raw: Any, unit: str, what: str) -> Floats:
    """A float64 array of the shape of what was given, in `unit`, that shares no memory with it.

    `what` names it in errors. NaN is refused, infinities are not.
    """
    if type(raw) in (float, int) and abs(raw) < 1e300:  # most are
        return np.array(raw, dtype=np.float64)
    return refuse_nan(_numbers(raw, unit, what, 0), what)


def refuse_nan(numbers: Floats, what: str) -> Floats:
    """The numbers, unless one is none."""
    if np.isnan(numbers).any():
        where = "" if numbers.ndim == 0 else f" (first at index {int(np.isnan(numbers).ravel().argmax())})"
        raise DescriptionError(f"{what} is NaN{where}. Give a number.")
    return numbers


def mapped(raw: Any, of: type[np.generic]) -> NDArray[Any] | None:
    """Numbers of this type in a file that is mapped to be read (`np.load(file, mmap_mode="r")`), as they are:
    no process need hold all of them. None for anything else.
    """
    if isinstance(raw, np.memmap) and raw.mode == "r" and raw.dtype == of and raw.flags.c_contiguous:
        return np.asarray(raw)
    return None


def as_ints(raw: Any, what: str) -> NDArray[Any]:
    """A contiguous copy as int32, or int64 where that is needed; floats are accepted when they are whole."""
    if (as_it_is := mapped(raw, np.int32)) is not None:
        return as_it_is
    plain = type(raw) is np.ndarray and raw.dtype.kind in "iu"
    given = raw if plain else as_numbers(raw, "", what)
    least, most = given.min(initial=0), given.max(initial=0)
    whole = given.dtype.kind != "f" or not (np.rint(given) != given).any()
    if not (whole and least > -(2**53) and most < 2**53):
        raise DescriptionError(f"{what} is {shown(raw, 80)}; whole numbers are needed.")
    return np.array(given, dtype=np.int32 if -(2**31) <= least and most < 2**31 else np.int64, order="C")


def is_list(raw: Any) -> bool:
    """Does it hold several things, in order?"""
    if isinstance(raw, (str, bytes, bytearray)):
        return False
    n = getattr(raw, "ndim", None)
    if isinstance(n, int):
        return n > 0
    return isinstance(raw, (Sequence, array))


def as_one(raw: Any, unit: str, what: str) -> float:
    """One number."""
    found = as_numbers(raw, unit, what)
    if found.ndim:
        raise DescriptionError(
            f"{what} is {shown(raw)}; one number{f' in {unit}' if unit else ''} is needed."
        )
    return float(found)


def _numbers(raw: Any, unit: str, what: str, depth: int) -> Floats:
    if type(raw) in _FAST or (type(raw) is np.ndarray and raw.dtype.kind in "iuf"):
        return cast(raw, what)
    if isinstance(raw, str):
        if unit == TRUTH:
            raise DescriptionError(f"{what} is {shown(raw)}; use True or False.")
        return np.array(from_text(raw, unit, what))
    if isinstance(raw, (list, tuple)):
        return _nested(raw, unit, what, depth)
    if isinstance(raw, (bool, np.bool)) and unit == TRUTH:
        return np.array(float(raw))
    if reason := _no_number(raw):
        raise DescriptionError(f"{what} is {shown(raw)}, {reason}")
    if isinstance(raw, np.ma.MaskedArray):
        return _numbers(np.ma.getdata(raw), unit, what, depth)
    if isinstance(raw, (datetime.timedelta, np.timedelta64)):
        return _of_array(np.asarray(_exactly(raw)), unit, what, depth)
    if depth > 2 * _DEEPEST:
        raise DescriptionError(f"{what} is {shown(raw)}, which holds itself.")
    if (quantity := _quantity_in(raw)) is not None:
        return _numbers(from_quantity(quantity, unit, what), "", what, depth + 1)
    if isinstance(raw, (np.ndarray, np.generic)):
        return _of_array(np.asarray(raw), unit, what, depth)
    if isinstance(raw, (Fraction, decimal.Decimal, int, float)):
        return cast(raw, what)
    return _of_another_kind(raw, unit, what, depth)


def _no_number(raw: Any) -> str:
    """Why it cannot be meant as numbers, if it is of such a kind."""
    if raw is None:
        return "which is not a number or an array of numbers."
    if isinstance(raw, (bool, np.bool)):
        return "a truth value; a number is needed."
    if isinstance(raw, (bytes, bytearray)) or (
        isinstance(raw, memoryview) and isinstance(raw.obj, (bytes, bytearray))
    ):
        return "which are bytes; numbers are needed."
    if isinstance(raw, (complex, np.complexfloating)):
        return "a complex number; give its real part or its absolute value."
    if isinstance(raw, (datetime.date, datetime.time, np.datetime64)):
        return "a date or time of day; give the time since the beginning of the simulation."
    if isinstance(raw, (Mapping, Set)):
        return "which has no order; give a list."
    if isinstance(raw, Iterator):
        return "which can be gone through only once; give list(...) of it."
    if isinstance(raw, np.ndarray) and np.any(getattr(raw, "mask", False)):  # numpy's and astropy's
        return "of which some values are masked; give those that are there, or fill in the others."
    return ""


def _nested(raw: Any, unit: str, what: str, depth: int) -> Floats:
    if depth >= _DEEPEST:
        raise DescriptionError(f"{what} holds lists in lists in lists without an end.")
    if set(map(type, raw)) <= _FAST:
        return cast(raw, what)
    parts = [_numbers(v, unit, f"{what}[{i}]", depth + 1) for i, v in enumerate(raw)]
    if any(part.shape != parts[0].shape for part in parts):
        raise DescriptionError(f"{what} is {shown(raw)}, whose lists differ in length.")
    return np.array(parts)


def _of_array(raw: NDArray[Any], unit: str, what: str, depth: int) -> Floats:
    kind = raw.dtype.kind
    if kind in "iuf" or (kind == "b" and unit == TRUTH):
        return cast(raw, what)
    if kind == "m":
        return np.array(from_timedelta(raw, unit, what))
    if kind in "OUT":
        held = raw.tolist()
        return _nested(held, unit, what, depth) if raw.ndim else _numbers(held, unit, what, depth + 1)
    kinds = {
        "b": "truth values; numbers are needed (np.flatnonzero gives the places that are true).",
        "c": "complex numbers; give their real parts or absolute values.",
        "M": "dates; give the times since the beginning of the simulation.",
    }
    raise DescriptionError(f"{what} is an array of {kinds.get(kind, f'{raw.dtype}; numbers are needed.')}")


def _of_another_kind(raw: Any, unit: str, what: str, depth: int) -> Floats:
    """By what it says of itself: a Series, a tensor, a buffer, a range, a number of another package."""
    found: Any = None
    for turn in _WAYS:
        try:
            found = turn(raw)
        except Exception:  # whatever another package may raise
            found = None
        if found is not None:
            break
    holds_itself = isinstance(found, np.ndarray) and found.dtype == object and found.ndim == 0
    if found is None or holds_itself or depth >= _DEEPEST:
        kind = type(raw).__name__
        raise DescriptionError(
            f"{what} is {shown(raw)} ({kind}), which is not a number or an array of numbers."
        )
    labels = getattr(raw, "attrs", None)  # where xarray keeps the unit of plain numbers
    if isinstance(labels, Mapping) and isinstance(given := labels.get("units"), str):
        return _numbers(found, "", what, depth + 1) * from_text(f"1 {given}", unit, what)
    return _numbers(found, unit, what, depth + 1)


def _to_array(raw: Any) -> Any:
    is_array = any(hasattr(raw, name) for name in ("to_numpy", "__array__", "__array_interface__"))
    if not is_array and not isinstance(raw, (memoryview, array)):
        return None
    found = raw.to_numpy() if hasattr(raw, "to_numpy") else np.asarray(raw)
    return np.asarray(found) if not isinstance(found, np.ndarray) else found


def _to_list(raw: Any) -> Any:
    return list(raw) if isinstance(raw, Sequence) and len(raw) < _LONGEST else None


def _to_float(raw: Any) -> Any:
    return float(raw) if hasattr(raw, "__float__") or hasattr(raw, "__index__") else None


_WAYS: tuple[Callable[[Any], Any], ...] = (_to_array, _to_list, _to_float)


def _quantity_in(raw: Any) -> Any:
    """The quantity that it is, or that a labelled array or a column of a table holds; None if there is no unit."""
    if type(raw) is np.ndarray or isinstance(raw, np.generic):
        return None
    if not hasattr(type(raw), "to_numpy"):
        return raw if is_quantity(raw) else None
    # xarray says `data`, pandas with pint-pandas `array.quantity`; any other attribute may be a label.
    for held in (getattr(raw, "data", None) if hasattr(type(raw), "data") else None,
                 getattr(getattr(raw, "array", None), "quantity", None)):  # fmt: skip
        if held is not None and is_quantity(held):
            return held
    return None


def _exactly(raw: Any) -> Any:
    """A duration as numpy's; that of pandas counts nanoseconds."""
    if hasattr(raw, "to_timedelta64"):
        return raw.to_timedelta64()
    return np.timedelta64(raw, "us") if isinstance(raw, datetime.timedelta) else raw


def cast(raw: Any, what: str) -> Floats:
    """Numbers that are nothing else, to float64; refused when they are too great for it."""
    try:
        with np.errstate(over="ignore"):
            found = np.array(raw, dtype=np.float64, order="C")
        narrowed = isinstance(raw, (np.ndarray, np.generic)) and raw.dtype.itemsize > 8
        if narrowed and (np.isinf(found) & np.isfinite(raw)).any():
            raise OverflowError
    except (OverflowError, ValueError, ArithmeticError, MemoryError):
        raise DescriptionError(
            f"{what} is {shown(raw)}; numbers up to 1.8e308 can be held, as many as fit into memory."
        ) from None
    return found

"""Numbers with units, as text, durations or quantities of other packages, to plain numbers in one unit."""

import re
from decimal import Decimal
from fractions import Fraction
from math import inf, isinf
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Floats
from parsim.errors import DescriptionError, suggestion


class _Dimension(NamedTuple):
    """Its units as powers of ten of the SI unit, and that unit's exponents of m, kg, s and A."""

    name: str
    units: dict[str, int]
    si: tuple[int, int, int, int]
    example: str


_DIMENSIONS = (
    _Dimension("time", {"s": 0, "ms": -3, "us": -6}, (0, 0, 1, 0), "20"),
    _Dimension("voltage", {"V": 0, "mV": -3, "uV": -6}, (2, 1, -3, -1), "-65"),
    _Dimension("current", {"A": 0, "mA": -3, "uA": -6, "nA": -9, "pA": -12}, (0, 0, 0, 1), "100"),
    _Dimension("conductance", {"S": 0, "mS": -3, "uS": -6, "nS": -9, "pS": -12}, (-2, -1, 3, 2), "0.5"),
    _Dimension("capacitance", {"F": 0, "uF": -6, "nF": -9, "pF": -12}, (-2, -1, 4, 2), "250"),
    _Dimension("rate", {"Hz": 0, "kHz": 3, "1/s": 0, "1/ms": 3, "spikes/s": 0}, (0, 0, -1, 0), "10"),
    _Dimension("resistance", {"Ohm": 0, "kOhm": 3, "MOhm": 6, "GOhm": 9}, (2, 1, -3, -2), "3"),
)
_DIMENSION_OF = {unit: dimension for dimension in _DIMENSIONS for unit in dimension.units}
_NUMBER = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?inf)\s*(.*?)\s*", re.IGNORECASE)


def from_text(text: str, unit: str, what: str) -> float:
    found = _NUMBER.fullmatch(text)
    if not found:
        raise DescriptionError(f'{what} is "{text:.60}", which is not a number with a unit. {_advice(unit)}')
    given = found[2].replace("\N{MICRO SIGN}", "u").replace("\N{GREEK SMALL LETTER MU}", "u")
    given = given.replace("\N{OHM SIGN}", "Ohm").replace("\N{GREEK CAPITAL LETTER OMEGA}", "Ohm")
    dimension = _DIMENSION_OF.get(unit)
    if given == unit:
        return _rounded(found[1], 0, what, text)
    if dimension is not None and given in dimension.units:
        return _rounded(found[1], dimension.units[given] - dimension.units[unit], what, text)
    raise DescriptionError(f'{what} is "{text:.60}"{_complaint(given, unit, dimension)} {_advice(unit)}')


def _rounded(digits: str, exponent: int, what: str, text: str) -> float:
    """A decimal number times a power of ten, rounded once."""
    try:
        exact = Decimal(digits)
        number = float(exact.scaleb(exponent) if exponent else exact)
    except ArithmeticError:
        exact, number = Decimal(0), inf
    if isinf(number) and exact.is_finite():
        raise DescriptionError(f'{what} is "{text:.60}"; numbers up to 1.8e308 can be held.')
    return number


def _complaint(given: str, unit: str, needed: _Dimension | None) -> str:
    if not given:
        return f", without a unit; {unit} is needed."
    if given in _DIMENSION_OF:
        return f", a {_DIMENSION_OF[given].name}; {unit or 'a plain number'} is needed."
    known = list(needed.units) if needed else [unit] if unit else []
    near = suggestion(given, known)
    units = f" Units of {needed.name} are {', '.join(known)}." if needed else ""
    return f", and '{given}' is no unit that parsim knows.{near}{units}"


def _advice(unit: str) -> str:
    dimension = _DIMENSION_OF.get(unit)
    if dimension is None:
        return f'Write e.g. "0.5 {unit}".' if unit else "Write e.g. 0.5."
    return f'Write e.g. "{dimension.example} {unit}".'


def is_quantity(value: Any) -> bool:
    """Does it carry a unit, as the values of pint, quantities, astropy and brian2 do?"""
    if isinstance(value, type):
        return False
    if any(hasattr(value, name) for name in ("magnitude", "to_value", "in_units_of", "in_best_unit")):
        return True
    return isinstance(value, np.ndarray) and any(hasattr(value, name) for name in ("units", "unit"))


_TICKS = {
    "ps": (1, 10**12), "ns": (1, 10**9), "us": (1, 10**6), "ms": (1, 1000), "s": (1, 1), "m": (60, 1), "h": (3600, 1),
    "D": (86400, 1), "W": (604800, 1),
}  # fmt: skip


def from_timedelta(durations: NDArray[Any], unit: str, what: str) -> Floats:
    """Durations of numpy's to numbers of a unit of time."""
    dimension, (tick, count) = _DIMENSION_OF.get(unit), np.datetime_data(durations.dtype)
    if dimension is None or dimension.name != "time" or tick not in _TICKS:
        needed = unit or "a plain number"
        kind = "a duration" if tick in _TICKS else f"a duration without a fixed length ({tick})"
        raise DescriptionError(f"{what} is {kind}; {needed} is needed. {_advice(unit)}")
    if np.isnat(durations).any():
        raise DescriptionError(f"{what} is not a time (NaT) somewhere. Give a number.")
    seconds = Fraction(*_TICKS[tick]) * count / Fraction(10) ** dimension.units[unit]
    numbers: Floats = durations.astype(np.float64) * float(seconds.numerator) / float(seconds.denominator)
    return numbers


def from_quantity(value: Any, unit: str, what: str) -> Any:
    """By the quantity's own conversion; its packages say `ohm` and `Hz` where we say `Ohm`, `spikes/s`."""
    theirs = {"spikes/s": "Hz", "": "dimensionless"}.get(unit, unit.replace("Ohm", "ohm"))
    try:
        if hasattr(value, "in_best_unit"):  # brian2
            return _from_si(value, unit)
        if hasattr(value, "to_value"):  # astropy, unyt
            return value.to_value(unit.replace("spikes", "1"))
        if hasattr(value, "in_units_of"):
            return value.in_units_of(theirs)
        return (value.rescale if hasattr(value, "rescale") else value.to)(theirs).magnitude
    except Exception as error:
        needed, reason = unit or "a plain number", f"{error!s:.120}".rstrip(".")
        raise DescriptionError(
            f"{what} is {_text(value)}, which cannot be converted to {needed}: {reason}. {_advice(unit)}"
        ) from None


def _text(value: Any) -> str:
    try:
        return f"{value!s:.60}"
    except Exception:
        return f"a {type(value).__name__}"


def _from_si(value: Any, unit: str) -> Any:
    """A quantity that is kept in SI units and knows its exponents of them."""
    dimension = _DIMENSION_OF.get(unit)
    si = dimension.si if dimension else (0, 0, 0, 0)
    given = tuple(value.dim.get_dimension(base) for base in ("m", "kg", "s", "A"))
    if given != si or (dimension is None and unit):
        raise ValueError("its dimension differs.")
    exponent = dimension.units[unit] if dimension else 0
    numbers = np.asarray(value, dtype=np.float64)
    return numbers * float(10**-exponent) if exponent < 0 else numbers / float(10**exponent)

"""Constants of nature (CODATA 2018), as `F = (faraday) (coulomb)` asks for them."""

import re

from parsim.errors import suggestion
from parsim.nmodl.refusal import Refused

FARADAY = 96485.33212331001  # C/mol
GAS = 8.31446261815324  # J/(mol K)

_VALUES = {
    "faraday": FARADAY, "k-mole": GAS, "pi": 3.141592653589793, "e": 1.602176634e-19, "avogadro": 6.02214076e23,
    "boltzmann": 1.380649e-23, "c": 299792458.0, "mole": 6.02214076e23, "g": 9.80665,
    "k": 1.380649e-23, "planck": 6.62607015e-34,
}  # fmt: skip
_PREFIXES = {
    "mega": 1e6, "kilo": 1e3, "deci": 1e-1, "centi": 1e-2, "milli": 1e-3, "micro": 1e-6, "nano": 1e-9, "pico": 1e-12,
}  # fmt: skip


def constant_of_nature(first: str, second: str) -> float:
    """The number behind `(first) (second)`: (faraday) (kilocoulombs) is 96.485..."""
    number, name = _split(first)
    if name not in _VALUES:
        raise Refused(
            f"the constant ({first}) is not known.{suggestion(name, _VALUES)} Known are {', '.join(_VALUES)}; "
            f"or give its value "
            "in PARAMETER or CONSTANT"
        )
    scale, unit = _split(second)
    for prefix, factor in _PREFIXES.items():
        if unit.startswith(prefix) and unit != prefix:
            scale *= factor
    return number * _VALUES[name] / scale


def _split(unit: str) -> tuple[float, str]:
    """A leading number and the rest."""
    match = re.match(r"\s*((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)?\s*(.*)", unit)
    assert match is not None
    return float(match.group(1) or 1.0), match.group(2).strip()

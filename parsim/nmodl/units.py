"""Units as NMODL spells them, in the spelling of parsim: (millivolt) is mV."""

import re

_SPELLED = {
    "millivolt": "mV", "volt": "V", "nanoamp": "nA", "milliamp": "mA", "microamp": "uA", "picoamp": "pA", "amp": "A",
    "siemens": "S", "mho": "S", "umho": "uS", "mmho": "mS", "microsiemens": "uS", "micromho": "uS", "nanosiemens": "nS",
    "picosiemens": "pS", "millisiemens": "mS", "megohm": "MOhm", "Mohm": "MOhm", "ohm": "Ohm", "millisecond": "ms",
    "millisec": "ms", "second": "s", "sec": "s", "micron": "um", "microns": "um", "millimolar": "mM",
    "milli/liter": "mM",
    "microfarad": "uF",
}  # fmt: skip
_PLAIN = {"1", "dimensionless", ""}


def spelled(unit: str) -> str:
    """A unit, word by word; of nothing, the empty text."""
    if unit in _PLAIN:
        return ""
    unit = _SPELLED.get(unit, unit)
    return re.sub(r"[A-Za-zµ]+", lambda m: _SPELLED.get(m.group(), m.group()), unit)

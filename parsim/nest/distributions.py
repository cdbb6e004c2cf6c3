"""Distributions of weights and delays, as NEST 2 wrote them: `{"distribution": "uniform", "low": 0.0, "high": 1.0}`."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from parsim.errors import DescriptionError
from parsim.given.distributions import Exponential, LogNormal, Normal, Uniform, UniformInt
from parsim.given.value import AbstractValue
from parsim.nest import errors

_KNOWN: dict[str, tuple[Any, dict[str, Any]]] = {
    "uniform": (Uniform, {"low": 0.0, "high": 1.0}),
    "uniform_int": (lambda low, high: UniformInt(low, high + 1), {"low": 0, "high": 0}),
    "normal": (Normal, {"mu": 0.0, "sigma": 1.0}),
    "lognormal": (LogNormal, {"mu": 0.0, "sigma": 1.0}),
    "exponential": (lambda rate: Exponential(1.0 / rate), {"lambda": 1.0}),
}
_BOUNDS = {"low": -np.inf, "high": np.inf}


def of_nest2(raw: Mapping[str, Any]) -> AbstractValue:
    """A distribution as a value; clipped ones are drawn again, those to a boundary lie on it."""
    said = dict(raw)
    name = said.pop("distribution")
    plain = str(name).removesuffix("_to_boundary").removesuffix("_clipped")
    bounded = plain != name
    if plain not in _KNOWN:
        raise errors.unsupported(f"the distribution '{name!s:.60}'", f"There are {', '.join(_KNOWN)}.")
    make, defaults = _KNOWN[plain]
    if unknown := set(said) - set(defaults) - (set(_BOUNDS) if bounded else set()):
        raise errors.BadProperty(f"the distribution {name} has no {', '.join(sorted(unknown))}.")
    try:
        value: AbstractValue = make(*(said.get(key, default) for key, default in defaults.items()))
        if not bounded:
            return value
        low, high = (said.get(key, default) for key, default in _BOUNDS.items())
        return value.clipped(low, high) if name.endswith("to_boundary") else value.redrawn(low, high)
    except DescriptionError as error:
        raise errors.as_kind(errors.BadProperty, error) from None

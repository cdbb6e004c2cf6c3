"""Distributions of weights and delays, as NEST 2 wrote them."""

from collections.abc import Mapping
from typing import Any

from parsim.given.distributions import Exponential, LogNormal, Normal, Uniform
from parsim.nest import errors

_KNOWN = {
    "uniform": (Uniform, {"low": 0.0, "high": 1.0}),
    "normal": (Normal, {"mu": 0.0, "sigma": 1.0}),
    "lognormal": (LogNormal, {"mu": 0.0, "sigma": 1.0}),
}  # fmt: skip


def of_nest2(raw: Mapping[str, Any]) -> Any:
    """`{"distribution": "uniform", "low": 0.0, "high": 1.0}` and the like."""
    said = dict(raw)
    name = said.pop("distribution")
    if name == "exponential":
        return Exponential(1.0 / said.get("lambda", 1.0))
    if name not in _KNOWN:
        raise errors.unsupported(
            f"the distribution '{name!s:.60}'", f"There are {', '.join([*_KNOWN, 'exponential'])}."
        )
    made, defaults = _KNOWN[name]
    if unknown := set(said) - set(defaults):
        raise errors.BadProperty(f"the distribution {name} has no {', '.join(sorted(unknown))}.")
    return made(*(said.get(key, default) for key, default in defaults.items()))

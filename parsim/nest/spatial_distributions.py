"""Functions of Parameters of space: `nest.spatial_distributions.gaussian(nest.spatial.distance, std=0.5)`."""

import math
from typing import Any

import numpy as np

from parsim.given.expressions import applied
from parsim.nest import errors
from parsim.nest.parameters import Parameter, made


def exponential(x: Parameter, beta: float = 1.0) -> Parameter:
    """exp(-x / beta)."""
    _positive("beta", beta)
    return _exp(-1.0 * _given(x) / beta)


def gaussian(x: Parameter, mean: float = 0.0, std: float = 1.0) -> Parameter:
    """exp(-(x - mean)^2 / (2 std^2))."""
    _positive("std", std)
    return _exp((_given(x) - mean) ** 2 / (-2.0 * std * std))


def gaussian2D(
    x: Parameter, y: Parameter, mean_x: float = 0.0, mean_y: float = 0.0, std_x: float = 1.0, std_y: float = 1.0,
    rho: float = 0.0,
) -> Parameter:  # fmt: skip
    """exp of minus half the square of the distance that standard deviations and a correlation define."""
    _positive("std_x", std_x)
    _positive("std_y", std_y)
    if not -1.0 < rho < 1.0:
        raise errors.BadProperty(f"rho is {rho!r:.60}; it must be between -1 and 1.")
    a, b = (_given(x) - mean_x) / std_x, (_given(y) - mean_y) / std_y
    return _exp((a**2 + b**2 - 2.0 * rho * a * b) / (-2.0 * (1.0 - rho * rho)))


def gamma(x: Parameter, kappa: float = 1.0, theta: float = 1.0) -> Parameter:
    """The density of the gamma distribution."""
    _positive("kappa", kappa)
    _positive("theta", theta)
    scale = 1.0 / (theta**kappa * math.gamma(kappa))
    return _given(x) ** (kappa - 1.0) * _exp(_given(x) / -theta) * scale


def gabor(
    x: Parameter, y: Parameter, theta: float = 0.0, gamma: float = 1.0, std: float = 1.0, lam: float = 1.0,
    psi: float = 0.0,
) -> Parameter:  # fmt: skip
    """A Gaussian times a cosine where that is above 0; theta and psi in degrees."""
    _positive("std", std)
    _positive("gamma", gamma)
    c, s = math.cos(math.radians(theta)), math.sin(math.radians(theta))
    a, b = _given(x) * c + _given(y) * s, _given(y) * c - _given(x) * s
    wave = b * (2.0 * np.pi / lam) + math.radians(psi)
    up = made(lambda: applied("maximum", applied("cos", wave.value), 0.0))
    return _exp((gamma * gamma * a**2 + b**2) / (-2.0 * std * std)) * up


def _exp(x: Parameter) -> Parameter:
    return made(lambda: applied("exp", x.value))


def _given(x: Any) -> Parameter:
    if not isinstance(x, Parameter):
        raise errors.TypeMismatch(f"{x!r:.60} is no Parameter; give nest.spatial.distance or the like.")
    return x


def _positive(name: str, value: float) -> None:
    if not value > 0.0:
        raise errors.BadProperty(f"{name} is {value!r:.60}; it must be greater than 0.")

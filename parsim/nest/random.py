"""Parameters that are drawn: `nest.random.uniform(-70.0, -55.0)`."""

from parsim.given.distributions import Exponential, LogNormal, Normal, Uniform, UniformInt
from parsim.nest import errors
from parsim.nest.parameters import Parameter, made


def uniform(min: float = 0.0, max: float = 1.0) -> Parameter:
    """Uniform in [min, max)."""
    if not min < max:
        raise errors.BadProperty(f"uniform from {min!r:.40} to {max!r:.40}: min must be less than max.")
    return made(lambda: Uniform(min, max))


def uniform_int(max: int) -> Parameter:
    """A whole number from 0 to max - 1."""
    if max != int(max):
        raise RuntimeError(f"max is {max}; a whole number is needed.")
    if max <= 0:
        raise errors.BadProperty(f"max is {max}; it must be greater than 0.")
    return made(lambda: UniformInt(0, int(max)))


def normal(mean: float = 0.0, std: float = 1.0) -> Parameter:
    """Normal."""
    return made(lambda: Normal(mean, _positive(std)))


def lognormal(mean: float = 0.0, std: float = 1.0) -> Parameter:
    """exp of a normal number."""
    return made(lambda: LogNormal(mean, _positive(std)))


def exponential(beta: float = 1.0) -> Parameter:
    """Exponential with mean beta."""
    return made(lambda: Exponential(beta))


def _positive(std: float) -> float:
    if not std >= 0.0:
        raise errors.BadProperty(f"std is {std!r:.40}; it must be at least 0.")
    return std

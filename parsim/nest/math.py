"""Functions of Parameters: `nest.math.redraw(nest.random.normal(), min=0.0, max=2.0)`."""

from parsim.given.expressions import applied
from parsim.given.value import AbstractValue
from parsim.nest import errors
from parsim.nest.parameters import Parameter, as_value, made


def exp(parameter: Parameter) -> Parameter:
    """e to it."""
    return made(lambda: applied("exp", _value(parameter)))


def sin(parameter: Parameter) -> Parameter:
    """Its sine, of an angle in radians."""
    return made(lambda: applied("sin", _value(parameter)))


def cos(parameter: Parameter) -> Parameter:
    """Its cosine."""
    return made(lambda: applied("cos", _value(parameter)))


def min(parameter: Parameter, value: float) -> Parameter:
    """The lesser of it and a number."""
    return made(lambda: applied("minimum", _value(parameter), as_value(value)))


def max(parameter: Parameter, value: float) -> Parameter:
    """The greater of it and a number."""
    return made(lambda: applied("maximum", _value(parameter), as_value(value)))


def redraw(parameter: Parameter, min: float, max: float) -> Parameter:
    """Drawn again until it lies in [min, max]."""
    if min > max:
        raise errors.BadParameterValue(f"redraw within {min!r:.40} to {max!r:.40}: min must not exceed max.")
    return made(lambda: _value(parameter).redrawn(float(min), float(max)))


def _value(parameter: Parameter) -> AbstractValue:
    return parameter.value

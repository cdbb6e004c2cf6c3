"""Choices between Parameters."""

from typing import Any

from parsim.given.expressions import applied
from parsim.nest.parameters import Parameter, as_value, made


def conditional(condition: Parameter, param_if_true: Any, param_if_false: Any) -> Parameter:
    """The one where the condition is not 0, else the other."""
    return made(lambda: applied("where", condition.value, as_value(param_if_true), as_value(param_if_false)))

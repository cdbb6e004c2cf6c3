"""`played`: values in time that a parameter of a mechanism follows."""

from typing import Any

import numpy as np

from parsim.errors import DescriptionError
from parsim.given.numbers import as_numbers
from parsim.given.plain import as_flag
from parsim.models.times import refuse_unsorted
from parsim.shard.cable.playing import Wave

_WHAT = "a parameter that is played"


def played(times: Any, values: Any, steps: bool = False) -> Wave:
    """Values that a parameter of a mechanism follows: `ps.place("clamp", "SEClamp", at="soma", amp1=ps.played(t, v))`.

    Between times there are straight lines, as in NEURON's `Vector.play(ref, tvec, True)`; currents are computed with
    the value in the middle of a step, states with that at its end. Before the first time the value is the first,
    after the last the last.

    Parameters
    ----------
    times : list of float, shape (n,)
        Ascending, ms; where one stands twice the value jumps.
    values : list of float, shape (n,)
        In the unit of the parameter.
    steps : bool
        Each value holds until the next, as in `Vector.play(ref, tvec)`; a step of the simulation takes the last
        one that begins by its middle. Each time stands there once.

    Raises
    ------
    DescriptionError
        Times that go back, other than one value for each, no times at all, or what is no finite number.
    """
    flag = as_flag(steps, f"steps of {_WHAT}")
    found = [
        as_numbers(raw, unit, f"{name} of {_WHAT}")
        for name, unit, raw in (("times", "ms", times), ("values", "", values))
    ]
    for name, numbers in zip(("times", "values"), found, strict=True):
        if numbers.ndim != 1 or numbers.size == 0:
            raise DescriptionError(
                f"{name} of {_WHAT} have shape {numbers.shape}; a list of one or more numbers is needed."
            )
        if not np.isfinite(numbers).all():
            raise DescriptionError(
                f"{name} of {_WHAT} hold {numbers[~np.isfinite(numbers)][0]:g}; finite numbers are needed."
            )
    if complaint := refuse_unsorted(found[0], f"times of {_WHAT}", strictly=flag):
        raise DescriptionError(complaint)
    if found[0].size != found[1].size:
        raise DescriptionError(
            f"{_WHAT} has {found[0].size} times and {found[1].size} values; give one value for each time."
        )
    return Wave(found[0], found[1], flag)

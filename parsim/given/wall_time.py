"""Times of the clock on the wall, which batch systems count in minutes, hours and days."""

import math
import re
from typing import Any

from parsim.errors import DescriptionError
from parsim.given.values import as_number

_SECONDS = {"min": 60.0, "h": 3600.0, "d": 86400.0}
_TEXT = re.compile(r"\s*(\d+\.?\d*|\.\d+)\s*(min|h|d)\s*")


def wall_seconds(given: Any, what: str) -> float:
    """Seconds above 0: a number of them, a text such as "90 s", "30 min", "2 h" or "1.5 d", or a quantity."""
    found = _TEXT.fullmatch(given) if isinstance(given, str) else None
    if found:
        seconds = float(found[1]) * _SECONDS[found[2]]
    else:
        try:
            seconds = as_number(given, "s", what)
        except DescriptionError as error:
            raise DescriptionError(f'{error} Minutes, hours and days are "30 min", "2 h", "1 d".') from None
    if not 0.0 < seconds < math.inf:
        raise DescriptionError(f"{what} is {seconds:g} s; a time above 0 is needed.")
    return seconds

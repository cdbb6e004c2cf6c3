"""Names for the roles that arrays play, and how what a user gave is shown in errors."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Gids = NDArray[np.int64]


def shown(given: Any, most: int = 60) -> str:
    """The beginning of its text, in one line, however long it is or whatever it does when asked."""
    try:
        if isinstance(given, (list, tuple)) and len(given) > most:
            given = given[:most]
        text = " ".join(repr(given).split())
    except Exception:
        text = f"a {type(given).__name__}"
    return text[:most]

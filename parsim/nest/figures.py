"""The door to matplotlib for plots that scripts ask for."""

from typing import Any

from parsim.errors import ParsimError


def pyplot() -> Any:
    """matplotlib.pyplot, or an error that says how to install it."""
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise ParsimError('plots need matplotlib: pip install "parsim-snn[plot]".') from error
    return plt

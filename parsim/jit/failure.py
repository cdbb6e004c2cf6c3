"""What numba could not compile, in a sentence."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from parsim.errors import BuildError, ParsimError


@contextlib.contextmanager
def in_a_sentence(function: Callable[..., Any]) -> Iterator[None]:
    """What goes wrong within while `function` is compiled becomes a BuildError."""
    try:
        yield
    except (ParsimError, MemoryError):
        raise
    except Exception as error:
        raise BuildError(f"The kernel {function.__qualname__} cannot be compiled: {error}") from error

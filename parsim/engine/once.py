"""What the ranks of one process hold alike, made by the first of them that asks."""

from collections.abc import Callable
from threading import Lock
from typing import Any, TypeVar

T = TypeVar("T")


class Once:
    """Shared by `takers` ranks that are threads of one process. Each asks once for a thing; it is made once."""

    def __init__(self, takers: int) -> None:
        self._takers = takers
        self._lock = Lock()
        self._made: dict[Any, tuple[Any, int]] = {}  # with how many have still to ask

    def __call__(self, key: Any, make: Callable[[], T]) -> T:
        """The thing called `key`; `make` does nothing collective. When it fails, it fails for all."""
        with self._lock:
            thing, left = self._made.pop(key, None) or (make(), self._takers)
            if left > 1:
                self._made[key] = (thing, left - 1)
            return thing  # type: ignore[no-any-return]

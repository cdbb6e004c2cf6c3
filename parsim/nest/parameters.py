"""Numbers that are drawn anew for every node: `nest.random` and arithmetic with it."""

from typing import Any

from parsim.arrays import Floats


class Parameter:
    """What gives `n` numbers when it is asked to."""

    def draw(self, n: int) -> Floats:
        """n numbers."""
        raise NotImplementedError

    def __bool__(self) -> Any:
        raise TypeError(
            "a Parameter is neither true nor false; it stands for numbers that are still to be drawn."
        )

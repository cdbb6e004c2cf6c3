"""One rank, alone: each collective is its own definition."""

from typing import Any

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.comm.base import AbstractComm, Array, integers
from parsim.comm.plan import AbstractPlan, Sizes


class SerialComm(AbstractComm):
    """The only rank; it sends nothing and waits for nobody, so its counters stay at zero."""

    def __init__(self) -> None:
        super().__init__(rank=0, size=1)

    def allgather(self, array: Array, note: int | Ints = 0) -> tuple[Array, Ints]:
        return array.copy(), np.array(note, dtype=np.int64, ndmin=1)

    def gather(self, array: Array) -> Array:
        return array.copy()

    def allgather_objects(self, value: Any) -> list[Any]:
        return [value]

    def send_objects(self, values: dict[int, Any]) -> dict[int, Any]:
        return dict(values)

    def plan(self, sends: Sizes, receives: Sizes) -> AbstractPlan:
        return SerialPlan(sends, receives)

    def allgather_rows(self, rows: Ints) -> None:
        pass

    def bcast(self, value: Any) -> Any:
        return value

    def maximum(self, values: Array) -> Array:
        return np.array(values)

    def total(self, values: Ints) -> Ints:
        return integers(values)

    def any(self, flag: bool) -> bool:
        return bool(flag)

    def meet(self, numbers: list[int], where: str) -> list[bool]:
        return [False] * len(numbers)

    def barrier(self) -> None:
        pass


class SerialPlan(AbstractPlan):
    """What the only rank sends to itself."""

    def __init__(self, sends: Sizes, receives: Sizes) -> None:
        super().__init__(0, sends, receives)
        self._out = np.zeros(sum(self.sends.values()))

    @property
    def out(self) -> Floats:
        return self._out

    def exchange(self) -> Floats:
        return self._out.copy()

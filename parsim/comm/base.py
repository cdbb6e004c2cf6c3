"""What ranks can do together, promised once for ranks alone, as threads, and over MPI."""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Ints
from parsim.comm.heads import Heads
from parsim.comm.plan import AbstractPlan, Sizes

Array = NDArray[Any]


class AbstractComm(ABC):
    """A set of ranks; every method is collective: called by every rank, in the same order.

    A returned array never aliases what was passed in, but ranks of one process may share it, as they may
    share objects: read it, do not write into it.

    rank, size: this rank's number, and how many there are.
    bytes_sent: bytes this rank contributed to `allgather`, `gather` and plans so far.
    wait_seconds: time in `allgather` until everyone had come.
    parted: how this rank has left the others in the middle of something, if it has; then it can meet them no more.
    """

    def __init__(self, rank: int, size: int) -> None:
        self.rank = rank
        self.size = size
        self.bytes_sent = 0
        self.wait_seconds = 0.0
        self.parted = ""

    @abstractmethod
    def allgather(self, array: Array, note: int | Ints = 0) -> tuple[Array, Ints]:
        """Collective: everyone's elements and notes, each concatenated in rank order, on every rank.

        `array` is 1-D of any length, also 0, with one dtype on all ranks. `note` is an integer that
        travels with the lengths at no cost, or an array of integers, as many on every rank.
        """

    @abstractmethod
    def gather(self, array: Array) -> Array:
        """Collective: everyone's rows in rank order on rank 0, an empty array elsewhere.

        `array` is [m] or [m, k] with any m, also 0, and one dtype and k on all ranks.
        """

    @abstractmethod
    def allgather_objects(self, value: Any) -> list[Any]:
        """Collective: everyone's picklable value in rank order, on every rank."""

    @abstractmethod
    def send_objects(self, values: dict[int, Any]) -> dict[int, Any]:
        """Collective: `values[r]` to rank r; what others had for this one, by ascending rank.

        For what is agreed once. A rank has to do with those alone to which it sends or that send to it.
        """

    @abstractmethod
    def plan(self, sends: Sizes, receives: Sizes) -> AbstractPlan:
        """Collective: a fixed exchange of float64 numbers with those ranks alone that it concerns.

        `sends[r]` numbers go to rank r and `receives[r]` come from it; both sides must agree.
        """

    def heads(self, width: int) -> Heads | None:
        """Collective: a fixed exchange of `width` words with all ranks; None for a rank that is alone."""
        return None

    @abstractmethod
    def allgather_rows(self, rows: Ints) -> None:
        """Collective: each rank's rows of a table to all, in place; of all ranks as many, in rank order."""

    @abstractmethod
    def bcast(self, value: Any) -> Any:
        """Collective: rank 0's picklable value on every rank; what the others pass is ignored."""

    @abstractmethod
    def maximum(self, values: Array) -> Array:
        """Collective: the elementwise maximum over ranks of arrays of one shape, without NaN."""

    @abstractmethod
    def total(self, values: Ints) -> Ints:
        """Collective: the elementwise sum over ranks of int64 arrays of one shape.

        Of integers only: a sum of floats would depend on how many ranks there are.
        """

    @abstractmethod
    def any(self, flag: bool) -> bool:
        """Collective: whether the flag is set on any rank."""

    @abstractmethod
    def meet(self, numbers: list[int], where: str) -> list[bool]:
        """Collective: which of a few numbers, as many in every meeting, differ between ranks.

        Every call that concerns all ranks begins so, and `where` says what is called: a rank that comes to the end of
        its process is met here, too, and then the job ends with a message.
        """

    @abstractmethod
    def barrier(self) -> None:
        """Collective: returns when every rank has come."""


def integers(values: Any) -> Ints:
    """A copy of `values` as int64, refusing what is not of an integer type."""
    array = np.array(values)
    if array.dtype.kind not in "iu":
        raise TypeError(f"total adds integers only; it was given {array.dtype}.")
    return array.astype(np.int64, copy=False)


def no_rows(array: Array) -> Array:
    """No rows of the kind that `array` has: what ranks other than 0 get from `gather`."""
    return np.empty((0, *array.shape[1:]), array.dtype)

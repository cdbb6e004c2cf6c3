"""Ranks over MPI; the one place that imports mpi4py, and itself imported only under a launcher."""

import contextlib
import functools
import sys
import time
import traceback
from time import perf_counter
from types import TracebackType
from typing import Any

import numpy as np
from mpi4py import MPI

from parsim.arrays import Floats, Ints
from parsim.comm.base import AbstractComm, Array, integers, no_rows
from parsim.comm.plan import AbstractPlan, starts

_WRAPPER: int = MPI.Comm.Create_keyval()


def library() -> str:
    """The name and version of the MPI library that mpi4py uses."""
    return MPI.Get_library_version().rstrip("\0").splitlines()[0].strip()


def is_communicator(value: Any) -> bool:
    """Whether `value` is an mpi4py communicator."""
    return isinstance(value, MPI.Intracomm)


def wrapped(comm: MPI.Intracomm) -> "MPIComm":
    """Collective, the first time: the one MPIComm of a communicator, however often it is asked for.

    Kept as an attribute of the communicator, for MPI has but about 2,000 duplicates to give.
    """
    found = comm.Get_attr(_WRAPPER)
    if isinstance(found, MPIComm):
        return found
    made = MPIComm(comm)
    comm.Set_attr(_WRAPPER, made)
    return made


class MPIComm(AbstractComm):
    """The ranks of an MPI communicator, on a duplicate of it, so that no message of others is met."""

    def __init__(self, comm: MPI.Intracomm) -> None:
        super().__init__(comm.Get_rank(), comm.Get_size())
        self._comm = comm.Dup()
        self._head = np.zeros(2, dtype=np.int64)
        self._heads = np.zeros((self.size, 2), dtype=np.int64)

    def allgather(self, array: Array, note: int | Ints = 0) -> tuple[Array, Ints]:
        began = perf_counter()
        lengths, notes = self._allgather_heads(array.size, note)
        met = perf_counter()
        data = np.empty(int(lengths.sum()), array.dtype)
        if data.size > 0:
            self._comm.Allgatherv(np.ascontiguousarray(array), [data, lengths])

        self.bytes_sent += array.nbytes
        self.wait_seconds += met - began
        self.exchange_seconds += perf_counter() - met
        return data, notes

    def _allgather_heads(self, length: int, note: int | Ints) -> tuple[Ints, Ints]:
        """Everyone's length, valid until the next call, and notes; the buffers stay while they fit."""
        width = 2 if isinstance(note, int) else 1 + np.size(note)
        if width != self._head.size:
            self._head = np.zeros(width, dtype=np.int64)
            self._heads = np.zeros((self.size, width), dtype=np.int64)
        self._head[0] = length
        self._head[1:] = note
        self._comm.Allgather(self._head, self._heads)
        return self._heads[:, 0], self._heads[:, 1:].flatten()

    def gather(self, array: Array) -> Array:
        lengths = np.zeros(self.size, dtype=np.int64)
        self._comm.Gather(np.array([array.size], dtype=np.int64), lengths if self.rank == 0 else None)
        self.bytes_sent += array.nbytes
        rows = np.ascontiguousarray(array)
        if self.rank > 0:
            self._comm.Gatherv(rows, None)
            return no_rows(array)

        elements = np.empty(int(lengths.sum()), array.dtype)
        self._comm.Gatherv(rows, [elements, lengths])
        row = int(np.prod(array.shape[1:]))  # 1 for [m]
        return elements.reshape(elements.size // max(row, 1), *array.shape[1:])

    def gather_objects(self, value: Any) -> list[Any] | None:
        return self._comm.gather(value)

    def allgather_objects(self, value: Any) -> list[Any]:
        return self._comm.allgather(value)

    def alltoall_objects(self, values: list[Any]) -> list[Any]:
        return self._comm.alltoall(values)

    def plan(self, sends: Ints, receives: Ints) -> AbstractPlan:
        return MPIPlan(self, self._comm, sends, receives)

    def bcast(self, value: Any) -> Any:
        return self._comm.bcast(value)

    def maximum(self, values: Array) -> Array:
        return self._reduced(np.array(values), MPI.MAX)

    def total(self, values: Ints) -> Ints:
        return self._reduced(integers(values), MPI.SUM)

    def any(self, flag: bool) -> bool:
        return bool(self._reduced(np.array(flag, dtype=np.uint8), MPI.MAX))

    def _reduced(self, values: Array, operation: MPI.Op) -> Array:
        self._comm.Allreduce(MPI.IN_PLACE, values, operation)
        return values

    def barrier(self) -> None:
        self._comm.Barrier()

    def abort(self, code: int) -> None:
        """Not collective: end all ranks at once; does not return."""
        self._comm.Abort(code)


class MPIPlan(AbstractPlan):
    """Persistent messages, one from and one to each rank concerned; the others are not touched."""

    def __init__(self, comm: MPIComm, over: MPI.Intracomm, sends: Ints, receives: Ints) -> None:
        super().__init__(comm.rank, sends, receives)
        self._comm = comm
        self._out, self._into = np.zeros(int(self.sends.sum())), np.zeros(int(self.receives.sum()))
        # Messages between two ranks keep their order, so plans in use side by side do not mix.
        self._requests: list[MPI.Prequest] = [
            start(buffer[begin : begin + n], rank)
            for start, buffer, sizes in (
                (over.Recv_init, self._into, self.receives),
                (over.Send_init, self._out, self.sends),
            )
            for rank, (begin, n) in enumerate(zip(starts(sizes), sizes, strict=False))
            if n > 0
        ]

    @property
    def out(self) -> Floats:
        return self._out

    def exchange(self) -> Floats:
        if self._requests:
            MPI.Prequest.Startall(self._requests)
            MPI.Request.Waitall(self._requests)
        self._comm.bytes_sent += self.bytes
        return self._into


def install_excepthook(comm: MPIComm) -> None:
    """From now on an uncaught exception on any rank ends all ranks, with one message for the whole job."""
    installed = getattr(sys.excepthook, "func", None) is end_all_ranks
    if comm.size > 1 and not installed:
        sys.excepthook = functools.partial(end_all_ranks, comm)


def end_all_ranks(
    comm: MPIComm, kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """An excepthook: say what happened, unless a lower rank that has the same to say comes first."""
    try:
        if comm.rank > 0:
            # The lowest rank that failed is the first to speak, and with its abort the others end here.
            time.sleep(0.5 + 0.05 * min(comm.rank, 20))
        with contextlib.suppress(Exception):
            sys.stdout.flush()
        sys.stderr.write(last_words(comm, kind, error, trace))
        sys.stderr.flush()
    finally:
        comm.abort(1)


def last_words(
    comm: MPIComm, kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> str:
    """The message of a rank that ends all others, in one piece."""
    if issubclass(kind, KeyboardInterrupt):
        return "parsim: interrupted\n"
    who = f"[rank {comm.rank} of {comm.size}] " if comm.rank > 0 else ""
    return who + "".join(traceback.format_exception(kind, error, trace))

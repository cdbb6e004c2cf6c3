"""Ranks over MPI; the one place that imports mpi4py, and itself imported only under a launcher."""

import contextlib
import os
import sys
import time
import traceback
from collections.abc import Callable
from time import perf_counter
from types import TracebackType
from typing import Any, NoReturn

import numpy as np
from mpi4py import MPI

from parsim.arrays import Floats, Ints
from parsim.comm.base import AbstractComm, Array, integers, no_rows
from parsim.comm.ending import Stop, parting_words
from parsim.comm.heads import Heads, OneRank
from parsim.comm.plan import AbstractPlan, Sizes, parts_of
from parsim.errors import SimulationError

_WRAPPER: int = MPI.Comm.Create_keyval()
_WRAPPED: list["MPIComm"] = []  # those whose other ranks are met at the end of the process
PATIENCE = 5.0  # seconds for which a rank at its end looks for others that wait where it never was
PASSED_ON = 0.2  # seconds that a launcher needs to pass on what was said; at an abort it drops the rest


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
    private, request = comm.Idup()
    request.Wait()
    made = MPIComm(private)
    comm.Set_attr(_WRAPPER, made)
    if comm != MPI.COMM_SELF:
        _WRAPPED.append(made)
    install_excepthook()
    return made


class MPIComm(AbstractComm):
    """The ranks of an MPI communicator, given a duplicate of it, so that no message of others is met."""

    def __init__(self, private: MPI.Intracomm) -> None:
        super().__init__(private.Get_rank(), private.Get_size())
        self._comm = private
        self._last = ""  # where ranks have met last
        self._turn = 0
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

    def allgather_objects(self, value: Any) -> list[Any]:
        return self._comm.allgather(value)

    def send_objects(self, values: dict[int, Any]) -> dict[int, Any]:
        """Nobody knows who sends: all have what is theirs when all know that their own has arrived (T. Hoefler,
        C. Siebert, A. Lumsdaine 2010, PPoPP: scalable communication protocols for dynamic sparse data exchange).
        """
        # A rank may be at the next call while another is still to learn that this one is over.
        self._turn = 1 - self._turn
        tag = 1 + self._turn
        sending = [self._comm.issend(value, rank, tag) for rank, value in values.items()]
        found: dict[int, Any] = {}
        all_sent: MPI.Request | None = None
        while all_sent is None or not all_sent.Test():
            status = MPI.Status()
            if self._comm.Iprobe(MPI.ANY_SOURCE, tag, status):
                found[status.Get_source()] = self._comm.recv(None, status.Get_source(), tag)
            elif all_sent is None and MPI.Request.Testall(sending):
                all_sent = self._comm.Ibarrier()
            else:
                time.sleep(0)
        return dict(sorted(found.items()))

    def plan(self, sends: Sizes, receives: Sizes) -> AbstractPlan:
        return MPIPlan(self, self._comm, sends, receives)

    def heads(self, width: int) -> Heads:
        return Heads(self, OneRank(self), 0, width)

    def allgather_rows(self, rows: Ints) -> None:
        self._comm.Allgather(MPI.IN_PLACE, rows)

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

    def meet(self, numbers: list[int], where: str) -> list[bool]:
        if self.parted:
            raise SimulationError(f"this rank has left the others, and cannot meet them again: {self.parted}")
        request, found = self.come([0, *numbers])
        request.Wait()
        if found[0]:
            self.end(where, None)
        self._last = where
        n = 1 + len(numbers)
        return [bool(most != -least) for most, least in zip(found[1:n], found[n + 1 :], strict=True)]

    def come(self, numbers: list[int]) -> tuple[MPI.Request, Ints]:
        """To where ranks meet; when the request is complete, the greatest numbers of all, and of the negative ones.

        The first number is 1 when this rank has come to its end. It waits for nobody then, for others may be at
        another communicator.
        """
        found = np.array([*numbers, *(-n for n in numbers)], dtype=np.int64)
        return self._comm.Iallreduce(MPI.IN_PLACE, found, MPI.MAX), found

    def end(self, where: str | None, code: int | None) -> NoReturn:
        """Collective: some ranks have come to their end, with exit code `code`, others to a call; the job ends."""
        stops = [Stop(*stop) for stop in self._comm.allgather((self.rank, where, self._last, code))]
        staying = [stop.rank for stop in stops if stop.where is not None]
        if self.rank == staying[0]:
            end_all(parting_words(stops), max((stop.code or 0 for stop in stops), default=0) or 1)
        time.sleep(30.0)  # until that rank ends all
        os._exit(1)

    def barrier(self) -> None:
        self._comm.Barrier()


class MPIPlan(AbstractPlan):
    """Persistent messages, one from and one to each rank concerned; the others are not touched."""

    def __init__(self, comm: MPIComm, over: MPI.Intracomm, sends: Sizes, receives: Sizes) -> None:
        super().__init__(comm.rank, sends, receives)
        self._comm = comm
        self._out, self._into = (np.zeros(sum(sizes.values())) for sizes in (self.sends, self.receives))
        # Messages between two ranks keep their order, so plans in use side by side do not mix.
        self._requests: list[MPI.Prequest] = [
            start(buffer[part], rank)
            for start, buffer, sizes in (
                (over.Recv_init, self._into, self.receives),
                (over.Send_init, self._out, self.sends),
            )
            for rank, part in parts_of(sizes).items()
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


def leave(code: int, started_here: bool) -> None:
    """Collective, at the end of a process: returns when no other rank waits for this one.

    A rank that never met another, because it ended before or was always by itself, looks for others in the world. They
    may not know of parsim, unless MPI is `started_here`, for the end; so it does not look for long.
    """
    if MPI.Is_finalized():
        return
    for comm in _WRAPPED:
        if comm.parted:
            wait_for_lower(comm.rank)
            end_all(
                f"parsim: rank {comm.rank} of {comm.size} has left the others behind: {comm.parted}\n",
                code or 1,
            )

    comms, patience = [comm for comm in _WRAPPED if comm.size > 1], np.inf
    if not _WRAPPED and MPI.COMM_WORLD.Get_size() > 1:
        private, request = MPI.COMM_WORLD.Idup()
        patience = np.inf if started_here else PATIENCE
        if not _comes(request.Test, patience):
            return
        comms = [MPIComm(private)]
    _WRAPPED.clear()
    waiting = [(comm, *comm.come([1, 0, 0])) for comm in comms]
    _comes(lambda: _all_met(waiting, code), patience)


def finish() -> None:
    """Collective, for a process that ends without `atexit`: where MPI goes on, some launchers speak of an abort."""
    if not MPI.Is_finalized():
        MPI.Finalize()


def say_that_it_leaves() -> None:
    """By another thread than the main one, which may be in the middle of something, so that nobody can be met."""
    for comm in [comm for comm in _WRAPPED if comm.size > 1][:1]:
        sys.stderr.write(f"parsim: rank {comm.rank} of {comm.size} leaves by os._exit(0) in a thread.\n")
        sys.stderr.flush()
        time.sleep(PASSED_ON)


def _all_met(waiting: list[tuple[MPIComm, MPI.Request, Ints]], code: int) -> bool:
    """Have all ranks come, wherever this one waits for them at its end? Where not all come to theirs, the job ends."""
    for comm, request, found in list(waiting):
        if request.Test():
            waiting[:] = [one for one in waiting if one[0] is not comm]
            if found[3] == 0:  # the greatest of -1 and 0
                comm.end(None, code)
    return not waiting


def _comes(condition: Callable[[], bool], patience: float) -> bool:
    """Does it come true in so many seconds? Looked at now and then, for others may need the processor."""
    until, pause = time.monotonic() + patience, 1e-4
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(pause)
        pause = min(2.0 * pause, 0.02)
    return True


def install_excepthook() -> None:
    """From now on an uncaught exception on any rank ends all ranks, with one message for the whole job."""
    if MPI.COMM_WORLD.Get_size() > 1:
        sys.excepthook = end_all_ranks


def end_all_ranks(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """An excepthook: say what happened, unless a lower rank that has the same to say comes first."""
    rank, size = MPI.COMM_WORLD.Get_rank(), MPI.COMM_WORLD.Get_size()
    try:
        wait_for_lower(rank)
        words = last_words(rank, size, kind, error, trace)
    except BaseException:
        words = ""
    end_all(words, 1)


def wait_for_lower(rank: int) -> None:
    """The lowest rank that has something to say is the first to speak, and with its abort the others end here."""
    if rank > 0:
        time.sleep(1.5 + 0.05 * min(rank, 20))


def end_all(text: str, code: int) -> NoReturn:
    """Say the last words on stderr, after what was printed before, and end all ranks."""
    try:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
        with contextlib.suppress(Exception):
            sys.stderr.write(text)
            sys.stderr.flush()
        time.sleep(PASSED_ON)
    finally:
        MPI.COMM_WORLD.Abort(code)
        time.sleep(30.0)  # it may return before the launcher acts, and nothing more is to be said here
        os._exit(code)


def last_words(
    rank: int, size: int, kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> str:
    """The message of a rank that ends all others, in one piece."""
    if issubclass(kind, KeyboardInterrupt):
        return "parsim: interrupted\n"
    who = f"[rank {rank} of {size}] " if rank > 0 else ""
    return who + "".join(traceback.format_exception(kind, error, trace))

"""Ranks as threads of one process, alone or in each process of another set of ranks.

Thread 0 is the meeting point: in a collective every other thread sends it a contribution and waits
for the result, while thread 0 merges what it got, over `outer` if there is more of the world. So a
thread blocks once per collective, and `outer` (MPI, say) is used from the calling thread only.
"""

import threading
from collections.abc import Callable
from itertools import chain
from queue import SimpleQueue
from time import perf_counter
from typing import Any, NamedTuple, TypeVar

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.comm.base import AbstractComm, Array, integers, no_rows
from parsim.comm.heads import Heads
from parsim.comm.plan import AbstractPlan, Sizes, in_order, parts_of

T = TypeVar("T")
Merge = Callable[[list[Any]], Any]


class Message(NamedTuple):
    """A contribution of `thread` to the collective called `verb`."""

    thread: int
    verb: str
    value: Any


BROKEN = Message(-1, "broken", None)
END = "the end of the run"


class ThreadTeam:
    """`threads` ranks in this process, and as many in every other process of `outer`.

    Rank `outer.rank * threads + thread` belongs to `comms[thread]` of this process. With one thread
    `comms` is `[outer]` itself.
    """

    def __init__(self, outer: AbstractComm, threads: int) -> None:
        self.outer = outer
        self.threads = threads
        self.meeting = Meeting(threads)
        # Compiled code looks at the first while it waits; the other counts the runs that have ended so.
        self.broken: Ints = np.zeros(1, np.int64)
        self.breaks = 0
        self.comms: list[AbstractComm] = [outer]
        if threads > 1:
            self.comms = [ThreadComm(self, thread) for thread in range(threads)]

    def run(self, function: Callable[[int], T]) -> list[T]:
        """`function(thread)` in every thread at once, thread 0 being the caller; the results by thread.

        An exception in one thread ends the others at their next collective, and the first one is
        raised here. The team can be used again afterwards.
        """
        if self.threads == 1:
            return [function(0)]

        meeting = self.meeting = Meeting(self.threads)
        self.breaks += int(self.broken[0])
        self.broken[0] = 0
        results: dict[int, T] = {}
        errors: list[BaseException] = []

        def work(thread: int) -> None:
            try:
                results[thread] = function(thread)
                meeting.attend(thread, END, None, lambda _: None)
            except BaseException as error:
                errors.append(error)
                self._break_up()

        workers = [
            threading.Thread(target=work, args=(thread,), name=f"parsim-thread-{thread}", daemon=True)
            for thread in range(1, self.threads)
        ]
        for worker in workers:
            worker.start()
        work(0)
        try:
            for worker in workers:
                worker.join()
        except BaseException as error:  # an interrupt while this thread waits
            errors.insert(0, error)
            self._break_up()
            for worker in workers:
                worker.join()

        if errors:
            raise next((e for e in errors if not isinstance(e, threading.BrokenBarrierError)), errors[0])
        return [results[thread] for thread in range(self.threads)]

    def agree(self, thread: int, make: Callable[[], T]) -> T:
        """Collective among the threads: what thread 0 has made."""
        return self.meeting.attend(thread, "agreeing", None, lambda _: make())  # type: ignore[no-any-return]

    def _break_up(self) -> None:
        """Wake everyone who waits, now or later in this run, in Python or in compiled code."""
        self.broken[0] = 1
        self.meeting.break_up()


class Meeting:
    """Where the threads of one run meet; broken for good when one of them fails."""

    def __init__(self, threads: int) -> None:
        # A thread's next contribution is sent only after it was given the result of the last one, so
        # the inbox never holds messages of two collectives. SimpleQueue takes 20 us for two threads
        # to meet, two waits at a threading.Barrier 53 us.
        self.threads = threads
        self.inbox: SimpleQueue[Message] = SimpleQueue()
        self.outboxes: list[SimpleQueue[Message]] = [SimpleQueue() for _ in range(threads)]

    def attend(self, thread: int, verb: str, value: Any, merge: Merge) -> Any:
        """`merge` of everyone's values in thread order, computed by thread 0, given to all."""
        if thread > 0:
            self.inbox.put(Message(thread, verb, value))
            return self.received(self.outboxes[thread]).value

        values = [value] * self.threads
        for _ in range(1, self.threads):
            message = self.received(self.inbox)
            if message.verb != verb:
                raise RuntimeError(
                    f"Thread {message.thread} is at {message.verb} while thread 0 is at {verb}. "
                    "Every rank must make the same collective calls in the same order."
                )
            values[message.thread] = message.value
        result = Message(0, verb, merge(values))
        for outbox in self.outboxes[1:]:
            outbox.put(result)
        return result.value

    def received(self, box: "SimpleQueue[Message]") -> Message:
        message = box.get()
        if message is BROKEN:
            box.put(BROKEN)  # for whoever comes to this box again, say in a `finally`
            raise threading.BrokenBarrierError("Another thread of this run has failed.")
        return message

    def break_up(self) -> None:
        """Wake everyone who waits, now or later in this run."""
        for box in (self.inbox, *self.outboxes):
            box.put(BROKEN)


class ThreadComm(AbstractComm):
    """One thread's view of its team; made by `ThreadTeam`, used inside `ThreadTeam.run`."""

    def __init__(self, team: ThreadTeam, thread: int) -> None:
        super().__init__(team.outer.rank * team.threads + thread, team.outer.size * team.threads)
        self._team = team
        self._outer = team.outer
        self._thread = thread

    def allgather(self, array: Array, note: int | Ints = 0) -> tuple[Array, Ints]:
        came = perf_counter()
        data, notes, met = self._attend("allgather", (array, note), self._gathered)
        self.bytes_sent += array.nbytes
        self.wait_seconds += met - came
        return data, notes

    def _gathered(self, pairs: list[tuple[Array, int | Ints]]) -> tuple[Array, Ints, float]:
        """The outer allgather of this process's pairs, and when everyone had come."""
        met = perf_counter()
        waited = self._outer.wait_seconds
        arrays = [array for array, _ in pairs]
        notes = [np.array(note, dtype=np.int64, ndmin=1) for _, note in pairs]
        data, all_notes = self._outer.allgather(np.concatenate(arrays), np.concatenate(notes))
        return data, all_notes, met + self._outer.wait_seconds - waited

    def gather(self, array: Array) -> Array:
        rows = self._attend("gather", array, lambda arrays: self._outer.gather(np.concatenate(arrays)))
        self.bytes_sent += array.nbytes
        return rows if self.rank == 0 else no_rows(array)

    def allgather_objects(self, value: Any) -> list[Any]:
        lists = self._attend("allgather_objects", value, self._outer.allgather_objects)
        return list(chain.from_iterable(lists))

    def send_objects(self, values: dict[int, Any]) -> dict[int, Any]:
        threads, first = self._team.threads, self._outer.rank * self._team.threads

        def merge(every: list[dict[int, Any]]) -> list[dict[int, Any]]:
            """To processes and from them, by receiver and sender; here for each thread."""
            sent: dict[int, dict[tuple[int, int], Any]] = {}
            for thread, had in enumerate(every):
                for rank, value in had.items():
                    sent.setdefault(rank // threads, {})[rank, first + thread] = value
            here: list[dict[int, Any]] = [{} for _ in range(threads)]
            for found in self._outer.send_objects(sent).values():
                for (rank, sender), value in found.items():
                    here[rank - first][sender] = value
            return here

        found = self._attend("send_objects", values, merge)[self._thread]
        return dict(sorted(found.items()))

    def plan(self, sends: Sizes, receives: Sizes) -> AbstractPlan:
        return ThreadPlan(self, self._team, self._thread, sends, receives)

    def heads(self, width: int) -> Heads:
        return Heads(self, self._team, self._thread, width)

    def allgather_rows(self, rows: Ints) -> None:
        mine = len(rows) // self.size  # of each rank, as many
        own = rows[self.rank * mine : (self.rank + 1) * mine].copy()
        rows[:] = self.allgather(own.reshape(-1))[0].reshape(rows.shape)

    def bcast(self, value: Any) -> Any:
        return self._attend("bcast", value, lambda values: self._outer.bcast(values[0]))

    def maximum(self, values: Array) -> Array:
        return self._attend("maximum", values, lambda parts: self._outer.maximum(np.max(parts, axis=0)))

    def total(self, values: Ints) -> Ints:
        parts = integers(values)
        return self._attend("total", parts, lambda parts: self._outer.total(np.sum(parts, axis=0)))

    def any(self, flag: bool) -> bool:
        return self._attend("any", flag, lambda flags: self._outer.any(any(flags)))

    def meet(self, numbers: list[int], where: str) -> list[bool]:
        def differing(parts: list[list[int]]) -> list[bool]:
            elsewhere = self._outer.meet(parts[0], where)
            return [
                len(set(n)) > 1 or there for n, there in zip(zip(*parts, strict=True), elsewhere, strict=True)
            ]

        return self._attend("meet", numbers, differing)

    def barrier(self) -> None:
        self._attend("barrier", None, lambda _: self._outer.barrier())

    def _attend(self, verb: str, value: Any, merge: Merge) -> Any:
        return self._team.meeting.attend(self._thread, verb, value, merge)


class ThreadPlan(AbstractPlan):
    """Threads read one another's buffers; what goes to other processes, thread 0 sends for all.

    There are two buffers in turn: while a thread fills the one, others may still read the other. When
    it comes to fill that again, they have all come to the call between.
    """

    def __init__(
        self, comm: ThreadComm, team: ThreadTeam, thread: int, sends: Sizes, receives: Sizes
    ) -> None:
        super().__init__(comm.rank, sends, receives)
        self._comm, self._team, self._thread = comm, team, thread
        n = sum(self.sends.values())
        self._buffers = np.zeros(n), np.zeros(n)
        self._into = np.zeros(sum(self.receives.values()))
        self._turn = 0
        self.parts = parts_of(self.sends)
        self._leaving: list[tuple[ThreadPlan, slice]] = []  # thread 0: what goes to other processes
        self._members, self._outer = comm._attend("plan", self, self._agreed)
        self._from_threads, self._from_processes = self._pieces()

    @property
    def out(self) -> Floats:
        return self._buffers[self._turn]

    def exchange(self) -> Floats:
        brought = self._comm._attend("a planned exchange", None, self._sent)
        turn, self._turn = self._turn, 1 - self._turn
        for into, member, there in self._from_threads:
            self._into[into] = member._buffers[turn][there]
        for into, there in self._from_processes:
            self._into[into] = brought[there]
        self._comm.bytes_sent += self.bytes
        return self._into

    def _agreed(self, members: list["ThreadPlan"]) -> tuple[list["ThreadPlan"], AbstractPlan | None]:
        """Thread 0: the plan between processes, if there are several."""
        outer = self._team.outer
        if outer.size == 1:
            return members, None
        sends, receives = (
            self._by_process([m.sends for m in members]),
            self._by_process([m.receives for m in members]),
        )
        # By process, then by sender and receiver.
        order = [
            (rank // len(members), thread, rank, part)
            for thread, member in enumerate(members)
            for rank, part in member.parts.items()
            if rank // len(members) != outer.rank
        ]
        self._leaving = [(members[thread], part) for _, thread, _, part in sorted(order, key=lambda o: o[:3])]
        return members, outer.plan(sends, receives)

    def _by_process(self, every: list[dict[int, int]]) -> dict[int, int]:
        """How many numbers in all go to other processes, or come from them."""
        total: dict[int, int] = {}
        for sizes in every:
            for rank, n in sizes.items():
                process = rank // self._team.threads
                if process != self._team.outer.rank:
                    total[process] = total.get(process, 0) + n
        return in_order(total)

    def _sent(self, _: list[Any]) -> Floats | None:
        """Thread 0: send what goes to other processes."""
        if self._outer is None:
            return None
        out, at = self._outer.out, 0
        for member, part in self._leaving:
            n = part.stop - part.start
            out[at : at + n] = member.out[part]
            at += n
        return self._outer.exchange()

    def _pieces(self) -> tuple[list[tuple[slice, "ThreadPlan", slice]], list[tuple[slice, slice]]]:
        """Where in `_into` what comes from the threads here goes, and from other processes, and where it is."""
        threads, me = self._team.threads, self._team.outer.rank
        into = parts_of(self.receives)
        near = [
            (mine, self._members[rank % threads], self._members[rank % threads].parts[self._comm.rank])
            for rank, mine in into.items()
            if rank // threads == me
        ]
        # To this process: from each rank elsewhere to the threads in turn.
        coming = sorted(
            (rank, thread)
            for thread, member in enumerate(self._members)
            for rank in member.receives
            if rank // threads != me
        )
        far, at = [], 0
        for rank, thread in coming:
            n = self._members[thread].receives[rank]
            if thread == self._thread:
                far.append((into[rank], slice(at, at + n)))
            at += n
        return near, far

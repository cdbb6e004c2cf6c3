"""Ranks as threads: the collectives, alone and inside another set of ranks, and what a failure does."""

import threading
import time
from typing import Any

import numpy as np
import pytest

from parsim.comm.base import AbstractComm
from parsim.comm.serial import SerialComm
from parsim.comm.threads import ThreadTeam
from tests.comm.definitions import CHECKS, Check

SIZES = [1, 2, 3, 5]


def name_of(check: Check) -> str:
    return check.__name__.removeprefix("check_")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("check", CHECKS, ids=name_of)
def test_threads_keep_the_definition(check, size):
    team = ThreadTeam(SerialComm(), size)
    team.run(lambda thread: check(team.comms[thread]))


@pytest.mark.parametrize(("outside", "inside"), [(2, 1), (2, 2), (3, 2), (2, 3)])
@pytest.mark.parametrize("check", CHECKS, ids=name_of)
def test_threads_inside_other_ranks_keep_the_definition(check, outside, inside):
    outer = ThreadTeam(SerialComm(), outside)
    seen = []

    def process(number: int) -> None:
        team = ThreadTeam(outer.comms[number], inside)
        seen.extend((comm.rank, comm.size) for comm in team.comms)
        team.run(lambda thread: check(team.comms[thread]))

    outer.run(process)
    assert sorted(seen) == [(rank, outside * inside) for rank in range(outside * inside)]


def test_one_thread_is_the_outer_rank_itself_and_starts_no_thread():
    outer = SerialComm()
    team = ThreadTeam(outer, 1)
    assert team.comms == [outer]
    assert team.run(lambda thread: (thread, threading.current_thread())) == [(0, threading.current_thread())]


def test_only_the_calling_thread_uses_the_outer_ranks():
    callers = set()

    class Watched(SerialComm):
        def __getattribute__(self, name: str) -> Any:
            found = super().__getattribute__(name)
            if name not in AbstractComm.__abstractmethods__:
                return found

            def call(*arguments: Any) -> Any:
                callers.add(threading.current_thread())
                return found(*arguments)

            return call

    team = ThreadTeam(Watched(), 3)
    for check in CHECKS:
        team.run(lambda thread, check=check: check(team.comms[thread]))
    assert callers == {threading.current_thread()}


def test_run_returns_the_results_by_thread():
    assert ThreadTeam(SerialComm(), 3).run(lambda thread: thread**2) == [0, 1, 4]


def test_many_collectives_in_a_row_do_not_mix():
    team = ThreadTeam(SerialComm(), 3)

    def work(thread: int) -> list[list[int]]:
        comm = team.comms[thread]
        return [comm.allgather(np.arange(i % 3) + thread, i)[0].tolist() for i in range(200)]

    one, *others = team.run(work)
    assert all(other == one for other in others)
    assert one[2] == [0, 1, 1, 2, 2, 3]


@pytest.mark.parametrize("culprit", [0, 1, 2])
def test_an_exception_in_one_thread_ends_all_and_the_team_works_again(culprit):
    team = ThreadTeam(SerialComm(), 3)
    ends = []

    def work(thread: int) -> None:
        try:
            for i in range(10):
                if thread == culprit and i == 4:
                    raise LookupError(f"thread {thread} lost its way")
                team.comms[thread].barrier()
        except BaseException as error:
            ends.append(type(error).__name__)
            raise

    with pytest.raises(LookupError, match=f"thread {culprit} lost its way") as caught:
        team.run(work)
    assert sorted(ends) == ["BrokenBarrierError", "BrokenBarrierError", "LookupError"]
    assert "work" in [entry.name for entry in caught.traceback]
    assert team.run(lambda thread: team.comms[thread].any(thread == 2)) == [True] * 3


def test_a_broken_run_stays_broken_for_those_who_try_again():
    team = ThreadTeam(SerialComm(), 2)

    def work(thread: int) -> None:
        if thread == 1:
            raise LookupError("early")
        try:
            team.comms[thread].barrier()
        finally:
            team.comms[thread].barrier()

    with pytest.raises(LookupError, match="early"):
        team.run(work)


def test_an_exception_while_merging_ends_all():
    team = ThreadTeam(SerialComm(), 2)
    with pytest.raises(ValueError):
        team.run(lambda thread: team.comms[thread].maximum(np.zeros(thread + 2)))


def test_an_interrupt_of_the_calling_thread_ends_all():
    team = ThreadTeam(SerialComm(), 2)

    def work(thread: int) -> None:
        if thread == 0:
            raise KeyboardInterrupt
        team.comms[thread].barrier()

    with pytest.raises(KeyboardInterrupt):
        team.run(work)


@pytest.mark.parametrize("early", [0, 1])
def test_a_thread_that_leaves_early_is_an_error_not_a_hang(early):
    team = ThreadTeam(SerialComm(), 2)
    with pytest.raises(RuntimeError, match=r"same collective calls in the same order"):
        team.run(lambda thread: None if thread == early else team.comms[thread].barrier())


def test_different_collectives_at_once_are_an_error():
    team = ThreadTeam(SerialComm(), 2)
    with pytest.raises(RuntimeError, match=r"Thread 1 is at barrier while thread 0 is at any\."):
        team.run(lambda thread: team.comms[thread].barrier() if thread else team.comms[0].any(True))


def test_who_comes_early_waits():
    team = ThreadTeam(SerialComm(), 2)

    def work(thread: int) -> None:
        time.sleep(0.2 * thread)
        team.comms[thread].allgather(np.zeros(1))

    team.run(work)
    early, late = team.comms
    assert early.wait_seconds > 0.15
    assert early.wait_seconds > late.wait_seconds


def test_no_thread_outlives_its_run():
    before = threading.active_count()
    team = ThreadTeam(SerialComm(), 3)
    for _ in range(2):
        team.run(lambda thread: team.comms[thread].barrier())
    assert threading.active_count() == before

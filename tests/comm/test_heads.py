"""A few words of every rank to every rank, met in compiled code."""

import threading
import time

import numpy as np
import pytest

from parsim.comm import place
from parsim.comm.serial import SerialComm
from parsim.comm.threads import ThreadTeam


@pytest.mark.parametrize(("outside", "inside"), [(1, 2), (1, 3), (2, 2), (2, 3)])
def test_every_exchange_brings_the_words_of_all(outside, inside):
    outer, size = ThreadTeam(SerialComm(), outside), outside * inside

    def process(number: int) -> None:
        team = ThreadTeam(outer.comms[number], inside)

        def work(thread: int) -> None:
            comm = team.comms[thread]
            heads = comm.heads(3)
            for k in range(200):
                if (k + comm.rank) % 50 == 0:
                    time.sleep(0.002)  # others wait for this one
                heads.mine[:] = comm.rank, k, comm.rank * k
                heads.exchange()
                expected = [[rank, k, rank * k] for rank in range(size)]
                assert heads.found().tolist() == expected

        team.run(work)

    outer.run(process)


def test_who_waits_long_is_back_in_python_now_and_then():
    team = ThreadTeam(SerialComm(), 2)
    seen = []

    def work(thread: int) -> None:
        heads = team.comms[thread].heads(1)
        if thread == 1:
            until = time.monotonic() + 60.0
            while seen.count(place.WAITING) < 2 and time.monotonic() < until:
                time.sleep(place.PATIENCE)
        else:
            come = heads._come
            heads._come = lambda at: seen.append(come(at)) or seen[-1]
        heads.exchange()

    team.run(work)
    assert seen.count(place.WAITING) >= 2 and seen[-1] == place.MET


def test_a_thread_that_fails_wakes_those_that_wait_and_the_team_can_be_used_again():
    team = ThreadTeam(SerialComm(), 3)
    made, ends = {}, []

    def fails(thread: int) -> None:
        heads = made[thread] = team.comms[thread].heads(2)
        for _ in range(thread + 1):  # how often they have met is not the same for all
            heads.exchange()

    def caught(thread: int) -> None:
        try:
            if thread == 1:
                made[thread] = team.comms[thread].heads(2)
                raise LookupError("odd")
            fails(thread)
        except BaseException as error:
            ends.append(type(error))
            raise

    with pytest.raises(LookupError, match="odd"):
        team.run(caught)
    assert ends.count(threading.BrokenBarrierError) == 2

    def again(thread: int) -> list[int]:
        heads = made[thread]
        heads.begin()
        heads.mine[:] = thread
        heads.exchange()
        return heads.found()[:, 0].tolist()

    assert team.run(again) == [[0, 1, 2]] * 3


def test_a_wider_one_takes_its_place_and_what_was_sent_is_counted_once():
    team = ThreadTeam(SerialComm(), 2)

    def work(thread: int) -> tuple[int, int]:
        comm = team.comms[thread]
        heads = comm.heads(2)
        heads.exchange()
        wider = heads.wider(100)
        wider.mine[:] = np.arange(wider.mine.size)
        wider.exchange()
        assert wider.found()[1 - thread].tolist() == list(range(200))
        return comm.bytes_sent, wider.uncounted()

    assert team.run(work) == [(16, 1600), (16, 1600)]

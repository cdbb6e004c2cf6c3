"""Who has not come where MPI starts: found among the processes of a launcher, which here is this one."""

import os
import subprocess
import sys
import time

import pytest

from parsim.comm import absent

SLEEP = [sys.executable, "-I", "-S", "-c", "import time; time.sleep(60)"]


@pytest.fixture
def ranks():
    """Ranks 0 to 3 of a launcher; rank 3 is begun by a shell."""
    shell = ["sh", "-c", " ".join(f"'{word}'" for word in SLEEP) + "; true"]
    commands = [SLEEP, SLEEP, SLEEP, shell]
    started = [
        subprocess.Popen(command, env=os.environ | {"A_RANK": str(rank)}, start_new_session=True)
        for rank, command in enumerate(commands)
    ]
    time.sleep(0.5)
    yield started
    for process in started:
        os.killpg(process.pid, 9)
        process.wait()


def test_ranks_are_those_of_the_same_launcher_that_have_not_ended(ranks):
    assert absent.ranks_here(ranks[0].pid, "A_RANK") == {0, 1, 2, 3}
    ranks[1].kill()  # and it is not waited for, so that its number is still taken
    time.sleep(0.2)
    assert absent.ranks_here(ranks[0].pid, "A_RANK") == {0, 2, 3}


def test_a_rank_that_a_script_has_begun_is_found_too(ranks):
    begun_by_shell = next(pid for pid, parent in absent.parents().items() if parent == ranks[3].pid)
    assert absent.ranks_here(begun_by_shell, "A_RANK") == {0, 1, 2, 3}


def test_no_rank_is_found_where_the_launcher_says_nothing_of_it(ranks):
    assert absent.ranks_here(ranks[0].pid, "ANOTHER_RANK") == set()


def test_who_is_missing_is_named_where_all_ranks_are_on_this_machine():
    assert absent.named(absent.absent({0, 2}, 4, 4), 4, 4) == "ranks 1, 3 of 4"
    assert absent.named(absent.absent({0}, 9, 9), 9, 9) == "ranks 1, 2, 3, 4, 5, ... of 9"
    assert (
        absent.named(absent.absent({4, 6, 7}, 16, 4), 16, 4) == f"1 of the 4 ranks on {os.uname().nodename}"
    )
    assert absent.absent({0, 1, 2}, 3, 3) == absent.absent({4, 5}, 8, 2) == absent.absent({3}, 8, 0) == set()


def test_the_process_beside_ends_with_this_one(monkeypatch):
    monkeypatch.setenv("A_RANK", "0")
    monkeypatch.setenv("MPI_LOCALNRANKS", "2")
    before = {pid for pid, parent in absent.parents().items() if parent == os.getpid()}
    with absent.watched(0, 2, "A_RANK"):
        (beside,) = {pid for pid, parent in absent.parents().items() if parent == os.getpid()} - before
    assert beside not in absent.parents()


def test_where_nobody_can_be_missed_only_rank_0_has_one(monkeypatch):
    for name in absent.LOCAL_SIZES:
        monkeypatch.delenv(name, raising=False)
    for rank in (0, 1):
        before = set(absent.parents())
        with absent.watched(rank, 2, "A_RANK"):
            begun = [
                pid for pid, parent in absent.parents().items() if parent == os.getpid() and pid not in before
            ]
        assert len(begun) == (rank == 0)


def test_where_no_process_can_be_begun_mpi_starts_all_the_same(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with absent.watched(0, 2, "A_RANK"):
        pass

"""Locks around compiling: one at a time, and nobody waits for ever."""

import fcntl
import logging
import subprocess
import sys
import threading
import time

import pytest

from parsim.jit import turn
from parsim.jit.turn import Turns

HOLD = """
import fcntl, os, sys, time
file = open(sys.argv[1], "a")
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
time.sleep(600)
"""


def never():
    return False


def is_free(path):
    with open(path, "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # or a BlockingIOError
    return True


@pytest.fixture
def path(tmp_path):
    return tmp_path / "kernel.lock"


@pytest.fixture
def holder(path):
    """Another process that holds the lock and does not end."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_one_process_at_a_time(path):
    with Turns().turn(path, "it", never):
        with pytest.raises(BlockingIOError):
            is_free(path)
    assert not path.exists()


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, SystemExit, MemoryError])
def test_the_lock_is_released_whatever_happens(path, error):
    with pytest.raises(error), Turns().turn(path, "it", never):
        raise error
    assert is_free(path)


def test_a_process_that_is_killed_leaves_no_lock(path, holder):
    threading.Timer(0.2, holder.kill).start()
    with Turns().turn(path, "it", never):
        assert holder.wait() < 0


def test_waiting_ends_as_soon_as_the_kernel_is_made(path, holder):
    made = threading.Event()
    threading.Timer(0.2, made.set).start()
    with Turns().turn(path, "it", made.is_set):
        assert holder.poll() is None


def test_nobody_waits_for_ever_and_it_is_said_for_what(path, holder, monkeypatch, caplog):
    monkeypatch.setattr(turn, "SAID_AFTER", 0.1)
    turns = Turns()
    turns.patience = 0.3
    with caplog.at_level(logging.WARNING, "parsim"), turns.turn(path, "model.advance", never):
        assert holder.poll() is None
    waiting, gone = (record.message for record in caplog.records)
    assert waiting.startswith("Waiting up to 0 s for another process to compile model.advance")
    assert gone.startswith("Waited 0 s for another process to compile model.advance")
    assert str(path) in waiting and str(path) in gone

    caplog.clear()
    began = time.monotonic()
    with turns.turn(path, "another", never):  # who has waited in vain does not do so again
        assert time.monotonic() - began < 0.2
    with pytest.raises(BlockingIOError):
        is_free(path)


def test_an_interrupt_ends_the_waiting(path, holder):
    def interrupted():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), Turns().turn(path, "it", interrupted):
        pass


def test_a_link_in_place_of_the_lock_is_not_followed(path, tmp_path):
    target = tmp_path / "precious"
    target.write_text("kept")
    path.symlink_to(target)
    with Turns().turn(path, "it", never):
        pass
    assert target.read_text() == "kept"
    assert path.is_symlink()
    path.unlink()
    path.mkdir()
    with Turns().turn(path, "it", never):
        pass


def test_a_file_system_without_locks_lets_everyone_compile(path, monkeypatch):
    def refuse(*_):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", refuse)
    entered = False
    with Turns().turn(path, "it", never):
        entered = True
    assert entered

"""The progress line and warnings end and change no run, whatever became of the streams and handlers that take them."""

import logging
import os
import sys

import numpy as np
import pytest

import parsim as ps
from parsim.engine.running import progress
from parsim.telling import log


class Log:
    def write(self, text):
        pass


class Raises:
    def isatty(self):
        raise RuntimeError("who knows")

    write = flush = fileno = isatty


class Terminal(Log):
    def __init__(self):
        self.left = 2

    def isatty(self):
        return True

    def write(self, text):
        self.left -= 1
        if self.left < 0:
            raise BrokenPipeError

    def flush(self):
        pass


def broken_pipe():
    read, write = os.pipe()
    os.close(read)
    return os.fdopen(write, "w")


def full_pipe():
    """Nobody reads it: a write would wait for ever."""
    read, write = os.pipe()
    os.set_blocking(write, False)
    try:
        while True:
            os.write(write, b"x" * 65536)
    except BlockingIOError:
        os.set_blocking(write, True)
    stream = os.fdopen(write, "w")
    stream.other_end = read
    return stream


def closed():
    stream = open(os.devnull, "w")
    stream.close()
    return stream


STREAMS = {
    "none": lambda: None,
    "write only": Log,
    "raises": Raises,
    "a terminal that goes": Terminal,
    "closed": closed,
    "full disk": lambda: open("/dev/full", "w"),
    "broken pipe": broken_pipe,
    "full pipe": full_pipe,
    "gone": lambda: delattr(sys, "stderr"),
}


@pytest.mark.parametrize("name", STREAMS)
def test_a_run_does_not_depend_on_its_progress_line(monkeypatch, name):
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    monkeypatch.setattr(progress, "RELINE", 0.0)
    monkeypatch.setattr(progress, "REDRAW", 0.0)
    net = ps.Network(seed=2)
    spikes = net.record_spikes(net.create("iaf_psc_exp", 5, I_e=ps.Uniform(350.0, 600.0)))
    ps.Simulation(net, progress=False).run(100.0)
    truth = spikes.times, spikes.gids
    sim = ps.Simulation(net)
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stderr", sys.stderr)
        made = STREAMS[name]()
        if name != "gone":
            sys.stderr = made
        sim.run(50.0)
        sim.run(50.0)
    np.testing.assert_array_equal((spikes.times, spikes.gids), truth)


@pytest.mark.parametrize("name", STREAMS)
def test_a_warning_that_nobody_can_take_is_no_error(monkeypatch, name):
    monkeypatch.setattr(logging.getLogger("parsim"), "propagate", False)
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stderr", sys.stderr)
        made = STREAMS[name]()
        if name != "gone":
            sys.stderr = made
        log.warning("something %d", 3)


def test_a_handler_of_the_users_that_fails_is_no_error(monkeypatch):
    class Fails(logging.Handler):
        def emit(self, record):
            raise RuntimeError("the log server is down")

    logger, handler = logging.getLogger("parsim"), Fails()
    logger.addHandler(handler)
    try:
        log.warning("something")
    finally:
        logger.removeHandler(handler)

"""What stops a run before its end, Ctrl-C and the signals that batch systems send, and what these do between runs."""

import os
import signal
import sys
import threading
from _signal import getsignal  # type: ignore[import-not-found, unused-ignore]
from _signal import (
    signal as handle,
)  # those of `signal` make enums of handlers: 60 us a run where these take 7
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from math import inf
from time import monotonic, perf_counter
from typing import Any

from parsim.errors import Stopped
from parsim.telling import log

SIGNALS = tuple(
    int(getattr(signal, name))
    for name in ("SIGINT", "SIGTERM", "SIGUSR1", "SIGUSR2", "SIGXCPU")
    if hasattr(signal, name)
)
DEFAULT, IGNORED = int(signal.SIG_DFL), int(signal.SIG_IGN)
SHORT = 1e-3  # seconds of a run that is over before anybody could tell it from the time between runs
AGAIN = 0.25  # seconds in which the same signal is one that a launcher has passed on, and a batch system sent, too
WALL_TIME = 1 << 10  # a reason beside the numbers of signals

SAVED_CODE, WALL_TIME_CODE = 75, 124  # exit codes; a signal without a checkpoint has 128 + its number


class Between:
    """What a signal does between the runs of a script that saves itself: it ends the script, which can be resumed.

    `is_saved` tells whether there is something to go on from; if not, the signal acts as ever. Nothing is saved here,
    for other ranks may be anywhere. Processes that the script has forked know nothing of it.
    """

    def __init__(self, is_saved: Callable[[], bool]) -> None:
        self._is_saved = is_saved
        self._heard: tuple[int, float] | None = None

    def __call__(self, number: int, frame: Any) -> None:
        """The handler."""
        now = monotonic()
        if self._heard is not None and self._heard[0] == number and now - self._heard[1] <= AGAIN:
            return
        if self._heard is not None or not self._is_saved():
            act_as_ever(number)
            return
        self._heard = (number, now)
        name = signal.Signals(number).name
        log.warning("%s between runs; exit code %d, to be gone on with by --resume", name, SAVED_CODE)
        try:
            sys.exit(SAVED_CODE)  # which other ranks are told, should they wait for this one
        except SystemExit:
            raise Stopped(f"{name}; stopped between runs", SAVED_CODE) from None

    def begin(self) -> None:
        """From now on, where nobody else handles these signals."""
        if threading.current_thread() is threading.main_thread():
            _spare_forked_processes()
            for number in SIGNALS:
                if number != signal.SIGINT and _is_free(getsignal(number)):
                    handle(number, self)


@cache
def _spare_forked_processes() -> None:
    """They have no such handlers from their first moment on: Python forgets a signal that comes while it forks."""
    masks: list[Any] = []

    def before() -> None:
        masks.append(signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS))

    def after() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, masks.pop())

    def in_child() -> None:
        for number in SIGNALS:
            if isinstance(getsignal(number), Between):
                handle(number, DEFAULT)
        after()

    os.register_at_fork(before=before, after_in_parent=after, after_in_child=in_child)


@dataclass
class Pace:
    """How many seconds a step took last."""

    seconds: float = inf


class Interrupts:
    """Within it, the first signal is only `noted`, by its number; a second one acts at once, as if this were not there.

    Signals that somebody else handles or ignores are left alone, and so are all of them in other threads than the main
    one. In a run of a few `steps`, by their last `pace`, all but Ctrl-C act as they do between runs, which comes to the
    same: to see to all of them takes 10 us.
    """

    def __init__(self, pace: Pace | None = None, steps: int | None = None) -> None:
        self.noted = 0
        self._pace, self._steps, self._began = pace, steps, perf_counter()
        is_short = pace is not None and steps is not None and steps * pace.seconds < SHORT
        self._signals = SIGNALS[:1] if is_short else SIGNALS
        self._at = 0.0
        self._before: dict[int, Any] = {}

    def __enter__(self) -> "Interrupts":
        if threading.current_thread() is threading.main_thread():
            for number in self._signals:
                handler = getsignal(number)
                # A shell script ignores SIGINT for the jobs it runs in the background; None is a handler in C.
                if handler not in (IGNORED, None) if number == signal.SIGINT else _is_free(handler):
                    self._before[number] = handle(number, self._note)
        return self

    def _note(self, number: int, frame: Any) -> None:
        if not self.noted:
            self.noted, self._at = number, monotonic()
        elif number == signal.SIGINT:
            signal.default_int_handler(number, frame)
        elif number != self.noted or monotonic() - self._at > AGAIN:
            act_as_ever(number)

    def __exit__(self, *_: Any) -> None:
        if self._pace is not None and self._steps:
            self._pace.seconds = (perf_counter() - self._began) / self._steps
        for number, handler in self._before.items():
            handle(number, handler)


def _is_free(handler: Any) -> bool:
    return handler == DEFAULT or isinstance(handler, Between)


def act_as_ever(number: int) -> None:
    """Let a signal do what it does where nobody handles it."""
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def stop(reason: int, where: str, saved: bool) -> BaseException:
    """What ends a run that was stopped for this reason."""
    if reason == signal.SIGINT:
        return KeyboardInterrupt(where)
    if reason == WALL_TIME:
        return Stopped(f"the wall time is nearly over; {where}", SAVED_CODE if saved else WALL_TIME_CODE)
    return Stopped(f"{signal.Signals(reason).name}; {where}", SAVED_CODE if saved else 128 + reason)

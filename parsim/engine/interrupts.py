"""Ctrl-C while a network runs."""

import signal
import threading
from collections.abc import Callable
from typing import Any


class Interrupts:
    """Within it, the first Ctrl-C calls `ask`, which may stop the run in good order; a second one is immediate."""

    def __init__(self, ask: Callable[[], None]) -> None:
        self.ask = ask
        self.before: Any = None

    def __enter__(self) -> None:
        # A shell script ignores it for the jobs it runs in the background.
        ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        if not ignored and threading.current_thread() is threading.main_thread():
            self.before = signal.signal(signal.SIGINT, self._first)

    def _first(self, number: int, frame: Any) -> None:
        self.ask()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def __exit__(self, *_: Any) -> None:
        if self.before is not None:
            signal.signal(signal.SIGINT, self.before)

"""Who compiles a kernel while others wait for it: one process at a time, for a while, and no longer than it lives.

The lock is the operating system's, on a file: it ends with the process that holds it, however that ends.
"""

import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from parsim.jit.voice import speaks
from parsim.telling import log

PATIENCE = 60.0  # seconds; no kernel compiles for so long, unless many share the processor
SAID_AFTER = 5.0  # seconds
_NAP = 0.02


class Turns:
    """Turns at compiling in one folder. Who has once waited in vain waits for nothing more."""

    def __init__(self) -> None:
        self.patience = PATIENCE

    @contextlib.contextmanager
    def turn(self, path: Path, what: str, is_made: Callable[[], bool]) -> Iterator[None]:
        """Within it, no other process compiles the kernel, which is locked by a file at `path`.

        Or else it is made by now, or the folder knows no locks, or another process holds this one for too long.
        """
        try:
            handle = os.open(
                path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600
            )
        except OSError:
            yield
            return
        try:
            if not self._wait(handle, path, what, is_made):
                yield
                return
            try:
                yield
            finally:
                # Whoever waits for this file finds the kernel kept, or else compiles it beside others.
                with contextlib.suppress(OSError):
                    os.unlink(path)
                fcntl.flock(handle, fcntl.LOCK_UN)  # also of copies that a forked process has
        finally:
            os.close(handle)

    def _wait(self, handle: int, path: Path, what: str, is_made: Callable[[], bool]) -> bool:
        """Wait for the lock; False when there is no use in waiting."""
        began, said = time.monotonic(), False
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            except BlockingIOError:
                pass
            except OSError:  # a file system without locks
                return False
            waited = time.monotonic() - began
            if is_made():
                return False
            if waited >= self.patience:
                self.patience = 0.0
                _say(
                    "Waited %.0f s for another process to compile %s (it holds %s); now compiling here.",
                    waited,
                    what,
                    path,
                )
                return False
            if waited >= SAID_AFTER and not said:
                said = True
                _say(
                    "Waiting up to %.0f s for another process to compile %s (it holds %s).",
                    self.patience,
                    what,
                    path,
                )
            time.sleep(_NAP)


def _say(text: str, *values: Any) -> None:
    if speaks():
        log.warning(text, *values)

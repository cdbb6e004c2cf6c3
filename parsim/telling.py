"""What parsim says beside its results: warnings, and lines on stderr. Heard or not, they end and change no run.

A daemon has no stderr, a closed terminal leaves a broken pipe, a log file meets a quota, users make handlers.
"""

import contextlib
import logging
import select
import sys
from typing import Any


class _Teller(logging.LoggerAdapter):  # type: ignore[type-arg]
    """A logger whose handlers may fail."""

    def log(self, level: int, msg: object, *args: object, **kwargs: Any) -> None:
        with contextlib.suppress(Exception):
            if self.logger.hasHandlers():
                super().log(level, msg, *args, **kwargs)
            elif level >= logging.WARNING and self.logger.isEnabledFor(level):
                say(
                    str(msg) % args
                )  # as logging does when nobody has set it up, but for what `write` looks at


log = _Teller(logging.getLogger("parsim"), {})


def write(text: str, stream: Any) -> None:
    """Write to a stream at once, if there is one that takes it without making us wait."""
    with contextlib.suppress(Exception):
        if _takes(stream):
            stream.write(text)
            stream.flush()


def is_terminal(stream: Any) -> bool:
    """Does somebody look at this stream?"""
    with contextlib.suppress(Exception):
        return bool(stream.isatty())
    return False


def say(text: str) -> None:
    """A line on stderr."""
    write(f"{text}\n", getattr(sys, "stderr", None))


def _takes(stream: Any) -> bool:
    """False for no stream, and for a pipe or terminal whose other end has stopped reading."""
    if stream is None:
        return False
    try:
        number = stream.fileno()
    except Exception:  # a stream that only Python knows
        return True
    ready = select.poll()
    ready.register(number, select.POLLOUT)
    return any(event & select.POLLOUT for _, event in ready.poll(0))

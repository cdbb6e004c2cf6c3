"""A line on rank 0 that says how far a run is, when it lasts."""

import sys
from time import perf_counter
from typing import TextIO

from parsim.telling import is_terminal, write

PATIENCE = 2.0  # seconds of silence before the first line
REDRAW, RELINE = 0.2, 10.0  # seconds between updates on a terminal, and elsewhere


class Progress:
    """Model time, share, time left, real-time factor and spikes so far; a line each 10 s where there is no terminal.

    A stream that cannot be written to is left alone.
    """

    def __init__(self, stop: float, stream: TextIO | None = None) -> None:
        self.stream = getattr(sys, "stderr", None) if stream is None else stream
        self.stop = stop
        self.next = perf_counter() + PATIENCE
        self.first: tuple[float, float] | None = None
        self.drawn = False

    def update(self, now: float, spikes: int) -> None:
        """Say where the run is, unless that was said just now."""
        clock = perf_counter()
        if self.first is None:
            # The first interval may have compiled kernels: time is counted from its end.
            self.first = clock, now
            return
        if clock < self.next or now <= self.first[1]:
            return
        terminal = is_terminal(self.stream)
        self.next = clock + (REDRAW if terminal else RELINE)
        line = self.line(now, spikes, clock - self.first[0], now - self.first[1])
        write(f"\r{line:<78}" if terminal else f"{line}\n", self.stream)
        self.drawn = self.drawn or terminal

    def line(self, now: float, spikes: int, elapsed: float, moved: float) -> str:
        """The line at `now`, when the last `moved` ms took `elapsed` seconds."""
        factor = elapsed / (moved * 1e-3)
        left = round(factor * (self.stop - now) * 1e-3)
        return (
            f"parsim: {now:.1f} of {self.stop:.1f} ms ({100 * now / self.stop:.0f} %), "
            f"{left // 60}:{left % 60:02d} left, real-time factor {factor:.2f}, {spikes} spikes"
        )

    def close(self) -> None:
        """Leave the line on the terminal and begin a new one."""
        if self.drawn:
            write("\n", self.stream)

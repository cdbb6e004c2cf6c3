"""`WallTime`: how long a run may take."""

from math import inf
from time import monotonic
from typing import Any

from parsim.given.wall_time import wall_seconds


class WallTime:
    """How long a run may take, in seconds or as a text such as "2 h"; what saving needs is kept back."""

    def __init__(self, given: Any) -> None:
        self.seconds = inf if given is None else wall_seconds(given, "walltime")
        self._began = self._last = monotonic()
        self.saving = self._longest = 0.0  # seconds, of the slowest checkpoint and interval so far

    def is_over(self) -> bool:
        """Would one more interval, and a checkpoint after it, be too late? To be asked at each interval's edge."""
        if self.seconds == inf:
            return False
        now = monotonic()
        self._longest, self._last = max(self._longest, now - self._last), now
        kept_back = max(0.05 * self.seconds, 2.0 * (self.saving + self._longest))
        return now - self._began + kept_back > self.seconds

    def saved(self, seconds: float) -> None:
        """A checkpoint took so long."""
        self.saving, self._last = max(self.saving, seconds), monotonic()

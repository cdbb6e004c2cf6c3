"""How long things take: what Python does is timed as it is done, what the driver does is counted in some intervals."""

from time import perf_counter
from typing import Any

import numpy as np

from parsim.engine.running.loop import TIMED
from parsim.jit import clock

# Fields of `Timings`, in the order in which the driver counts them.
_OF_DRIVER = ("drive", "integrate", "exchange", "record", "deliver", "wait")


class Timed:
    """A block that is timed. A generator would be shorter, and takes 2 us where this takes 0.5."""

    __slots__ = ("_began", "_name", "_watch")

    def __init__(self, watch: "Stopwatch", name: str) -> None:
        self._watch, self._name = watch, name

    def __enter__(self) -> None:
        self._began = perf_counter()

    def __exit__(self, *_: object) -> None:
        self._watch.seconds[self._name] += perf_counter() - self._began


class Stopwatch:
    """Adds to `timings`: `with watch("record"):` the seconds of what is done there, `driving` those of the driver.

    The driver counts in `counted`, by `clock`. What it does is shared out by that over its seconds when `share_out` is
    called, for it times one interval in many.
    """

    def __init__(self, timings: Any) -> None:
        self.timings = timings
        self.seconds: dict[str, float] = vars(timings)  # the same, by name
        self.counted, self.clock = np.zeros(TIMED), clock()
        self._driven = 0.0

    def __call__(self, name: str) -> "Timed":
        """Time what is done in the block, which counts as what is named, also where it fails."""
        return Timed(self, name)

    def add(self, name: str, seconds: float) -> None:
        """So many more seconds went into what is named."""
        self.seconds[name] += seconds

    def driven(self, seconds: float) -> None:
        """The driver was at work for so long."""
        self._driven += seconds

    def share_out(self, relaxer: Any) -> None:
        """Of the seconds of the driver each thing gets its part; the relaxer knows those of junctions among them."""
        if (total := float(self.counted.sum())) > 0.0:
            parts = dict(zip(_OF_DRIVER, (self.counted * (self._driven / total)).tolist(), strict=True))
            for name, part in parts.items():
                self.add(name, part)
            self.counted[:], self._driven = 0.0, 0.0
            # Part of moving, of which only some intervals are timed.
            relaxing = min(relaxer.take_seconds(), parts["integrate"])
            self.add("relax", relaxing)
            self.add("integrate", -relaxing)

"""The rate of a sinusoidal generator, which a meter reads: a sine of the time, as parameters have it by then."""

from collections.abc import Callable
from typing import Any

import numpy as np

from parsim.arrays import Floats, Gids
from parsim.clock import NEAR
from parsim.nest.batches import Batch

_USED = ("rate", "amplitude", "frequency", "phase")


class Rates:
    """Samples of all that has passed since the last time, every `interval` ms, as a recording has them."""

    def __init__(self, batch: Batch, places: Any, now: Callable[[], float], interval: float) -> None:
        self.batch, self.places, self.now, self.interval = batch, np.asarray(places), now, interval
        self._since = self._numbered(now())

    def _numbered(self, time: float) -> int:
        return int(np.floor(time / self.interval + NEAR))

    def __len__(self) -> int:
        return self._numbered(self.now()) - self._since

    @property
    def gids(self) -> Gids:
        """The ids of the generators."""
        ids: Gids = self.batch.first + self.places
        return ids

    @property
    def times(self) -> Floats:
        """Of the samples, in ms."""
        found: Floats = np.arange(self._since + 1.0, self._since + len(self) + 1.0) * self.interval
        return found

    @property
    def values(self) -> Floats:
        """The rates, [time, generator]."""
        rate, amplitude, frequency, phase = (np.array(self.batch.values(key, self.places)) for key in _USED)
        angle: Floats = 2e-3 * np.pi * frequency * self.times[:, None] + np.pi / 180.0 * phase
        found: Floats = (rate + amplitude * np.sin(angle)).clip(min=0.0)
        return found

    def forget(self) -> None:
        """What has come is held elsewhere."""
        self._since = self._numbered(self.now())

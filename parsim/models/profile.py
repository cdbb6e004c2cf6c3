"""How thick a section is along its length: straight lines between points, that is, truncated cones."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np


class Cone(NamedTuple):
    """A piece of a section: its length, mantle and mean diameter (um, um2), and its resistance over Ra (1/um)."""

    length: float
    area: float
    diam: float
    resistance: float


class Profile(NamedTuple):
    """Diameters `d` at distances `s` from the beginning, um; `s` begins at 0 and ends at the section's length."""

    s: tuple[float, ...]
    d: tuple[float, ...]

    def between(self, a: float, b: float) -> Cone:
        """The part from `a` to `b`: sums over cones, which are cut where the part begins and ends."""
        if len(set(self.d)) == 1:
            d = self.d[0]
            return Cone(b - a, np.pi * d * (b - a), d, (b - a) / (np.pi * d**2 / 4.0))
        inner = [s for s in self.s if a < s < b]
        edges = [a, *inner, b]
        area = mean = resistance = 0.0
        for (x, y), (d, e) in zip(pairwise(edges), pairwise(np.interp(edges, self.s, self.d)), strict=True):
            length = y - x
            area += np.pi * (d + e) / 2.0 * np.sqrt(length**2 + (d - e) ** 2 / 4.0)
            mean += (d + e) / 2.0 * length
            resistance += 4.0 * length / (np.pi * d * e)
        return Cone(b - a, float(area), float(mean / (b - a)), float(resistance))

    def at(self, x: float) -> float:
        """The diameter at `x`, from 0 to 1, um."""
        return float(np.interp(x * self.s[-1], self.s, self.d))

    def space_constants(self, frequency: float, Ra: float, cm: float) -> float:
        """Its length in space constants at a frequency (Hz), each cone with its mean diameter."""
        total = sum(
            (y - x) / np.sqrt((d + e) / 2.0)
            for (x, y), (d, e) in zip(pairwise(self.s), pairwise(self.d), strict=True)
        )
        return float(total * np.sqrt(4.0 * np.pi * frequency * Ra * cm) * 1e-5)


def through(points: Sequence[tuple[float, float, float, float]]) -> Profile:
    """Of points (x, y, z, diameter), in single precision as in NEURON; of those that follow at one and the same place,
    the first counts.
    """
    at = np.array(points, np.float32).astype(float)
    steps = np.sqrt((np.diff(at[:, :3], axis=0) ** 2).sum(1))
    at = at[np.concatenate([[True], steps > 0.0])]
    s = np.concatenate([[0.0], np.cumsum(steps[steps > 0.0])])
    return Profile(tuple(s.tolist()), tuple(at[:, 3].tolist()))

"""Where a value is asked: at cells, or at connections, with the keys of their draws."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Floats, Gids, Ints


@dataclass(frozen=True, eq=False)
class Ends:
    """The two ends of n connections, for values that hang on them: gids of sources and targets, when asked."""

    sources: Callable[[], Gids]
    targets: Callable[[], Gids]
    apart: Callable[[], Floats] | None = (
        None  # from source to target, [dimension, n], where these have positions
    )
    at_source: Callable[[], Floats] | None = None  # where each source is, [dimension, n]
    at_target: Callable[[], Floats] | None = None

    def picked(self, which: Any) -> "Ends":
        """Of some of them."""
        places = [_some(points, which) for points in (self.apart, self.at_source, self.at_target)]
        return Ends(lambda: self.sources()[which], lambda: self.targets()[which], *places)


def _some(points: Callable[[], Floats] | None, which: Any) -> Callable[[], Floats] | None:
    return None if points is None else lambda: points()[:, which]


class Where(NamedTuple):
    """Where a value is asked: n gids and draws (or one draw for all), one stream, places in an array, ends of rows."""

    seed: int
    serial: int
    gids: Gids
    draws: Ints | int
    lane: int
    places: Ints
    ends: Ends | None = None

    def name(self, place: int) -> str:
        """What a value there is one of."""
        if self.ends is None:
            return f"gid {self.gids[place]}"
        one = self.ends.picked(np.array([place]))
        return f"the connection of gids {one.sources()[0]} to {one.targets()[0]}"

    def keys(self) -> tuple[Gids, Ints]:
        """The gid and the draw of each, as kernels take them."""
        gids = np.ascontiguousarray(self.gids, dtype=np.int64)
        return gids, np.ascontiguousarray(np.broadcast_to(self.draws, gids.shape), dtype=np.int64)

    def picked(self, which: Any) -> "Where":
        """Some of these."""
        draws = self.draws if np.ndim(self.draws) == 0 else self.draws[which]  # type: ignore[index]
        ends = None if self.ends is None else self.ends.picked(which)
        return self._replace(gids=self.gids[which], draws=draws, places=self.places[which], ends=ends)

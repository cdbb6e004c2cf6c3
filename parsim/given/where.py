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

    def picked(self, which: Any) -> "Ends":
        """Of some of them."""
        apart = self.apart
        some = None if apart is None else lambda: apart()[:, which]
        return Ends(lambda: self.sources()[which], lambda: self.targets()[which], some)


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

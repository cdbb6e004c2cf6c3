"""The populations of cells behind a result, from its provenance or from the network itself."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsim.arrays import Gids

Mask = NDArray[np.bool_]


class Cells(NamedTuple):
    """The recorded cells of one population; `model` is empty where nothing is known."""

    name: str
    model: str
    gids: Gids

    def among(self, gids: Gids) -> Mask:
        """Which of these gids, as a mask, are of this population."""
        if self.gids.size == 0:
            return np.zeros(gids.shape, dtype=bool)
        at = np.minimum(np.searchsorted(self.gids, gids), self.gids.size - 1)
        return np.asarray(self.gids[at] == gids)


def populations_of(
    record: Mapping[str, Any] | Iterable[Any], seen: Gids, recorded: Gids | None = None
) -> list[Cells]:
    """Populations of cells in the order of their gids, reduced to those `recorded`, if that is known.

    `record` is a provenance, or the populations themselves: dictionaries, what `Network.create` gives,
    or `Cells`. Gids that were `seen` and are in none of them make up a population of their own.
    """
    if isinstance(record, Mapping):
        record = record.get("populations", ())
    present = np.unique(seen)  # of int64, or uint64 where gids are large: both in one array would be floats
    if recorded is not None:
        present = np.union1d(present, recorded.astype(present.dtype))

    told = [_cells(said, None if recorded is None else present) for said in record]
    known = [cells._replace(gids=cells.gids.astype(present.dtype)) for cells in told if cells is not None]
    known = [cells for cells in known if cells.gids.size]
    rest = present[~_any_of(known, present)]
    if rest.size:
        known.append(Cells("cells" if not known else "others", "", rest))
    return _told_apart(sorted(known, key=lambda cells: int(cells.gids[0])))


def _told_apart(populations: list[Cells]) -> list[Cells]:
    """Names that occur more than once are followed by their gids."""
    names = [cells.name for cells in populations]
    return [
        cells._replace(name=f"{cells.name} {cells.gids[0]}-{cells.gids[-1]}")
        if names.count(cells.name) > 1
        else cells
        for cells in populations
    ]


def _cells(said: Any, present: Gids | None) -> Cells | None:
    """The cells of a population, of those `present` alone if these are known."""
    if isinstance(said, Cells):
        return said if present is None else said._replace(gids=present[said.among(present)])
    if not isinstance(said, Mapping):
        model = getattr(said, "model", None)
        said = {
            "name": getattr(said, "name", None),
            "model": getattr(model, "name", ""),
            "kind": getattr(model, "kind", "cell"),
            "first": said.first,
            "size": said.size,
        }
    if said.get("kind", "cell") != "cell":  # stimuli have numbers of their own
        return None
    first, stop = said["first"], said["first"] + said["size"]
    name = said.get("name") or f"{first}-{stop - 1}"
    if present is None:
        gids = np.arange(first, stop, dtype=np.int64)
    else:
        gids = present[np.searchsorted(present, first) : np.searchsorted(present, stop)]
    return Cells(str(name), str(said.get("model", "")), gids)


def _any_of(populations: list[Cells], gids: Gids) -> Mask:
    mask = np.zeros(gids.shape, dtype=bool)
    for cells in populations:
        mask |= cells.among(gids)
    return mask

"""Why a voltage of a block became no number: a state or parameter that was none, or a current."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from parsim.arrays import Floats
from parsim.shard.cable.block_ops import act


class Blame(NamedTuple):
    """The lane, what became of its voltage, and what was no number before; no text where all were."""

    lane: int
    value: float
    why: str


def blame(block: Any, step: int, label: Callable[[tuple[Any, ...], int], str]) -> Blame:
    """Of a block that failed in the step that begins at `step`; `label` calls a row of an array by its name."""
    root = block.array(("v",))[0]
    if np.isfinite(root).all():  # what rows came to was seen before voltages were taken from them
        matrix = block.bundles.matrix
        with np.errstate(all="ignore"):
            root = matrix.rhs[: block.lanes] * matrix.d[: block.lanes]
    lane = int(np.flatnonzero(~np.isfinite(root))[0])
    for array, row, value in (*_kept(block, lane), *_currents(block, lane, step)):
        return Blame(lane, float(root[lane]), f"{label(array, row)} was {value:g}")
    return Blame(lane, float(root[lane]), "")


def _kept(block: Any, lane: int) -> Iterator[tuple[tuple[Any, ...], int, float]]:
    for array, values in block.named_arrays():
        if array != ("v",):
            for row in np.flatnonzero(~np.isfinite(values[:, lane]))[:1].tolist():
                yield array, row, values[row, lane]


def _currents(block: Any, lane: int, step: int) -> Iterator[tuple[tuple[Any, ...], int, float]]:
    """Currents that are no numbers at the voltages at which the step began, each of a mechanism by itself."""
    for s in block.acts.seatings:
        d, rhs = np.zeros(block.volts.size), np.zeros(block.volts.size)
        act(block.acts.current(s, d, rhs), step)
        total: Floats = (d + rhs).reshape(-1, block.lanes)[:, lane]
        if np.isfinite(total).all():
            continue
        p = block.planted[s.at]
        if "observe" in s.kernels:
            out = np.zeros((len(p.mechanism.observed), len(p.nodes) * block.lanes))
            act([block.acts.observe(s.at, out)], step)  # at its end, for what has become of t, too
            shown = out.reshape(len(out), -1, block.lanes)[:, :, lane]
            for q, row in np.argwhere(~np.isfinite(shown)).tolist():
                yield ("observed", p.mechanism.name, p.mechanism.observed[q].name), row, shown[q, row]
        node = int(np.flatnonzero(~np.isfinite(total))[0])
        row = list(p.nodes).index(node)
        yield ("observed", p.mechanism.name, "current"), row, total[node]

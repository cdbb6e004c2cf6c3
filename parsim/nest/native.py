"""Values of nodes as parsim's models take them."""

from collections.abc import Iterable
from functools import cache
from typing import Any

import numpy as np

from parsim.nest.batches import Batch
from parsim.nest.names import to_native

_BESIDE_TIMES = ("spike_multiplicities", "spike_weights")


def values_for(
    batches: list[Batch], now: float, keys: Iterable[str] | None = None, places: Any = None
) -> dict[str, Any]:
    """Parameters and states of nodes of one model, by parsim's names; all, or those that are named.

    Of prescribed times those that have passed are left out, which NEST keeps and does not send.
    """
    model = batches[0].model
    native = batches[0].native()
    known = _known(native)
    chosen = [b.size if places is None else len(places) for b in batches]
    where = [range(b.size) if places is None else places for b in batches]
    names = list(model.defaults) if keys is None else list(keys)
    if "spike_times" in model.defaults and {"spike_times", "origin", *_BESIDE_TIMES} & set(names):
        names = list(
            dict.fromkeys([*names, "spike_times", *(k for k in _BESIDE_TIMES if k in model.defaults)])
        )
    found: dict[str, Any] = {}
    for key in names:
        if key in batches[0].of_receptors:
            rows = [b.values(key, w) for b, w in zip(batches, where, strict=True)]
            table = np.array([row for part in rows for row in part]).reshape(sum(chosen), -1)
            found |= {f"{key}_{k + 1}": table[:, k] for k in range(table.shape[1])}
        elif key in known:
            found[key] = _column(batches, where, chosen, key)
    if "spike_times" in found:
        _leave_out_what_passed(batches, where, found, now)
    return found


@cache
def _known(native: Any) -> frozenset[str]:
    """What can be set of a model."""
    return frozenset(
        [*(p.name for p in native.params), *(v.name for v in getattr(native, "recordables", ()))]
    )


def _column(batches: list[Batch], where: list[Any], sizes: list[int], key: str) -> Any:
    """One value for all of them, or one for each."""
    if key in batches[0].lists:
        return [row for b, w in zip(batches, where, strict=True) for row in b.values(key, w)]
    parts = [b.at(key, w) for b, w in zip(batches, where, strict=True)]
    if len(parts) == 1 and sizes[0] == 1 and type(parts[0]) is np.ndarray:
        return to_native(key, parts[0][0].item())
    if not any(isinstance(part, np.ndarray) for part in parts) and len(set(parts)) == 1:
        one = to_native(key, parts[0])
        return one
    return np.concatenate([np.broadcast_to(to_native(key, p), n) for p, n in zip(parts, sizes, strict=True)])


def _leave_out_what_passed(batches: list[Batch], where: list[Any], found: dict[str, Any], now: float) -> None:
    if now == 0.0 and not any(np.any(times <= 0.0) for times in found["spike_times"]):
        return
    origins = [one for b, w in zip(batches, where, strict=True) for one in b.values("origin", w)]
    for i, times in enumerate(found["spike_times"]):
        due = times + origins[i] > now * (1 + 1e-12) + 1e-9
        for key in ("spike_times", *_BESIDE_TIMES):
            if key in found and len(found[key][i]) == times.size:
                found[key][i] = found[key][i][due]

"""Where a result came from: versions, settings, network and script, as one JSON text."""

import hashlib
import importlib.metadata
import json
import math
import platform
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from parsim.arrays import shown
from parsim.errors import DescriptionError, suggestion
from parsim.given.plain import several
from parsim.jit import numba_version
from parsim.network.network import Network

PARTS = (
    "versions", "platform", "date", "command", "script", "seed", "dt", "interval", "ranks", "threads", "populations",
    "projections", "couplings",
)  # fmt: skip
SCRIPT_LIMIT = 1_000_000  # characters of the script that are kept
ARRAY_LIMIT = 32  # longer arrays are kept as a summary with a digest


def provenance(
    *,
    seed: int,
    dt: float,
    ranks: int,
    threads: int,
    populations: list[dict[str, Any]],
    projections: list[dict[str, Any]],
    couplings: list[dict[str, Any]] | None = None,
    interval: float,
) -> dict[str, Any]:
    """What it takes to make a result again; `dt` and `interval` (the smallest delay) in ms.

    Populations have the keys `name model kind first size parameters`.
    """
    return {
        "versions": versions(),
        "platform": platform.platform(),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": list(sys.argv),
        "script": _script(),
        "seed": seed,
        "dt": dt,
        "interval": interval,
        "ranks": ranks,
        "threads": threads,
        "populations": populations,
        "projections": projections,
        "couplings": couplings or [],
    }


def in_words(network: Network) -> dict[str, Any]:
    """What a network is: the `seed`, `populations`, `projections` and `couplings` of `provenance`."""
    return {
        "seed": network.seed,
        "populations": [
            {
                "name": p.name,
                "model": p.model.name,
                "kind": p.model.kind,
                "first": p.first,
                "size": p.size,
                "parameters": {name: value.describe() for name, value in p.values.items()},
            }
            for p in network.populations
        ],
        "projections": [
            {
                "source": repr(p.source),
                "target": repr(p.target),
                "rule": repr(p.rule),
                "synapse": p.synapse.name,
                "weight": p.weight.describe(),
                "delay": p.delay.describe(),
            }
            for p in network.projections
        ],
        "couplings": [
            {"a": repr(c.source), "b": repr(c.target), "rule": repr(c.rule), **c.in_words()}
            for c in network.couplings
        ],
    }


def parts_of(wanted: Any) -> tuple[str, ...]:
    """Which parts are to be kept: True means all, False none; a DescriptionError if it is no list of them."""
    if isinstance(wanted, bool):
        return PARTS if wanted else ()
    given = several(wanted)
    if given is None:
        raise DescriptionError(
            f"provenance is {shown(wanted)}; give True, False or a list of parts: {', '.join(PARTS)}."
        )
    for part in given:
        if not isinstance(part, str) or part not in PARTS:
            near = suggestion(part, PARTS) if isinstance(part, str) else ""
            raise DescriptionError(f"provenance has no part {shown(part)}.{near} It has: {', '.join(PARTS)}.")
    return tuple(part for part in PARTS if part in given)


def versions() -> dict[str, str]:
    """The versions that can change a result or the file that holds it."""
    try:
        own = importlib.metadata.version("parsim-snn")
    except importlib.metadata.PackageNotFoundError:  # run from a clone
        own = "unknown"
    import h5py  # a tenth of what a start takes

    return {
        "parsim": own,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "numba": numba_version,
        "h5py": h5py.version.version,
        "HDF5": h5py.version.hdf5_version,
    }


def _script() -> dict[str, str | None]:
    """Path and text of the script that runs; None at a prompt or in a notebook."""
    file = getattr(sys.modules.get("__main__"), "__file__", None)
    if not file or not (path := Path(file)).is_file():
        return {"path": None, "text": None}
    try:
        text = path.read_text(encoding="utf-8", errors="replace")[:SCRIPT_LIMIT]
    except OSError:
        return {"path": str(path.absolute()), "text": None}
    return {"path": str(path.absolute()), "text": text}


def to_json(record: Mapping[str, Any]) -> str:
    """A record as strict JSON text: infinities become words, long arrays a summary, objects their repr."""
    return json.dumps(_plain(record), allow_nan=False, ensure_ascii=False)


def check_record(record: Any) -> None:
    """A ValueError unless this is what `provenance` could have given, as far as others read it."""
    if not isinstance(record, dict):
        raise ValueError("its provenance is no dictionary")
    for key, kind in (("versions", dict), ("script", dict), ("command", list)):
        if not isinstance(record.get(key) or kind(), kind):
            raise ValueError(f"its provenance has {record[key]!r:.40} as {key}")
    for key in ("populations", "projections", "couplings"):
        items = record.get(key) or []
        if not (isinstance(items, list) and all(isinstance(item, dict) for item in items)):
            raise ValueError(f"its provenance has {items!r:.40} as {key}")
    for said in record.get("populations") or ():
        first, size = said.get("first"), said.get("size")
        if type(first) is not int or type(size) is not int or min(first, size) < 0 or first + size >= 2**63:
            raise ValueError(f"its provenance has a population of {size!r:.40} cells from {first!r:.40}")
        if not isinstance(said.get("parameters") or {}, dict):
            raise ValueError(f"its provenance has {said['parameters']!r:.40} as parameters")


def as_utf8(text: str) -> str:
    """The text with a replacement for each byte that was no UTF-8: names of files and arguments may be any bytes."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return as_utf8(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else str(float(value))
    if isinstance(value, Mapping):
        return {_plain(str(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        if len(value) > ARRAY_LIMIT and all(isinstance(item, (int, float)) for item in value):
            return _plain_array(np.asarray(value))
        return [_plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return _plain_array(value)
    return _plain(repr(value))


def _plain_array(array: np.ndarray) -> Any:
    if array.size <= ARRAY_LIMIT or array.dtype.hasobject:
        return _plain(array.tolist())
    summary: dict[str, Any] = {"shape": list(array.shape), "type": str(array.dtype)}
    if array.dtype.kind in "iuf":
        summary |= {"min": _plain(array.min()), "max": _plain(array.max())}
    return summary | {"sha256": hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()}

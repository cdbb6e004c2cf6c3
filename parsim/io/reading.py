"""Result files read back: ours with their provenance, and SONATA files by others."""

import json
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, NamedTuple

import h5py
import numpy as np

from parsim.arrays import Floats, Gids
from parsim.errors import DescriptionError, suggestion


class TraceHeader(NamedTuple):
    """What a trace file says about itself; `start` and `interval` in ms."""

    gids: Gids
    start: float
    interval: float
    samples: int
    variable: str
    unit: str


def kind_of(path: str | os.PathLike[str]) -> Literal["spikes", "traces"]:
    """What a result file holds."""
    with _reading(path) as file:
        return _kind(file, path)


def read_spikes(path: str | os.PathLike[str], population: str | None = None) -> tuple[Floats, Gids]:
    """Times in ms and gids of all spikes, by (time, gid)."""
    with _reading(path) as file:
        group = _population(file, path, "spikes", population)
        times = group["timestamps"][:].astype(np.float64)
        gids = group["node_ids"][:].astype(np.int64)
    later = (times[1:] > times[:-1]) | ((times[1:] == times[:-1]) & (gids[1:] >= gids[:-1]))
    if later.all():
        return times, gids
    order = np.lexsort((gids, times))
    return times[order], gids[order]


def read_window(path: str | os.PathLike[str], population: str | None = None) -> tuple[float, float]:
    """From when to when a spike file was recorded, in ms; if it does not say, up to the last spike."""
    with _reading(path) as file:
        group = _population(file, path, "spikes", population)
        start, stop = group.attrs.get("start", 0.0), group.attrs.get("stop")
        if stop is None:
            stop = group["timestamps"][:].max(initial=start)
        return float(start), float(stop)


def read_recorded(path: str | os.PathLike[str]) -> Gids | None:
    """The gids whose spikes are in the file, silent ones too; None if it does not say."""
    with _reading(path) as file:
        if "provenance/recorded" not in file:
            return None
        runs = file["provenance/recorded"][:]
    return np.concatenate([np.empty(0, np.int64), *(np.arange(*run, dtype=np.int64) for run in runs)])


def read_traces(
    path: str | os.PathLike[str], population: str | None = None
) -> tuple[Floats, Gids, Floats, str, str]:
    """Times [sample] in ms, gids [cell], values [sample, cell], the variable's name and its unit."""
    with _reading(path) as file:
        group = _population(file, path, "traces", population)
        header = _header(group)
        values = group["data"][:].astype(np.float64)
    times = frame_times(header.start, header.interval, 0, header.samples)
    return times, header.gids, values, header.variable, header.unit


def read_trace_header(path: str | os.PathLike[str], population: str | None = None) -> TraceHeader:
    """All but the values, however large the file."""
    with _reading(path) as file:
        return _header(_population(file, path, "traces", population))


def read_provenance(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The provenance as a dictionary; empty for files made by others."""
    with _reading(path) as file:
        if "provenance/json" not in file:
            return {}
        text = file["provenance/json"].asstr()[()]
    record: dict[str, Any] = json.loads(text)
    return record


def frame_times(start: float, interval: float, first: int, count: int) -> Floats:
    """Times of samples in ms, each rounded once: sample 3 from 0 every 0.1 is at 0.3, as on the clock."""
    begin = Fraction(start).limit_denominator(10**6)
    step = Fraction(interval).limit_denominator(10**6)
    common = math.lcm(begin.denominator, step.denominator)
    samples = np.arange(first, first + count, dtype=np.int64)
    exact = float(begin) == start and float(step) == interval and common <= 10**6
    if not exact:
        return np.asarray(start + samples * interval, dtype=np.float64)
    numerators = samples * int(step * common) + int(begin * common)
    return np.asarray(numerators / float(common), dtype=np.float64)


@contextmanager
def _reading(path: str | os.PathLike[str]) -> Iterator[h5py.File]:
    target = Path(path)
    if target.is_dir():
        raise DescriptionError(f"'{path}' is a folder. Give the name of a result file in it.")
    if not target.exists():
        near = [entry.name for entry in target.parent.glob("*.h5")] if target.parent.is_dir() else []
        raise DescriptionError(f"There is no file '{path}'.{suggestion(target.name, near)}")
    if not os.access(target, os.R_OK):
        raise DescriptionError(f"You may not read '{path}'. Change its permissions: chmod u+r '{path}'")
    if not h5py.is_hdf5(target):
        raise DescriptionError(
            f"'{path}' is not an HDF5 file. Give a result file, as written with to=\"name.h5\"."
        )
    try:
        file = h5py.File(target, "r", locking="best-effort")
    except OSError as error:
        raise DescriptionError(f"Cannot read '{path}': {reason(error)}.") from None
    with file:
        yield file


_ROOTS = {"spikes": ("spikes",), "traces": ("report", "reports")}


def _kind(file: h5py.File, path: str | os.PathLike[str]) -> Literal["spikes", "traces"]:
    if "spikes" in file:
        return "spikes"
    if any(root in file for root in _ROOTS["traces"]):
        return "traces"
    raise DescriptionError(
        f"'{path}' holds neither spikes nor traces in the SONATA layout. "
        f"At its root it has: {', '.join(file) or 'nothing'}."
    )


def _population(file: h5py.File, path: str | os.PathLike[str], kind: str, name: str | None) -> h5py.Group:
    """The group of one population: the only one, or the one called `name`."""
    held = _kind(file, path)
    if held != kind:
        raise DescriptionError(f"'{path}' holds {held}, not {kind}. Read it with read_{held}.")
    root = next(file[root] for root in _ROOTS[kind] if root in file)
    populations = {key: item for key, item in root.items() if isinstance(item, h5py.Group)}
    if name is None and len(populations) == 1:
        return next(iter(populations.values()))
    if name in populations:
        return populations[name]
    asked = "" if name is None else f" '{name}' is none of them.{suggestion(name, populations)}"
    raise DescriptionError(
        f"'{path}' holds {kind} of the populations {', '.join(populations) or '(none)'}.{asked} "
        "Name one of them as `population`."
    )


def _header(group: h5py.Group) -> TraceHeader:
    data, mapping = group["data"], group["mapping"]
    gids = mapping["node_ids"][:].astype(np.int64)
    pointers = mapping["index_pointers" if "index_pointers" in mapping else "index_pointer"][:]
    if len(pointers) == len(gids):  # the Allen text leaves out the last
        pointers = np.append(pointers, data.shape[1])
    start, _, interval = (float(number) for number in mapping["time"][:])
    return TraceHeader(
        np.repeat(gids, np.diff(pointers).astype(np.int64)),
        start,
        interval,
        int(data.shape[0]),
        _text(group.attrs.get("variable", "")),
        _text(data.attrs.get("units", "")),
    )


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def reason(error: OSError) -> str:
    """The useful part of what HDF5 says."""
    text = str(error)
    if "truncated file" in text:
        return "it is incomplete; the run that wrote it was probably killed"
    if "lock file" in text or "already open" in text:
        return "another process has it open"
    return os.strerror(error.errno) if error.errno else text


# Reading

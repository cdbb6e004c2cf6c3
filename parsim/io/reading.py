"""Result files read back: ours with their provenance, and SONATA files by others.

Ours are compared with the sums that they hold, up to the last commit of the run that writes them. A file that is not
as it was written, or makes no sense, is one DescriptionError: "... is damaged: ...".
"""

import json
import math
import os
from fractions import Fraction
from typing import Any, Literal, NamedTuple

import h5py
import numpy as np

from parsim.arrays import Floats, Gids
from parsim.errors import DescriptionError, suggestion
from parsim.io import seal
from parsim.io.elements import Elements
from parsim.io.opened import Name, read
from parsim.io.provenance import check_record
from parsim.io.seal import Record, whole


class TraceHeader(NamedTuple):
    """What a trace file says about itself; `start` and `interval` in ms."""

    gids: Gids
    start: float
    interval: float
    samples: int
    variable: str
    unit: str


class Traces(NamedTuple):
    """All samples of a trace file: times [sample] in ms, gids [cell], values [sample, cell]."""

    times: Floats
    gids: Gids
    values: Floats
    variable: str
    unit: str


class SpikeContents(NamedTuple):
    """All that is in a spike file, as of one moment; times in ms."""

    times: Floats
    gids: Gids
    window: tuple[float, float]
    recorded: Gids | None
    provenance: dict[str, Any]


def kind_of(path: Name) -> Literal["spikes", "traces"]:
    """What a result file holds."""
    return read(path, lambda file: _kind(file, path))


def read_spikes(path: Name, population: str | None = None) -> tuple[Floats, Gids]:
    """Times in ms and gids of all spikes, by (time, gid). Gids are uint64 if some do not fit into int64."""
    return read(path, lambda file: _spikes(file, _found(file, path, "spikes", population)))


def read_window(path: Name, population: str | None = None) -> tuple[float, float]:
    """From when to when a spike file was recorded, in ms; if it does not say, up to the last spike."""
    return read(path, lambda file: _window(file, _found(file, path, "spikes", population)))


def read_recorded(path: Name) -> Gids | None:
    """The gids whose spikes are in the file, silent ones too; None if it does not say."""

    def take(file: h5py.File) -> Gids | None:
        if seal.record_of(file) is not None:
            _found(file, path, "spikes", None)
        return recorded_in(file)

    return read(path, take)


def read_spike_file(path: Name, population: str | None = None) -> SpikeContents:
    """All that is in a spike file, at once: of one moment of the run that writes it."""

    def take(file: h5py.File) -> SpikeContents:
        group = _found(file, path, "spikes", population)
        recorded, record = recorded_in(file), _provenance(file)
        if recorded is None:
            _fit(sum(said["size"] for said in record.get("populations") or ()))
        return SpikeContents(*_spikes(file, group), _window(file, group), recorded, record)

    return read(path, take)


def read_traces(path: Name, population: str | None = None) -> Traces:
    """All samples."""

    def take(file: h5py.File) -> Traces:
        group = _found(file, path, "traces", population)
        header = header_of(group)
        values = _rows(group, "data", header.samples, 0, "<f4").astype(np.float64)
        times = frame_times(header.start, header.interval, 0, header.samples)
        return Traces(times, header.gids, values, header.variable, header.unit)

    return read(path, take)


def read_trace_header(path: Name, population: str | None = None) -> TraceHeader:
    """All but the values, however large the file."""
    return read(path, lambda file: header_of(_found(file, path, "traces", population)))


def read_elements(path: Name) -> Elements:
    """Those of a report that was written by `save_compartments`."""

    def take(file: h5py.File) -> Elements:
        reports = list(file.get("report", {}).values())
        mapping = reports[0].get("mapping", {}) if len(reports) == 1 else {}
        names = {"section": "element_ids", "along": "element_pos"}
        held = {name: mapping.get(names.get(name, f"element_{name}")) for name in Elements._fields}
        if any(column is None for column in held.values()):
            raise DescriptionError(
                f"'{path}' does not say where in its cells it was recorded. Write it with ps.save_compartments, or "
                "draw it with: parsim plot trace"
            )
        found = Elements(*(np.asarray(whole(column)) for column in held.values()))
        n = found.section.size
        if (
            any(column.shape != (n,) for column in found)
            or not ((found.before >= -1) & (found.before < n)).all()
        ):
            raise ValueError("where its elements are makes no sense")
        return found._replace(before=found.before.astype(np.int64))

    return read(path, take)


def read_provenance(path: Name) -> dict[str, Any]:
    """The provenance as a dictionary; empty for files made by others, and where it was left out."""

    def take(file: h5py.File) -> dict[str, Any]:
        if seal.record_of(file) is not None:
            _found(file, path, _kind(file, path), None)
        return _provenance(file)

    return read(path, take)


# What is in it

_ROOTS = {"spikes": ("spikes",), "traces": ("report", "reports")}


def verified(file: h5py.File, place: str) -> Record | None:
    """The record of one of our files, when what is written once is as it was; None for files of others."""
    record = seal.record_of(file)
    if record is not None and seal.fixed_sum(file, place) != record.fixed:
        raise ValueError("what it says about itself is not what was written")
    return record


def recorded_in(file: h5py.File) -> Gids | None:
    """The gids of a spike file's cells, if it has them."""
    if "provenance/recorded" not in file:
        return None
    runs = _numbers(file["provenance/recorded"], 2, "iu").astype(np.int64)
    if runs.shape[1] != 2 or (runs[:, 0] < 0).any() or (np.diff(runs.reshape(-1)) <= 0).any():
        raise ValueError("the gids that were recorded make no sense")
    _fit(int(np.sum(runs[:, 1] - runs[:, 0])))
    return np.concatenate([np.empty(0, np.int64), *(np.arange(*run, dtype=np.int64) for run in runs)])


def header_of(group: h5py.Group) -> TraceHeader:
    """What the group of a trace file says, the samples apart."""
    data, mapping = group["data"], group["mapping"]
    gids = _as_gids(_numbers(mapping["node_ids"], 1, "iu"))
    name = "index_pointers" if "index_pointers" in mapping else "index_pointer"
    pointers = _numbers(mapping[name], 1, "iu").astype(np.int64)
    if data.ndim != 2 or data.dtype.kind not in "fiu":
        raise ValueError("its samples are not a table of numbers")
    if len(pointers) == len(gids):  # the Allen text leaves out the last
        pointers = np.append(pointers, data.shape[1])
    counts = np.diff(pointers)
    if (
        len(pointers) != len(gids) + 1
        or (counts < 0).any()
        or pointers[0] != 0
        or pointers[-1] != data.shape[1]
    ):
        raise ValueError("its columns do not fit its cells")
    start, _, interval = _numbers(mapping["time"], 1, "fiu").tolist()
    record = seal.record_of(group.file)
    if record is not None:
        start = record.start
    if not (math.isfinite(start) and math.isfinite(interval) and interval > 0.0):
        raise ValueError(f"its samples begin at {start!r} ms and come every {interval!r} ms")
    return TraceHeader(
        np.repeat(gids, counts),
        float(start),
        float(interval),
        int(data.shape[0]) if record is None else record.rows,
        _text(group.attrs.get("variable", "")),
        _text(data.attrs.get("units", "")),
    )


def _spikes(file: h5py.File, group: h5py.Group) -> tuple[Floats, Gids]:
    record = seal.record_of(file)
    if record is None:
        times = _numbers(group["timestamps"], 1, "fiu").astype(np.float64)
        gids = _as_gids(_numbers(group["node_ids"], 1, "iu"))
    else:
        times = _rows(group, "timestamps", record.rows, 0, "<f8")
        gids = _as_gids(_rows(group, "node_ids", record.rows, 1, "<u8"))
    if times.size != gids.size:
        raise ValueError(f"it has {times.size} times, but {gids.size} gids")
    if not np.isfinite(times).all():
        raise ValueError("a time is not a number")
    later = (times[1:] > times[:-1]) | ((times[1:] == times[:-1]) & (gids[1:] >= gids[:-1]))
    if later.all():
        return times, gids
    order = np.lexsort((gids, times))
    return times[order], gids[order]


def _window(file: h5py.File, group: h5py.Group) -> tuple[float, float]:
    record = seal.record_of(file)
    if record is not None:
        return record.start, record.until
    start, stop = group.attrs.get("start", 0.0), group.attrs.get("stop")
    if stop is None:
        stop = _numbers(group["timestamps"], 1, "fiu").max(initial=start)
    start, stop = float(start), float(stop)
    if not (math.isfinite(start) and math.isfinite(stop)):
        raise ValueError(f"it was recorded from {start} to {stop} ms")
    return start, stop


def _provenance(file: h5py.File) -> dict[str, Any]:
    if "provenance/json" not in file:
        return {}
    record = json.loads(_text(whole(file["provenance/json"])))
    check_record(record)
    return dict(record)


def _rows(group: h5py.Group, name: str, rows: int, which: int, dtype: str) -> Any:
    """The rows of an array that are complete, if they are what was written."""
    dataset = group[name]
    seal.within(dataset)
    values = np.asarray(dataset[:rows], dtype=dtype)
    record = seal.record_of(group.file)
    if record is not None and (len(values) != rows or seal.sum_of(values) != record.sums[which]):
        raise ValueError(f"{dataset.name} is not what was written")
    return values


def _numbers(dataset: Any, dimensions: int, kinds: str) -> Any:
    values = np.asarray(whole(dataset))
    if values.ndim != dimensions or values.dtype.kind not in kinds:
        raise ValueError(
            f"{dataset.name} is no list of numbers"
            if dimensions == 1
            else f"{dataset.name} is no table of numbers"
        )
    return values


def _as_gids(gids: Any) -> Any:
    """As int64; as uint64 where some are 2^63 and more."""
    large = gids.dtype == np.uint64 and gids.size > 0 and gids.max() >= 2**63
    return gids if large else gids.astype(np.int64)


def _fit(count: int) -> None:
    """So many numbers of 8 bytes fit into a quarter of this machine's memory, or an error."""
    if 32 * count > os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"):
        raise ValueError(f"it speaks of {count:,} cells, which this machine's memory cannot hold")


def _kind(file: h5py.File, path: Name) -> Literal["spikes", "traces"]:
    if "spikes" in file:
        return "spikes"
    if any(root in file for root in _ROOTS["traces"]):
        return "traces"
    if seal.record_of(file) is not None:
        raise ValueError("neither spikes nor traces are found in it")
    raise DescriptionError(
        f"'{path}' holds neither spikes nor traces in the SONATA layout. "
        f"At its root it has: {', '.join(file) or 'nothing'}."
    )


def _found(file: h5py.File, path: Name, kind: str, name: str | None) -> h5py.Group:
    """The group of one population: the only one, or the one called `name`. If the file is ours, it is verified."""
    held = _kind(file, path)
    if held != kind:
        raise DescriptionError(f"'{path}' holds {held}, not {kind}. Read it with read_{held}.")
    root = next(file[root] for root in _ROOTS[kind] if root in file)
    if not isinstance(root, h5py.Group):
        raise ValueError(f"{root.name} is no group of populations")
    populations = {key: item for key, item in root.items() if isinstance(item, h5py.Group)}
    if name is None and len(populations) == 1:
        (name,) = populations
    if name in populations:
        verified(file, f"{root.name[1:]}/{name}")
        return populations[name]
    if seal.record_of(file) is not None and len(populations) != 1:
        raise ValueError("its population is not found")
    asked = "" if name is None else f" '{name}' is none of them.{suggestion(name, populations)}"
    raise DescriptionError(
        f"'{path}' holds {kind} of the populations {', '.join(populations) or '(none)'}.{asked} "
        "Name one of them as `population`."
    )


def frame_times(start: float, interval: float, first: int, count: int) -> Floats:
    """Times of samples in ms, each rounded once: sample 3 from 0 every 0.1 is at 0.3, as on the clock."""
    begin = Fraction(start).limit_denominator(10**6)
    step = Fraction(interval).limit_denominator(10**6)
    common = math.lcm(begin.denominator, step.denominator)
    samples = np.arange(first, first + count, dtype=np.int64)
    exact = float(begin) == start and float(step) == interval and common <= 10**6
    if not exact or (abs(begin) + step * (first + count)) * common >= 2**62:
        return np.asarray(start + samples * interval, dtype=np.float64)
    numerators = samples * int(step * common) + int(begin * common)
    return np.asarray(numerators / float(common), dtype=np.float64)


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)

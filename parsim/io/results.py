"""Result files: spikes and traces in the SONATA layout, appended while a run goes on.

A file is complete and readable at any time. Every file carries its provenance as a JSON text in
`/provenance/json`.
"""

import bisect
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import h5py
import numpy as np

from parsim.arrays import Floats, Gids
from parsim.errors import DescriptionError, SimulationError
from parsim.io.elements import Elements
from parsim.io.growing import GrowingFile, compact
from parsim.io.provenance import as_utf8
from parsim.io.reading import frame_times, header_of, recorded_in
from parsim.io.seal import Record

CHUNK = 16_384  # values; 64 KB of traces, 128 KB of spikes' times
FLUSH_EVERY = 10.0  # seconds; what a killed run can lose

_SORTING = h5py.enum_dtype({"none": 0, "by_id": 1, "by_time": 2}, basetype="u1")
_BY_TIME = 2


class SpikeFile:
    """Spikes in (time, gid) order; `append` may go on after `close`.

    Making it checks that the folder can be written to and replaces an existing result file. The gids
    that are `recorded` and the time `since` when they are, in ms, make mean rates right.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        provenance: Mapping[str, Any],
        population: str = "cells",
        recorded: Gids | None = None,
        since: float = 0.0,
    ) -> None:
        def fill(file: h5py.File, group: h5py.Group) -> None:
            group.attrs["start"] = group.attrs["stop"] = float(since)
            layout: dict[str, Any] = {"shape": (0,), "maxshape": (None,), "chunks": (CHUNK,)}
            for name, dtype in (("timestamps", "<f8"), ("node_ids", "<u8")):
                group[name] = file.create_dataset(None, dtype=dtype, **layout)
            _say(group["timestamps"], "units", "ms")
            group.attrs.create("sorting", _BY_TIME, dtype=_SORTING)
            if recorded is not None:
                file["provenance/recorded"] = _runs(recorded)

        self._begin(GrowingFile.create(path, *_spikes(population), provenance, fill, float(since)))

    @classmethod
    def resume(
        cls, path: str | os.PathLike[str], now: float, recorded: Gids, population: str = "cells"
    ) -> Self:
        """The file of an earlier run, to go on from `now` (ms); spikes after that are dropped with the next write.

        Raises
        ------
        DescriptionError
            There is no such file, it is damaged, holds other cells, or ends before `now`.
        """

        def choose(file: h5py.File, record: Record) -> int:
            held = recorded_in(file)
            if held is None or not np.array_equal(np.unique(recorded), held):
                raise _other(path, "its spikes are those of other cells")
            _check_reach(path, record.until, now)
            return bisect.bisect_right(file[f"spikes/{population}/timestamps"], now, 0, record.rows)

        resumed = cls.__new__(cls)
        resumed._begin(GrowingFile.resume(path, *_spikes(population), choose, now))
        return resumed

    def _begin(self, file: GrowingFile) -> None:
        self._file = file
        # Writing costs 0.1 ms however little is written, so the spikes of some intervals are collected.
        self._waiting: list[tuple[Floats, Gids]] = []
        self._count = 0  # of spikes that wait
        self._last = file.until
        self._flushed = time.monotonic()

    @property
    def path(self) -> Path:
        """Where the file is."""
        return self._file.path

    def append(self, times: Floats, gids: Gids) -> None:
        """Add spikes, already in (time, gid) order and none earlier than those before; times in ms.

        Raises SimulationError when they cannot be written, as `close` does.
        """
        if times.size:
            self._waiting.append((np.array(times), np.array(gids)))
            self._count += times.size
            self._last = float(times[-1])
        if time.monotonic() - self._flushed > FLUSH_EVERY:
            self.close()
        elif self._count >= CHUNK:
            self._write()

    def close(self, until: float | None = None) -> None:
        """Bring all spikes to the disk; `until` is the time in ms up to which was recorded."""
        self._write()
        self._last = max(self._last, self._last if until is None else float(until))
        self._file.commit(self._last, stop=self._last)
        self._flushed = time.monotonic()

    def _write(self) -> None:
        if self._waiting:
            parts, self._waiting, self._count = self._waiting, [], 0
            self._file.append(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


class TraceFile:
    """One variable of some cells at equal intervals, stored as float32 as SONATA asks.

    `append` may go on after `close`; a gap between samples is an error, because the file keeps only the
    first time and the interval (ms).
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        gids: Gids,
        variable: str,
        unit: str,
        interval_ms: float,
        provenance: Mapping[str, Any],
        population: str = "cells",
        elements: Elements | None = None,
    ) -> None:
        """`elements` say where each column is, where cells have several, side by side."""

        def fill(file: h5py.File, group: h5py.Group) -> None:
            wide = max(1, min(len(gids), 1024))
            group["data"] = file.create_dataset(
                None,
                dtype="<f4",
                shape=(0, len(gids)),
                maxshape=(None, len(gids) or None),
                chunks=(max(1, CHUNK // wide), wide),
            )
            _say(group["data"], "units", unit)
            _say(group, "variable", variable)
            when = compact(file, None, np.array([0.0, 0.0, interval_ms], dtype="<f8"))
            _say(when, "units", "ms")
            _map_cells(group.create_group("mapping"), np.asarray(gids, dtype="<u8"), elements)
            group["mapping/time"] = when

        self._begin(
            GrowingFile.create(path, *_traces(population), provenance, fill), variable, float(interval_ms)
        )

    @classmethod
    def resume(
        cls,
        path: str | os.PathLike[str],
        now: float,
        gids: Gids,
        variable: str,
        unit: str,
        interval_ms: float,
        population: str = "cells",
    ) -> Self:
        """The file of an earlier run, to go on from `now` (ms); samples after that are dropped with the next write.

        Raises
        ------
        DescriptionError
            There is no such file, it is damaged, holds another recording, or ends before `now`.
        """

        def choose(file: h5py.File, record: Record) -> int:
            header = header_of(file[f"report/{population}"])
            if not np.array_equal(header.gids, gids):
                raise _other(path, "its samples are those of other cells")
            for what, held, said in (
                ("of", header.variable, variable),
                ("in", header.unit, unit),
                ("in ms every", header.interval, float(interval_ms)),
            ):
                if held != said:
                    raise _other(path, f"its samples are {what} {held}, not {said}")
            _check_reach(path, record.until, now)
            near = max(0, int((now - record.start) / header.interval) - 1)
            times = frame_times(record.start, header.interval, near, 4)
            return min(record.rows, near + int(np.sum(times <= now + 4 * np.spacing(now))))

        resumed = cls.__new__(cls)
        file = GrowingFile.resume(path, *_traces(population), choose, now)
        resumed._begin(file, variable, float(interval_ms))
        return resumed

    def _begin(self, file: GrowingFile, variable: str, interval: float) -> None:
        self._file = file
        self._variable = variable
        self._interval = interval
        self._flushed = time.monotonic()

    @property
    def path(self) -> Path:
        """Where the file is."""
        return self._file.path

    def append(self, times: Floats, values: Floats) -> None:
        """Add samples: times [sample] in ms, values [sample, cell].

        Raises SimulationError when they cannot be written, as `close` does.
        """
        if times.size == 0:
            return
        self._follow(times)
        self._file.append(values)
        if time.monotonic() - self._flushed > FLUSH_EVERY:
            self.close(float(times[-1]))

    def close(self, until: float | None = None) -> None:
        """Bring all samples to the disk; `until` is the time in ms up to which was recorded."""
        start, rows = self._file.start, self._file.rows
        end = start + rows * self._interval
        last = float(frame_times(start, self._interval, rows - 1, 1)[0]) if rows else 0.0
        until = max(self._file.until, last, 0.0 if until is None else float(until))
        self._file.commit(until, **{"mapping/time": (start, end, self._interval)})
        self._flushed = time.monotonic()

    def _follow(self, times: Floats) -> None:
        file = self._file
        if file.rows == 0:
            file.start = float(times[0])
        expected = frame_times(file.start, self._interval, file.rows, times.size)
        off = np.abs(times - expected) > np.maximum(1e-9, 4 * np.spacing(np.abs(expected)))
        if off.any():
            k = int(off.argmax())
            raise SimulationError(
                f"The samples of {self._variable} for '{self.path}' have a gap: the sample at "
                f"{float(times[k])!r} ms should be at {float(expected[k])!r} ms, "
                f"{self._interval:g} ms after the one before. "
                "A file holds one gapless recording; record to memory or to another file."
            )


def _spikes(population: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Where the arrays of spikes are, which ones, and what else changes."""
    return f"spikes/{population}", ("timestamps", "node_ids"), ("stop",)


def _traces(population: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    return f"report/{population}", ("data",), ("mapping/time",)


def _runs(gids: Gids) -> Gids:
    """Gids as half-open runs [run, first and stop], which are few where whole populations are meant."""
    gids = np.unique(gids)
    first = gids[np.flatnonzero(np.diff(gids, prepend=-2) != 1)]
    last = gids[np.flatnonzero(np.diff(gids, append=-2) != 1)]
    return np.stack([first, last + 1], axis=1)


def _map_cells(mapping: h5py.Group, gids: Gids, elements: Elements | None) -> None:
    """Which column is whose, in the words of both libsonata and bmtk."""
    n, begins = len(gids), np.arange(len(gids) + 1, dtype="<u8")
    section, along = (np.zeros(n), np.full(n, 0.5)) if elements is None else elements[:2]
    if elements is not None:
        begins = np.append(np.flatnonzero(np.diff(gids.astype(np.int64), prepend=-1)), n).astype("<u8")
        gids = gids[begins[:-1].astype(np.int64)]
    ids = mapping.create_dataset("node_ids", data=gids)
    ids.attrs["sorted"] = np.uint8(bool(np.all(gids[1:] > gids[:-1])))
    mapping.create_dataset("index_pointers", data=begins)
    mapping["index_pointer"] = mapping["index_pointers"]  # the name that bmtk reads
    mapping.create_dataset("element_ids", data=np.asarray(section, dtype="<u4"))
    mapping.create_dataset("element_pos", data=np.asarray(along, dtype="<f4"))
    for name, column in zip(Elements._fields[2:], () if elements is None else elements[2:], strict=False):
        kind = "<i8" if name == "before" else "<f8"
        mapping.create_dataset(f"element_{name}", data=np.asarray(column, dtype=kind))


def _say(holder: h5py.HLObject, name: str, text: str) -> None:
    """An attribute of text, of fixed length: others stand in a heap in which a damaged file can hold HDF5 for ever."""
    content = as_utf8(text).encode()
    holder.attrs.create(name, content, dtype=h5py.string_dtype(length=max(1, len(content))))


def _check_reach(path: str | os.PathLike[str], until: float, now: float) -> None:
    if until < now:
        raise _other(path, f"it was recorded up to {until:g} ms, and this run goes on from {now:g} ms")


def _other(path: str | os.PathLike[str], why: str) -> DescriptionError:
    return DescriptionError(
        f"Cannot go on with '{path}': {why}. Say the recording as it was when the file was begun, "
        "or give it another file."
    )

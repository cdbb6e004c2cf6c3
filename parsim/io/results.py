"""Result files: spikes and traces in the SONATA layout, appended while a run goes on.

A file is closed between runs, and complete and readable whenever it is closed. Every file carries
its provenance as a JSON text in `/provenance/json`.
"""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from parsim.arrays import Floats, Gids
from parsim.errors import DescriptionError, SimulationError
from parsim.io.provenance import to_json
from parsim.io.reading import frame_times, reason

# What HDF5 1.14 and older can read; locks where the file system has them. Nothing is compressed:
# libsonata's wheel cannot read it, and a chunk that is rewritten after every run would leave holes.
_FORMAT: dict[str, Any] = {"libver": "earliest", "locking": "best-effort", "rdcc_nbytes": 16 * 2**20}

CHUNK = 16_384  # values; 64 KB of traces, 128 KB of spikes' times
FLUSH_EVERY = 10.0  # seconds; what a killed run can lose

_SORTING = h5py.enum_dtype({"none": 0, "by_id": 1, "by_time": 2}, basetype="u1")
_BY_TIME = 2


class SpikeFile:
    """Spikes in (time, gid) order; `append` after `close` opens the file again.

    Making it checks that the folder can be written to and empties an existing result file. The gids
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
        self._group = f"spikes/{population}"
        self._written = 0
        # Writing costs 0.3 ms however little is written, so the spikes of some intervals are collected.
        self._waiting: list[tuple[Floats, Gids]] = []
        self._count = 0  # of spikes, written and waiting
        self._file = _GrowingFile(path)
        with self._file.created(provenance) as file:
            group = file.create_group(self._group)
            group.attrs.create("sorting", _BY_TIME, dtype=_SORTING)
            group.attrs["start"] = float(since)
            if recorded is not None:
                file["provenance/recorded"] = _runs(recorded)
            layout: dict[str, Any] = {"shape": (0,), "maxshape": (None,), "chunks": (CHUNK,)}
            group.create_dataset("timestamps", dtype="<f8", **layout).attrs["units"] = "ms"
            group.create_dataset("node_ids", dtype="<u8", **layout)

    @property
    def path(self) -> Path:
        """Where the file is."""
        return self._file.path

    def append(self, times: Floats, gids: Gids) -> None:
        """Add spikes, already in (time, gid) order and none earlier than those before; times in ms."""
        if times.size:
            self._waiting.append((np.array(times), np.array(gids)))
            self._count += times.size
        if self._count - self._written >= CHUNK or self._file.overdue:
            self._write()

    def close(self, until: float | None = None) -> None:
        """Finish the file; `until` is the time in ms up to which was recorded."""
        self._write()
        if until is not None:
            with self._file.writing(f"{self._group}/timestamps", self._written) as file:
                file[self._group].attrs["stop"] = float(until)
        self._file.close()

    def _write(self) -> None:
        if not self._waiting:
            return
        parts, self._waiting = self._waiting, []
        with self._file.writing(f"{self._group}/timestamps", self._written) as file:
            for name, columns in zip(("timestamps", "node_ids"), zip(*parts, strict=True), strict=True):
                dataset = file[self._group][name]
                dataset.resize((self._count,))
                dataset[self._written :] = np.concatenate(columns)
        self._written = self._count


def _runs(gids: Gids) -> Gids:
    """Gids as half-open runs [run, first and stop], which are few where whole populations are meant."""
    gids = np.unique(gids)
    first = gids[np.flatnonzero(np.diff(gids, prepend=-2) != 1)]
    last = gids[np.flatnonzero(np.diff(gids, append=-2) != 1)]
    return np.stack([first, last + 1], axis=1)


class TraceFile:
    """One variable of some cells at equal intervals, stored as float32 as SONATA asks.

    `append` after `close` opens the file again; a gap between samples is an error, because the file
    keeps only the first time and the interval (ms).
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
    ) -> None:
        self._group = f"report/{population}"
        self._variable = variable
        self._interval = float(interval_ms)
        self._start = 0.0
        self._frames = 0
        self._cells = len(gids)
        self._file = _GrowingFile(path)
        with self._file.created(provenance) as file:
            group = file.create_group(self._group)
            group.attrs["variable"] = variable
            wide = max(1, min(self._cells, 1024))
            data = group.create_dataset(
                "data",
                dtype="<f4",
                shape=(0, self._cells),
                maxshape=(None, self._cells or None),
                chunks=(max(1, CHUNK // wide), wide),
            )
            data.attrs["units"] = unit
            _map_cells(group.create_group("mapping"), np.asarray(gids, dtype="<u8"), self._interval)

    @property
    def path(self) -> Path:
        """Where the file is."""
        return self._file.path

    def append(self, times: Floats, values: Floats) -> None:
        """Add samples: times [sample] in ms, values [sample, cell]."""
        if times.size == 0:
            return
        self._follow(times)
        with self._file.writing(f"{self._group}/data", self._frames) as file:
            stop = self._frames + times.size
            data = file[self._group]["data"]
            data.resize((stop, self._cells))
            data[self._frames :] = values
            end = self._start + stop * self._interval
            file[self._group]["mapping/time"][:] = (self._start, end, self._interval)
            self._frames = stop

    def close(self) -> None:
        """Finish the file."""
        self._file.close()

    def _follow(self, times: Floats) -> None:
        if self._frames == 0:
            self._start = float(times[0])
        expected = frame_times(self._start, self._interval, self._frames, times.size)
        off = np.abs(times - expected) > np.maximum(1e-9, 4 * np.spacing(np.abs(expected)))
        if off.any():
            k = int(off.argmax())
            raise SimulationError(
                f"The samples of {self._variable} for '{self.path}' have a gap: the sample at "
                f"{float(times[k])!r} ms should be at {float(expected[k])!r} ms, "
                f"{self._interval:g} ms after the one before. "
                "A file holds one gapless recording; record to memory or to another file."
            )


def _map_cells(mapping: h5py.Group, gids: Gids, interval: float) -> None:
    """Which column is whose, in the words of both libsonata and bmtk."""
    n = len(gids)
    ids = mapping.create_dataset("node_ids", data=gids)
    ids.attrs["sorted"] = np.uint8(bool(np.all(gids[1:] > gids[:-1])))
    mapping.create_dataset("index_pointers", data=np.arange(n + 1, dtype="<u8"))
    mapping["index_pointer"] = mapping["index_pointers"]  # the name that bmtk reads
    mapping.create_dataset("element_ids", data=np.zeros(n, dtype="<u4"))
    mapping.create_dataset("element_pos", data=np.full(n, 0.5, dtype="<f4"))
    when = mapping.create_dataset("time", data=np.array([0.0, 0.0, interval], dtype="<f8"))
    when.attrs["units"] = "ms"


class _GrowingFile:
    """An HDF5 file that is made once, opened when something is to be written, and closed in between."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = _writable(path)
        self._open: h5py.File | None = None
        self._flushed = time.monotonic()

    @property
    def overdue(self) -> bool:
        """Has nothing reached the disk for a while?"""
        return time.monotonic() - self._flushed > FLUSH_EVERY

    @contextmanager
    def created(self, provenance: Mapping[str, Any]) -> Iterator[h5py.File]:
        """The new file with what every SONATA file has at its root; closed afterwards."""
        try:
            file = h5py.File(self.path, "w", **_FORMAT)
        except OSError as error:
            raise DescriptionError(
                f"Cannot write results to '{self.path}': {reason(error)}. "
                "Choose another file, or remove what is in the way."
            ) from None
        with file:
            file.attrs["version"] = np.array([0, 1], dtype="<u4")
            file.attrs["magic"] = np.uint32(0x0A7A)
            file.create_dataset("provenance/json", data=to_json(provenance), dtype=h5py.string_dtype())
            yield file

    @contextmanager
    def writing(self, dataset: str, length: int) -> Iterator[h5py.File]:
        """The file, opened if need be; `dataset` must still be as long as it was left."""
        try:
            if self._open is None:
                self._open = h5py.File(self.path, "r+", **_FORMAT)
                self._expect(dataset, length)
            yield self._open
            if self.overdue:
                self._open.flush()
                self._flushed = time.monotonic()
        except OSError as error:
            raise SimulationError(f"Cannot write to '{self.path}': {reason(error)}.") from None

    def _expect(self, dataset: str, length: int) -> None:
        assert self._open is not None
        if dataset not in self._open or self._open[dataset].shape[0] != length:
            self.close()
            raise SimulationError(
                f"'{self.path}' was changed since this recording wrote to it. "
                "Give each recording its own file."
            )

    def close(self) -> None:
        if self._open is not None:
            file, self._open = self._open, None
            try:
                file.close()
            except OSError as error:
                raise SimulationError(f"Cannot finish '{self.path}': {reason(error)}.") from None


def _writable(path: str | os.PathLike[str]) -> Path:
    """The absolute path of a result file that can be made, or an error that says why not."""
    try:
        target = Path(path).absolute()
    except TypeError:
        raise DescriptionError(f"{path!r} is not the name of a file. Give one such as 'spikes.h5'.") from None
    problem = ""
    if target.is_dir():
        problem = "it is a folder. Add the name of a file, such as 'spikes.h5'"
    elif not target.parent.is_dir():
        problem = f"the folder '{target.parent}' does not exist. Make it with: mkdir -p '{target.parent}'"
    elif not os.access(target if target.exists() else target.parent, os.W_OK):
        problem = f"you may not write there. Choose another folder than '{target.parent}'"
    elif target.exists() and target.stat().st_size > 0 and not h5py.is_hdf5(target):
        problem = "it exists and is not a result file. Choose another name, or remove it first"
    if problem:
        raise DescriptionError(f"Cannot write results to '{path}': {problem}.")
    return target

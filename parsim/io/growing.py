"""A result file: made whole, then grown by transactions that HDF5 has no part in.

    append   rows go where no reader looks yet
    commit   they are forced to the disk; then one short write says that they are there

So the file is complete for every reader at any time, whatever ends the process, and an error is heard
where it happens. A file that failed once is not touched again.
"""

import os
import signal
import stat
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

import h5py
import numpy as np

from parsim.errors import DescriptionError, SimulationError
from parsim.io import layout, seal
from parsim.io.layout import Allocate, ChunkIndex, Read
from parsim.io.opened import opened, reason
from parsim.io.provenance import to_json
from parsim.io.reading import kind_of, verified

_sync: Callable[[int], None] = getattr(os, "fdatasync", os.fsync)


class GrowingFile:
    """The arrays of one group in a file, which grow together by whole rows.

    `arrays` are their names; `small` those of attributes and compact datasets of the group that every commit may
    change.
    """

    def __init__(
        self,
        path: Path,
        place: str,
        arrays: tuple[str, ...],
        small: tuple[str, ...],
        file: h5py.File,
        read: Read,
    ) -> None:
        _heed_size_limits()
        self.path = path
        self.rows, self.start, self.until = 0, 0.0, 0.0
        self._token = os.urandom(16)
        self._fixed = seal.fixed_sum(file, place)
        group = file[place]
        self._columns = [_Column(group[name], read) for name in arrays]
        self._record_at = layout.compact_at(read, file[seal.RECORD])
        self._small_at = {
            name: layout.attribute_at(read, group, name)
            if name in group.attrs
            else layout.compact_at(read, group[name])
            for name in small
        }
        (self._end,) = struct.unpack("<Q", read(layout.END, 8))
        last = max([self._record_at, *self._small_at.values(), *(column.tree_at for column in self._columns)])
        self._header = read(
            0, last + seal.SIZE
        )  # what is in the file, up to the last place that a commit changes
        self._dirty = False  # rows wait for a commit
        self._failed = ""

    @classmethod
    def create(
        cls,
        path: str | os.PathLike[str],
        place: str,
        arrays: tuple[str, ...],
        small: tuple[str, ...],
        provenance: Mapping[str, Any],
        fill: Callable[[h5py.File, h5py.Group], None],
        start: float = 0.0,
    ) -> Self:
        """A new file, whose group `fill` fills, `arrays` first; an older result stays until the new one is complete."""
        target = _writable(path)
        name = os.urandom(16).hex()  # HDF5 takes files in memory for one when they have one name
        with h5py.File(name, "w", libver="earliest", driver="core", backing_store=False) as file:
            # What changes comes first, so that it is within one page of the disk.
            file.attrs["version"] = np.array([0, 1], dtype="<u4")
            file.attrs["magic"] = np.uint32(0x0A7A)
            file.attrs[seal.MARK] = np.uint8(1)
            record = compact(file, None, np.zeros(seal.SIZE, np.uint8))
            group = file.create_group(None)
            fill(file, group)
            file[place], file[seal.RECORD] = group, record
            if provenance:
                text = to_json(provenance).encode()
                file.create_dataset("provenance/json", data=text, dtype=h5py.string_dtype(length=len(text)))
            file.flush()
            image = file.id.get_file_image()
            made = cls(target, place, arrays, small, file, lambda at, size: image[at : at + size])
        made.start = made.until = start
        made._header = made._next_header({})
        try:
            _replace(target, made._header + image[len(made._header) :])
        except OSError as error:
            raise DescriptionError(
                f"Cannot write results to '{path}': {reason(error)}. "
                "Choose another file, or remove what is in the way."
            ) from None
        return made

    @classmethod
    def resume(
        cls,
        path: str | os.PathLike[str],
        place: str,
        arrays: tuple[str, ...],
        small: tuple[str, ...],
        choose: Callable[[h5py.File, seal.Record], int],
        until: float,
    ) -> Self:
        """A file that is there, to go on after the rows that `choose` names; it stays as it is until the next commit.

        Chunks of kept rows stay where they are, but the last if it is not full, which is begun anew; what came after is
        left behind.
        """
        with opened(path) as file, open(path, "rb") as raw:

            def read(at: int, size: int) -> bytes:
                return os.pread(raw.fileno(), size, at)

            record = verified(file, place)
            if record is None:
                raise ValueError("it was not written by this version of parsim")
            found = cls(Path(os.path.realpath(path)), place, arrays, small, file, read)
            found.rows, found.start, found.until = choose(file, record), record.start, until
            begun = []
            for column, name, total in zip(found._columns, arrays, record.sums, strict=False):
                begun.append(column.keep(file[place][name], found.rows, record.rows, total, found._allocate))
        if any(len(rows) for rows in begun):
            with found._writing() as descriptor:
                for column, rows in zip(found._columns, begun, strict=True):
                    for address, content in column.place(rows, found._allocate):
                        _write(descriptor, content, address)
        found._dirty = True
        return found

    # ---- growing ---------------------------------------------------------------------------------

    def append(self, *values: np.ndarray) -> None:
        """Add rows to each array. They are part of the file after the next `commit`."""
        with self._writing() as descriptor:
            for column, rows in zip(self._columns, values, strict=True):
                for address, content in column.place(rows, self._allocate):
                    _write(descriptor, content, address)
            self.rows += len(values[0])
            self._dirty = True

    def commit(self, until: float, **small: Any) -> None:
        """All that was appended, and these small values, to the disk: recorded up to `until` ms."""
        if self._failed:
            raise SimulationError(self._failed)
        self.until = until
        nodes = [node for column in self._columns for node in column.index.take_nodes(self._allocate)]
        header = self._next_header(small)
        if not self._dirty and header == self._header:
            return
        with self._writing() as descriptor:
            if self._dirty:
                for address, node in nodes:
                    _write(descriptor, node, address)
                if os.fstat(descriptor).st_size < self._end:  # the last chunk is not full
                    os.ftruncate(descriptor, self._end)
                _sync(descriptor)
            _write(descriptor, header[layout.END :], layout.END)
            _sync(descriptor)
            self._header, self._dirty = header, False

    def _next_header(self, small: Mapping[str, Any]) -> bytes:
        header = bytearray(self._header)
        sums = [column.sum for column in self._columns]
        record = seal.Record(
            self._token, self.rows, self.start, self.until, (sums[0], sums[-1]), self._fixed
        )  # fmt: skip
        places = {layout.END: struct.pack("<Q", self._end), self._record_at: record.packed()}
        for column in self._columns:
            places[column.extent_at] = struct.pack("<Q", self.rows)
            places[column.tree_at] = struct.pack("<Q", column.index.root)
        for name, value in small.items():
            places[self._small_at[name]] = np.asarray(value, dtype="<f8").tobytes()
        for at, content in places.items():
            header[at : at + len(content)] = content
        return bytes(header)

    def _allocate(self, size: int) -> int:
        address = self._end
        self._end += -(-size // 8) * 8
        return address

    @contextmanager
    def _writing(self) -> Iterator[int]:
        """The file's descriptor, if the file is as it was left. Whatever goes wrong is the last that is done to it."""
        if self._failed:
            raise SimulationError(self._failed)
        try:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CLOEXEC)
            try:
                if os.pread(descriptor, len(self._header), 0) != self._header:
                    raise SimulationError(
                        f"'{self.path}' was changed since this recording wrote to it. "
                        "Give each recording its own file."
                    )
                yield descriptor
            finally:
                os.close(descriptor)
        except BaseException as error:
            self._failed = (
                f"Cannot write to '{self.path}': {reason(error)}. It keeps what was complete before."
                if isinstance(error, OSError)
                else str(error) or f"Writing to '{self.path}' was interrupted."
            )
            if isinstance(error, OSError):
                raise SimulationError(self._failed) from None
            raise


class _Column:
    """One array: where its rows go. Chunks are as wide as the array, or stand side by side."""

    def __init__(self, dataset: h5py.Dataset, read: Read) -> None:
        self.dtype, self.sum = dataset.dtype, 0
        self.extent_at, self.tree_at = layout.extent_at(read, dataset), layout.tree_at(read, dataset)
        self.index = ChunkIndex(dataset.chunks, dataset.dtype.itemsize)
        self._rank = len(dataset.chunks)
        self._deep, self._wide = (*dataset.chunks, 1)[:2]
        self._width = (*dataset.shape, 1)[1]
        self._chunks: list[int] = []  # that the next rows go into, side by side
        self._rows = 0

    def place(self, values: np.ndarray, allocate: Allocate) -> Iterator[tuple[int, bytes | memoryview]]:
        """Addresses for these rows, and what is to be written there."""
        values = np.ascontiguousarray(values, dtype=self.dtype)
        self.sum = seal.sum_of(values, self.sum)
        values = values.reshape(len(values), self._width)
        at = 0
        while at < len(values):
            inside, until = (
                self._rows % self._deep,
                min(len(values), at + self._deep - self._rows % self._deep),
            )
            if inside == 0:
                self._enter([allocate(self.index.bytes) for _ in self._across()], allocate)
            for address, first in zip(self._chunks, self._across(), strict=True):
                part = values[at:until, first : first + self._wide]
                if part.shape[1] < self._wide:
                    part = np.pad(part, ((0, 0), (0, self._wide - part.shape[1])))
                content = np.ascontiguousarray(part).data.cast("B")
                yield address + inside * self._wide * self.dtype.itemsize, content
            self._rows, at = self._rows + until - at, until

    def keep(
        self, dataset: h5py.Dataset, rows: int, complete: int, total: int, allocate: Allocate
    ) -> np.ndarray:
        """Enter the chunks that the first `rows` rows fill; the rows that are left. `complete` rows sum to `total`."""
        whole = rows - rows % self._deep
        self.sum, found = seal.sums_of(dataset, self.dtype, [whole, complete])
        if found != total:
            raise ValueError(f"{dataset.name} is not what was written")
        while self._rows < whole:
            infos = [
                dataset.id.get_chunk_info_by_coord((self._rows, first)[: self._rank])
                for first in self._across()
            ]
            self._enter([info.byte_offset for info in infos], allocate)
            self._rows += self._deep
        rest: np.ndarray = dataset[whole:rows]
        return rest

    def _enter(self, addresses: list[int], allocate: Allocate) -> None:
        self._chunks = addresses
        for address, first in zip(addresses, self._across(), strict=True):
            self.index.append((self._rows, first)[: self._rank], address, allocate)

    def _across(self) -> range:
        return range(0, self._width, self._wide)


def compact(file: h5py.File, name: str | None, values: np.ndarray) -> h5py.Dataset:
    """A small dataset whose values stand in its header, where they can be found and changed."""
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_layout(h5py.h5d.COMPACT)
    return file.create_dataset(name, data=values, dcpl=plist)


def _write(descriptor: int, content: bytes | memoryview, at: int) -> None:
    """All of it: the system may write less than it is given."""
    rest = memoryview(content)
    while rest:
        done = os.pwrite(descriptor, rest, at)
        rest, at = rest[done:], at + done


def _replace(target: Path, content: bytes) -> None:
    """The file with this content, in place of an older one when all of it is on the disk."""
    unfinished = target.with_name(f"{target.name}.{os.urandom(4).hex()}.unfinished")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        try:
            if target.exists():
                os.fchmod(descriptor, stat.S_IMODE(target.stat().st_mode))
            _write(descriptor, content, 0)
            _sync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(unfinished, target)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    with suppress(OSError):  # not every file system can sync a folder
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _heed_size_limits() -> None:
    """A limit on the size of files is to be an error of a write, not the end of the process."""
    if threading.current_thread() is threading.main_thread():
        if signal.getsignal(signal.SIGXFSZ) == signal.SIG_DFL:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


def _writable(path: str | os.PathLike[str]) -> Path:
    """Where a result file is to be, links followed; or an error that says why it cannot be made."""
    try:
        target = Path(os.path.realpath(path))
        exists = target.exists()
    except (TypeError, ValueError, OSError):
        raise DescriptionError(f"{path!r} is not the name of a file. Give one such as 'spikes.h5'.") from None
    problem = ""
    if target.is_dir():
        problem = "it is a folder. Add the name of a file, such as 'spikes.h5'"
    elif not target.parent.is_dir():
        problem = f"the folder '{target.parent}' does not exist. Make it with: mkdir -p '{target.parent}'"
    elif not os.access(target.parent, os.W_OK) or (exists and not os.access(target, os.W_OK)):
        problem = f"you may not write there. Choose another folder than '{target.parent}'"
    elif exists and not _is_result(target):
        problem = "it exists and is not a result file. Choose another name, or remove it first"
    if problem:
        raise DescriptionError(f"Cannot write results to '{path}': {problem}.")
    return target


def _is_result(target: Path) -> bool:
    """May this file be replaced? An empty one, such as mktemp makes, may be."""
    if target.is_file() and target.stat().st_size == 0:
        return True
    try:
        return bool(kind_of(target))
    except DescriptionError:
        return False

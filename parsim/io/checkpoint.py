"""A simulation's state in a file: arrays by name, each with a checksum, and a few words as JSON.

    first line | the arrays, one after another | contents, as JSON | Tail: where the contents are, checksums

A format of its own, because every byte has to be written where an error is heard, whatever the size of the whole,
and nothing damaged may be read as a number. A checkpoint is written beside the file that it replaces.
"""

import json
import os
import struct
import uuid
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsim.errors import DescriptionError, SimulationError
from parsim.given.plain import as_path

MARK = b"parsim checkpoint "
FIRST = MARK + b"1\n"
_TAIL = struct.Struct(
    "<QQII24s"
)  # where the contents begin, their size and checksum, that of these three, the end
LAST = b"end of parsim checkpoint"
PIECE = 1 << 24  # bytes read at a time where nothing is kept


class FileEntry(NamedTuple):
    """An array in the file."""

    dtype: str
    shape: list[int]
    begin: int
    checksum: int

    @property
    def size(self) -> int:
        """Its bytes."""
        return np.dtype(self.dtype).itemsize * int(np.prod(self.shape, dtype=np.int64))


def checkpoint_path(path: Any, what: str) -> Path:
    """The absolute path that was given, links followed."""
    return Path(os.path.realpath(as_path(os.fsdecode(path) if isinstance(path, bytes) else path, what)))


# ---- writing ------------------------------------------------------------------------------------------


class CheckpointWriter:
    """A checkpoint under a name of its own, until `finish` gives it the one that was asked for.

    Making it checks that nothing but a checkpoint would be replaced.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._entries: dict[str, FileEntry] = {}
        refuse_to_replace(path)
        self._unfinished = path.with_name(f"{path.name}.{uuid.uuid4().hex[:8]}.unfinished")
        try:
            self._file: IO[bytes] = open(self._unfinished, "xb", buffering=0)
        except (OSError, ValueError) as error:
            raise DescriptionError(f"Cannot write the checkpoint '{path}': {reason(error)}.") from None
        try:
            with self._heard():
                self._write(FIRST)
        except BaseException:
            self.discard()
            raise

    def put(self, name: str, values: NDArray[Any]) -> None:
        """Write an array."""
        values = np.ascontiguousarray(values)
        data = bytes_of(values)
        with self._heard():
            entry = FileEntry(values.dtype.str, list(values.shape), self._file.tell(), zlib.crc32(data))
            self._write(data)
        self._entries[name] = entry

    def finish(self, about: Mapping[str, Any]) -> None:
        """Write the contents, wait until all is on the disk, and put the file in its place."""
        contents = json.dumps({"about": about, "arrays": self._entries}).encode()
        with self._heard():
            head = struct.pack("<QQI", self._file.tell(), len(contents), zlib.crc32(contents))
            self._write(contents)
            self._write(head + struct.pack("<I24s", zlib.crc32(head), LAST))
            os.fsync(self._file.fileno())
            self._file.close()
            os.replace(self._unfinished, self.path)
            sync_folder(self.path.parent)

    def discard(self) -> None:
        """Leave nothing behind, unless it is finished."""
        with suppress(OSError):
            self._file.close()
        with suppress(OSError):
            os.unlink(self._unfinished)

    def _write(self, data: Any) -> None:
        rest = memoryview(data)
        while rest.nbytes:
            rest = rest[self._file.write(rest) :]

    @contextmanager
    def _heard(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise SimulationError(
                f"Cannot write the checkpoint '{self.path}': {reason(error)}. What was there before is untouched."
            ) from None


def refuse_to_replace(path: Path) -> None:
    """An error where something stands that is no checkpoint."""
    problem = ""
    try:
        if path.is_dir():
            problem = "it is a folder. Add the name of a file, such as 'state.ckpt'"
        elif path.exists():
            if not path.is_file() or (path.stat().st_size > 0 and not is_checkpoint(path)):
                problem = "it exists and is not a checkpoint. Choose another name, or remove it first"
        elif not path.parent.is_dir():
            problem = f"the folder '{path.parent}' does not exist. Make it with: mkdir -p '{path.parent}'"
    except (OSError, ValueError) as error:
        problem = reason(error)
    if problem:
        raise DescriptionError(f"Cannot write the checkpoint '{path}': {problem}.")


def is_checkpoint(path: Path) -> bool:
    """Does a file begin as a checkpoint does?"""
    with open(path, "rb") as file:
        return file.read(len(MARK)) == MARK


def bytes_of(values: NDArray[Any]) -> memoryview:
    """The bytes of an array without gaps, to be read or written."""
    plain: Any = values.reshape(-1).view(np.uint8) if values.size else b""
    return memoryview(plain)


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk, where the file system can say so."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def reason(error: Exception) -> str:
    """What the system says, without number and path."""
    return getattr(error, "strerror", None) or str(error)


# ---- reading ------------------------------------------------------------------------------------------


class Checkpoint:
    """A checkpoint that is read: `about`, and arrays when they are asked for, each checked as it is read.

    Raises
    ------
    DescriptionError
        It is none, or it is damaged. Also while reading.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            # A pipe would keep us waiting for somebody who writes to it.
            opened = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
            self._file: IO[bytes] = os.fdopen(opened, "rb", buffering=0)
        except (OSError, ValueError) as error:
            raise DescriptionError(f"{path} cannot be read as a checkpoint: {reason(error)}.") from None
        try:
            contents = self._contents()
        except OSError as error:
            self.close()
            raise DescriptionError(f"{path} cannot be read as a checkpoint: {reason(error)}.") from None
        except Exception:
            self.close()
            raise
        self.about: dict[str, Any] = contents["about"]
        self._entries = {name: FileEntry(*entry) for name, entry in contents["arrays"].items()}

    def _contents(self) -> dict[str, Any]:
        size = os.fstat(self._file.fileno()).st_size
        first = self._bytes(0, min(len(FIRST), size))
        tail = self._bytes(size - _TAIL.size, _TAIL.size) if size >= len(FIRST) + _TAIL.size else b""
        if first != FIRST and not FIRST.startswith(first) and not tail.endswith(LAST):
            if first.startswith(MARK) and first.endswith(b"\n"):
                raise DescriptionError(
                    f"{self.path} was saved by another version of parsim, which is needed."
                )
            raise DescriptionError(
                f"{self.path} cannot be read as a checkpoint: it is no file that Simulation.save has written."
            )
        if first != FIRST or not tail.endswith(LAST):
            raise self._damaged("its beginning or end is missing, or was changed")
        begin, length, checksum, own, _ = _TAIL.unpack(tail)
        if own != zlib.crc32(tail[:20]) or begin + length + _TAIL.size != size:
            raise self._damaged("it has not the size that it should have")
        contents = self._bytes(begin, length)
        if zlib.crc32(contents) != checksum:
            raise self._damaged("its table of contents does not fit its checksum")
        found: dict[str, Any] = json.loads(contents)
        return found

    def __enter__(self) -> "Checkpoint":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def close(self) -> None:
        """Read no more."""
        self._file.close()

    @property
    def names(self) -> list[str]:
        """Of all arrays."""
        return list(self._entries)

    def read(self, name: str) -> NDArray[Any]:
        """An array."""
        entry = self._entries[name]
        values = np.empty(entry.shape, entry.dtype)
        data = bytes_of(values)
        self._read_into(entry.begin, data)
        if zlib.crc32(data) != entry.checksum:
            raise self._damaged(f"'{name}' does not fit its checksum")
        return values

    def blocks(self, folder: str) -> Iterator[dict[str, NDArray[Any]]]:
        """The arrays of `folder/0`, `folder/1`, ... by name."""
        names: dict[str, list[str]] = {}
        for name in self._entries:
            if name.startswith(folder + "/"):
                block, _, column = name.removeprefix(folder + "/").partition("/")
                names.setdefault(block, []).append(column)
        for block, columns in names.items():
            yield {column: self.read(f"{folder}/{block}/{column}") for column in columns}

    def verify(self) -> None:
        """Read all of it, keeping nothing."""
        for name, entry in self._entries.items():
            checksum = 0
            for begin in range(0, entry.size, PIECE):
                data = self._bytes(entry.begin + begin, min(PIECE, entry.size - begin))
                checksum = zlib.crc32(data, checksum)
            if checksum != entry.checksum:
                raise self._damaged(f"'{name}' does not fit its checksum")

    def _bytes(self, begin: int, length: int) -> bytearray:
        data = bytearray(length)
        self._read_into(begin, memoryview(data))
        return data

    def _read_into(self, begin: int, data: memoryview) -> None:
        done = 0
        while done < data.nbytes:
            try:
                n = os.preadv(self._file.fileno(), [data[done:]], begin + done)
            except OSError as error:
                raise DescriptionError(f"{self.path} cannot be read: {reason(error)}.") from None
            if n == 0:
                raise self._damaged("it is shorter than it was")
            done += n

    def _damaged(self, how: str) -> DescriptionError:
        return DescriptionError(
            f"{self.path} is damaged: {how}. Restore an older checkpoint, or run from the beginning."
        )


def read_checkpoint(path: str | os.PathLike[str]) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """All of a checkpoint: what was said about it, and its arrays by name."""
    with Checkpoint(checkpoint_path(path, "read_checkpoint")) as file:
        return file.about, {name: file.read(name) for name in file.names}

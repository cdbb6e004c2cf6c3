"""What makes a damaged result file known: sums of all that is in it, kept in the file itself.

HDF5 guards neither numbers nor structure in the format that all readers know. So a file of ours holds CRC-32 sums of
its values as they are read, not as they lie on the disk: they stay right when HDF5's tools repack or copy the file.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import h5py
import numpy as np

MARK = "sealed"  # an attribute of the root; a file has both this and the record, or it is damaged
RECORD = "provenance/check"
BLOCK = 2**24  # bytes that are summed at a time

_FORM = struct.Struct("<16sQddIII")
SIZE = _FORM.size + 4


class Record(NamedTuple):
    """What a file says about itself each time that it has grown."""

    token: bytes  # of the recording that writes: 16 random bytes
    rows: int
    start: float  # ms
    until: float  # ms: recorded up to here
    sums: tuple[int, int]  # of the arrays that grow
    fixed: int  # of what is written once

    def packed(self) -> bytes:
        """The bytes that `unpacked` understands, with a sum of their own."""
        text = _FORM.pack(*self[:4], *self.sums, self.fixed)
        return text + struct.pack("<I", zlib.crc32(text))


def unpacked(text: bytes) -> Record:
    """The record in these bytes; a ValueError when they are damaged."""
    if len(text) != SIZE or struct.pack("<I", zlib.crc32(text[:-4])) != text[-4:]:
        raise ValueError("its record of sums is not what was written")
    token, rows, start, until, first, second, fixed = _FORM.unpack(text[:-4])
    return Record(token, rows, start, until, (first, second), fixed)


def record_of(file: h5py.File) -> Record | None:
    """The record of a file; None for files of others."""
    if MARK not in file.attrs and RECORD not in file:
        return None
    return unpacked(np.asarray(whole(file[RECORD]), dtype=np.uint8).tobytes())


def sum_of(values: Any, before: int = 0) -> int:
    """The sum of an array's values, gone on with from `before`."""
    return zlib.crc32(np.ascontiguousarray(values).data.cast("B") if values.size else b"", before)


def sums_of(dataset: h5py.Dataset, dtype: Any, stops: list[int]) -> list[int]:
    """The sums of the first rows up to each of `stops`, which ascend, read a block at a time."""
    many = max(1, BLOCK // (np.dtype(dtype).itemsize * max(1, int(np.prod(dataset.shape[1:])))))
    found, total, at = [], 0, 0
    for stop in stops:
        while at < stop:
            until = min(stop, at + many)
            total = sum_of(dataset[at:until].astype(dtype), total)
            at = until
        found.append(total)
    return found


def fixed_sum(file: h5py.File, place: str) -> int:
    """The sum of what is written once: where the arrays are, their units, their cells, how they came about."""
    total = zlib.crc32(place.encode())
    for name, value in _fixed(file, place):
        array = np.asarray(value)
        total = zlib.crc32(f"{name} {array.dtype.str} {array.shape}".encode(), total)
        total = zlib.crc32(array.tobytes(), total)
    return total


def _fixed(file: h5py.File, place: str) -> Iterator[tuple[str, Any]]:
    places = (f"mapping/element_{name}" for name in ("x", "y", "z", "distance", "diam", "before"))
    for name in (
        "mapping/node_ids", "mapping/index_pointers", *places, "/provenance/recorded", "/provenance/json",
    ):  # fmt: skip
        if (found := file[place].get(name)) is not None:
            yield name, whole(found)
    for name, key in (
        (".", "sorting"),
        (".", "start"),
        (".", "variable"),
        ("timestamps", "units"),
        ("data", "units"),
    ):
        if (found := file[place].get(name)) is not None and key in found.attrs:
            yield f"{name}@{key}", found.attrs[key]
    if "mapping/time" in file[place]:
        yield "interval", whole(file[place]["mapping/time"])[2]


def whole(dataset: Any) -> Any:
    """All values of a dataset; a ValueError when it claims to be larger than its file."""
    if not isinstance(dataset, h5py.Dataset):
        raise ValueError(f"it has no array {dataset!r:.60}")
    within(dataset)
    return dataset[()]


def within(dataset: h5py.Dataset) -> None:
    """A ValueError when a dataset claims to hold more values than its file can."""
    room = dataset.file.id.get_filesize() * (1 if dataset.id.get_create_plist().get_nfilters() == 0 else 2000)
    if dataset.dtype.itemsize * int(np.prod(dataset.shape, dtype=object)) > room:
        raise ValueError(f"{dataset.name} would hold {dataset.shape} values, more than the file has room for")

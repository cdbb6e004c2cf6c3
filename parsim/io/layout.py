"""The few places of an HDF5 file that parsim writes without HDF5: sizes of arrays, small values, the index of chunks.

HDF5 keeps what is to be written in memory; when it cannot bring that to the disk, errors are lost, the file
breaks and the process crashes. So HDF5 makes our files, and what grows in them is written by our own hand.
The numbers are those of the HDF5 File Format Specification for what `libver="earliest"` makes: superblock
0, object headers 1, layouts 3, B-trees 1.
"""

import math
import struct
from collections.abc import Callable
from typing import NamedTuple

import h5py

END = 40  # where the superblock says how long the file is
FANOUT = 64  # entries of a node of a B-tree of chunks, unless a superblock says otherwise
NOWHERE = 2**64 - 1

Read = Callable[[int, int], bytes]  # bytes of a file: offset, how many
Allocate = Callable[[int], int]  # room for so many bytes: its address

_EXTENT, _LAYOUT, _ATTRIBUTE, _CONTINUATION = 0x01, 0x08, 0x0C, 0x10


def extent_at(read: Read, dataset: h5py.Dataset) -> int:
    """Where the length of a dataset's first axis stands, 8 bytes."""
    at = _message(read, dataset, _EXTENT)
    _expect(read(at, 1) == b"\x01")
    return at + 8


def tree_at(read: Read, dataset: h5py.Dataset) -> int:
    """Where the address of the B-tree of a dataset's chunks stands, 8 bytes."""
    at = _message(read, dataset, _LAYOUT)
    _expect(read(at, 2) == b"\x03\x02")
    return at + 3


def compact_at(read: Read, dataset: h5py.Dataset) -> int:
    """Where the values of a compact dataset stand."""
    at = _message(read, dataset, _LAYOUT)
    _expect(read(at, 2) == b"\x03\x00")
    return at + 4


def attribute_at(read: Read, group: h5py.Group, name: str) -> int:
    """Where the value of an attribute stands."""
    at = _message(read, group, _ATTRIBUTE, name.encode() + b"\0")
    _, _, *sizes = struct.unpack("<BBHHH", read(at, 8))
    return at + 8 + sum(-(-size // 8) * 8 for size in sizes)


def _message(read: Read, holder: h5py.HLObject, kind: int, name: bytes = b"") -> int:
    """Where a message of an object's header begins; that of an attribute by its name."""
    header = h5py.h5o.get_info(holder.id).addr
    _expect(read(header, 1) == b"\x01")
    blocks = [(header + 16, *struct.unpack("<I", read(header + 8, 4)))]
    for begin, size in blocks:
        at = begin
        while at + 8 <= begin + size:
            found, length = struct.unpack("<HH", read(at, 4))
            at += 8
            if found == kind and (not name or read(at + 8, len(name)) == name):
                return at
            if found == _CONTINUATION:
                blocks.append(struct.unpack("<QQ", read(at, 16)))
            at += length
    raise ValueError(f"no message {kind} in the header at {header}")


def _expect(right: bool) -> None:
    if not right:
        raise ValueError("not the format that parsim writes")


class ChunkIndex:
    """Which chunk of an array is where in the file: a B-tree that grows at its end.

    What is in the file is never written over: a tree that has grown has new nodes along its end, up to a new root.
    """

    def __init__(self, chunk: tuple[int, ...], itemsize: int) -> None:
        self.root = NOWHERE
        self.bytes = itemsize * math.prod(chunk)
        self._chunk, self._itemsize = chunk, itemsize
        self._node_size = 24 + 8 * FANOUT + (FANOUT + 1) * (16 + 8 * len(chunk))
        self._spine: list[_Node] = []  # the last node of each level, from the leaves up
        self._bound = b""  # the key after all chunks
        self._ready: list[tuple[int, bytes]] = []

    def append(self, offset: tuple[int, ...], address: int, allocate: Allocate) -> None:
        """Enter the chunk whose first element is at `offset`, after all others."""
        after = (begin + extent for begin, extent in zip(offset, self._chunk, strict=True))
        self._bound = struct.pack(f"<II{len(offset) + 1}Q", 0, 0, *after, self._itemsize)
        self._add(0, struct.pack(f"<II{len(offset) + 1}Q", self.bytes, 0, *offset, 0), address, allocate)

    def take_nodes(self, allocate: Allocate) -> list[tuple[int, bytes]]:
        """Addresses and contents of the nodes that make `root` the tree of all chunks."""
        if self._bound:
            level, first, below = 0, b"", NOWHERE
            while level < len(self._spine):
                if level and len(self._spine[level].children) == FANOUT:
                    self._finish(level, first, allocate)
                node = self._spine[level]
                keys, children = node.keys, node.children
                if level:
                    keys, children = [*keys, first], [*children, below]
                first, below = keys[0], self._put(level, node.left, keys, children, self._bound, allocate)
                level += 1
            self.root, self._bound = below, b""
        ready, self._ready = self._ready, []
        return ready

    def _add(self, level: int, key: bytes, child: int, allocate: Allocate) -> None:
        if level == len(self._spine):
            self._spine.append(_Node([], [], NOWHERE))
        if len(self._spine[level].children) == FANOUT:
            self._finish(level, key, allocate)
        self._spine[level].keys.append(key)
        self._spine[level].children.append(child)

    def _finish(self, level: int, after: bytes, allocate: Allocate) -> None:
        """A node is full: it gets its place for good, and another one begins with the key `after`."""
        node = self._spine[level]
        address = self._put(level, node.left, node.keys, node.children, after, allocate)
        self._spine[level] = _Node([], [], address)
        self._add(level + 1, node.keys[0], address, allocate)

    def _put(
        self, level: int, left: int, keys: list[bytes], children: list[int], bound: bytes, allocate: Allocate
    ) -> int:
        head = struct.pack("<4sBBHQQ", b"TREE", 1, level, len(children), left, NOWHERE)
        entries = (key + struct.pack("<Q", child) for key, child in zip(keys, children, strict=True))
        address = allocate(self._node_size)
        self._ready.append((address, (head + b"".join(entries) + bound).ljust(self._node_size, b"\0")))
        return address


class _Node(NamedTuple):
    """Children that have their place in the file, and the key before each."""

    keys: list[bytes]
    children: list[int]
    left: int  # the node before it on its level

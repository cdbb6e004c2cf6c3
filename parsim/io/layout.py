"""The few places of an HDF5 file that parsim writes without HDF5: sizes of arrays, small values, the index of chunks.

HDF5 keeps what is to be written in memory; when it cannot bring that to the disk, errors are lost, the file
breaks and the process crashes. So HDF5 makes our files, and what grows in them is written by our own hand.
The numbers are those of the HDF5 File Format Specification for what `libver="earliest"` makes: superblock
0, object headers 1, layouts 3, B-trees 1.
"""

import struct
from collections.abc import Callable

import h5py

END = 40  # where the superblock says how long the file is
FANOUT = 64  # entries of a node of a B-tree of chunks, unless a superblock says otherwise
NOWHERE = 2**64 - 1

Read = Callable[[int, int], bytes]  # bytes of a file: offset, how many

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
    """Which chunk of an array is where in the file: a B-tree that only grows, at its end.

    Nothing is taken out of a node, and a new root stands beside the old one. So whatever part of `changed` has
    reached the file, readers find the chunks that they found before.
    """

    def __init__(self, chunk: tuple[int, ...], itemsize: int) -> None:
        self.chunk = chunk
        self.itemsize = itemsize
        self.bytes = itemsize
        for extent in chunk:
            self.bytes *= extent
        self._node_size = 24 + 8 * FANOUT + (FANOUT + 1) * (16 + 8 * len(chunk))
        self._spine: list[_Node] = []  # the last node of each level, from the leaves up
        self._root: _Node | None = None
        self._first = b""  # the key before all chunks
        self._changed: dict[int, _Node] = {}

    @property
    def root(self) -> int:
        """The address of the tree."""
        return NOWHERE if self._root is None else self._root.address

    def append(self, offset: tuple[int, ...], address: int, allocate: Callable[[int], int]) -> None:
        """Enter the chunk whose first element is at `offset`, after all others."""
        key = struct.pack(f"<II{len(offset) + 1}Q", self.bytes, 0, *offset, 0)
        after = (begin + extent for begin, extent in zip(offset, self.chunk, strict=True))
        bound = struct.pack(f"<II{len(offset) + 1}Q", 0, 0, *after, self.itemsize)

        entering: int | None = address  # what the level below has begun
        for level, node in enumerate(self._spine):
            self._changed[node.address] = node
            if entering is None:
                node.keys[-1] = bound
            elif len(node.children) < FANOUT:
                node.add(key, entering, bound)
                entering = None
            else:
                node.right, node.keys[-1] = allocate(self._node_size), key
                begun = self._spine[level] = self._new(node.right, level, node.address)
                begun.add(key, entering, bound)
                entering = begun.address
        if entering is not None:
            self._grow(key, entering, bound, allocate(self._node_size))

    def _grow(self, key: bytes, entering: int, bound: bytes, address: int) -> None:
        """A root above the root there was, or the first leaf."""
        root = self._new(address, len(self._spine), NOWHERE)
        if self._root is None:
            self._first = key
        else:
            root.add(self._first, self._root.address, key)
        root.add(key, entering, bound)
        self._spine.append(root)
        self._root = root

    def _new(self, address: int, level: int, left: int) -> "_Node":
        node = self._changed[address] = _Node(address, level, left)
        return node

    def take_changed(self) -> list[tuple[int, bytes]]:
        """Address and content of the nodes that changed since the last call, in the order in which to write them.

        The younger a node is, the higher is its address; those that others point to come first.
        """
        changed, self._changed = sorted(self._changed.items(), reverse=True), {}
        return [(address, node.packed().ljust(self._node_size, b"\0")) for address, node in changed]


class _Node:
    """Children in order; a key before each, and one after the last."""

    def __init__(self, address: int, level: int, left: int) -> None:
        self.address, self.level, self.left, self.right = address, level, left, NOWHERE
        self.keys: list[bytes] = []
        self.children: list[int] = []

    def add(self, key: bytes, child: int, bound: bytes) -> None:
        self.keys[-1:] = [key, bound]
        self.children.append(child)

    def packed(self) -> bytes:
        head = struct.pack("<4sBBHQQ", b"TREE", 1, self.level, len(self.children), self.left, self.right)
        entries = (
            key + struct.pack("<Q", child) for key, child in zip(self.keys, self.children, strict=False)
        )
        return head + b"".join(entries) + self.keys[-1]

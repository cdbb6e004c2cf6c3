"""A block: a bundle at an address that stays, so that compiled code finds what Python has put there last.

The layout in memory is ours, not numba's: 64-bit words; for an array its data, shape and strides, for a number
itself, for a block its address. `Block.put` writes them, which compiles nothing, and `opened` makes the bundle again
in compiled code. With the compiler off an address is the block itself.
"""

from functools import cache
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import NativeValue, intrinsic, models, register_model, unbox

from parsim.arrays import Ints
from parsim.jit.kernels import interpreted

WORD = ir.IntType(64)


class AddressType(types.Type):
    """The address of a block of the type `of`: one word, whatever that is, so that all ops are called alike."""

    def __init__(self, of: Any) -> None:
        self.of = of
        super().__init__(f"Address({of})")

    @property
    def key(self) -> Any:
        """What tells this type from others."""
        return (self.of,)


@register_model(AddressType)
class _AddressModel(models.PrimitiveModel):
    def __init__(self, manager: Any, of: Any) -> None:
        super().__init__(manager, of, WORD)


@unbox(AddressType)
def _unbox_address(of: Any, value: Any, c: Any) -> Any:
    return NativeValue(c.pyapi.long_as_longlong(value), is_error=c.pyapi.c_api_error())


class Block:
    """Holds a bundle: arrays, numbers, blocks and tuples of these. Only a bundle of the same types may take its place.

    It keeps alive the arrays and blocks that it holds, and `owned`: things of which it holds but addresses.
    """

    def __init__(self, bundle: Any, owned: Any = None) -> None:
        self.owned = owned
        self.type = None if interpreted else AddressType(type_of(bundle))
        self._words: Ints = np.array([] if interpreted else words_of(bundle) or [0], np.int64)
        self._address = self._words.__array_interface__["data"][0]  # to ask for it takes a microsecond
        self.value: Any = bundle

    def put(self, bundle: Any) -> None:
        """Hold another bundle; a TypeError when it is of other types."""
        if self.type is not None:
            # Most often only some arrays are others of the same kind; to make a type of all takes as long as to run.
            if not _alike(self.value, bundle) and (found := type_of(bundle)) != self.type.of:
                raise TypeError(f"a block of {self.type.of} was given {found}")
            words = words_of(bundle)
            self._words[: len(words)] = words
        self.value = bundle  # keeps its arrays alive

    @property
    def address(self) -> Any:
        """What compiled code is given; nothing else may make one up, for an address keeps nothing alive."""
        return self if interpreted else self._address

    def holds(self, bundle: Any) -> bool:
        """Is this what is held, array by array the very same, or the same part of it?"""
        return _same(self.value, bundle)


def _same(a: Any, b: Any) -> bool:
    if a is b:
        return True
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(_same, a, b))
    if isinstance(a, np.ndarray) and isinstance(
        b, np.ndarray
    ):  # views of one memory, which the one that is held keeps
        return bool(a.__array_interface__ == b.__array_interface__)
    return isinstance(a, (int, float, np.generic)) and type(a) is type(b) and bool(a == b)


def _alike(a: Any, b: Any) -> bool:
    """Are these surely of one type?"""
    if a is b:
        return True
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.ndim == b.ndim and a.flags == b.flags
    return isinstance(a, tuple) and len(a) == len(b) and all(map(_alike, a, b))


def words_of(value: Any) -> list[int]:
    """A bundle as 64-bit words."""
    if isinstance(value, np.ndarray):
        return [value.__array_interface__["data"][0], *value.shape, *value.strides]
    if isinstance(value, tuple):
        return [word for part in value for word in words_of(part)]
    if isinstance(value, Block):
        return [value.address]
    if isinstance(value, float):
        return [int(np.float64(value).view(np.int64))]
    return [int(np.uint64(value).view(np.int64)) if isinstance(value, np.uint64) else int(value)]


def type_of(value: Any) -> Any:
    """The compiler's type of a bundle."""
    if isinstance(value, Block):
        return value.type
    if isinstance(value, tuple):
        parts = [type_of(part) for part in value]
        if hasattr(value, "_fields"):
            return types.BaseTuple.from_types(parts, type(value))
        return types.BaseTuple.from_types(parts)
    if isinstance(value, np.ndarray):
        flags = value.flags
        layout = "C" if flags.c_contiguous else "F" if flags.f_contiguous else "A"
        return _array_type(value.dtype, value.ndim, layout, not flags.writeable, flags.aligned)
    return numba.typeof(value)


@cache
def _array_type(dtype: Any, dimensions: int, layout: Any, readonly: bool, aligned: bool) -> Any:
    """As numba finds it, which takes it 20 us; a program has some hundred arrays of a few types."""
    return types.Array(numba.from_dtype(dtype), dimensions, layout, readonly=readonly, aligned=aligned)


def _word(builder: Any, pointer: Any, at: int) -> Any:
    return builder.load(builder.gep(pointer, [ir.Constant(WORD, at)]))


def _array(context: Any, builder: Any, of: Any, data: Any, shape: Any, strides: Any) -> Any:
    """An array without an owner. By way of memory, as numba makes them, a first run took 4 % longer to compile."""
    model, kind = context.data_model_manager[of], context.get_value_type(of)
    count = ir.Constant(WORD, 1)
    for k in range(of.ndim):
        count = builder.mul(count, builder.extract_value(shape, k), flags=["nsw"])
    size = ir.Constant(WORD, context.get_abi_sizeof(context.get_data_type(of.dtype)))
    parts = {"nitems": count, "itemsize": size, "data": data, "shape": shape, "strides": strides}
    array = ir.Constant(kind, None)
    for name, part in parts.items():
        array = builder.insert_value(array, part, model.get_field_position(name))
    return array


def _read(context: Any, builder: Any, of: Any, pointer: Any, at: int) -> tuple[Any, int]:
    """The value of a type, whose words begin at `at`, and where the next begin."""
    if isinstance(of, types.BaseTuple):
        parts = []
        for part in of.types:  # type: ignore[attr-defined]
            value, at = _read(context, builder, part, pointer, at)
            parts.append(value)
        return context.make_tuple(builder, of, parts), at
    word = _word(builder, pointer, at)
    if isinstance(of, types.Array):
        element, n = context.get_data_type(of.dtype), of.ndim
        sizes = [_word(builder, pointer, at + 1 + k) for k in range(2 * n)]
        shape, strides = (cgutils.pack_array(builder, words, WORD) for words in (sizes[:n], sizes[n:]))
        return _array(
            context, builder, of, builder.inttoptr(word, element.as_pointer()), shape, strides
        ), at + 1 + 2 * n
    if isinstance(of, types.Float):
        return builder.bitcast(word, context.get_value_type(of)), at + 1
    width = context.get_value_type(of).width
    return (word if width == 64 else builder.trunc(word, ir.IntType(width))), at + 1


@intrinsic
def _opened(typing: Any, at: Any) -> Any:
    """The bundle at an address. Its arrays have no owner in compiled code; the block owns them."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = builder.inttoptr(arguments[0], WORD.as_pointer())
        return _read(context, builder, signature.return_type, pointer, 0)[0]

    return at.of(at), build


def _value(at: Any) -> Any:
    return at.value


opened: Any = _value if interpreted else _opened

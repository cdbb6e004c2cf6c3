"""Numbers of a bundle that are read from memory once, before the loops that ask for them again and again."""

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import make_array, populate_array

from parsim.jit.kernels import interpreted


def _kind(of: Any) -> Any:
    """The type of what is read once: arrays without a dimension cannot be written to."""
    if isinstance(of, types.Array) and of.ndim == 0:
        return of.copy(readonly=True)
    if isinstance(of, types.BaseTuple):
        parts = [_kind(part) for part in of.types]  # type: ignore[attr-defined]
        return types.BaseTuple.from_types(parts, getattr(of, "instance_class", None))
    return of


def _read(context: Any, builder: Any, of: Any, value: Any) -> Any:
    """The same value, whose arrays without a dimension are copies on the stack."""
    if isinstance(of, types.Array) and of.ndim == 0:
        held, array = make_array(of)(context, builder, value), make_array(_kind(of))(context, builder)
        copy = cgutils.alloca_once_value(builder, builder.load(held.data))
        populate_array(array, data=copy, shape=(), strides=(), itemsize=held.itemsize, meminfo=None)
        return array._getvalue()
    if isinstance(of, types.BaseTuple):
        parts = (builder.extract_value(value, k) for k in range(len(of.types)))  # type: ignore[attr-defined]
        read = [_read(context, builder, part, one) for part, one in zip(of.types, parts, strict=True)]  # type: ignore[attr-defined]
        return context.make_tuple(builder, _kind(of), read)
    return value


@intrinsic
def _read_once(typing: Any, bundle: Any) -> Any:
    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        read = _read(context, builder, signature.args[0], arguments[0])
        if context.enable_nrt:  # who asked will drop it, and what it was read from as well
            context.nrt.incref(builder, signature.return_type, read)
        return read

    return _kind(bundle)(bundle), build


def _itself(bundle: Any) -> Any:
    return bundle


# A bundle whose arrays without a dimension stand on the stack of the kernel that asks, so that nothing else can write
# to them: compiled code has them in registers, where it would read them again after whatever it writes. They must not
# outlive the kernel.
read_once: Any = _itself if interpreted else _read_once


def _is_column(of: Any) -> bool:
    return isinstance(of, types.Array) and of.ndim == 1


def _alone(context: Any, builder: Any, of: Any, value: Any, i: Any) -> Any:
    """The same value, whose columns are copies of their element i on the stack."""
    if _is_column(of):
        held, array = make_array(of)(context, builder, value), make_array(of)(context, builder)
        copy = cgutils.alloca_once_value(builder, builder.load(_element(context, builder, of, held, i)))
        size = context.get_constant(types.intp, 1)
        populate_array(
            array, data=copy, shape=(size,), strides=(held.itemsize,), itemsize=held.itemsize, meminfo=None
        )
        return array._getvalue()
    if isinstance(of, types.BaseTuple):
        parts = (builder.extract_value(value, k) for k in range(len(of.types)))  # type: ignore[attr-defined]
        alone = [_alone(context, builder, part, one, i) for part, one in zip(of.types, parts, strict=True)]  # type: ignore[attr-defined]
        return context.make_tuple(builder, of, alone)
    return value


def _element(context: Any, builder: Any, of: Any, array: Any, i: Any) -> Any:
    """Where element i of a column stands."""
    shapes, strides = (cgutils.unpack_tuple(builder, part, 1) for part in (array.shape, array.strides))
    return cgutils.get_item_pointer2(context, builder, array.data, shapes, strides, of.layout, [i])


def _put(context: Any, builder: Any, of: Any, into: Any, value: Any, i: Any) -> None:
    """Bring copies back."""
    if _is_column(of):
        if of.mutable:
            array, held = (make_array(of)(context, builder, one) for one in (into, value))
            builder.store(builder.load(held.data), _element(context, builder, of, array, i))
    elif isinstance(of, types.BaseTuple):
        for k, part in enumerate(of.types):  # type: ignore[attr-defined]
            one, another = (builder.extract_value(bundle, k) for bundle in (into, value))
            _put(context, builder, part, one, another, i)


@intrinsic
def _one_of(typing: Any, bundle: Any, i: Any) -> Any:
    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = context.cast(builder, arguments[1], signature.args[1], types.intp)
        return _alone(context, builder, bundle, arguments[0], place)

    return bundle(bundle, i), build


@intrinsic
def _put_back(typing: Any, bundle: Any, one: Any, i: Any) -> Any:
    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = context.cast(builder, arguments[2], signature.args[2], types.intp)
        _put(context, builder, bundle, arguments[0], arguments[1], place)
        return context.get_dummy_value()

    return types.void(bundle, one, i), build


def _views(bundle: Any, i: Any) -> Any:
    if isinstance(bundle, tuple):
        parts = [_views(part, i) for part in bundle]
        return type(bundle)(*parts) if hasattr(bundle, "_fields") else tuple(parts)
    return bundle[i : i + 1] if getattr(bundle, "ndim", 0) == 1 else bundle


def _nothing(bundle: Any, one: Any, i: Any) -> None:
    """What stands in a view stands where it was taken from."""


@intrinsic
def _anew(typing: Any, x: Any) -> Any:
    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        word = ir.IntType(64)
        number = builder.bitcast(arguments[0], word)
        same = builder.asm(ir.FunctionType(word, [word]), "", "=r,0", [number], True)
        return builder.bitcast(same, ir.DoubleType())

    return types.float64(types.float64), build


def _number(x: float) -> float:
    return x


# The same number, of which the compiler does not know that it is: what is rarely asked for within a loop, and depends
# on this number, is not worked out before each loop.
anew: Any = _number if interpreted else _anew


# A bundle of what belongs to element i alone: each of its columns is of one number, on the stack, so that compiled code
# has it in a register while it writes elsewhere. `put_back` brings what was written home; neither counts references,
# so they are for lean kernels.
one_of: Any = _views if interpreted else _one_of
put_back: Any = _nothing if interpreted else _put_back

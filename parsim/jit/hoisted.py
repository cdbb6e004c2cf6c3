"""Numbers of a bundle that are read from memory once, before the loops that ask for them again and again."""

from typing import Any

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

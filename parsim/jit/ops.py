"""An op: a compiled function of the address of what it works on. A program is a list of ops, which is data.

Every op is called as `op(at, first, stop, origin)` and returns DONE, ROOM, FAILED or MEETING, so that one compiled loop
calls them all by their addresses. An op is compiled for the types of its block, never for a network.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from parsim.arrays import Ints
from parsim.jit.blocks import Block, type_of
from parsim.jit.dispatcher import Kernel
from parsim.jit.failure import in_a_sentence
from parsim.jit.kernels import _NO_ENTRY, _made, captured, interpreted
from parsim.jit.linked import LinkedLibrary

# What an op returns: it has done its part; it needs more room before it goes on; something is wrong with the network;
# ranks have to do something together before it goes on.
DONE, ROOM, FAILED, MEETING = 0, 1, 2, 3


class Op:
    """A function and the block that it works on, which holds `bundle`. Only a Block and an Op make addresses.

    `make_room` is called when the op has returned ROOM or MEETING; then the op is called again. `parts` are ops that
    the op calls itself, by addresses in its bundle.
    """

    def __init__(
        self, function: Callable[..., int], *bundle: Any, make_room: Callable[[], Any] | None = None, parts: Any = None
    ) -> None:  # fmt: skip
        self.block = Block(bundle, parts)
        self.make_room = make_room
        if interpreted:
            self.function: Any = function
        else:
            self.compiled = _compiled(function, self.block.type)  # keeps the code alive
            name = self.compiled.fndesc.llvm_func_name
            self.function = self.compiled.library.get_pointer_to_function(name)

    def answer(self) -> Any:
        """Do what the op has returned for."""
        assert self.make_room is not None
        return self.make_room()


class Ops(NamedTuple):
    """Ops that are called one after another, by address: it keeps none of them alive."""

    function: Ints
    at: Ints


def addresses(ops: list[Op]) -> Ops:
    """The addresses of ops and of their blocks; whoever holds them holds the ops too."""
    kind: Any = object if interpreted else np.int64
    columns = Ops(np.empty(len(ops), kind), np.empty(len(ops), kind))
    for k, op in enumerate(ops):
        columns.function[k], columns.at[k] = op.function, op.block.address
    return columns


@cache
def inner(function: Any) -> Any:
    """A kernel as a function that makes ops captures it: inlined there. It may make arrays."""
    return captured(function)


@cache
def open_inner(function: Any) -> Any:
    """The same, optimized in the op alone, as its `widest` asks for: what was vectorized before stays so."""
    return captured(function, LinkedLibrary)


@cache
def _kernel(function: Callable[..., int]) -> Kernel:
    return _made(function, **_NO_ENTRY)  # type: ignore[return-value]


@cache
def _compiled(function: Callable[..., int], of: Any) -> Any:
    """The code of an op for a block of this type."""
    signature = (of, types.int64, types.int64, types.int64)
    found = _kernel(function)
    with in_a_sentence(found):
        found.compile(signature)
    compiled = found.overloads[signature]
    if types.unliteral(compiled.signature.return_type) != types.int64:
        raise TypeError(f"{function.__qualname__} must return DONE, ROOM, FAILED or MEETING")
    return compiled


@cache
def _entered(function: Callable[..., Any]) -> Kernel:
    return _made(function, _nrt=False)  # type: ignore[return-value]


def driver(function: Callable[..., Any], *arguments: Any) -> Callable[..., Any]:
    """A function that calls ops, as Python calls it: compiled for arguments of these types, without the GIL.

    It makes no array. For a block it is given `block.address`.
    """
    if interpreted:
        return function
    found = _entered(function)
    with in_a_sentence(found):
        return found.compile(tuple(map(type_of, arguments)))  # type: ignore[no-any-return]


@intrinsic
def _call(typing: Any, function: Any, at: Any, first: Any, stop: Any, origin: Any) -> Any:
    """The function at an address, by numba's own calling convention: what it raises goes on to the caller."""
    passed = (types.int64,) * 4

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        convention = context.call_conv
        kind = convention.get_function_type(types.int64, passed)
        callee = builder.inttoptr(arguments[0], kind.as_pointer())
        status, value = convention.call_function(builder, callee, types.int64, passed, arguments[1:])
        with cgutils.if_unlikely(builder, status.is_error):
            convention.return_status_propagate(builder, status)
        return value

    return types.int64(*(types.int64,) * 5), build


def _call_it(function: Any, at: Any, first: int, stop: int, origin: int) -> int:
    return function(at, first, stop, origin)  # type: ignore[no-any-return]


call: Any = _call_it if interpreted else _call

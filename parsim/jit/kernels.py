"""`@kernel` and its kin: the one set of compiler flags.

No `fastmath`: a cell gets the same bits in the vector body and in the remainder of a loop, and
with the compiler off. (`contract` gained nothing measurable in iaf_psc_alpha.)
"""

from collections.abc import Callable
from functools import cache, wraps
from typing import Any, TypeVar

import numba

from parsim.jit.dispatcher import Kernel
from parsim.jit.failure import belongs_to, in_a_sentence
from parsim.jit.linked import CalledLibrary, LinkedLibrary

numba_version: str = numba.__version__
_settings: Any = numba.config
interpreted: bool = bool(_settings.DISABLE_JIT)

_FLAGS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}
# For what kernels call. To take some thirty arrays out of their Python objects is as much code as most kernels: with
# an entry for Python at each, LLVM is given 258 modules for the first network of hh_psc_alpha, in place of 127.
_NO_ENTRY: dict[str, Any] = {"no_cpython_wrapper": True}

Function = TypeVar("Function", bound=Callable[..., Any])


def kernel(function: Function) -> Function:
    """Compile a function of arrays, numbers and bundles; it releases the GIL.

    It may have captured kernels, numbers and arrays. Results are cached on disk, also for kernels of a user's own
    module or script. With NUMBA_DISABLE_JIT=1 the function is returned as it is.
    """
    return _compiled(function)


def inlined(function: Function) -> Function:
    """A kernel that is always inlined into the kernels that call it.

    LLVM finds Philox too long to inline, and then vectorizes no loop that draws: 9 ns a double
    instead of 1.4.
    """
    return _compiled(function, forceinline=True)


def lean_kernel(function: Function) -> Function:
    """A kernel that makes no array. Then numba counts no references, which in loops with branches it does for each
    array at each step: 18 ns instead of 67 for an event delivered.
    """
    return _compiled(function, _nrt=False)


def kernel_over(function: Function) -> Function:
    """A lean kernel made within a function, that calls kernels which the enclosing function was given by `within`."""
    return lean_kernel(function)


@cache
def within(function: Function) -> Function:
    """A kernel as it is captured by one made with `kernel_over`: inlined there.

    A call that is not inlined passes every array of every bundle, which takes longer than most of
    what is done for an event.
    """
    return captured(function, _nrt=False)


def captured(function: Function, library: Any = CalledLibrary, **flags: Any) -> Function:
    """A kernel anew, to be inlined into one made within a function that was given it."""
    python = python_function(function)
    if interpreted:
        return python
    inner = _made(python, library=library, forceinline=True, **_NO_ENTRY, **flags)
    belongs_to(inner, *getattr(function, "owners", ()))
    return inner


def shared(function: Function) -> Function:
    """A kernel that takes other kernels as arguments: what several models do, each with its own formulas.

    It is always inlined, so that no pointer to a kernel is left, which could not be cached; and it is
    cached with the kernels that call it, never by itself.
    """
    return (
        function
        if interpreted
        else _made(function, keeps=False, forceinline=True, library=LinkedLibrary, **_NO_ENTRY)
    )


def is_kernel(function: Any) -> bool:
    """Can compiled code call it? With the compiler off, anything."""
    return interpreted or isinstance(function, Kernel)


def python_function(function: Function) -> Function:
    """What was decorated."""
    return getattr(function, "py_func", function)


def entry_point(function: Function, *arguments: Any) -> Function:
    """A kernel compiled for arguments of these types, to be called with no others: nothing checks them again.

    Looking up the types of some thirty arrays takes 6.5 us a call, the call itself 1.8.
    """
    if not isinstance(function, Kernel):  # interpreted, or never a kernel
        return function
    with in_a_sentence(function):
        return function.compile(tuple(numba.typeof(argument) for argument in arguments))  # type: ignore[no-any-return]


def entry(function: Function) -> Function:
    """The `entry_point` of a kernel that is always called with arguments of the same types: those of the first call."""
    point: list[Any] = []

    @wraps(function)
    def call(*arguments: Any) -> Any:
        if not point:
            point.append(entry_point(function, *arguments))
        return point[0](*arguments)

    return call if isinstance(function, Kernel) else function  # type: ignore[return-value]


def _compiled(function: Function, **flags: Any) -> Function:
    """What Python calls; kernels that call it get a twin without an entry for Python."""
    if interpreted:
        return function
    # What is inlined is optimized where that is done. Loops of other kernels are vectorized before they are linked into
    # an op: left to it, those of iaf_psc_alpha take 10 % longer.
    library = LinkedLibrary if flags.get("forceinline") else CalledLibrary
    return _made(function, twin=lambda: _made(function, library=library, **flags, **_NO_ENTRY), **flags)


def _made(function: Function, keeps: bool = True, twin: Any = None, **flags: Any) -> Function:
    return Kernel(function, keeps, twin, **_FLAGS, **flags)  # type: ignore[return-value]

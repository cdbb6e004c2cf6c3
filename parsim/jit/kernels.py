"""`@kernel`: the one door to numba, its flags, and a cache of compiled code that is never stale for this package.

numba's own cache does not notice that a helper in another file changed. Ours lives in a folder
named by a digest of the package's sources, so changed sources are compiled afresh. The first
process of a machine that needs a kernel compiles it under a file lock; the others wait and load.

No `fastmath`: a cell gets the same bits in the vector body and in the remainder of a loop, and
with the compiler off. (`contract` gained nothing measurable in iaf_psc_alpha.)
"""

import fcntl
import hashlib
import inspect
import logging
import os
import sys
import threading
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import IO, Any, TypeVar

import numba
from numba.core import caching

numba_version: str = numba.__version__
_settings: Any = numba.config
interpreted: bool = bool(_settings.DISABLE_JIT)

_njit: Any = numba.njit
_FLAGS = {"nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}
# For what kernels call. To take some thirty arrays out of their Python objects is as much code as most kernels: with
# an entry for Python at each, LLVM is given 258 modules for the first network of hh_psc_alpha, in place of 127.
_NO_ENTRY = {"no_cpython_wrapper": True}

Function = TypeVar("Function", bound=Callable[..., Any])

_log = logging.getLogger("parsim")
_announced = threading.Event()


def _digest() -> str:
    root = Path(__file__).parents[1]
    digest = hashlib.sha256(numba_version.encode())
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def cache_folder() -> Path:
    """Where compiled kernels are kept: PARSIM_CACHE_DIR, or numba's, or the user's cache folder."""
    base = os.environ.get("PARSIM_CACHE_DIR") or os.environ.get("NUMBA_CACHE_DIR")
    if not base:
        base = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "parsim")
    return Path(base) / _DIGEST


_DIGEST = _digest()


class _SharedCache(caching.FunctionCache):
    """numba's function cache; whoever misses first holds a lock until it has saved.

    What a closure has captured is part of its name (`kernel_over`), so the key need not hold it:
    numba would pickle captured kernels, which come out differently in every process.
    """

    def __init__(self, py_func: Callable[..., Any], flags: dict[str, Any]) -> None:
        super().__init__(py_func)
        self._flags = repr(sorted(flags.items()))
        self._lock: IO[str] | None = None

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        found = super().load_overload(sig, target_context)
        if found is None:
            self._acquire()
            found = super().load_overload(sig, target_context)
            if found is None:
                _announce()
            else:
                self._release()
        return found

    def save_overload(self, sig: Any, data: Any) -> None:
        super().save_overload(sig, data)
        self._release()

    def _index_key(self, sig: Any, codegen: Any) -> Any:
        code = hashlib.sha256(self._py_func.__code__.co_code).hexdigest()
        return sig, codegen.magic_tuple(), code, self._flags

    def _acquire(self) -> None:
        name = hashlib.sha256(self._impl.filename_base.encode()).hexdigest()[:24]
        path = Path(self.cache_path) / f"{name}.lock"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = open(path, "w")
            fcntl.flock(self._lock, fcntl.LOCK_EX)
        except OSError:  # a read-only or lockless file system: everyone compiles
            self._lock = None

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None


def _announce() -> None:
    """One line, once, when there is something to wait for."""
    rank = os.environ.get("PMI_RANK") or os.environ.get("OMPI_COMM_WORLD_RANK") or "0"
    if not _announced.is_set() and rank == "0":
        _announced.set()
        print("parsim: compiling kernels; this happens once and takes some seconds.", file=sys.stderr)


def kernel(function: Function) -> Function:
    """Compile a module-level function of arrays, numbers and bundles; it releases the GIL.

    Results are cached on disk, also for kernels of a user's own module; not for those written in
    the script that is run, whose bundles get a new identity in every process. With
    NUMBA_DISABLE_JIT=1 the function is returned as it is.
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
    """A kernel made within a function, that calls kernels which the enclosing function was given.

    What is captured must be functions from `within`, numbers or strings. They become part of the name, so
    that each combination has compiled code of its own, found again by other processes.
    """
    return _compiled(function, cached=_rename(function), _nrt=False)


def _rename(function: Any) -> bool:
    """Put what a closure captured into its name. False when that is not the same in every process."""
    keys = [_key_of(cell.cell_contents) for cell in function.__closure__ or ()]
    suffix = "_" + hashlib.sha256(" ".join(map(str, keys)).encode()).hexdigest()[:12]
    function.__name__ += suffix
    function.__qualname__ += suffix
    return None not in keys


@cache
def within(function: Function) -> Function:
    """A kernel as it is captured by one made with `kernel_over`: inlined there.

    A call that is not inlined passes every array of every bundle, which takes longer than most of
    what is done for an event.
    """
    python = python_function(function)
    if interpreted:
        return python
    cached = _rename(python) if python.__closure__ else True
    inner: Any = _dispatcher(python, cached, forceinline=True, _nrt=False, **_NO_ENTRY)
    inner.parsim_key = _key_of(python)
    return inner  # type: ignore[no-any-return]


def python_function(function: Function) -> Function:
    """What was decorated."""
    return getattr(function, "py_func", function)


def _key_of(part: Any) -> str | None:
    """What tells a captured kernel from another, in any process; None when nothing does."""
    if hasattr(part, "parsim_key"):
        return part.parsim_key  # type: ignore[no-any-return]
    if isinstance(part, (bool, int, float, str)):
        return repr(part)
    python = python_function(part)
    if python.__module__ == "__main__":
        return None
    try:
        source = Path(inspect.getfile(python)).read_bytes()
    except (OSError, TypeError):
        return None
    text = f"{python.__module__} {python.__qualname__} {hashlib.sha256(source).hexdigest()}"
    inner = [_key_of(cell.cell_contents) for cell in python.__closure__ or ()]
    return None if None in inner else " ".join([text, *map(str, inner)])


def shared(function: Function) -> Function:
    """A kernel that takes other kernels as arguments: what several models do, each with its own formulas.

    It is always inlined, so that no pointer to a kernel is left, which could not be cached; and it is
    cached with the kernels that call it, never by itself.
    """
    if interpreted:
        return function
    inner: Any = _njit(forceinline=True, **_FLAGS, **_NO_ENTRY)(function)
    return inner  # type: ignore[no-any-return]


def entry_point(function: Function, *arguments: Any) -> Function:
    """A kernel compiled for arguments of these types, to be called with no others: nothing checks them again.

    Looking up the types of some thirty arrays takes 6.5 us a call, the call itself 1.8.
    """
    if not hasattr(function, "compile"):  # interpreted, or never a kernel
        return function
    return function.compile(tuple(numba.typeof(argument) for argument in arguments))  # type: ignore[no-any-return]


def entry(function: Function) -> Function:
    """The `entry_point` of a kernel that is always called with arguments of the same types: those of the first call."""
    point: list[Any] = []

    @wraps(function)
    def call(*arguments: Any) -> Any:
        if not point:
            point.append(entry_point(function, *arguments))
        return point[0](*arguments)

    return call if hasattr(function, "compile") else function  # type: ignore[return-value]


def _compiled(function: Function, cached: bool = True, **flags: Any) -> Function:
    """What Python calls; kernels that call it get a twin without an entry for Python."""
    if interpreted:
        return function
    outer, inner = (_dispatcher(function, cached, **flags, **more) for more in ({}, _NO_ENTRY))
    outer.get_call_template, outer.get_overload = inner.get_call_template, inner.get_overload
    return outer  # type: ignore[no-any-return]


def _dispatcher(function: Callable[..., Any], cached: bool, **flags: Any) -> Any:
    """numba's compiler of a function for each tuple of types, with our cache."""
    dispatcher: Any = _njit(**_FLAGS, **flags)(function)
    if function.__module__ == "__main__" or not cached:
        return dispatcher
    before = _settings.CACHE_DIR
    _settings.CACHE_DIR = str(cache_folder())
    try:
        dispatcher._cache = _SharedCache(function, flags)
    except RuntimeError:  # typed at a prompt: there is no file to key the cache by
        _log.debug("no cache for %s", function.__qualname__)
    finally:
        _settings.CACHE_DIR = before
    return dispatcher


def compiled_kernels() -> int:
    """How many compiled kernels the cache folder holds."""
    folder = cache_folder()
    return sum(1 for _ in folder.rglob("*.nbc")) if folder.is_dir() else 0

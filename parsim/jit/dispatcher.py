"""numba's compiler of one function, for each tuple of types: what it makes is kept for other processes."""

import contextlib
import gc
import io
import pickle
import threading
from collections.abc import Callable, Iterator
from functools import cached_property
from types import FunctionType
from typing import Any

from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import CPUDispatcher
from numba.core.serialize import NumbaPickler
from numba.core.sigutils import normalize_signature

from parsim.jit.failure import in_a_sentence, remember
from parsim.jit.key import found, key_of
from parsim.jit.linked import Compiler, EnteredLibrary, rebuilt
from parsim.jit.looking import Looking, LookingForHouse
from parsim.jit.references import Pipeline
from parsim.jit.store import store
from parsim.jit.timing import timed
from parsim.jit.voice import speaks
from parsim.telling import log, say

_announced = threading.Event()
_Dispatcher: Any = CPUDispatcher


class Kernel(_Dispatcher):
    """A compiled function; with `keeps`, other processes find what it was compiled to.

    Compiled code that calls it calls `called` in its place, if there is one: what `twin` makes when first needed.
    What it is compiled into is a `library`: others call it alone where that has no addresses.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        keeps: bool,
        twin: "Callable[[], Kernel] | None" = None,
        library: Any = EnteredLibrary,
        **flags: Any,
    ) -> None:
        super().__init__(function, {}, {"nopython": True, "boundscheck": None, **flags})
        self.keeps, self._twin, self.library = keeps, twin, library
        self.looks = remember(function)  # at indices
        self._compiler: Any = Compiler.in_place_of(self._compiler, library)
        self._compiler.pipeline_class = Pipeline
        self.name = f"{function.__module__}.{function.__qualname__}"
        self.owners: list[str] = []  # models that it moves

    @cached_property
    def called(self) -> "Kernel | None":
        """What compiled code calls in its place. Made for all kernels of parsim they take 19 ms of a start."""
        return None if self._twin is None else self._twin()

    def get_call_template(self, args: Any, kws: Any) -> Any:
        """What compiled code calls for arguments of these types."""
        if self.called is not None:
            return self.called.get_call_template(args, kws)
        return super().get_call_template(args, kws)

    def get_overload(self, sig: Any) -> Any:
        """The code for this signature that compiled code calls."""
        return super().get_overload(sig) if self.called is None else self.called.get_overload(sig)

    def _compile_for_args(self, *args: Any, **kws: Any) -> Any:
        """What numba does when it is called from Python with arguments of new types."""
        with in_a_sentence(self):
            return super()._compile_for_args(*args, **kws)

    def compile(self, sig: Any) -> Any:
        """The code for these types: as it was kept, or compiled now."""
        args, _ = normalize_signature(sig)
        with global_compiler_lock:
            if (known := self.overloads.get(tuple(args))) is not None:
                return known.entry_point
            key = self._key(sig)
            # Code is linked by name. So the name tells apart what differs, in other processes too.
            self._compiler.py_func = _renamed(self.py_func, key) if key else self.py_func
            if not key or not self.keeps:
                return self._compile(sig, key)
            return self._load(key, args) or self._compile_in_turn(key, sig, args)

    def _key(self, sig: Any) -> str:
        """What the code depends on; empty where that cannot be said, and then it is not kept."""
        try:
            return key_of(self, sig)
        except Exception as reason:
            log.debug("%s is compiled in each process: %s", self.name, reason)
            return ""

    def _load(self, key: str, args: Any) -> Any:
        """The code that was kept; None if there is none, or it is of no use."""
        content = store().read(self._file(key))
        if content is None:
            return None
        try:
            self.targetctx.refresh()
            result = rebuilt(self.targetctx, self.library, *pickle.loads(content))
        except Exception as reason:  # whatever is wrong with it, compiling it is right
            log.debug("%s is compiled again: %s", self.name, reason)
            return None
        if tuple(result.signature.args) != tuple(args):
            return None
        self._cache_hits[tuple(args)] += 1
        self.targetctx.insert_user_function(result.entry_point, result.fndesc, [result.library])
        self.add_overload(result)
        return result.entry_point

    def _compile_in_turn(self, key: str, sig: Any, args: Any) -> Any:
        """Compile and keep, or wait for another process that does."""
        with store().turn(self._file(key)):
            if (loaded := self._load(key, args)) is not None:
                return loaded
            _announce()
            point = self._compile(sig, key)
            if self._key(sig) == key:  # nothing that it reads was changed meanwhile
                self._keep(key, self.overloads[tuple(args)])
            return point

    def _compile(self, sig: Any, key: str) -> Any:
        if self.looks:
            self._compiler.pipeline_class = LookingForHouse if self.owners else Looking
        with timed(self.name, key), unswept():
            return super().compile(sig)

    def _keep(self, key: str, result: Any) -> None:
        if result.lifted or result.library.has_dynamic_globals:  # it holds addresses of this process
            log.debug("%s is compiled in each process: it holds addresses", self.name)
            return
        try:
            content = _pickled(result._reduce())
        except Exception as reason:
            log.debug("%s is compiled in each process: %s", self.name, reason)
            return
        store().keep(self._file(key), content)

    def _file(self, key: str) -> str:
        return f"{self.name}-{key[:32]}"


class _Pickler(NumbaPickler):  # type: ignore[misc]
    """Pickles classes by their names, also those of the script that is run, which numba's would make anew."""

    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, type) and found(value) is value:
            return NotImplemented
        return super().reducer_override(value)


def _pickled(value: Any) -> bytes:
    with io.BytesIO() as file:
        _Pickler(file, protocol=4).dump(value)
        return file.getvalue()


def _renamed(function: Callable[..., Any], key: str) -> FunctionType:
    """The same function by a name that is its own."""
    assert isinstance(function, FunctionType)
    copy = FunctionType(
        function.__code__,
        function.__globals__,
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    copy.__kwdefaults__ = function.__kwdefaults__
    copy.__qualname__ = f"{function.__qualname__}_{key[:16]}"
    return copy


@contextlib.contextmanager
def unswept() -> Iterator[None]:
    """Python looks for no garbage meanwhile, if it does at all: what numba makes stays for as long as it compiles,
    and to look at it again and again takes a tenth of that.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _announce() -> None:
    """One line, once, when there is something to wait for."""
    if not _announced.is_set() and speaks():
        _announced.set()
        say("parsim: compiling kernels; this happens once and takes some seconds.")

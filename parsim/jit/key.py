"""What compiled code depends on, as a digest: alike in every process and folder, another as soon as any of it changes.

A kernel depends on its bytecode and defaults, on what it captured, and on what it reads from modules: numbers, arrays,
classes of bundles, other kernels, and all that those depend on. Comments, line numbers and the place of the file do not
count. It depends on the compiler, its settings and the processor, too.
"""

import dis
import enum
import hashlib
import inspect
import platform
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any
from weakref import WeakKeyDictionary

import llvmlite
import numba
import numpy as np
from numba.core import types
from numba.core.dispatcher import Dispatcher
from numba.core.extending import _Intrinsic
from numba.core.registry import cpu_target
from numba.core.sigutils import normalize_signature

from parsim.jit import linked, references

_config: Any = numba.config

# What these define is told by its name: their versions are part of every key.
_KNOWN = frozenset({"numpy", "numba", "llvmlite", *sys.stdlib_module_names})

# Those of numba's settings that lead to other code; what it knows of the processor is in `codegen.magic_tuple`.
_SETTINGS = (
    "OPT", "BOUNDSCHECK", "LOOP_VECTORIZE", "SLP_VECTORIZE", "DISABLE_INTEL_SVML", "USING_SVML", "DEBUGINFO_DEFAULT",
    "DEBUG_JIT", "DEBUG_NRT", "NRT_STATS", "EXTEND_VARIABLE_LIFETIMES", "LLVM_REFPRUNE_PASS", "LLVM_REFPRUNE_FLAGS",
    "ENABLE_PROFILING", "ENABLE_SYS_MONITORING", "PARFOR_MAX_TUPLE_SIZE", "JIT_COVERAGE",
)  # fmt: skip


class Unkeyable(Exception):
    """A kernel depends on something that has no text which is the same in every process."""


def key_of(kernel: Dispatcher, signature: Any) -> str:
    """The digest of a kernel compiled for these types of arguments; Unkeyable when there is none."""
    args, result = normalize_signature(signature)
    reader = _Reader()
    return _digest(["code", _foundation(), reader.text(kernel), *map(reader.text, args), reader.text(result)])


def text_of(value: Any) -> str:
    """A text that tells a function or a kernel, with all that it reads, from others; "" where there is none."""
    try:
        return _Reader().text(value)
    except Unkeyable:
        return ""


@cache
def _foundation() -> str:
    codegen = cpu_target.target_context.codegen()
    settings = [f"{name}={getattr(_config, name, None)}" for name in _SETTINGS]
    how = _digest(inspect.getsource(part) for part in (linked, references))
    versions = numba.__version__, llvmlite.__version__, np.__version__, platform.python_version()
    return _digest(
        [sys.implementation.cache_tag or "", how, *versions, *map(str, codegen.magic_tuple()), *settings]
    )


def _digest(parts: Iterable[str]) -> str:
    text = "".join([f"{len(part)} {part}" for part in parts])
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


_first_seen: WeakKeyDictionary[Dispatcher, str] = WeakKeyDictionary()


class _Reader:
    """Texts of values. Those of kernels are remembered while one key is made, no longer: what they read may change."""

    def __init__(self) -> None:
        self._known: dict[Any, str] = {}
        self._within: list[Any] = []  # whose text is being made: kernels may call each other in turn
        self._cycle = sys.maxsize  # the outermost of those that was met again

    def text(self, value: Any) -> str:
        """A text that tells this value from others."""
        for read in (self._plain, self._numpy, self._numba, self._named, self._bundle):
            if (text := read(value)) is not None:
                return text
        raise Unkeyable(f"it depends on {value!r:.80}, a {type(value).__name__}")

    def _plain(self, value: Any) -> str | None:
        kind = type(value)
        if value is None or value is ... or kind in (bool, int, float, complex, str, bytes):
            return f"{kind.__name__} {value!r}"
        if kind in (tuple, slice, range, frozenset):
            parts = [value.start, value.stop, value.step] if kind in (slice, range) else list(value)
            texts = [self.text(part) for part in parts]
            return _digest([kind.__name__, *(sorted(texts) if kind is frozenset else texts)])
        return _code(value) if kind is CodeType else None

    def _numpy(self, value: Any) -> str | None:
        if type(value) is np.ndarray or isinstance(value, np.generic):
            if value.dtype.hasobject:
                raise Unkeyable("it depends on an array of objects")
            flags = f"{value.flags.writeable} {value.flags.aligned}"
            content = hashlib.sha256(value.tobytes()).hexdigest()
            return _digest(
                [
                    type(value).__name__,
                    self.text(value.dtype),
                    f"{value.shape} {value.strides}",
                    flags,
                    content,
                ]
            )
        if isinstance(value, np.dtype):
            return f"dtype {value.str} {value.descr} {value.isalignedstruct}"
        return f"ufunc {value.__name__}" if type(value) is np.ufunc and hasattr(np, value.__name__) else None

    def _numba(self, value: Any) -> str | None:
        if isinstance(value, Dispatcher):
            return self._kernel(value)
        if isinstance(value, types.Dispatcher):
            return _digest(["type of", self._kernel(value.dispatcher)])
        if isinstance(value, types.Type):
            kind = type(value)
            extension = "" if _is_known(kind) else _source(kind)
            return _digest([kind.__module__, kind.__qualname__, extension, self.text(value.key)])
        if isinstance(value, _Intrinsic):
            defined = value._defn
            captured = tuple(cell.cell_contents for cell in defined.__closure__ or ())
            extension = "" if _is_known(defined) else _source(defined)
            return _digest(["intrinsic", _name(defined), extension, self.text(captured)])
        return None

    def _named(self, value: Any) -> str | None:
        """What others define: modules, functions and classes of numpy, numba and the standard library."""
        if isinstance(value, ModuleType) and value.__name__.partition(".")[0] in _KNOWN:
            return f"module {value.__name__}"
        if _is_known(value) and found(value) is value:
            return f"{type(value).__name__} {_name(value)}"
        return None

    def _bundle(self, value: Any) -> str | None:
        """Classes that code refers to by name, NamedTuples and enumerations, and their instances."""
        if not isinstance(value, type):
            is_one = isinstance(value, (tuple, enum.Enum)) and not _is_known(type(value))
            if not is_one or self._bundle(type(value)) is None:
                return None
            content = (value.name, value.value) if isinstance(value, enum.Enum) else tuple(value)
            return _digest(["instance", self.text(type(value)), self.text(content)])
        if issubclass(value, enum.Enum):
            members = tuple((name, member.value) for name, member in value.__members__.items())
            bases = [_name(base) for base in value.__mro__]
            return _digest(["enum", *bases, _importable(value), self.text(members)])
        if issubclass(value, tuple) and hasattr(value, "_fields"):
            defaults = tuple(getattr(value, "_field_defaults", {}).items())
            return _digest(
                ["bundle", _importable(value), self.text(tuple(value._fields)), self.text(defaults)]
            )
        return None

    def _kernel(self, kernel: Dispatcher) -> str:
        options = tuple(sorted(kernel.targetoptions.items()))
        if kernel.locals:
            raise Unkeyable("types of its variables are given")
        function, is_whole = self._function(kernel.py_func)
        text = _digest(
            [
                "kernel",
                self.text(options),
                getattr(kernel, "library", type(kernel)).__name__,
                *_looks(kernel),
                function,
            ]
        )
        # What is compiled keeps the values that it found then.
        if is_whole and _first_seen.setdefault(kernel, text) != text:
            raise Unkeyable(f"what {kernel.py_func.__qualname__} reads has changed since it was compiled")
        return text

    def _function(self, function: Any) -> tuple[str, bool]:
        """The text of a function, and whether it is the same whoever calls it."""
        if function in self._known:
            return self._known[function], True
        place = len(self._within)
        if function in self._within:
            self._cycle = min(self._cycle, self._within.index(function))
            return f"the caller {place - self._within.index(function)} above", False
        before, self._cycle = self._cycle, sys.maxsize
        self._within.append(function)
        try:
            text = _digest(self._parts(function))
        finally:
            self._within.pop()
        if self._cycle == sys.maxsize:
            self._known[function] = text
        is_whole = self._cycle >= place
        self._cycle = before if is_whole else min(before, self._cycle)
        return text, is_whole

    def _parts(self, function: Any) -> Iterable[str]:
        yield from (function.__module__, function.__qualname__, _code(function.__code__))
        yield self.text(function.__defaults__)
        yield self.text(tuple(sorted((function.__kwdefaults__ or {}).items())))
        for cell in function.__closure__ or ():
            try:
                yield self.text(cell.cell_contents)
            except ValueError:
                raise Unkeyable("it captured a name that has no value yet") from None
        for chain in names_read(function.__code__):
            yield " ".join(chain)
            yield self._read(chain, function)

    def _read(self, chain: tuple[str, ...], function: FunctionType) -> str:
        """The value of a name of a module, or of an attribute of a module."""
        builtins = function.__globals__.get("__builtins__", {})
        builtins = vars(builtins) if isinstance(builtins, ModuleType) else builtins
        first, *rest = chain
        if first not in function.__globals__:
            return f"builtin {first}" if first in builtins else "nothing"
        value = function.__globals__[first]
        while isinstance(value, ModuleType) and rest:
            if value.__name__.partition(".")[0] in _KNOWN:
                break
            value = getattr(value, rest.pop(0), None)
        return self.text(value)


@cache
def _code(code: CodeType) -> str:
    """The text of bytecode with its constants; it never changes."""
    counts = code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags
    names = code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars
    parts = code.co_code, code.co_exceptiontable, code.co_consts
    return _Reader().text((counts, names, parts))


@cache
def names_read(code: CodeType) -> tuple[tuple[str, ...], ...]:
    """Names that code reads from its module, each with the attributes that are at once taken of it: ("np", "exp").

    `dis` tells the same in 6 us an instruction, which would be as long as loading the kernels takes.
    """
    chains: list[list[str]] = []
    wide, follows = 0, False
    for op, low in zip(code.co_code[::2], code.co_code[1::2], strict=True):
        arg, wide = wide << 8 | low, 0
        if op == dis.EXTENDED_ARG:
            wide = arg
        elif op == _GLOBAL:
            chains.append([code.co_names[arg >> 1]])
            follows = True
        elif op in _ATTRIBUTE and follows:
            chains[-1].append(code.co_names[arg >> _ATTRIBUTE[op]])
        elif op not in _NOTHING:
            follows = False
    inner = [chain for part in code.co_consts if isinstance(part, CodeType) for chain in names_read(part)]
    return tuple(sorted({*map(tuple, chains), *inner}))


_GLOBAL = dis.opmap["LOAD_GLOBAL"]
# Opcodes that take an attribute, and how far their argument is shifted.
_ATTRIBUTE = {
    dis.opmap[name]: 1 if name == "LOAD_ATTR" and sys.version_info >= (3, 12) else 0
    for name in ("LOAD_ATTR", "LOAD_METHOD")
    if name in dis.opmap
}
_NOTHING = {dis.opmap.get(name, 0) for name in ("CACHE", "PUSH_NULL")} if sys.version_info >= (3, 13) else {0}


def _looks(kernel: Any) -> list[str]:
    """Does it look at its indices, and how?"""
    if not getattr(kernel, "looks", False):
        return []
    return ["for the house" if kernel.owners else "for others", _looking()]


@cache
def _looking() -> str:
    return hashlib.sha256((Path(__file__).parent / "looking.py").read_bytes()).hexdigest()


def _name(value: Any) -> str:
    return f"{value.__module__}.{value.__qualname__}"


def _is_known(value: Any) -> bool:
    return str(getattr(value, "__module__", "")).partition(".")[0] in _KNOWN


def found(value: Any) -> Any:
    """What is found by the name of a class or function."""
    at: Any = sys.modules.get(value.__module__)
    for part in getattr(value, "__qualname__", "?").split("."):
        at = getattr(at, part, None)
    return at


def _importable(kind: type) -> str:
    """The name by which another process finds a class."""
    if found(kind) is not kind:
        raise Unkeyable(f"other processes do not find {_name(kind)} by its name")
    return _name(kind)


@cache
def _source(value: Any) -> str:
    """The file that extends the compiler, as a whole: what it registers there is found by no name."""
    if not value.__module__.startswith("parsim."):
        raise Unkeyable(f"{_name(value)} extends the compiler")
    return hashlib.sha256(Path(inspect.getfile(value)).read_bytes()).hexdigest()

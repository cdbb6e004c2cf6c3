"""How kernels are compiled: what others call is linked into their code, and no machine code is made of it alone.

numba optimizes each function, with all that it calls, before its callers get it. In a chain of six kernels the
innermost would be vectorized six times over, and the first time without knowing what its callers pass. So what is
inlined is optimized where it is called, once.
"""

from typing import Any

import llvmlite.binding as llvm
from numba.core import compiler, dispatcher
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompileResult

EnteredLibrary: Any = JITCodeLibrary  # what has addresses
_numba: Any = dispatcher


class Flags(compiler.Flags):
    """numba's, which are compared for each function that a kernel calls: it makes dictionaries of all 40 to do so."""

    __slots__ = ()
    _hash = hash(compiler.Flags())  # of their names alone

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, compiler.Flags):
            return NotImplemented
        given = self._values.keys() | other._values.keys()
        return all(getattr(self, name) == getattr(other, name) for name in given)


class CalledLibrary(EnteredLibrary):
    """A library that is not given to the engine: it has no addresses."""

    @property
    def codegen(self) -> Any:
        """What `get_executable` sets an environment with, of which this has none."""
        return _NoEngine

    def get_pointer_to_function(self, name: str) -> int:
        """There is none."""
        self._ensure_finalized()
        return 0

    def serialize_using_object_code(self) -> Any:
        """There is no object code."""
        return self.serialize_using_bitcode()

    def take(self, bitcode: bytes) -> None:
        """What was kept."""
        self._final_module = llvm.parse_bitcode(bitcode)
        self._finalize_final_module()

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._verify_declare_only_symbols()
        self._finalized = True


class LinkedLibrary(CalledLibrary):
    """One that is optimized where it is linked into others."""

    def _optimize_final_module(self) -> None:
        pass


class _NoEngine:
    @staticmethod
    def set_env(name: str, env: Any) -> None:
        """Nothing to set."""


class Compiler(_numba._FunctionCompiler):
    """numba's compiler of a function, into a library of this kind."""

    library: Any

    @classmethod
    def in_place_of(cls, given: Any, library: Any) -> "Compiler":
        """As another compiler of a function."""
        made = cls(given.py_func, given.targetdescr, given.targetoptions, given.locals, given.pipeline_class)
        made.library = library
        return made

    def _compile_core(self, args: Any, return_type: Any) -> Any:
        flags = Flags()
        self.targetdescr.options.parse_as_flags(flags, self.targetoptions)
        context = self.targetdescr.target_context
        library = self.library(context.codegen(), self.py_func.__qualname__)
        library.enable_object_caching()
        return compiler.compile_extra(
            self.targetdescr.typing_context, context, self.py_func, args=args, return_type=return_type,
            flags=flags, locals=self.locals, library=library, pipeline_class=self.pipeline_class,
        )  # fmt: skip


class _Context:
    """A target context whose libraries are linked alone."""

    def __init__(self, context: Any, library: Any) -> None:
        self._context, self._library = context, library
        self.typing_context = context.typing_context

    def codegen(self) -> "_Context":
        return self

    def unserialize_library(self, state: Any) -> CalledLibrary:
        name, _, bitcode = state
        library: CalledLibrary = self._library(self._context.codegen(), name)
        library.take(bitcode)
        return library

    def get_executable(self, library: Any, fndesc: Any, env: Any) -> Any:
        return self._context.get_executable(library, fndesc, env)


def rebuilt(context: Any, library: Any, *kept: Any) -> Any:
    """What was kept of a function."""
    if library is EnteredLibrary:
        return CompileResult._rebuild(context, *kept)
    return CompileResult._rebuild(_Context(context, library), *kept)._replace(target_context=context)

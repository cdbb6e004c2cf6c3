"""Code that is only ever linked into other code: it is optimized there, once, and no machine code is made of it alone.

numba optimizes each function, with all that it calls, before its callers get it. In a chain of six kernels the
innermost would be vectorized six times over, and the first time without knowing what its callers pass.
"""

from typing import Any

import llvmlite.binding as llvm
from numba.core import compiler, dispatcher
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompileResult

_Library: Any = JITCodeLibrary
_numba: Any = dispatcher


class LinkedLibrary(_Library):
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

    def _optimize_final_module(self) -> None:
        pass

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._verify_declare_only_symbols()
        self._finalized = True


class _NoEngine:
    @staticmethod
    def set_env(name: str, env: Any) -> None:
        """Nothing to set."""


class LinkedCompiler(_numba._FunctionCompiler):
    """Compiles into a `LinkedLibrary`."""

    @classmethod
    def in_place_of(cls, given: Any) -> "LinkedCompiler":
        """As another compiler of a function."""
        return cls(given.py_func, given.targetdescr, given.targetoptions, given.locals, given.pipeline_class)

    def _compile_core(self, args: Any, return_type: Any) -> Any:
        flags = compiler.Flags()
        self.targetdescr.options.parse_as_flags(flags, self.targetoptions)
        context = self.targetdescr.target_context
        library = LinkedLibrary(context.codegen(), self.py_func.__qualname__)
        return compiler.compile_extra(
            self.targetdescr.typing_context, context, self.py_func, args=args, return_type=return_type,
            flags=flags, locals=self.locals, library=library, pipeline_class=self.pipeline_class,
        )  # fmt: skip


class _Context:
    """A target context whose libraries are linked alone."""

    def __init__(self, context: Any) -> None:
        self._context = context
        self.typing_context = context.typing_context

    def codegen(self) -> "_Context":
        return self

    def unserialize_library(self, state: Any) -> LinkedLibrary:
        name, _, bitcode = state
        library = LinkedLibrary(self._context.codegen(), name)
        library.take(bitcode)
        return library

    def get_executable(self, library: Any, fndesc: Any, env: Any) -> Any:
        return self._context.get_executable(library, fndesc, env)


def rebuilt(context: Any, *kept: Any) -> Any:
    """What was kept of such code."""
    return CompileResult._rebuild(_Context(context), *kept)._replace(target_context=context)

"""How kernels count references: in a bundle, only what has any is looked at.

numba takes each array of a bundle to pieces to find that shapes, strides and numbers count nothing, whenever a name is
given or dropped. That was a quarter of all instructions there were to write and read, and none was left once optimized.
"""

from typing import Any

from numba.core import compiler, typed_passes
from numba.core.runtime.context import NRTContext

_compiler: Any = compiler
_passes: Any = typed_passes
_References: Any = NRTContext


class Pipeline(_compiler.CompilerBase):
    """numba's, but for how it is lowered, and how references are found."""

    lowers: Any = _passes.NativeLowering

    def define_pipelines(self) -> list[Any]:
        """As ever."""
        context = self.state.targetctx  # a copy, of this compilation alone
        context.nrt = _Counting(context, context.enable_nrt)
        made = _compiler.DefaultPassBuilder.define_nopython_pipeline(self.state)
        made.passes = [
            (self.lowers if one is _passes.NativeLowering else one, text) for one, text in made.passes
        ]
        return [made]


class _Counting(_References):
    """numba's counting, which passes over what has no references."""

    def get_meminfos(self, builder: Any, ty: Any, val: Any) -> list[Any]:
        """What counts references in a value, with its type."""
        models = self._context.data_model_manager
        found = [(ty, models[ty].get_nrt_meminfo(builder, val))] if models[ty].has_nrt_meminfo() else []
        for kind, part in models[ty].traverse(builder):
            if _counts(models, kind):
                found += self.get_meminfos(builder, kind, part(val))
        return found


_known: dict[Any, bool] = {}


def _counts(models: Any, kind: Any) -> bool:
    """Is there anything in a value of this type that counts references?"""
    if kind not in _known:
        parts = [part for part, _ in models[kind].traverse(None)]
        _known[kind] = models[kind].has_nrt_meminfo() or any(_counts(models, part) for part in parts)
    return _known[kind]

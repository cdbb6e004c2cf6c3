"""Kernels of users look whether an index lies inside of its array; what does not is an error that knows its line.

Looking costs nothing where an index is the one that the loop or the call was given. Where a loop goes over a range, a
wrong index is noted, 0 is taken in its place, and the error is raised as the kernel ends: so loops are vectorized as
before. Where one may go on as long as it likes, the kernel ends at once.
"""

import operator
from collections.abc import Iterator
from typing import Any

from llvmlite import ir as llvm
from numba.core import analysis, cgutils, ir, lowering, typed_passes, types
from numba.core.compiler_machinery import register_pass

from parsim.jit.failure import line_number
from parsim.jit.references import Pipeline

# What is given, but is no index of an array: a row may be none, a size is one array's, and of steps a page has a part.
NO_STEP = ("row", "size")
NO_INDEX = (*NO_STEP, "first", "stop", "origin")
_BIT = llvm.IntType(1)
_lowering: Any = lowering
_passes: Any = typed_passes
_registered: Any = register_pass


class Definitions:
    """Where the variables of a kernel come from. `by_house`: is it called by the loops over cells, rows, events?"""

    def __init__(self, blocks: dict[int, Any], by_house: bool) -> None:
        self.by_house = by_house
        self._of: dict[str, list[Any]] = {}
        for block in blocks.values():
            for one in block.find_insts(ir.Assign):
                self._of.setdefault(one.target.name, []).append(one.value)

    def only(self, name: str) -> Any:
        """What a variable is, where it is one thing alone."""
        found = self._of.get(name, [])
        return (
            self.only(found[0].name)
            if len(found) == 1 and isinstance(found[0], ir.Var)
            else (found or [None])[-1]
        )

    def is_given(
        self, name: str, unless: tuple[str, ...] = NO_INDEX, met: frozenset[str] = frozenset()
    ) -> bool:
        """Is it an index that the house gives, or one that a loop between such takes?"""
        if name in met:
            return True
        met |= {name}
        return all(self._gives(value, unless, met) for value in self._of.get(name, [None]))

    def _gives(self, value: Any, unless: tuple[str, ...], met: frozenset[str]) -> bool:
        if isinstance(value, ir.Arg):
            return self.by_house
        if isinstance(value, ir.Var):
            return self.is_given(value.name, unless, met)
        kind = getattr(value, "op", None)
        if kind == "phi":
            return all(
                isinstance(one, ir.Var) and self.is_given(one.name, unless, met)
                for one in value.incoming_values
            )
        if kind == "cast":
            return self.is_given(value.value.name, unless, met)
        if kind == "getattr":
            return value.attr not in unless and isinstance(self.only(value.value.name), ir.Arg)
        if kind == "binop" and value.fn is operator.sub:  # a step's place in a page
            base = self.only(value.rhs.name)
            return (
                getattr(base, "op", "") == "getattr"
                and base.attr == "origin"
                and self.is_given(value.lhs.name, NO_STEP, met)
            )
        return kind == "pair_first" and self._is_of_range(value.value.name, unless, met)

    def _is_of_range(self, name: str, unless: tuple[str, ...], met: frozenset[str]) -> bool:
        step: Any = self.only(name)
        begun: Any = self.only(step.value.name) if getattr(step, "op", "") == "iternext" else None
        call: Any = self.only(begun.value.name) if getattr(begun, "op", "") == "getiter" else None
        if getattr(call, "op", "") != "call" or not _is_range(self.only(call.func.name)):
            return False
        return len(call.args) == 2 and all(self.is_given(one.name, unless, met) for one in call.args)

    def parts(self, index: Any, n: int) -> list[Any]:
        """The variables that an index of n numbers was put together from, or None for each."""
        made = self.only(index.name)
        return list(made.items) if getattr(made, "op", "") == "build_tuple" else [None] * n


def _is_range(value: Any) -> bool:
    return isinstance(value, (ir.Global, ir.FreeVar)) and value.value is range


class _Look:
    """An index of `target` that is looked at: `axes` of it, in `line`."""

    def __init__(self, target: Any, index: Any, axes: list[int], line: int) -> None:
        self.target, self.index, self.axes, self.line = target, index, axes, line
        self.noted: Any = None


class _Lower(_lowering.Lower):
    """numba's, in which indices are looked at."""

    by_house = False

    def lower_function_body(self) -> Any:
        """Find what is to be looked at, with room to note it."""
        self._definitions = Definitions(self.blocks, self.by_house)
        self._instead: dict[str, Any] = {}
        self._looks = {id(inst): look for block in self.blocks.values() for inst, look in self._found(block)}
        self._at_once = may_go_on(self.blocks)
        for look in self._looks.values():
            look.noted = cgutils.alloca_once_value(self.builder, llvm.Constant(_BIT, 0))
        return super().lower_function_body()

    def _found(self, block: Any) -> Iterator[tuple[Any, _Look]]:
        for inst in block.body:
            value = inst.value if isinstance(inst, ir.Assign) else inst
            if isinstance(value, ir.SetItem):
                target, index = value.target, value.index
            elif isinstance(value, ir.StaticSetItem):
                target, index = value.target, value.index_var
            elif getattr(value, "op", "") == "getitem":
                target, index = value.value, value.index
            elif getattr(value, "op", "") == "static_getitem":
                target, index = value.value, value.index_var
            elif getattr(value, "op", "") == "call" and self._reads_a_row(value):
                target, index = value.args
            else:
                continue
            if index is not None and (axes := self._axes(target, index)):
                yield inst, _Look(target, index, axes, inst.loc.line)

    def _reads_a_row(self, call: Any) -> bool:
        """Is it `at_row(column, row)`, which reads an array that others have?"""
        called = self.typeof(call.func.name)
        return (
            isinstance(called, types.Dispatcher)
            and called.dispatcher.py_func.__name__ == "at_row"
            and len(call.args) == 2
        )

    def _axes(self, target: Any, index: Any) -> list[int]:
        """The axes on which an index is a number that may be wrong."""
        array: Any = self.typeof(target.name)
        kind: Any = self.typeof(index.name)
        if not isinstance(array, types.Array) or array.ndim == 0:
            return []
        if isinstance(kind, types.Integer):
            return [] if self._definitions.is_given(index.name) else [0]
        several: Any = kind if isinstance(kind, types.BaseTuple) else ()
        if not all(isinstance(one, types.Integer) for one in several):
            return []
        parts = self._definitions.parts(index, len(several))
        return [k for k, one in enumerate(parts) if one is None or not self._definitions.is_given(one.name)]

    def lower_inst(self, inst: Any) -> None:
        """With indices that lie inside."""
        if (look := self._looks.get(id(inst))) is not None:
            self._instead[look.index.name] = self._inside(look)
        elif isinstance(inst, ir.Return) and not self._at_once:
            self._tell(list(self._looks.values()))
        try:
            super().lower_inst(inst)
        finally:
            self._instead.clear()

    def loadvar(self, name: str) -> Any:
        """An index that lies inside in place of one that may not."""
        return self._instead[name] if name in self._instead else super().loadvar(name)

    def _inside(self, look: _Look) -> Any:
        """The index with 0 where it lies outside, which is noted."""
        build, kind = self.builder, self.typeof(look.index.name)
        array = self.context.make_array(self.typeof(look.target.name))(
            self.context, build, super().loadvar(look.target.name)
        )
        sizes = cgutils.unpack_tuple(build, array.shape)
        index = super().loadvar(look.index.name)
        one = isinstance(kind, types.Integer)
        outside: Any = llvm.Constant(_BIT, 0)
        for axis in look.axes:
            of, number = (kind, index) if one else (kind[axis], build.extract_value(index, axis))
            wrong = self._is_outside(number, of, sizes[axis])
            number = build.select(wrong, llvm.Constant(number.type, 0), number)
            index = number if one else build.insert_value(index, number, axis)
            outside = build.or_(outside, wrong)
        build.store(build.or_(build.load(look.noted), outside), look.noted)
        if self._at_once:
            self._tell([look])
        return index

    def _is_outside(self, number: Any, kind: Any, size: Any) -> Any:
        """As in Python, -1 is the last."""
        build, wide = self.builder, types.uintp if not kind.signed else types.intp
        number = self.context.cast(build, number, kind, wide)
        if not kind.signed:
            return build.icmp_unsigned(">=", number, size)
        return build.or_(
            build.icmp_signed(">=", number, size), build.icmp_signed("<", number, build.neg(size))
        )

    def _tell(self, looks: list[_Look]) -> None:
        """Raise the first error that was noted."""
        if not looks:
            return
        noted = [self.builder.load(look.noted) for look in looks]
        some = noted[0]
        for one in noted[1:]:
            some = self.builder.or_(some, one)
        with cgutils.if_unlikely(self.builder, some):
            for look, one in zip(looks, noted, strict=True):
                with cgutils.if_unlikely(self.builder, one):
                    python = self.func_ir.func_id.func
                    where = (
                        python.__module__,
                        python.__code__.co_qualname,
                        line_number(python.__code__, look.line),
                    )
                    self.return_exception(IndexError, ("index is out of bounds", *where))


def may_go_on(blocks: dict[int, Any]) -> bool:
    """Is there a loop that goes over nothing that ends?"""
    for loop in analysis.compute_cfg_from_blocks(blocks).loops().values():
        steps = [
            one
            for one in blocks[loop.header].find_insts(ir.Assign)
            if getattr(one.value, "op", "") == "iternext"
        ]
        if not steps:
            return True
    return False


class _LowerForHouse(_Lower):
    by_house = True


@_registered(mutates_CFG=True, analysis_only=False)
class _Lowering(_passes.BaseNativeLowering):
    _name = "parsim_looking"
    lowering_class = _Lower


@_registered(mutates_CFG=True, analysis_only=False)
class _LoweringForHouse(_passes.BaseNativeLowering):
    _name = "parsim_looking_for_house"
    lowering_class = _LowerForHouse


class Looking(Pipeline):
    """The pipeline for a kernel of a user's that other kernels call."""

    lowers = _Lowering


class LookingForHouse(Looking):
    """The same for one that is a model's."""

    lowers = _LoweringForHouse

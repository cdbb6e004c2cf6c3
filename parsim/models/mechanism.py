"""What a mechanism is: a frozen value that names what each instance keeps, and kernels that move it.

A mechanism sits on compartments: a **density** mechanism covers membrane (currents in mA/cm2, conductances in S/cm2), a
**point** process stands at one place (nA, uS), an **artificial** cell has neither voltage nor place. It is made from
NMODL by `parsim.mechanism`, or written by hand in the same form.
"""

import ast
import importlib
import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from textwrap import dedent
from typing import Any

from parsim.arrays import shown
from parsim.errors import DescriptionError, suggestion
from parsim.jit import belongs_to, generated, is_kernel, python_function
from parsim.models.params import Param, Variable

KINDS = ("density", "point", "artificial")
LOOPS = ("kept", "shared", "tree", "volts", "streams", "tables", "ions", "runs", "t", "dt")
ONE = ("kept", "shared", "tree", "volts", "streams", "tables", "ions", "here", "at")
# Kernels by name, with what they are given after the bundles.
KERNELS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "initial": (LOOPS, ()), "state": (LOOPS, ()), "state_midpoint": (LOOPS, ()),
    "state_apart": (LOOPS, ()), "current": (LOOPS, ("d", "rhs")),
    "current_and_ions": (LOOPS, ("d", "rhs")), "observe": (LOOPS, ("out",)), "diffusion": (LOOPS, ("out",)),
    "watch": (LOOPS, ("q",)), "tabulate": (("shared", "tables", "dt"), ()),
    "receive": (ONE, ("c", "e", "q")), "connect": (ONE, ("c", "e", "q")),
}  # fmt: skip
_OPTIONAL = {"initial": ("q",), "receive": ("rows",), "connect": ("rows",)}


@dataclass(frozen=True)
class IonUse:
    """What a mechanism does with an ion x: it reads and writes some of ex (mV), ix (mA/cm2), xi and xo (mM).

    `valence` is None where another mechanism says it.
    """

    name: str
    read: tuple[str, ...] = ()
    write: tuple[str, ...] = ()
    valence: float | None = None

    def __post_init__(self) -> None:
        x = self.name
        parts = (f"e{x}", f"i{x}", f"{x}i", f"{x}o")
        for name in (*self.read, *self.write):
            if name not in parts:
                raise DescriptionError(
                    f"ion {x} has no variable {name!r}.{suggestion(name, parts)} It has: {', '.join(parts)}."
                )


@dataclass(frozen=True, eq=False, repr=False)
class Mechanism:
    """A mechanism, compared by identity like all models.

    Parameters
    ----------
    name, kind : str
        `kind` is "density", "point" or "artificial".
    kept : NamedTuple class
        Arrays [instance] of `Floats`: params, states, pointers, and what else a kernel keeps, which begins at 0.
    shared : NamedTuple class
        Numbers for all instances, `np.float64`: `celsius` and the globals.
    params, globals : tuple of Param
        What a user sets, one number an instance and one for all.
    states, carried, observed : tuple of Variable
        Fields of `kept` that are integrated; others that can be recorded; rows that `observe` computes for those who
        record them.
    pointers : tuple of Variable
        Fields of `kept` that links write.
    ions : tuple of IonUse
        Each is an argument of kernels, a bundle with `e`, `current`, `inside` and `outside` [compartment].
    arguments : tuple of str or None
        Columns of a connection, the weight first; None where no connection may end.
    diffuses : tuple of str
        States that diffuse along the cable: two rows of `diffusion` each, coefficient and volume.
    streams : int
        How many random streams an instance has; then kernels take a bundle `streams`.
    tables : tuple of int
        Rows and points of an array `tables`, which `tabulate` fills when globals or dt have changed.
    linear, constant : bool
        Is the current linear in V? Does its conductance depend on parameters alone?
    sets_voltage : bool
        Does `receive` write to `volts`?
    writes_concentration : bool
        Such mechanisms come first, for others read what they write.
    kernels : dict of kernels by name
        `initial`, `state`, `state_midpoint`, `state_apart` (a part of a step, where `tables` are of whole ones),
        `current`, `current_and_ions`, `observe`, `diffusion`, `watch`:
        (kept, shared, tree, volts, [streams,] ions..., runs, t, dt, ...) for all instances of `runs`, rows of (first
        instance, first compartment, how many). `receive`, `connect`: (..., here, at, c, e, q) for one instance at an
        event. Those that would do nothing are left out.
    notes : tuple of str
        What was left out of a text on purpose.
    text : str
        The module that it was made as, if it was.
    """

    name: str
    kind: str
    kept: type
    shared: type
    params: tuple[Param, ...] = ()
    globals: tuple[Param, ...] = ()
    states: tuple[Variable, ...] = ()
    carried: tuple[Variable, ...] = ()
    observed: tuple[Variable, ...] = ()
    pointers: tuple[Variable, ...] = ()
    ions: tuple[IonUse, ...] = ()
    arguments: tuple[str, ...] | None = None
    diffuses: tuple[str, ...] = ()
    streams: int = 0
    tables: tuple[int, int] = (0, 0)
    linear: bool = True
    constant: bool = False
    sets_voltage: bool = False
    writes_concentration: bool = False
    kernels: Mapping[str, Callable[..., None]] = field(default_factory=dict)
    about: str = ""
    notes: tuple[str, ...] = ()
    text: str = ""

    def __post_init__(self) -> None:
        _check(self)
        for function in self.kernels.values():
            belongs_to(function, self.name)

    @property
    def sends_at_start(self) -> bool:
        """Does `initial` take a queue?"""
        return self._takes("initial", "q")

    @property
    def takes_rows(self) -> bool:
        """Does `receive` look at all connections of its instance? `rows.row` from `rows.start[e.slot]` on has them."""
        return self._takes("receive", "rows")

    @property
    def fires(self) -> bool:
        """Does `receive` fire by `net_event`?"""
        return "receive" in self.kernels and _names(self.kernels["receive"], "net_event")

    def may_write(self, name: str) -> bool:
        """May a kernel write to this field of `kept`? What is no parameter may be."""
        if not any(name == param.name for param in self.params):
            return True
        written = [_written(function) for kernel, function in self.kernels.items() if kernel != "tabulate"]
        return any(names is None or name in names for names in written)

    def _takes(self, kernel: str, argument: str) -> bool:
        return kernel in self.kernels and argument in _arguments(self.kernels[kernel])

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return self.name

    def __copy__(self) -> "Mechanism":
        return self

    def __deepcopy__(self, memo: Any) -> "Mechanism":
        return self  # it does not change

    def __reduce__(self) -> Any:
        if self.text:
            return made, (self.text,)
        for function in self.kernels.values():
            module = sys.modules.get(function.__module__)
            for name, value in vars(module).items() if module else ():
                if value is self:
                    return _found, (function.__module__, name)
        raise DescriptionError(f"{self.name} cannot be pickled; give it a name in the module of its kernels.")


@cache
def _written(function: Callable[..., None]) -> set[str] | None:
    """The fields of `kept` to which a kernel writes, by its text; None where that does not tell."""
    try:
        nodes = list(ast.walk(ast.parse(dedent(inspect.getsource(python_function(function))))))
    except OSError:
        return None
    fields = [x for x in nodes if isinstance(x, ast.Attribute) and ast.unparse(x.value) == "kept"]
    indexed = [x for x in nodes if isinstance(x, ast.Subscript) and x.value in fields]
    used = sum(isinstance(x, ast.Name) and x.id == "kept" for x in nodes)
    if used > len(indexed):  # it is handed on
        return None
    return {x.value.attr for x in indexed if isinstance(x.ctx, ast.Store)}  # type: ignore[attr-defined]


def made(text: str) -> Mechanism:
    """The mechanism that a module's text makes, which begins with its name; one value for one text."""
    module: Any = generated(text, text.strip('"').partition(":")[0])
    if not module.mechanism.text:
        module.mechanism = replace(module.mechanism, text=text)
    return module.mechanism  # type: ignore[no-any-return]


def _found(module: str, name: str) -> Any:
    return getattr(importlib.import_module(module), name)


def _check(m: Mechanism) -> None:
    """Refuse what does not fit together."""
    if not (isinstance(m.name, str) and m.name.isidentifier()):
        raise DescriptionError(
            f"the name of a mechanism is {shown(m.name)}; a name of letters and digits is needed."
        )
    if m.kind not in KINDS:
        raise DescriptionError(f"kind of {m.name} is {shown(m.kind)}; it must be one of {', '.join(KINDS)}.")
    own: list[Param | Variable] = [*m.params, *m.states, *m.carried, *m.pointers]
    for part, needs in (("kept", own), ("shared", list[Param | Variable](m.globals))):
        fields = getattr(getattr(m, part), "_fields", None)
        if fields is None:
            raise DescriptionError(
                f"{part} of {m.name} is {shown(getattr(m, part))}; a class of NamedTuple is needed."
            )
        for one in needs:
            if one.name not in fields:
                raise DescriptionError(
                    f"{m.name} declares '{one.name}', which is no field of "
                    f"{part}.{suggestion(one.name, fields)} It has: "
                    f"{', '.join(fields)}."
                )
    _check_names(m)
    for name, function in m.kernels.items():
        _check_kernel(m, name, function)


def _check_names(m: Mechanism) -> None:
    seen: set[str] = set()
    declared: list[Param | Variable] = [*m.params, *m.globals, *m.states, *m.carried, *m.pointers]
    for one in declared:
        if one.name in seen:
            raise DescriptionError(f"{m.name} declares '{one.name}' twice; rename one.")
        seen.add(one.name)


def _check_kernel(m: Mechanism, name: str, function: Any) -> None:
    if name not in KERNELS:
        raise DescriptionError(
            f"{m.name} has no kernel '{name}'.{suggestion(name, KERNELS)} There are: {', '.join(KERNELS)}."
        )
    if not callable(function) or not is_kernel(function):
        raise DescriptionError(f"{name} of {m.name} is {shown(function)}; decorate it with @parsim.kernel.")
    ions = [f"ion_{ion.name}" for ion in m.ions]
    before, after = KERNELS[name]
    some = {"streams": m.streams > 0, "tables": m.tables[0] > 0}
    wanted = [
        a for part in before for a in (ions if part == "ions" else [part] if some.get(part, True) else [])
    ]
    given = _arguments(function)
    optional = _OPTIONAL.get(name, ())
    if [a for a in given if a not in optional] != [*wanted, *after]:
        raise DescriptionError(
            f"kernel '{name}' of {m.name} takes ({', '.join(given)}); it must take ({', '.join([*wanted, *after])})."
        )


def _names(function: Any, name: str) -> bool:
    return name in python_function(function).__code__.co_names


def _arguments(function: Any) -> list[str]:
    return list(inspect.signature(python_function(function)).parameters)

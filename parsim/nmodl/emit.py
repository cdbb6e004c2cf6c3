"""A mechanism as the text of a Python module: bundles, kernels, and the value that names them."""

import json
import re
from collections.abc import Iterable

from parsim.nmodl import algebra as al
from parsim.nmodl.algebra import Expr
from parsim.nmodl.body import Body, factor
from parsim.nmodl.events import LOOP, PAD, event_kernels
from parsim.nmodl.fine import EVERY, LOW, POINTS, Fine
from parsim.nmodl.kernels import Analysed, Kernel
from parsim.nmodl.lines import needed
from parsim.nmodl.places import field, place
from parsim.nmodl.refusal import NmodlError
from parsim.nmodl.show import show
from parsim.nmodl.symbols import Symbol

_HEAD = '''"""{title}

Made by parsim from {path}. Do not edit: it is written anew when the text changes.
"""

# mypy: ignore-errors
# ruff: noqa

from typing import NamedTuple

import numpy as np

from parsim.arrays import Floats
from parsim.jit import kernel
{imports}

class Kept(NamedTuple):
    """Of each instance."""

{kept}


class Shared(NamedTuple):
    """Of all instances."""

{shared}


'''
_KINDS = {"density": "density mechanism", "point": "point process", "artificial": "artificial cell"}
_FROM = {
    "parsim.kernels.dense": ["solve_dense"],
    "parsim.kernels.functions": [
        "atan",
        "cos",
        "cosh",
        "fmod",
        "log10",
        "power",
        "sin",
        "sinh",
        "tan",
        "tanh",
    ],
    "parsim.kernels.maths": ["exp", "log"],
    "parsim.kernels.newton": ["compare", "improve", "is_settled", "probed"],
    "parsim.kernels.tables": ["fill_rises", "looked_up"],
    "parsim.models.mechanism": ["IonUse", "Mechanism"],
    "parsim.models.params": ["Param", "Variable"],
    "parsim.rng": ["exponential", "normal", "uniform"],
    "parsim.shard.events.queue": ["Event", "connection_move", "net_event", "net_move", "net_send"],
}


class Emitter:
    """Writes one mechanism; `kernels` are those that it has come to have, by name."""

    def __init__(self, found: Analysed) -> None:
        self.found, self.symbols, self.program = found, found.symbols, found.program
        self.kernels: dict[str, str] = {}
        self.fine = self._fine() if found.options.fine and found.midpoint is None else None

    def _fine(self) -> Fine | None:
        k = self.found.state
        stores = self._stores(k)
        found = Fine(self.symbols, Kernel(k.loads, needed(k.lines, list(stores.values())), stores))
        return found if found.columns else None

    def text(self) -> str:
        """The module."""
        f = self.found
        if f.initial is not None:
            self._kernel("initial", "States at the start.", f.initial)
        state, before = (self.fine.kernel, self.fine.before) if self.fine else (f.state, [])
        self._kernel("state", "States a step on, at the voltage of its end.", state, before)
        if self.fine:
            self._kernel("state_apart", "The same for a part of a step, computed.", f.state)
        if f.midpoint is not None:
            self._kernel(
                "state_midpoint", "The same by the midpoint rule, for the trapezoidal rule.", f.midpoint
            )
        if self.symbols.currents:
            self._current("current", with_ions=False)
        if any(ion for _, ion in self.symbols.currents):
            self._current("current_and_ions", with_ions=True)
        self._rows("observe", self._observed(), f.observe)
        self._rows("diffusion", f.diffusion.stores, f.diffusion)
        self._tabulate()
        self.kernels |= event_kernels(f, self.signature)
        body = "\n\n".join(self.kernels.values())
        value = self._value()
        head = _HEAD.format(
            title=self._title(), path=_plain(self.program.path), imports=_imports(body + value), kept=self._kept(),
            shared=_fields(["celsius", *(v.name for v in self._of("global"))], "float"),
        )  # fmt: skip
        return f"{head}{body}\n\n{value}" if body else f"{head}{value}"

    def _of(self, *kinds: str) -> list[Symbol]:
        return self.symbols.of_kind(*kinds)

    def _title(self) -> str:
        title = _plain(self.program.title)
        first = f"{self.program.name}: {_KINDS[self.program.kind]}."
        return f"{first}\n\n{title}" if title else first

    def _kept(self) -> str:
        kept = self._of("param", "state", "carried", "pointer")
        called: dict[str, Symbol] = {}
        for v in kept:
            if (other := called.setdefault(field(v.name), v)) is not v:
                raise NmodlError(
                    f"{v.where}: {v.name} and {other.name} would both be called {field(v.name)}; rename one."
                )
        names = [v.name for v in kept] + [f"watch_{k}" for k in range(self.found.watches)]
        return _fields(names or ["nothing"], "Floats")

    # ---- kernels --------------------------------------------------------------------------------

    def signature(self, name: str, *more: str, loop: bool = True) -> str:
        """The first lines of a kernel."""
        args = ["kept", "shared", "tree", "volts", *(["streams"] if self.program.randoms else [])]
        args += ["tables"] if self.symbols.tables.found or self.fine else []
        args += [f"ion_{x}" for x in self.symbols.ions]
        args += ["runs", "t", "dt"] if loop else ["here", "at"]
        return f"@kernel\ndef {name}({', '.join([*args, *more])}):"

    def _stores(self, k: Kernel) -> dict[str, Expr]:
        """What a kernel leaves behind: what instances keep, and ions but for their currents."""
        places = {n: (self.symbols.variables[n], e) for n, e in k.stores.items()}
        return {n: e for n, (v, e) in places.items() if v.kept or (v.kind == "ion" and v.part != "current")}

    def _stored(self, stores: dict[str, Expr]) -> list[str]:
        return [f"{place(self.symbols.variables[n])} = {show(e)}" for n, e in stores.items()]

    def _kernel(self, name: str, doc: str, k: Kernel, before: Iterable[str] = ()) -> None:
        stores = self._stores(k)
        if stores:
            body = Body(self.symbols, k)
            body.compute(stores.values(), before)
            body.add(self._stored(stores))
            self._write(name, doc, body)

    def _write(self, name: str, doc: str, body: Body, *more: str) -> None:
        lines = "\n".join(PAD + line for line in body.lines)
        self.kernels[name] = f'{self.signature(name, *more)}\n    """{doc}"""\n{body.before}{LOOP}{lines}\n'

    def _current(self, name: str, with_ions: bool) -> None:
        """With I = slope V + rest, the row of a compartment gains slope on its diagonal and -rest on its right side."""
        k, membrane, density = self.found.current, self.found.membrane, self.program.kind == "density"
        ionic = [(x, k.stores.get(n, al.ZERO)) for n, x in self.symbols.currents if x] if with_ions else []
        stores = self._stores(k)
        body = Body(self.symbols, k)
        body.compute([*stores.values(), *(e for _, e in ionic), membrane.slope, membrane.rest])
        patch = "patch * " if density else ""
        body.add(["patch = tree.patch[at]"] if density else [])
        if membrane.slope != al.ZERO:
            body.add([f"d[at] += {patch}{factor(membrane.slope)}"])
        if membrane.rest != al.ZERO:
            body.add([f"rhs[at] -= {patch}{factor(membrane.rest)}"])
        body.add(self._stored(stores))
        scale = "" if density else " * (100.0 / tree.area[at])"
        body.add(f"ion_{x}.current[at] += {factor(e)}{scale}" for x, e in ionic)
        doc = "Conductance to the diagonal, what is left of the current to the right side, uS and nA"
        self._write(name, f"{doc}; currents of ions, mA/cm2." if with_ions else f"{doc}.", body, "d", "rhs")

    def _observed(self) -> dict[str, Expr]:
        """What can be recorded and is not kept."""
        currents = dict(self.symbols.currents)
        places = {n: (self.symbols.variables[n], e) for n, e in self.found.observe.stores.items()}
        return {n: e for n, (v, e) in places.items() if n in currents or (v.kind == "assigned" and v.seen)}

    def _rows(self, name: str, ends: dict[str, Expr], k: Kernel) -> None:
        if ends:
            body = Body(self.symbols, k)
            body.compute(ends.values())
            body.add(f"out[{q}, here] = {show(e)}" for q, e in enumerate(ends.values()))
            self._write(name, f"Rows of `out`: {', '.join(n.replace('/', ' ') for n in ends)}.", body, "out")

    def _tabulate(self) -> None:
        """Fill tables, one loop for each."""
        loops = []
        if self.fine:
            k = self.fine.filled
            body = Body(self.symbols, k)
            body.compute(k.stores.values())
            body.add(f"tables[point, {2 * int(column)}] = {show(e)}" for column, e in k.stores.items())
            loops += ["    tables[:] = np.nan", f"    for point in range(1, {POINTS - 1}):"]
            loops += [f"        {k.argument} = np.float64({LOW!r} + point * {EVERY!r})"]
            loops += [f"        {line}" for line in body.lines]
            loops += ["    fill_rises(tables)"]
        for table, k in self.found.tabulated:
            body = Body(self.symbols, k)
            body.compute([k.at_point])
            body.add(
                [f"{k.argument} = np.float64({show(k.at_point)})"]
            )  # no float, which cannot be divided by 0
            body.compute(k.stores.values())
            body.add(f"tables[{table.first + q}, point] = {show(e)}" for q, e in enumerate(k.stores.values()))
            loops += [
                f"    for point in range({table.last + 1}):",
                *(f"        {line}" for line in body.lines),
            ]
        if loops:
            names = [name for table, _ in self.found.tabulated for name in table.names]
            doc = f"Fill `tables`: {', '.join(names) or 'columns of what states need at a voltage'}."
            text = "\n".join(loops)
            self.kernels["tabulate"] = (
                f'@kernel\ndef tabulate(shared, tables, dt):\n    """{doc}"""\n{text}\n'
            )

    # ---- the value ------------------------------------------------------------------------------

    def _value(self) -> str:
        f, p = self.found, self.program
        receive = p.find("NET_RECEIVE")
        ions = [
            f"IonUse({_quoted(i.name)}, {_tuple(map(_quoted, i.read))}, {_tuple(map(_quoted, i.write))}, {i.valence!r})"
            for i in self.symbols.ions.values()
        ]
        fields = {
            "name": _quoted(p.name),
            "kind": _quoted(p.kind),
            "kept": "Kept",
            "shared": "Shared",
            "params": _tuple(_param(v) for v in self._of("param")),
            "globals": _tuple(_param(v) for v in self._of("global")),
            "states": _tuple(_variable(v) for v in self._of("state")),
            "carried": _tuple(_variable(v) for v in self._of("carried") if v.seen),
            "observed": _tuple(_variable(self.symbols.variables[n]) for n in self._observed()),
            "pointers": _tuple(_variable(v) for v in self._of("pointer")),
            "ions": _tuple(ions),
            "arguments": _tuple(map(_quoted, receive.args)) if receive else "None",
            "diffuses": _tuple(
                _quoted(n) for n in dict.fromkeys(key.split("/")[0] for key in f.diffusion.stores)
            ),
            "streams": repr(len(p.randoms)),
            "tables": repr(
                (POINTS, 2 * self.fine.columns)
                if self.fine
                else (self.symbols.tables.rows, self.symbols.tables.points)
            ),
            "linear": repr(f.membrane.linear),
            "constant": repr(f.constant),
            "sets_voltage": repr(f.sets_voltage),
            "writes_concentration": repr(self.symbols.writes_concentration),
            "about": _quoted(p.title),
            "notes": _tuple(map(_quoted, p.notes)),
            "kernels": "{" + ", ".join(f'"{n}": {n}' for n in self.kernels) + "}",
        }
        said = [f"    {key}={text},\n" for key, text in fields.items() if _DEFAULTS.get(key, "()") != text]
        return "mechanism = Mechanism(\n" + "".join(said) + ")\n"


def module_text(found: Analysed) -> str:
    """The module of a mechanism."""
    return Emitter(found).text()


def _plain(text: str) -> str:
    """A text that can stand in a docstring."""
    return text.replace("\\", "/").replace('"', "'").strip()


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


# What need not be said; of what is not named here, the empty tuple.
_DEFAULTS = {
    "arguments": "None", "tables": "(0, 0)", "streams": "0", "linear": "True", "constant": "False",
    "sets_voltage": "False", "writes_concentration": "False", "about": '""',
}  # fmt: skip


def _fields(names: list[str], kind: str) -> str:
    return "\n".join(f"    {field(n)}: {kind}" for n in names)


def _tuple(parts: Iterable[str]) -> str:
    parts = list(parts)
    if not parts:
        return "()"
    text = "(" + ", ".join(parts) + ("," if len(parts) == 1 else "") + ")"
    if len(text) <= 100:
        return text
    return "(\n" + "".join(f"        {part},\n" for part in parts) + "    )"


def _param(v: Symbol) -> str:
    bounds = [
        f"at_least={v.low!r}" if v.low is not None else "",
        f"at_most={v.high!r}" if v.high is not None else "",
    ]
    more = "".join(f", {bound}" for bound in bounds if bound)
    return f"Param({_quoted(field(v.name))}, {v.default!r}, {_quoted(v.unit)}{more})"


def _variable(v: Symbol) -> str:
    return f"Variable({_quoted(field(v.name))}, {_quoted(v.unit)})"


def _imports(text: str) -> str:
    """Imports of what the text calls."""
    lines = []
    for module, names in _FROM.items():
        if used := [n for n in names if re.search(rf"(?<![\w.]){n}\(", text)]:
            lines.append(f"from {module} import {', '.join(used)}")
    return "\n".join(lines) + "\n"

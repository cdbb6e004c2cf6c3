"""The inside of a kernel's loop: what is loaded, what is computed, as lines of Python."""

from collections.abc import Iterable

from parsim.kernels.newton import MOVES, NEAR, TURNS
from parsim.nmodl import algebra as al
from parsim.nmodl.algebra import Expr
from parsim.nmodl.exponentials import with_shared
from parsim.nmodl.kernels import RESERVED, Kernel
from parsim.nmodl.lines import AnyLine, Dense, Differences, Line, Newton, needed
from parsim.nmodl.places import place
from parsim.nmodl.show import PRODUCT, show
from parsim.nmodl.symbols import Symbols

_SEARCH = 7  # turns at most in which a steady state is looked for


class Body:
    """Lines of text; `before` is what stands before the loop."""

    def __init__(self, symbols: Symbols, kernel: Kernel) -> None:
        self._symbols, self._kernel = symbols, kernel
        self.lines: list[str] = []
        self.before = ""

    def add(self, lines: Iterable[str]) -> None:
        """Lines as they are."""
        self.lines += lines

    def compute(self, ends: Iterable[Expr], before: Iterable[str] = ()) -> None:
        """Load and compute what these expressions need; lines that come `before` need the voltage."""
        ends = list(ends)
        lines = with_shared(needed(self._kernel.lines, ends), self._taken())
        wanted = al.names_of(ends).union(*(line.needs for line in lines))
        before = list(before)
        wanted |= {self._kernel.loads["v"]} if before else set()
        for name, called in self._kernel.loads.items():
            if called in wanted and name not in ("t", "dt"):
                self.lines.append(f"{called} = {place(self._symbols.variables[name])}")
        self.add(before)
        self.add(self._texts(lines))

    def _taken(self) -> set[str]:
        lines, loads = self._kernel.lines, self._kernel.loads
        return {*RESERVED, *loads.values(), *(name for line in lines for name in (*line.names, *line.needs))}

    def _texts(self, lines: list[AnyLine]) -> list[str]:
        found: list[str] = []
        for line in lines:
            if isinstance(line, Line):
                found.append(f"{line.name} = {show(line.value)}")
            elif isinstance(line, Newton):
                found += self._newton(line)
            elif isinstance(line, Differences):
                found += self._by_differences(line)
            else:
                found += self._dense(line)
        return found

    def _newton(self, newton: Newton) -> list[str]:
        out = [f"{name} = {show(e)}" for name, e in newton.start.items()]
        out += [f"{old} = {name}" for old, name in zip(newton.begin, newton.start, strict=False)]
        out += ["found = False"] if newton.begin else []
        out.append(f"for turn in range({newton.most + (_SEARCH if newton.begin else 0)}):")
        out += [f"    {text}" for text in self._texts(needed(newton.body, list(newton.change.values())))]
        for name, e in newton.change.items():
            out.append(f"    {name} = {show(al.add(name, e))}")
        if newton.begin:
            out += [f"    {text}" for text in _searched(newton)]
        if newton.positive:
            out += [f"    {name} = {name} if {name} > 0.0 else 0.0" for name in newton.change]
        changes = " + ".join(f"abs({show(e)})" for e in newton.change.values())
        states = " + ".join(f"abs({name})" for name in newton.start)
        enough = f"{newton.tolerance!r} * ({states})" if newton.relative else repr(newton.tolerance)
        out += [f"    if {changes} <= {enough}:", "        break", "else:"]
        # What has not converged is no number, which the engine tells.
        return [*out, *(f"    {name} = np.nan" for name in newton.start)]

    def _by_differences(self, found: Differences) -> list[str]:
        n, work = len(found.start), found.work
        self.before += f"    {work} = np.empty(({2 * n + 3}, {n}))\n"
        out = [f"{work}[0, {k}] = {show(e)}" for k, e in enumerate(found.start.values())]
        out += ["moved = 1.0", f"for turn in range({TURNS + 1}):"]
        out.append(f"    for part in range(0 if moved > {MOVES!r} else {2 * n}, {2 * n + 1}):")
        inner = [f"{name} = probed({work}, part, {k})" for k, name in enumerate(found.start)]
        inner += self._texts(needed(found.body, found.right))
        inner += [f"{work}[1, {k}] = {show(e)}" for k, e in enumerate(found.right)]
        out += [f"        {text}" for text in [*inner, f"compare({work}, part)"]]
        out += [f"    if turn > 0 and is_settled({work}, moved):", "        break"]
        out.append(f"    moved = improve({work})")
        # What has not converged is no number, which the engine tells.
        ends = (f"{work}[0, {k}] if moved <= {NEAR!r} else np.nan" for k in range(n))
        return [*out, *(f"{name} = {end}" for name, end in zip(found.start, ends, strict=True))]

    def _dense(self, dense: Dense) -> list[str]:
        n = len(dense.names)
        self.before += f"    system, right = np.empty(({n}, {n})), np.empty({n})\n"
        out = ["system[:] = 0.0"]
        for i, (row, e) in enumerate(zip(dense.rows, dense.right, strict=True)):
            out += [f"system[{i}, {j}] = {show(a)}" for j, a in row.items()]
            out.append(f"right[{i}] = {show(e)}")
        out.append("solve_dense(system, right)")
        return [*out, *(f"{name} = right[{i}]" for i, name in enumerate(dense.names))]


def _searched(newton: Newton) -> list[str]:
    """Turns until none of them makes an unknown negative, each from where the one before came to."""
    out = ["if not found:", "    found = True"]
    for name, old in zip(newton.start, newton.begin, strict=True):
        out += [
            f"    if {name} < -1e-06:",
            f"        {name} = 0.0",
            "        found = False",
            f"    {old} = {name}",
        ]
    return [*out, "    continue"]


def factor(e: Expr) -> str:
    """An expression as it stands within a product."""
    return show(e, PRODUCT)

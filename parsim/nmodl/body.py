"""The inside of a kernel's loop: what is loaded, what is computed, as lines of Python."""

from collections.abc import Iterable

from parsim.nmodl import algebra as al
from parsim.nmodl.algebra import Expr
from parsim.nmodl.exponentials import with_shared
from parsim.nmodl.kernels import RESERVED, Kernel
from parsim.nmodl.lines import AnyLine, Dense, Line, Newton, needed
from parsim.nmodl.places import place
from parsim.nmodl.show import PRODUCT, show
from parsim.nmodl.symbols import Symbols


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
            else:
                found += self._dense(line)
        return found

    def _newton(self, newton: Newton) -> list[str]:
        out = [f"{name} = {show(e)}" for name, e in newton.start.items()]
        out.append(f"for turn in range({newton.most}):")
        out += [f"    {text}" for text in self._texts(needed(newton.body, list(newton.change.values())))]
        for name, e in newton.change.items():
            out.append(f"    {name} = {show(al.add(name, e))}")
        if newton.positive:
            out += [f"    {name} = {name} if {name} > 0.0 else 0.0" for name in newton.change]
        changes = " + ".join(f"abs({show(e)})" for e in newton.change.values())
        states = " + ".join(f"abs({name})" for name in newton.start)
        out += [f"    if {changes} <= {newton.tolerance!r} * ({states}):", "        break", "else:"]
        # What has not converged is no number, which the engine tells.
        return [*out, *(f"    {name} = np.nan" for name in newton.start)]

    def _dense(self, dense: Dense) -> list[str]:
        n = len(dense.names)
        self.before = f"    system, right = np.empty(({n}, {n})), np.empty({n})\n"
        out = ["system[:] = 0.0"]
        for i, (row, e) in enumerate(zip(dense.rows, dense.right, strict=True)):
            out += [f"system[{i}, {j}] = {show(a)}" for j, a in row.items()]
            out.append(f"right[{i}] = {show(e)}")
        out.append("solve_dense(system, right)")
        return [*out, *(f"{name} = right[{i}]" for i, name in enumerate(dense.names))]


def factor(e: Expr) -> str:
    """An expression as it stands within a product."""
    return show(e, PRODUCT)

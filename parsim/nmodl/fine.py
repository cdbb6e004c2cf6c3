"""`tables="fine"`: what a step of states needs of the voltage alone, at 32 points a mV, with straight lines between.

Such are the steady state and the decay of a gate, also where there is no TABLE. All numbers of a point stand beside
one another, each before how much it rises to the next point, so they are fetched together: hh's states take 4.2 ns, and
5.0 when the next point's are fetched, too. Beyond the ends they are no numbers, which the engine tells.
"""

from parsim.nmodl import algebra as al
from parsim.nmodl.algebra import Expr
from parsim.nmodl.kernels import Kernel
from parsim.nmodl.lines import AnyLine, Line
from parsim.nmodl.symbols import Symbols

LOW, HIGH, EVERY = (
    -200.01,
    200.0,
    1 / 32,
)  # mV; points are beside whole numbers, at which rates are 0/0 in some texts
POINTS = int((HIGH - LOW) / EVERY) + 1
_CHEAP = al.TESTS | {"+", "-", "*", "neg", "select", "fabs"}


class Fine:
    """The columns of a kernel's table, and the kernel that reads them."""

    def __init__(self, symbols: Symbols, kernel: Kernel) -> None:
        self._v = kernel.loads.get("v", "")
        shared = {n for n in kernel.loads if n in ("celsius", "dt") or symbols.variables[n].kind == "global"}
        self._known = {kernel.loads[n] for n in shared} | {self._v}
        self._moves, self._dear, self._tests = {self._v}, set[str](), set[str]()
        self._columns: dict[Expr, float] = {}
        lines: list[AnyLine] = []
        for line in kernel.lines:
            lines.append(line if self._takes(line) or not isinstance(line, Line) else self._read(line))
        self.kernel = Kernel(kernel.loads, lines, {n: self._through(e) for n, e in kernel.stores.items()})
        loads = {n: called for n, called in kernel.loads.items() if n in shared}
        self.filled = Kernel(loads, kernel.lines, {str(int(k)): e for e, k in self._columns.items()}, self._v)

    @property
    def columns(self) -> int:
        """How many values a point has."""
        return len(self._columns)

    @property
    def before(self) -> list[str]:
        """Where the voltage is among the points: `point` is the one below, and `part` how far on it is."""
        last = float(POINTS - 1)
        return [
            f"at_point = ({self._v} - ({LOW!r})) * {1 / EVERY!r}",
            "at_point = at_point if at_point > 0.0 else 0.0",
            f"point = np.uint64(at_point if at_point < {last - 1.0!r} else {last - 1.0!r})",
            "part = min(at_point - np.float64(point), 1.0)",
        ]

    def _takes(self, line: AnyLine) -> bool:
        """Does a line depend on the voltage, and on nothing that differs otherwise?"""
        if not isinstance(line, Line) or not line.needs <= self._known:
            return False
        self._known.add(line.name)
        if line.needs & self._moves:
            self._moves.add(line.name)
        if self._is_dear(line.value):
            self._dear.add(line.name)
        if self._is_test(line.value):
            self._tests.add(line.name)
        return True

    def _read(self, line: Line) -> Line:
        return Line(line.name, self._through(line.value))

    def _through(self, e: Expr) -> Expr:
        """The same, from columns where it can be."""
        named = al.names(e)
        if named & self._moves and named <= self._known and self._is_dear(e) and not self._is_test(e):
            return ("column", self._columns.setdefault(e, float(len(self._columns))))
        return (e[0], *map(self._through, e[1:])) if isinstance(e, tuple) else e

    def _is_dear(self, e: Expr) -> bool:
        if isinstance(e, str):
            return e in self._dear
        return isinstance(e, tuple) and (e[0] not in _CHEAP or any(map(self._is_dear, e[1:])))

    def _is_test(self, e: Expr) -> bool:
        return e in self._tests if isinstance(e, str) else isinstance(e, tuple) and e[0] in al.TESTS

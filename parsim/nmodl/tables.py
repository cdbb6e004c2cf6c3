"""TABLE as in NEURON: what a function or procedure gives at N + 1 points of its argument, straight lines between."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from parsim.nmodl import algebra as al
from parsim.nmodl import syntax as s
from parsim.nmodl.algebra import Expr
from parsim.nmodl.refusal import Refused
from parsim.nmodl.scope import Scope

if TYPE_CHECKING:
    from parsim.nmodl.flatten import Flat

_MOST = 100_000  # intervals


@dataclass(frozen=True)
class Table:
    """Of one block: its rows among all tables begin at `first`; `names` are what it gives, or the function itself."""

    block: s.Block
    said: s.Table
    names: list[str]
    first: int
    last: int  # intervals

    def ends(self, flat: "Flat") -> tuple[Expr, Expr]:
        """Its first and last argument; both may be numbers that are the same for all instances."""
        low, high = (al.number(flat.value(e, Scope())) for e in (self.said.low, self.said.high))
        if isinstance(low, float) and isinstance(high, float) and not high > low:
            raise Refused(f"a TABLE from {low:g} to {high:g}; the second must be larger")
        return low, high


@dataclass
class Tables:
    """All tables that were asked for, by block; none where they are not wanted."""

    wanted: bool = False
    found: dict[str, Table] = field(default_factory=dict)

    def of(self, flat: "Flat", block: s.Block) -> Table | None:
        """The table of a block, if it has one and tables are wanted."""
        statement = next((st for st in block.body if isinstance(st, s.Table)), None)
        if statement is None or len(block.args) != 1:
            return None
        if not self.wanted:
            flat.program.note(f"{statement.where}: what TABLE would hold is computed; tables=True keeps it.")
            return None
        if block.name not in self.found:
            self.found[block.name] = self._made(flat, block, statement)
        return self.found[block.name]

    def _made(self, flat: "Flat", block: s.Block, said: s.Table) -> Table:
        n = flat.value(said.n, Scope())
        if not isinstance(n, float):
            raise Refused("WITH of a TABLE must be a number, or a name given by DEFINE")
        if not 1 <= n <= _MOST:
            raise Refused(f"a TABLE with {n:g} intervals; 1 to {_MOST} are possible")
        names = [e for name in said.names for e in flat.symbols.elements(name)] or [block.name]
        first = sum(len(table.names) for table in self.found.values())
        return Table(block, said, names, first, int(n))

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return sum(len(table.names) for table in self.found.values())

    @property
    def points(self) -> int:
        """How many points the longest has."""
        return max((table.last + 1 for table in self.found.values()), default=0)


def looked_up(flat: "Flat", table: Table, argument: Expr) -> Expr:
    """What a call comes to: variables are read from the table; the value of a function."""
    low, high = table.ends(flat)
    # What a block assigns beside its table is what it was at the last point when that was filled.
    flat.run(table.block.body, Scope({table.block.args[0]: high, table.block.name: al.ZERO}))
    scale = flat.keep("scale", al.div(float(table.last), al.sub(high, low)))
    position = flat.keep("position", al.mul(al.sub(argument, low), scale))
    for k, name in enumerate(table.names):
        e = flat.keep(
            name, al.call("looked_up", "tables", float(table.first + k), float(table.last), position)
        )
        if name == table.block.name:
            return e
        flat.write(name, e)
    return al.ZERO

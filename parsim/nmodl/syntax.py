"""What a mechanism file says: expressions, statements, blocks. Values, made by the parser, read by the rest.

`where` is "file:line", for errors.
"""

from dataclasses import dataclass, field
from typing import Any

# An expression: Num, Name, Index, Prime, Call, Text, Unary or Binary.
Expression = Any


@dataclass(frozen=True)
class Num:
    value: float


@dataclass(frozen=True)
class Name:
    id: str


@dataclass(frozen=True)
class Index:
    """An element of an array."""

    id: str
    at: Expression


@dataclass(frozen=True)
class Prime:
    """x' on the left of a differential equation."""

    id: str
    at: Expression = None


@dataclass(frozen=True)
class Text:
    """A text in quotes, as printf takes."""

    text: str


@dataclass(frozen=True)
class Call:
    name: str
    args: tuple[Expression, ...]


@dataclass(frozen=True)
class Unary:
    op: str
    x: Expression


@dataclass(frozen=True)
class Binary:
    op: str
    a: Expression
    b: Expression


@dataclass(frozen=True)
class Statement:
    where: str


@dataclass(frozen=True)
class Assign(Statement):
    """`target` is a Name, an Index, or a Prime."""

    target: Expression
    value: Expression


@dataclass(frozen=True)
class Do(Statement):
    """A procedure called for what it does."""

    call: Call


@dataclass(frozen=True)
class If(Statement):
    test: Expression
    then: list[Statement]
    other: list[Statement]


@dataclass(frozen=True)
class While(Statement):
    test: Expression
    body: list[Statement]


@dataclass(frozen=True)
class For(Statement):
    """FROM var = first TO last BY by, the last included."""

    var: str
    first: Expression
    last: Expression
    by: Expression
    body: list[Statement]


@dataclass(frozen=True)
class Local(Statement):
    """Names, each with the size of an array or None."""

    names: list[tuple[str, str | None]]


@dataclass(frozen=True)
class Table(Statement):
    names: list[str]
    depend: list[str]
    low: Expression
    high: Expression
    n: Expression


@dataclass(frozen=True)
class Solve(Statement):
    block: str
    method: str | None
    steady: bool


@dataclass(frozen=True)
class Reaction(Statement):
    """`left <-> right (forward, backward)`; `->` has no right side, `<<` no backward rate.

    Sides are (how many, Name or Index).
    """

    kind: str
    left: list[tuple[float, Expression]]
    right: list[tuple[float, Expression]]
    forward: Expression
    backward: Expression


@dataclass(frozen=True)
class Equation(Statement):
    """`~ left = right` of LINEAR and NONLINEAR blocks, and CONSERVE."""

    kind: str
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Compartment(Statement):
    """COMPARTMENT and LONGITUDINAL_DIFFUSION: a size for some states, perhaps by the index of an array."""

    kind: str
    index: str | None
    size: Expression
    names: list[str]


@dataclass(frozen=True)
class Watch(Statement):
    """Tests, each with its flag."""

    tests: list[tuple[Expression, Expression]]


@dataclass(frozen=True)
class Nested(Statement):
    """INITIAL within NET_RECEIVE, and FOR_NETCONS."""

    kind: str
    args: list[str]
    body: list[Statement]


@dataclass(frozen=True)
class Verbatim(Statement):
    """C, as it stands, and the line on which it ends."""

    text: str
    end: str


@dataclass(frozen=True)
class Note(Statement):
    """What has no effect here: UNITSOFF, MUTEXLOCK, CONDUCTANCE, LAG."""

    kind: str


@dataclass(frozen=True)
class Declared:
    """A variable: its value if it has one, unit, size of an array, bounds."""

    where: str
    name: str
    value: float | None = None
    unit: str = ""
    size: str | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Physical:
    """A constant of nature: `F = (faraday) (coulomb)` is that of the first unit, in the second."""

    where: str
    name: str
    first: str
    second: str


@dataclass(frozen=True)
class Block:
    """`args` are a function's arguments, or what follows SOLVEFOR."""

    kind: str
    name: str
    args: list[str]
    body: list[Statement]
    where: str


@dataclass
class Ion:
    """A USEION statement."""

    name: str
    read: list[str] = field(default_factory=list)
    write: list[str] = field(default_factory=list)
    valence: float | None = None
    where: str = ""


@dataclass
class Program:
    """A file, read."""

    path: str = ""
    title: str = ""
    kind: str = "density"
    name: str = ""
    where: str = ""  # the NEURON block
    ranges: list[str] = field(default_factory=list)
    globals: list[str] = field(default_factory=list)
    pointers: list[str] = field(default_factory=list)
    nonspecific: list[str] = field(default_factory=list)
    electrode: list[str] = field(default_factory=list)
    ions: list[Ion] = field(default_factory=list)
    randoms: list[str] = field(default_factory=list)
    external: list[str] = field(default_factory=list)
    physical: list[Physical] = field(default_factory=list)
    parameters: list[Declared] = field(default_factory=list)
    assigned: list[Declared] = field(default_factory=list)
    states: list[Declared] = field(default_factory=list)
    constants: list[Declared] = field(default_factory=list)
    file_locals: list[Declared] = field(default_factory=list)
    defines: dict[str, float] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # what was left out on purpose, a sentence each

    def find(self, kind: str, name: str | None = None) -> Block | None:
        """The first block of a kind, and of a name if one is given."""
        return next((b for b in self.blocks if b.kind == kind and name in (None, b.name)), None)

    def note(self, text: str) -> None:
        """Say once what was left out."""
        if text not in self.notes:
            self.notes.append(text)

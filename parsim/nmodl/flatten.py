"""Blocks of a mechanism as straight lines of one instance: procedures and functions written out, loops of known length
unrolled, branches turned into selects. What has no such form is refused with its line.

So a kernel vectorizes over instances by construction, and everything can be differentiated, solved and pruned.
"""

from collections.abc import Callable, Sequence

from parsim.errors import suggestion
from parsim.nmodl import algebra as al
from parsim.nmodl import calls
from parsim.nmodl import syntax as s
from parsim.nmodl.algebra import Expr
from parsim.nmodl.lines import Lines
from parsim.nmodl.refusal import Refused, told_at
from parsim.nmodl.scope import Scope
from parsim.nmodl.symbols import Symbols
from parsim.nmodl.tables import looked_up

_DEEPEST = 40  # calls within calls
_LONGEST = 1000  # turns of a loop that is unrolled

Handle = Callable[[s.Statement, Scope], bool]


class Flat(Lines):
    """What a block does to one instance. `now` is what each variable is at this point.

    `loads` are variables that are read before anything is written to them, with their names in the code;
    `assigned` those that are written, in order.
    """

    def __init__(self, symbols: Symbols, reserved: set[str]) -> None:
        super().__init__(reserved)
        self.symbols, self.program = symbols, symbols.program
        self.now: dict[str, Expr] = {}
        self.loads: dict[str, str] = {}
        self.assigned: list[str] = []
        self._own: dict[str, str] = {}
        self.fixed = symbols.fixed
        self.tabulating = ""  # the block whose table is being filled
        self.solver: Callable[[s.Solve], None] | None = None
        self._depth = 0

    # ---- variables ------------------------------------------------------------------------------

    def variable(self, name: str) -> str:
        """The variable as a name of its own, which stands for nothing else, also where its value is known."""
        e = self.read(name)
        if e != self.loads.get(name) and e != self._own.get(name):
            self.now[name] = self._own[name] = self.alias(name, e)
        return str(self.now[name])

    def read(self, name: str, scope: Scope | None = None) -> Expr:
        """What a variable is now."""
        if scope is not None and name in scope:
            return scope[name]
        if name in self.now:
            return self.now[name]
        if name in self.symbols.constants:
            return self.symbols.constants[name]
        if name in self.fixed:
            return self.fixed[name]
        if self.symbols.find(name).kind == "stream":
            raise Refused(
                f"{name} is a stream of random numbers; read it with random_uniform({name}) and the like"
            )
        if name not in self.loads:
            self.loads[name] = name if name in ("t", "dt") else self.fresh(name)
        self.now[name] = self.loads[name]
        return self.now[name]

    def write(self, name: str, e: Expr, scope: Scope | None = None) -> None:
        """Give a variable a value."""
        e = al.number(e)
        if scope is not None and name in scope:
            scope[name] = self.keep(name, e)
            return
        if name in self.symbols.constants:
            raise Refused(f"{name} is a constant and cannot be assigned; declare it in PARAMETER or ASSIGNED")
        symbol = self.symbols.find(name)
        if symbol.kind == "stream" or (symbol.kind == "built-in" and name != "v"):
            raise Refused(f"{name} cannot be assigned")
        self.now[name] = self.keep(name, e)  # v is changed for the rest of the kernel alone, as in NEURON
        if name not in self.assigned and name != "v":
            self.assigned.append(name)

    def noted(self) -> tuple[dict[str, Expr], list[str]]:
        """What variables are, for `go_back`."""
        return dict(self.now), list(self.assigned)

    def go_back(self, noted: tuple[dict[str, Expr], list[str]]) -> None:
        """Variables are as they were; lines that have come since stay, and nobody needs them."""
        self.now, self.assigned = noted

    # ---- expressions ----------------------------------------------------------------------------

    def value(self, e: s.Expression, scope: Scope) -> Expr:
        """An expression of the program as one of the generated code."""
        if isinstance(e, s.Num):
            return e.value
        if isinstance(e, s.Name):
            return self.read(e.id, scope)
        if isinstance(e, s.Index):
            return self._element(e, scope)
        if isinstance(e, s.Call):
            return self.called(e, scope)
        if isinstance(e, s.Unary):
            x = self.value(e.x, scope)
            return al.neg(al.number(x)) if e.op == "-" else al.opposite(al.truth(x))
        if isinstance(e, s.Binary):
            return self._binary(e, scope)
        raise Refused("a text or a derivative cannot stand in an expression")

    def _binary(self, e: s.Binary, scope: Scope) -> Expr:
        a, b = self.value(e.a, scope), self.value(e.b, scope)
        if e.op in ("&&", "||"):
            return (al.both if e.op == "&&" else al.either)(al.truth(a), al.truth(b))
        a, b = al.number(a), al.number(b)
        if e.op == "/":
            if isinstance(e.b, s.Num) and e.b.value == 0.0:
                raise Refused("something is divided by 0")
            return al.div(a, self.behind(b))
        if e.op == "^":
            return al.power(a, b)
        if e.op == "%":
            return al.call("fmod", a, b)
        return al.built(e.op, a, b)

    def _index(self, e: s.Index | s.Prime, scope: Scope) -> tuple[Expr, int]:
        """An index, and how many elements there are."""
        size = scope.sizes.get(e.id) or self.symbols.sizes.get(e.id)
        if size is None:
            raise Refused(f"{e.id} is no array; declare its size, as {e.id}[4]")
        at = self.value(e.at, scope)
        if isinstance(at, float) and not (0 <= at < size and at == int(at)):
            raise Refused(f"{e.id}[{at:g}]: the array has elements 0 to {size - 1}")
        return at, size

    def element(self, e: s.Index | s.Prime, scope: Scope) -> str:
        """The variable that is this element."""
        at, _ = self._index(e, scope)
        if not isinstance(at, float):
            raise Refused(
                f"which element of {e.id} is meant is not known beforehand; give an index of numbers and FROM"
            )
        return f"{e.id}_{int(at)}"

    def _element(self, e: s.Index, scope: Scope) -> Expr:
        at, size = self._index(e, scope)
        if isinstance(at, float):
            return self.read(f"{e.id}_{int(at)}", scope)
        found: Expr = self.read(f"{e.id}_{size - 1}", scope)
        for k in reversed(range(size - 1)):
            found = al.select(al.compare("<", at, k + 1.0), self.read(f"{e.id}_{k}", scope), found)
        return found

    def called(self, e: s.Call, scope: Scope) -> Expr:
        """What a function gives; a procedure gives 0, and does what it does."""
        if e.name in self.symbols.callable:
            return self._written_out(e, scope)
        if (made := self._drawn(e, scope)) is not None:
            return made
        args = [al.number(self.value(a, scope)) for a in e.args if not isinstance(a, s.Text)]
        found = calls.known(e.name, args, self.read)
        if found is None:
            raise self._unknown(e.name)
        return found

    def _unknown(self, name: str) -> Refused:
        if self.program.find("FUNCTION_TABLE", name):
            return Refused(
                f"{name} is a FUNCTION_TABLE, whose table a mechanism does not hold; make it a FUNCTION"
            )
        if name in calls.EVENTS:
            return Refused(f"{name} can be called in NET_RECEIVE and INITIAL alone")
        known = [*self.symbols.callable, *calls.PLAIN]
        return Refused(
            f"{name} is called, which is not known.{suggestion(name, known)} Write it as a FUNCTION"
        )

    def _written_out(self, e: s.Call, scope: Scope) -> Expr:
        block = self.symbols.callable[e.name]
        if len(e.args) != len(block.args):
            raise Refused(
                f"{e.name} is given {len(e.args)} arguments; it takes {len(block.args)} ({block.where})"
            )
        if self._depth >= _DEEPEST:
            raise Refused(f"{e.name} calls itself")
        args = [al.number(self.value(a, scope)) for a in e.args]
        if e.name != self.tabulating and (table := self.symbols.tables.of(self, block)) is not None:
            return looked_up(self, table, self.keep(block.args[0], args[0]))
        inner = Scope(
            {name: self.keep(name, a) for name, a in zip(block.args, args, strict=True)} | {e.name: al.ZERO}
        )
        self._depth += 1
        self.run(block.body, inner)
        self._depth -= 1
        return inner[e.name]

    def _drawn(self, e: s.Call, scope: Scope) -> Expr | None:
        """A random number: a function of how many the stream has given before."""
        streams = self.program.randoms
        stream, args = streams[0] if streams else "", list(e.args)
        if args and isinstance(args[0], s.Name) and args[0].id in streams:
            stream = args.pop(0).id
        elif e.name.startswith("random_"):
            return None
        values = [al.number(self.value(a, scope)) for a in args]
        if calls.drawn(e.name, "u", values) is None:
            return None
        count = f"{stream}_count"
        draw = self.keep("u", al.call("draw", float(streams.index(stream)), self.read(count)))
        self.write(count, al.add(self.read(count), al.ONE))
        return calls.drawn(e.name, draw, values)

    # ---- statements -----------------------------------------------------------------------------

    def run(self, body: Sequence[s.Statement], scope: Scope, handle: Handle | None = None) -> None:
        """Statements one after another; `handle` may take those that mean something special here."""
        for statement in body:
            with told_at(statement.where):
                if handle is None or not handle(statement, scope):
                    self._step(statement, scope, handle)

    def _step(self, statement: s.Statement, scope: Scope, handle: Handle | None) -> None:
        if isinstance(statement, s.Assign):
            self._assign(statement, scope)
        elif isinstance(statement, s.Do):
            self._do(statement.call, scope)
        elif isinstance(statement, s.Local):
            scope.declare(statement, self.symbols)
        elif isinstance(statement, s.If):
            self._branch(statement, scope, handle)
        elif isinstance(statement, s.For):
            self._unroll(statement, scope, handle)
        elif isinstance(statement, s.Solve) and self.solver is not None:
            self.solver(statement)
        elif not isinstance(statement, (s.Table, s.Note)):
            raise Refused(
                _CANNOT.get(type(statement).__name__, f"{type(statement).__name__} cannot stand here")
            )

    def _assign(self, statement: s.Assign, scope: Scope) -> None:
        target, value = statement.target, self.value(statement.value, scope)
        if isinstance(target, s.Prime):
            raise Refused(f"{target.id}' can stand in a DERIVATIVE block alone")
        if isinstance(target, s.Name):
            self.write(target.id, value, scope)
            return
        at, size = self._index(target, scope)
        for k in range(size) if not isinstance(at, float) else [int(at)]:
            name = f"{target.id}_{k}"
            chosen = (
                value
                if isinstance(at, float)
                else al.select(al.compare("==", at, float(k)), value, self.read(name, scope))
            )
            self.write(name, chosen, scope)

    def _do(self, call: s.Call, scope: Scope) -> None:
        if call.name == "state_discontinuity" and len(call.args) == 2:
            target = call.args[0]
            name = target.id if isinstance(target, s.Name) else self.element(target, scope)
            self.write(name, self.value(call.args[1], scope), scope)
        elif call.name in calls.IDLE and call.name not in self.symbols.callable:
            self.program.note(f"{self.program.path}: {call.name} does nothing here.")
        else:
            self.called(call, scope)

    def _unroll(self, statement: s.For, scope: Scope, handle: Handle | None) -> None:
        first, last, by = (self.value(e, scope) for e in (statement.first, statement.last, statement.by))
        if not (isinstance(first, float) and isinstance(last, float) and isinstance(by, float)) or by == 0.0:
            raise Refused(
                "how often the loop goes round is not known beforehand; use numbers, or names given by DEFINE"
            )
        if (last - first) / by > _LONGEST:
            raise Refused(f"the loop goes round {(last - first) / by:.0f} times; {_LONGEST} can be unrolled")
        k = first
        while k <= last if by > 0 else k >= last:
            self.run(statement.body, Scope({statement.var: k}, scope), handle)
            k += by

    def _branch(self, statement: s.If, scope: Scope, handle: Handle | None) -> None:
        test = al.truth(self.value(statement.test, scope))
        if isinstance(test, float):
            self.run(statement.then if test else statement.other, scope, handle)
            return
        test = self.keep("holds", test)
        before, around = dict(self.now), scope.copied()
        ends: list[tuple[dict[str, Expr], list[dict[str, Expr]]]] = []
        for body in (statement.then, statement.other):
            self.now = dict(before)
            scope.restore(around)
            self.run(body, scope, handle)
            ends.append((self.now, scope.copied()))
        scope.restore(around)
        self.now = dict(before)
        (now_a, scope_a), (now_b, scope_b) = ends
        for name in dict.fromkeys([*now_a, *now_b]):
            a, b = (now[name] if name in now else self.read(name) for now in (now_a, now_b))
            self.now[name] = self.keep(name, al.select(test, a, b))
        for level, local_a, local_b in zip(scope.levels(), scope_a, scope_b, strict=True):
            for name in dict.fromkeys([*local_a, *local_b]):
                a, b = (local.get(name, al.ZERO) for local in (local_a, local_b))
                level[name] = self.keep(name, al.select(test, a, b))


_CANNOT = {
    "While": "a WHILE loop, whose end is not known beforehand, can stand in NET_RECEIVE and in INITIAL alone; use FROM",
    "Verbatim": "VERBATIM holds C, which is not translated; say what it does in NMODL with verbatim={...}",
    "Watch": "WATCH can stand in NET_RECEIVE alone",
    "Nested": "FOR_NETCONS and INITIAL can stand in NET_RECEIVE alone",
    "Solve": "SOLVE can stand in BREAKPOINT and INITIAL alone",
    "Reaction": "a reaction can stand in a KINETIC block alone",
    "Equation": "an equation can stand in LINEAR, NONLINEAR and KINETIC blocks alone",
    "Compartment": "COMPARTMENT and LONGITUDINAL_DIFFUSION can stand in a KINETIC block alone",
}

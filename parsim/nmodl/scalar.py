"""What happens to one instance, as plain Python with branches: functions and procedures are written out in place.

For events, which come one by one, and for an INITIAL that sends events or loops until something holds.
"""

from collections.abc import Sequence

from parsim.errors import suggestion
from parsim.nmodl import algebra as al
from parsim.nmodl import calls
from parsim.nmodl import syntax as s
from parsim.nmodl.algebra import Expr
from parsim.nmodl.kernels import RESERVED, Analysed
from parsim.nmodl.places import place
from parsim.nmodl.refusal import Refused, told_at
from parsim.nmodl.scope import Scope
from parsim.nmodl.show import SUM, show

_DEEPEST = 40  # calls within calls
_UNROLLED = 50  # turns of a loop
_MOVABLE = 1.0  # the flag of an event that net_move moves


class Scalar:
    """Writes statements as lines; variables are locals that are loaded before and stored afterwards.

    `t` is what the time is called, `own` says that net_move moves the event of the connection.
    """

    def __init__(self, found: Analysed, t: str, own: bool = False) -> None:
        self.symbols, self.program = found.symbols, found.program
        self.lines: list[str] = []
        self.loads: dict[str, str] = {}
        self.assigned: list[str] = []
        self.watches: list[tuple[s.Expression, s.Expression]] = []
        self.loops_over_rows = False
        self._t, self._own, self._watches = t, own, found.watches
        self._taken = set(RESERVED)
        self._indent, self._depth = 0, 0

    def say(self, line: str) -> None:
        """A line at the present depth."""
        self.lines.append("    " * self._indent + line)

    def fresh(self, name: str) -> str:
        """A local's name."""
        k, new = 2, name
        while new in self._taken:
            new, k = f"{name}_{k}", k + 1
        self._taken.add(new)
        return new

    def loaded(self) -> list[str]:
        """Lines that load what is used."""
        places = [(self.symbols.variables[n], called) for n, called in self.loads.items()]
        return [f"{called} = {place(v) if v.kind != 'assigned' else '0.0'}" for v, called in places]

    def stored(self) -> list[str]:
        """Lines that store what was assigned."""
        places = [(self.symbols.variables[n], self.loads[n]) for n in self.assigned]
        return [f"{place(v)} = {called}" for v, called in places if v.kind != "assigned"]

    # ---- variables ------------------------------------------------------------------------------

    def read(self, name: str, scope: Scope | None = None) -> Expr:
        """A variable as a local."""
        if scope is not None and name in scope:
            return scope[name]
        if name in self.symbols.constants:
            return self.symbols.constants[name]
        if name in self.symbols.fixed:
            return self.symbols.fixed[name]
        if name == "t":
            return self._t
        if name == "dt":
            return "dt"
        if self.symbols.find(name).kind == "stream":
            raise Refused(
                f"{name} is a stream of random numbers; read it with random_uniform({name}) and the like"
            )
        if name not in self.loads:
            self.loads[name] = self.fresh(name)
        return self.loads[name]

    def write(self, name: str, e: Expr, scope: Scope) -> None:
        """Give a variable a value."""
        if name in scope:
            self.say(f"{scope[name]} = {show(al.number(e))}")
            return
        kind = "constant" if name in self.symbols.constants else self.symbols.find(name).kind
        if kind in ("constant", "stream") or (kind == "built-in" and name != "v"):
            raise Refused(f"{name} cannot be assigned here")
        self.say(f"{self.read(name)} = {show(al.number(e))}")
        if name not in self.assigned:
            self.assigned.append(name)

    # ---- expressions ----------------------------------------------------------------------------

    def value(self, e: s.Expression, scope: Scope) -> Expr:
        """An expression; functions within it are written out before."""
        if isinstance(e, s.Num):
            return e.value
        if isinstance(e, s.Name):
            return self.read(e.id, scope)
        if isinstance(e, s.Index):
            return self.read(self._element(e, scope), scope)
        if isinstance(e, s.Call):
            return self._called(e, scope)
        if isinstance(e, s.Unary):
            x = self.value(e.x, scope)
            return al.neg(al.number(x)) if e.op == "-" else al.opposite(al.truth(x))
        if isinstance(e, s.Binary):
            a, b = self.value(e.a, scope), self.value(e.b, scope)
            if e.op in ("&&", "||"):
                return (al.both if e.op == "&&" else al.either)(al.truth(a), al.truth(b))
            op = {"^": "power", "%": "fmod"}.get(e.op, e.op)
            return al.built(op, al.number(a), al.number(b))
        raise Refused("a text or a derivative cannot stand in an expression")

    def _element(self, e: s.Index, scope: Scope) -> str:
        size = scope.sizes.get(e.id) or self.symbols.sizes.get(e.id)
        at = self.value(e.at, scope)
        if size is None or not isinstance(at, float) or not 0 <= at < size:
            raise Refused(
                f"which element of {e.id} is meant is not known beforehand; use an index of numbers within the array"
            )
        return f"{e.id}_{int(at)}"

    def _called(self, e: s.Call, scope: Scope) -> Expr:
        if e.name in self.symbols.callable:
            return self._written_out(e, scope)
        streams, args = self.program.randoms, list(e.args)
        if streams and calls.drawn(e.name, "u", []) is not None:
            stream = (
                args.pop(0).id
                if args and isinstance(args[0], s.Name) and args[0].id in streams
                else streams[0]
            )
            return self._drawn(e.name, stream, [self.value(a, scope) for a in args])
        found = calls.known(e.name, [al.number(self.value(a, scope)) for a in args], self.read)
        if found is None:
            known = [*self.symbols.callable, *calls.PLAIN]
            raise Refused(
                f"{e.name} is called, which is not known.{suggestion(e.name, known)} Write it as a FUNCTION"
            )
        return found

    def _drawn(self, name: str, stream: str, args: list[Expr]) -> Expr:
        count, scope = f"{stream}_count", Scope()
        u = self.fresh("u")
        self.say(
            f"{u} = {show(al.call('draw', float(self.program.randoms.index(stream)), self.read(count)))}"
        )
        self.write(count, al.add(self.read(count), al.ONE), scope)
        return calls.drawn(name, u, args)

    def _written_out(self, e: s.Call, scope: Scope) -> Expr:
        block = self.symbols.callable[e.name]
        if len(e.args) != len(block.args):
            raise Refused(
                f"{e.name} is given {len(e.args)} arguments; it takes {len(block.args)} ({block.where})"
            )
        if self._depth >= _DEEPEST:
            raise Refused(f"{e.name} calls itself")
        given = [show(al.number(self.value(a, scope))) for a in e.args]
        names = [*block.args, *([e.name] if block.kind == "FUNCTION" else [])]
        inner: dict[str, Expr] = {name: self.fresh(name) for name in names}
        for name, text in zip(names, [*given, "0.0"], strict=False):
            self.say(f"{inner[name]} = {text}")
        self._depth += 1
        self.run(block.body, Scope(inner))
        self._depth -= 1
        return inner.get(e.name, al.ZERO)

    # ---- statements -----------------------------------------------------------------------------

    def run(self, body: Sequence[s.Statement], scope: Scope) -> None:
        """Statements one after another."""
        for statement in body:
            with told_at(statement.where):
                self._step(statement, scope)

    def _step(self, statement: s.Statement, scope: Scope) -> None:
        if isinstance(statement, s.Assign):
            self._assign(statement, scope)
        elif isinstance(statement, s.Do):
            self._do(statement.call, scope)
        elif isinstance(statement, s.Local):
            self._local(statement, scope)
        elif isinstance(statement, s.If):
            self._if(statement, scope)
        elif isinstance(statement, s.While):
            self._while(statement, scope)
        elif isinstance(statement, s.For):
            self._for(statement, scope)
        elif isinstance(statement, s.Watch):
            self._watch(statement, scope)
        elif isinstance(statement, s.Nested) and statement.kind == "FOR_NETCONS":
            self._for_netcons(statement, scope)
        elif isinstance(statement, s.Verbatim):
            raise Refused(
                "VERBATIM holds C, which is not translated; say what it does in NMODL with verbatim={...}"
            )
        elif not isinstance(statement, (s.Table, s.Note)):
            raise Refused(
                f"{type(statement).__name__} cannot stand here; it sends events or loops, so it cannot SOLVE"
            )

    def _assign(self, statement: s.Assign, scope: Scope) -> None:
        target = statement.target
        value = self.value(statement.value, scope)
        if isinstance(target, s.Prime):
            raise Refused(f"{target.id}' can stand in a DERIVATIVE block alone")
        self.write(target.id if isinstance(target, s.Name) else self._element(target, scope), value, scope)

    def _do(self, call: s.Call, scope: Scope) -> None:
        if call.name in calls.EVENTS and call.name not in self.symbols.callable:
            self._event(
                call.name, [show(al.number(self.value(a, scope)), SUM) for a in call.args], call, scope
            )
        elif call.name == "state_discontinuity" and len(call.args) == 2:
            self._assign(s.Assign("", call.args[0], call.args[1]), scope)
        elif call.name in calls.IDLE and call.name not in self.symbols.callable:
            self.program.note(f"{self.program.path}: {call.name} does nothing here.")
        else:
            self._called(call, scope)

    def _event(self, name: str, args: list[str], call: s.Call, scope: Scope) -> None:
        if len(args) != {"net_send": 2}.get(name, 1):
            raise Refused(
                f"{name} is given {len(args)} arguments; it takes {'2' if name == 'net_send' else '1'}"
            )
        movable = name == "net_send" and self.value(call.args[1], scope) == _MOVABLE
        if self._own and (name == "net_move" or movable):
            when = args[0] if name == "net_move" else f"{self._t} + {args[0]}"
            self.say(f"connection_move(q, e, {when})")
        elif name == "net_send":
            self.say(f"net_send(q, e, {args[0]}, int({args[1]}))")
        else:
            self.say(f"{name}(q, e, {args[0]})")

    def _local(self, statement: s.Local, scope: Scope) -> None:
        scope.declare(statement, self.symbols)
        for name, size in statement.names:
            for one in [name] if size is None else [f"{name}_{k}" for k in range(scope.sizes[name])]:
                scope[one] = self.fresh(one)
                self.say(f"{scope[one]} = 0.0")

    def _nested(self, body: Sequence[s.Statement], scope: Scope) -> None:
        self._indent += 1
        begin = len(self.lines)
        self.run(body, scope)
        if len(self.lines) == begin:
            self.say("pass")
        self._indent -= 1

    def _if(self, statement: s.If, scope: Scope) -> None:
        test = al.truth(self.value(statement.test, scope))
        if isinstance(test, float):
            self.run(statement.then if test else statement.other, scope)
            return
        self.say(f"if {show(test)}:")
        self._nested(statement.then, scope)
        if statement.other:
            self.say("else:")
            self._nested(statement.other, scope)

    def _while(self, statement: s.While, scope: Scope) -> None:
        self.say("while True:")
        self._indent += 1
        test = al.truth(self.value(statement.test, scope))
        self.say(f"if not ({show(test)}):")
        self.say("    break")
        self._indent -= 1
        self._nested(statement.body, scope)

    def _for(self, statement: s.For, scope: Scope) -> None:
        bounds = [self.value(e, scope) for e in (statement.first, statement.last, statement.by)]
        if (
            all(isinstance(e, float) for e in bounds)
            and bounds[2]
            and (bounds[1] - bounds[0]) / bounds[2] <= _UNROLLED
        ):
            first, last, by = bounds
            while first <= last if by > 0 else first >= last:
                self.run(statement.body, Scope({statement.var: first}, scope))
                first += by
            return
        turn, var = self.fresh("turn"), self.fresh(statement.var)
        first, last, by = (f"int({show(e)})" for e in bounds)
        self.say(f"for {turn} in range({first}, {last} + 1, {by}):")
        self.say(f"    {var} = float({turn})")
        self._nested(statement.body, Scope({statement.var: var}, scope))

    def _watch(self, statement: s.Watch, scope: Scope) -> None:
        """Arm tests; the first WATCH that an event comes to disarms what was armed before."""
        self.say("if not armed:")
        for k in range(self._watches):
            self.say(f"    kept.watch_{k}[here] = 0.0")
        self.say("armed = True")
        for test, flag in statement.tests:
            is_so = show(al.truth(self.value(test, scope)))
            self.say(f"kept.watch_{len(self.watches)}[here] = 2.0 if {is_so} else 1.0")
            self.watches.append((test, flag))

    def _for_netcons(self, statement: s.Nested, scope: Scope) -> None:
        """All connections onto the instance, over which something has come: before, nothing is known of them."""
        self.loops_over_rows = True
        inner: dict[str, Expr] = {name: f"c[other, {k}]" for k, name in enumerate(statement.args)}
        self.say("for which in range(rows.start[e.slot], rows.start[e.slot + 1]):")
        self.say("    other = rows.row[which]")
        self.say("    if c[other, 0] != c[other, 0]:")
        self.say("        continue")
        self._nested(statement.body, Scope(inner, scope))

"""Reaction schemes as rates of change.

Where each reaction has one reactant a side NEURON takes a scheme for linear, whatever its rates and sources hang on: it
takes them as they are when a step begins, and does not iterate. So is it here. Elsewhere it iterates, and leaves out of
derivatives what rates and sources hang on.
"""

from parsim.nmodl import algebra as al
from parsim.nmodl import syntax as s
from parsim.nmodl import walk
from parsim.nmodl.algebra import Expr
from parsim.nmodl.flatten import Flat
from parsim.nmodl.implicit import System
from parsim.nmodl.refusal import Refused
from parsim.nmodl.scope import Scope


def scheme(flat: Flat, block: s.Block) -> System:
    """The rates of all states that take part in a KINETIC block; what else stands in it is done on the way."""
    for name in flat.symbols.states:
        flat.variable(name)
    reading = _Scheme(flat)
    flat.run(block.body, Scope({"f_flux": al.ZERO, "b_flux": al.ZERO}), reading.handle)
    if not reading.system.rates:
        raise Refused(f"KINETIC {block.name} has no reaction between states")
    if reading.bent:
        reading.system.slopes, reading.system.once = reading.slopes, reading.single
    return reading.system


_Side = list[tuple[float, str]]  # how many of which state


class _Scheme:
    """Takes the statements that only KINETIC blocks have."""

    def __init__(self, flat: Flat) -> None:
        self.flat, self.system = flat, System({}, reacts=True)
        self._states = set(flat.symbols.states)
        self._moving = {flat.variable(name) for name in self._states}
        self.single, self.bent = True, False  # one reactant a side? do rates hang on states?
        self.slopes: dict[str, dict[str, Expr]] = {}  # of rates of change by state, at rates that are held

    def handle(self, statement: s.Statement, scope: Scope) -> bool:
        """Is it such a statement?"""
        if isinstance(statement, s.Reaction):
            self._reaction(statement, scope)
        elif isinstance(statement, s.Compartment):
            for name in [n for array in statement.names for n in self.flat.symbols.elements(array)]:
                self.flat.symbols.find(name)
            if statement.kind == "COMPARTMENT":
                self._volumes(statement, scope)
        elif isinstance(statement, s.Equation):
            if statement.kind != "CONSERVE":
                raise Refused("an equation cannot stand in a KINETIC block; write a reaction, or CONSERVE")
            left, right = (self.flat.value(e, scope) for e in (statement.left, statement.right))
            self.system.conserved.append((al.sub(left, right), self._last_named(statement)))
        elif isinstance(statement, s.If) and _reacts(statement):
            raise Refused(
                "a reaction cannot stand in a branch; give it a rate that is 0 where it does not happen"
            )
        else:
            return False
        return True

    def _reaction(self, r: s.Reaction, scope: Scope) -> None:
        flat = self.flat
        if r.kind == "<<":
            for _, name in self._named(r.left, scope):
                self._change(name, self._rate(r.forward, scope))
            return
        left, right = self._named(r.left, scope), self._named(r.right, scope)
        self.single &= all(sum(count for count, _ in side) <= 1.0 for side in (left, right))
        there = self._rate(r.forward, scope)
        forward = flat.keep("flux", self._flux(left, there, scope))
        back = al.ZERO if r.backward is None else self._rate(r.backward, scope)
        backward = flat.keep("flux", self._flux(right, back, scope)) if r.backward is not None else al.ZERO
        scope["f_flux"], scope["b_flux"] = forward, backward
        net = al.sub(forward, backward)
        for count, name in left:
            self._change(name, al.neg(al.mul(count, net)))
        for count, name in right:
            self._change(name, al.mul(count, net))
        for side, rate in ((left, there), (right, al.neg(back))):
            for k, (_, x) in enumerate(side):
                self._slope((left, right), x, self._flux(side, rate, scope, k))

    def _slope(self, sides: tuple[_Side, _Side], x: str, slope: Expr) -> None:
        """What flows changes by this much with `x`, so the rates of both sides do."""
        for sign, side in zip((-1.0, 1.0), sides, strict=True):
            for count, name in side:
                row = self.slopes.setdefault(name, {})
                row[x] = al.add(row.get(x, al.ZERO), al.mul(sign * count, slope))

    def _last_named(self, statement: s.Equation) -> str:
        """The last state of an equation that is no element of an array."""
        names = [node.id for node in walk.nodes(statement) if isinstance(node, s.Name)]
        return next((name for name in reversed(names) if name in self._states), "")

    def _named(self, side: list[tuple[float, s.Expression]], scope: Scope) -> _Side:
        return [(n, e.id if isinstance(e, s.Name) else self.flat.element(e, scope)) for n, e in side]

    def _rate(self, rate: s.Expression, scope: Scope) -> Expr:
        value = al.number(self.flat.value(rate, scope))
        self.bent |= self.flat.depends(value, self._moving)
        return value

    def _flux(self, side: _Side, value: Expr, scope: Scope, by: int = -1) -> Expr:
        """What flows from one side, or its derivative by the reactant at `by`."""
        for k, (count, name) in enumerate(side):
            if k == by:
                value, count = al.mul(count, value), count - 1.0
            value = al.mul(value, al.power(self.flat.read(name, scope), count))
        return value

    def _change(self, name: str, rate: Expr) -> None:
        """What is no state, such as a concentration outside, is held."""
        if name in self._states:
            self.system.rates[name] = al.add(self.system.rates.get(name, al.ZERO), rate)
        else:
            self.flat.symbols.find(name)

    def _volumes(self, statement: s.Compartment, scope: Scope) -> None:
        for array in statement.names:
            for k, name in enumerate(self.flat.symbols.elements(array)):
                inner = Scope({statement.index: float(k)}, scope) if statement.index else scope
                if name in self._states:
                    self.system.volumes[name] = self.flat.keep(
                        "volume", self.flat.value(statement.size, inner)
                    )


def _reacts(statement: s.If) -> bool:
    return any(isinstance(one, (s.Reaction, s.Equation)) for one in [*statement.then, *statement.other])

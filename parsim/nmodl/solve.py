"""SOLVE: a step of the states of a block, by the method that is said."""

from parsim.errors import suggestion
from parsim.nmodl import algebra as al
from parsim.nmodl import syntax as s
from parsim.nmodl import walk
from parsim.nmodl.algebra import Expr
from parsim.nmodl.flatten import Flat, Handle
from parsim.nmodl.implicit import System, solve, step
from parsim.nmodl.kinetic import scheme
from parsim.nmodl.refusal import Refused
from parsim.nmodl.scope import Scope

BLOCKS = ("DERIVATIVE", "KINETIC", "PROCEDURE", "LINEAR", "NONLINEAR", "DISCRETE", "PARTIAL")
_IMPLICIT = ("derivimplicit", "sparse", "cnexp", None)
_METHODS = "cnexp, derivimplicit, sparse and euler"


def solve_block(flat: Flat, said: s.Solve, midpoint: bool) -> bool:
    """Do what SOLVE says, and say whether the trapezoidal rule would change it."""
    blocks = {b.name: b for b in flat.program.blocks if b.kind in BLOCKS}
    if said.block not in blocks:
        raise Refused(
            f"SOLVE {said.block}: there is no such block.{suggestion(said.block, blocks)} Write DERIVATIVE {said.block}"
        )
    block = blocks[said.block]
    if block.kind == "PROCEDURE":
        flat.run(block.body, Scope())
        return False
    if block.kind in ("LINEAR", "NONLINEAR"):
        _equations(flat, block)
        return False
    if block.kind not in ("DERIVATIVE", "KINETIC"):
        raise Refused(f"{block.kind} blocks are not integrated; use DERIVATIVE or KINETIC")
    if block.kind == "DERIVATIVE" and not said.steady and said.method in ("cnexp", "euler"):
        return _explicit(flat, block, said.method)
    if said.method == "matexp":
        raise Refused(
            "METHOD matexp is not translated; use sparse, which gives the same as steps become small"
        )
    if said.method not in _IMPLICIT:
        raise Refused(
            f"METHOD {said.method} is not known.{suggestion(str(said.method), _IMPLICIT[:3])} There are {_METHODS}"
        )
    system = (
        scheme(flat, block)
        if block.kind == "KINETIC"
        else System(_rates(flat, block), reacts=said.method == "sparse")
    )
    step(flat, system, said.steady, midpoint)
    return not said.steady


def _explicit(flat: Flat, block: s.Block, method: str) -> bool:
    if method == "euler":
        dt = flat.read("dt")
        new = {n: al.add(flat.variable(n), al.mul(dt, rate)) for n, rate in _rates(flat, block).items()}
        for name, e in new.items():
            flat.write(name, e)
        return False
    before = flat.noted()
    try:
        flat.run(block.body, Scope(), _cnexp(flat))
    except _NotLinear as why:
        flat.go_back(before)
        flat.program.note(f"{why.args[0]}: cnexp does not apply, so it is derivimplicit, as in NEURON.")
        step(flat, System(_rates(flat, block)), steady=False, midpoint=False)
        return True
    return False


def _rates(flat: Flat, block: s.Block) -> dict[str, Expr]:
    """Rates of change by state; what else stands in the block is done on the way."""
    found: dict[str, Expr] = {}
    for name in flat.symbols.states:
        flat.variable(name)

    def take(statement: s.Statement, scope: Scope) -> bool:
        if isinstance(statement, s.Assign) and isinstance(statement.target, s.Prime):
            rate = al.number(flat.value(statement.value, scope))
            found[_state(flat, statement.target, scope)] = rate
            return True
        return False

    flat.run(block.body, Scope(), take)
    if not found:
        raise Refused(f"DERIVATIVE {block.name} says no derivative, as x' = -x")
    return found


def _state(flat: Flat, target: s.Prime, scope: Scope) -> str:
    name = target.id if target.at is None else flat.element(target, scope)
    if name not in flat.symbols.states:
        raise Refused(
            f"{name}' is the derivative of what is no STATE.{suggestion(name, flat.symbols.states)} Declare it in STATE"
        )
    return name


class _NotLinear(Exception):
    """Where cnexp does not apply."""


def _cnexp(flat: Flat) -> Handle:
    """Each state by the solution of x' = a + b x as its line says it, all else held, one after another."""

    def take(statement: s.Statement, scope: Scope) -> bool:
        if not (isinstance(statement, s.Assign) and isinstance(statement.target, s.Prime)):
            return False
        name = _state(flat, statement.target, scope)
        x, dt = _apart(flat, name, statement.value), flat.read("dt")
        rate = al.number(flat.value(statement.value, Scope({name: x}, scope)))
        try:
            slope = flat.derivative(rate, x)
        except al.NoDerivative:
            raise _NotLinear(f"{statement.where}: {name}' is not linear in {name}") from None
        if flat.depends(slope, {x}) or _chosen_by(flat, rate, x):
            raise _NotLinear(f"{statement.where}: {name}' is not linear in {name}")
        rest = flat.substituted([rate], {x: al.ZERO})[0]
        if slope == al.ZERO:
            new = al.add(x, al.mul(dt, rest))
        else:
            kept = al.call("exp", _exponent(flat, slope, dt))
            new = al.add(x, al.mul(al.sub(al.ONE, kept), al.sub(al.neg(al.ratio(rest, slope)), x)))
        flat.write(name, new)
        return True

    return take


def _apart(flat: Flat, name: str, rate: s.Expression) -> str:
    """A state as a name on which nothing depends but what its own line says: what was assigned, what functions read of
    themselves, and states that have taken their step count as held, as in NEURON."""
    x = flat.variable(name)
    calls = walk.calls(walk.nodes(rate)) & flat.symbols.callable.keys()
    return flat.alias(name, x) if calls or len(flat.dependent({x})) > 1 else x


def _exponent(flat: Flat, slope: Expr, dt: Expr) -> Expr:
    """slope dt; of -1/tau it is -dt/tau."""
    if (
        isinstance(slope, tuple)
        and slope[0] == "neg"
        and isinstance(slope[1], tuple)
        and slope[1][:2] == ("/", al.ONE)
    ):
        return al.neg(al.div(dt, flat.behind(slope[1][2])))
    return al.mul(dt, slope)


def _chosen_by(flat: Flat, e: Expr, x: str) -> bool:
    """Does a test on x decide anything in an expression?"""
    return flat.is_chosen_by([e], {x})


def _equations(flat: Flat, block: s.Block) -> None:
    """LINEAR and NONLINEAR: unknowns are what SOLVEFOR says, else the states that equations name."""
    for name in flat.symbols.states:
        flat.variable(name)
    residual: list[Expr] = []

    def take(statement: s.Statement, scope: Scope) -> bool:
        if not isinstance(statement, s.Equation):
            return False
        residual.append(al.sub(*(al.number(flat.value(e, scope)) for e in (statement.left, statement.right))))
        return True

    flat.run(block.body, Scope(), take)
    among = [e for name in block.args for e in flat.symbols.elements(name)] or flat.symbols.states
    states = [n for n in among if any(flat.depends(e, {flat.variable(n)}) for e in residual)]
    if len(states) != len(residual):
        raise Refused(
            f"{block.kind} {block.name} has {len(residual)} equations for {len(states)} states ({', '.join(states)})"
        )
    solve(flat, residual, states)

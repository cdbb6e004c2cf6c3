"""States by backward Euler, and by equations: a linear system at once, else Newton's iteration.

That ends where NEURON's ends, of which what is left shows in voltages: reaction schemes have exact derivatives, with
rates as they are, and changes add up to 1e-6; all else has differences for derivatives (`parsim.kernels.newton`). With
`exact` all have exact derivatives, and changes add up to 1e-8 of what states add up to.
"""

from dataclasses import dataclass, field

from parsim.nmodl import algebra as al
from parsim.nmodl.algebra import Expr
from parsim.nmodl.elimination import solved
from parsim.nmodl.flatten import Flat
from parsim.nmodl.lines import Differences, Newton

FOREVER = 1e9  # ms, the step of a steady state
TURNS, NEAR = 21, 1e-6  # of a reaction scheme, at most; what changes may add up to
EXACT_TURNS, EXACT_NEAR = (
    50,
    1e-8,
)  # of all else; of what states add up to. What is left then is as its square

Rows = list[dict[int, Expr]]  # of each equation: unknown -> derivative, those that are not 0


@dataclass
class System:
    """Rates of change by state, `volumes` where a state is a concentration, and what is conserved: expressions that
    are 0, each with the state in whose place it is solved (in NEURON the last that it names and that is no array).

    `reacts`: it is a reaction scheme, whose states may not fall below 0 where it is iterated. `slopes`: what is taken
    for derivatives of rates by state; with `once` the step is one of these.
    """

    rates: dict[str, Expr]
    volumes: dict[str, Expr] = field(default_factory=dict)
    conserved: list[tuple[Expr, str]] = field(default_factory=list)
    reacts: bool = False
    slopes: dict[str, dict[str, Expr]] | None = None
    once: bool = False


def step(flat: Flat, system: System, steady: bool, midpoint: bool) -> None:
    """One step of backward Euler, or with `midpoint` half a step and as far again."""
    order = list(system.rates)
    x = [flat.variable(n) for n in order]
    far = midpoint and not steady
    dt = FOREVER if steady else al.mul(0.5 if far else 1.0, flat.read("dt"))
    scales = [al.div(system.volumes.get(n, al.ONE), dt) for n in order]
    residual = [system.rates[n] for n in order]
    taken = system.slopes is not None and (system.once or not flat.symbols.exact)
    rows = _taken(system, order) if taken else _derivatives(flat, residual, x)
    held = set(range(len(x)))
    if rows is not None:
        for i, row in enumerate(rows):
            rows[i] = {j: al.neg(e) for j, e in row.items() if j != i}
            rows[i][i] = al.sub(scales[i], row[i] if i in row else al.ZERO)
        held -= _conserve(flat, system, order, x, rows, residual)

    if rows is not None and ((system.once and not steady) or not (taken or _moves(flat, rows, x))):
        change = solved(flat, rows, residual, order, diagonal=True)
        new = [al.add(a, al.mul(2.0 if far else 1.0, c)) for a, c in zip(x, change, strict=True)]
        _settle(flat, order, x, new)
        return
    given = [(i, scales[i]) for i in sorted(held)]
    if rows is not None and (system.reacts or flat.symbols.exact):
        search = steady and system.reacts and not (system.once or flat.symbols.exact)
        begin = [flat.fresh(f"{n}_old") for n in order] if search else []
        new = _newton(flat, order, (x, begin), (rows, residual), system.reacts, diagonal=True, held=given)
        new = [al.sub(al.mul(2.0, e), a) for e, a in zip(new, x, strict=True)] if far else new
    else:
        new = _by_differences(flat, order, x, residual, given)
        if far:
            rates = flat.substituted(residual, dict(zip(x, new, strict=True)))
            new = [al.add(e, al.mul(dt, rate)) for e, rate in zip(new, rates, strict=True)]
    _settle(flat, order, x, new)


def solve(flat: Flat, residual: list[Expr], order: list[str]) -> None:
    """States that make all residuals 0, from what they are now."""
    x = [flat.variable(n) for n in order]
    rows = _derivatives(flat, residual, x)
    new: list[Expr]
    if rows is not None and not _moves(flat, rows, x):
        at_zero = flat.substituted(residual, {name: al.ZERO for name in x})
        new = solved(flat, rows, [al.neg(e) for e in at_zero], order, diagonal=False)
    elif rows is not None and flat.symbols.exact:
        right = [al.neg(e) for e in residual]
        new = _newton(flat, order, (x, []), (rows, right), positive=False, diagonal=False, held=[])
    else:
        new = _by_differences(flat, order, x, residual, [])
    _settle(flat, order, x, new)


def _taken(system: System, order: list[str]) -> Rows:
    """What is taken for derivatives of rates."""
    slopes = system.slopes or {}
    return [{j: e for j, m in enumerate(order) if (e := slopes.get(n, {}).get(m))} for n in order]


def _moves(flat: Flat, rows: Rows, x: list[str]) -> bool:
    """Do derivatives depend on unknowns?"""
    return flat.depends(("+", *[e for row in rows for e in row.values()]), set(x))


def _derivatives(flat: Flat, residual: list[Expr], x: list[str]) -> Rows | None:
    try:
        return [_row(flat, f, x) for f in residual]
    except al.NoDerivative:
        return None


def _row(flat: Flat, f: Expr, x: list[str]) -> dict[int, Expr]:
    """Derivatives of an expression by unknowns, those that are not 0."""
    slopes = {j: flat.derivative(f, name) for j, name in enumerate(x)}
    return {j: e for j, e in slopes.items() if e != al.ZERO}


def _conserve(
    flat: Flat,
    system: System,
    order: list[str],
    x: list[str],
    rows: Rows,
    residual: list[Expr],
) -> set[int]:
    """What is conserved takes the row of a state; it is about amounts, so volumes count."""
    replaced = set()
    for e, taken in system.conserved:
        amounts = {x[j]: al.mul(x[j], system.volumes[n]) for j, n in enumerate(order) if n in system.volumes}
        row = {j: al.mul(a, system.volumes.get(order[j], al.ONE)) for j, a in _row(flat, e, x).items()}
        if not row:
            continue
        last = order.index(taken) if taken in order else max(row)
        rows[last], residual[last] = row, al.neg(flat.substituted([e], amounts)[0] if amounts else e)
        replaced.add(last)
    return replaced


def _newton(
    flat: Flat, order: list[str], states: tuple[list[str], list[str]], equations: tuple[Rows, list[Expr]],
    positive: bool, diagonal: bool, held: list[tuple[int, Expr]],
) -> list[Expr]:  # fmt: skip
    """Unknowns after Newton's iteration. `states`: where they come from, and names for it if that moves. `held`: (row,
    scale) of states that change by what their rate gives in a step."""
    (x, begin), (rows, residual) = states, equations
    y = [flat.fresh(f"{n}_new") for n in order]
    flat_rows = [(i, j) for i, row in enumerate(rows) for j in row]
    right, slopes = _at(flat, x, y, residual, [rows[i][j] for i, j in flat_rows])
    _hold(right, y, begin or x, held)
    new_rows: Rows = [{} for _ in rows]
    for (i, j), e in zip(flat_rows, slopes, strict=True):
        new_rows[i][j] = e
    change = solved(flat, new_rows, right, order, diagonal)
    # Changes depend on unknowns as a rule; where one does not, it is computed before the iteration.
    body = flat.split({*y, *begin})
    start: dict[str, Expr] = dict(zip(y, x, strict=True))
    changes: dict[str, Expr] = dict(zip(y, change, strict=True))
    exact = flat.symbols.exact
    near, most = (EXACT_NEAR, EXACT_TURNS) if exact else (NEAR, TURNS)
    flat.append(Newton(start, body, changes, positive, near, exact, most, tuple(begin)))
    return [flat.alias(n, name) for n, name in zip(order, y, strict=True)]


def _by_differences(
    flat: Flat, order: list[str], x: list[str], residual: list[Expr], held: list[tuple[int, Expr]]
) -> list[Expr]:
    """The same with derivatives by differences."""
    y = [flat.fresh(f"{n}_new") for n in order]
    right, _ = _at(flat, x, y, residual, [])
    _hold(right, y, x, held)
    body = flat.split(set(y))
    flat.append(Differences(dict(zip(y, x, strict=True)), body, right, flat.fresh("work")))
    return [flat.alias(n, name) for n, name in zip(order, y, strict=True)]


def _at(
    flat: Flat, x: list[str], y: list[str], residual: list[Expr], more: list[Expr]
) -> tuple[list[Expr], list[Expr]]:
    """What equations come to, and `more`, where unknowns `x` are `y`."""
    again = flat.substituted([*residual, *more], dict(zip(x, y, strict=True)))
    return again[: len(residual)], again[len(residual) :]


def _hold(right: list[Expr], y: list[str], old: list[str], held: list[tuple[int, Expr]]) -> None:
    """Rates are what states change by."""
    for i, scale in held:
        right[i] = al.sub(right[i], al.mul(scale, al.sub(y[i], old[i])))


def _settle(flat: Flat, order: list[str], x: list[str], new: list[Expr]) -> None:
    """States are what was found, and what the block assigned is what it is there."""
    ends = {n: flat.keep(n, e) for n, e in zip(order, new, strict=True)}
    by = {a: ends[n] for n, a in zip(order, x, strict=True)}
    moving = [n for n in flat.assigned if n not in ends and flat.depends(flat.now.get(n, al.ZERO), set(x))]
    for n, e in zip(moving, flat.substituted([flat.now[n] for n in moving], by), strict=True):
        flat.now[n] = flat.keep(n, e)
    for n in order:
        flat.write(n, ends[n])

"""States by backward Euler, and by equations: a linear system at once, else Newton's iteration with exact
derivatives."""

from dataclasses import dataclass, field

from parsim.nmodl import algebra as al
from parsim.nmodl.algebra import Expr
from parsim.nmodl.elimination import solved
from parsim.nmodl.flatten import Flat
from parsim.nmodl.lines import Newton

FOREVER = 1e9  # ms, the step of a steady state
TURNS = 50  # of Newton's iteration, at most
TOLERANCE = 1e-8  # what changes may add up to, of what states add up to; what is left then is as its square


@dataclass
class System:
    """Rates of change by state, `volumes` where a state is a concentration, and what is conserved (expressions that
    are 0).

    `positive`: states may not fall below 0, as in NEURON's sparse. `slopes`: derivatives of rates by state, where the
    step is one of these, taken at once.
    """

    rates: dict[str, Expr]
    volumes: dict[str, Expr] = field(default_factory=dict)
    conserved: list[Expr] = field(default_factory=list)
    positive: bool = False
    slopes: dict[str, dict[str, Expr]] | None = None


def step(flat: Flat, system: System, steady: bool, midpoint: bool) -> None:
    """One step of backward Euler, or with `midpoint` half a step and as far again."""
    order = list(system.rates)
    x = [flat.variable(n) for n in order]
    far = midpoint and not steady
    dt = FOREVER if steady else al.mul(0.5 if far else 1.0, flat.read("dt"))
    scales = [al.div(system.volumes.get(n, al.ONE), dt) for n in order]
    residual = [system.rates[n] for n in order]
    if system.slopes is None:
        rows = [_row(flat, f, x) for f in residual]
    else:
        rows = [{j: e for j, m in enumerate(order) if (e := system.slopes.get(n, {}).get(m))} for n in order]
    for i, row in enumerate(rows):
        rows[i] = {j: e for j, e in ((j, al.neg(e)) for j, e in row.items()) if j != i}
        rows[i][i] = al.sub(scales[i], row.get(i, al.ZERO))
    replaced = _conserve(flat, system, order, x, rows, residual)

    if system.slopes is not None or not flat.depends(
        ("+", *[e for row in rows for e in row.values()]), set(x)
    ):
        change = solved(flat, rows, residual, order, diagonal=True)
        new = [al.add(a, al.mul(2.0 if far else 1.0, c)) for a, c in zip(x, change, strict=True)]
    else:
        old = dict(enumerate(x))
        given = [(i, scales[i]) for i in range(len(x)) if i not in replaced]
        new = _newton(flat, order, x, (rows, residual), system.positive, diagonal=True, held=given)
        new = [al.sub(al.mul(2.0, e), old[i]) for i, e in enumerate(new)] if far else new
    _settle(flat, order, x, new)


def solve(flat: Flat, residual: list[Expr], order: list[str]) -> None:
    """States that make all residuals 0, from what they are now."""
    x = [flat.variable(n) for n in order]
    rows = [_row(flat, f, x) for f in residual]
    if not flat.depends(("+", *[e for row in rows for e in row.values()]), set(x)):
        at_zero = flat.substituted(residual, {name: al.ZERO for name in x})
        new = solved(flat, rows, [al.neg(e) for e in at_zero], order, diagonal=False)
    else:
        new = _newton(
            flat, order, x, (rows, [al.neg(e) for e in residual]), positive=False, diagonal=False, held=[]
        )
    _settle(flat, order, x, new)


def _row(flat: Flat, f: Expr, x: list[str]) -> dict[int, Expr]:
    """Derivatives of an expression by unknowns, those that are not 0."""
    slopes = {j: flat.derivative(f, name) for j, name in enumerate(x)}
    return {j: e for j, e in slopes.items() if e != al.ZERO}


def _conserve(
    flat: Flat,
    system: System,
    order: list[str],
    x: list[str],
    rows: list[dict[int, Expr]],
    residual: list[Expr],
) -> set[int]:
    """What is conserved takes the row of the last state that it names; it is about amounts, so volumes count."""
    replaced = set()
    for e in system.conserved:
        amounts = {x[j]: al.mul(x[j], system.volumes[n]) for j, n in enumerate(order) if n in system.volumes}
        row = {j: al.mul(a, system.volumes.get(order[j], al.ONE)) for j, a in _row(flat, e, x).items()}
        if not row:
            continue
        last = max(row)
        rows[last], residual[last] = row, al.neg(flat.substituted([e], amounts)[0] if amounts else e)
        replaced.add(last)
    return replaced


def _newton(
    flat: Flat, order: list[str], x: list[str], equations: tuple[list[dict[int, Expr]], list[Expr]], positive: bool,
    diagonal: bool, held: list[tuple[int, Expr]],
) -> list[Expr]:  # fmt: skip
    """Unknowns after Newton's iteration. `held`: (row, scale) of states that change by what their rate gives in a
    step."""
    rows, residual = equations
    y = [flat.fresh(f"{n}_new") for n in order]
    moved = dict(zip(x, y, strict=True))
    flat_rows = [(i, j) for i, row in enumerate(rows) for j in row]
    again = flat.substituted([*residual, *(rows[i][j] for i, j in flat_rows)], dict(moved))
    right = again[: len(residual)]
    for i, scale in held:
        right[i] = al.sub(right[i], al.mul(scale, al.sub(y[i], x[i])))
    new_rows: list[dict[int, Expr]] = [{} for _ in rows]
    for (i, j), e in zip(flat_rows, again[len(residual) :], strict=True):
        new_rows[i][j] = e
    change = solved(flat, new_rows, right, order, diagonal)
    # Changes depend on unknowns as a rule; where one does not, it is computed before the iteration.
    body = flat.split(set(y))
    start: dict[str, Expr] = dict(zip(y, x, strict=True))
    changes: dict[str, Expr] = dict(zip(y, change, strict=True))
    flat.append(Newton(start, body, changes, positive, TOLERANCE, TURNS))
    return [flat.alias(n, name) for n, name in zip(order, y, strict=True)]


def _settle(flat: Flat, order: list[str], x: list[str], new: list[Expr]) -> None:
    """States are what was found, and what the block assigned is what it is there."""
    ends = {n: flat.keep(n, e) for n, e in zip(order, new, strict=True)}
    by = {a: ends[n] for n, a in zip(order, x, strict=True)}
    moving = [n for n in flat.assigned if n not in ends and flat.depends(flat.now.get(n, al.ZERO), set(x))]
    for n, e in zip(moving, flat.substituted([flat.now[n] for n in moving], by), strict=True):
        flat.now[n] = flat.keep(n, e)
    for n in order:
        flat.write(n, ends[n])

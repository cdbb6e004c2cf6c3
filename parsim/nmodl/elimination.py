"""Linear equations solved by Gauss elimination that is written out, without what is zero.

Pivots are chosen by what fills least, once: there is no search for a large one while it runs. That suits backward
Euler, whose diagonal is never small. Large systems go to a loop over a small matrix, with a search.
"""

from parsim.nmodl import algebra as al
from parsim.nmodl.algebra import Expr
from parsim.nmodl.lines import Dense, Lines
from parsim.nmodl.refusal import Refused

MOST = 25  # unknowns that are written out

Row = dict[int, Expr]  # unknown -> coefficient, those that are not 0


def solved(lines: Lines, rows: list[Row], right: list[Expr], names: list[str], diagonal: bool) -> list[Expr]:
    """The unknowns of `rows` x = `right`, as expressions; `names` are for what is in between.

    `diagonal` keeps pivots to the diagonal.
    """
    if len(rows) > MOST:
        given = tuple(lines.fresh(f"x_{name}") for name in names)
        lines.append(Dense(given, rows, right))
        return list(given)
    rows = [
        {j: lines.keep(f"a_{names[i]}_{names[j]}", e) for j, e in row.items()} for i, row in enumerate(rows)
    ]
    right = [lines.keep(f"b_{names[i]}", e) for i, e in enumerate(right)]
    order: list[tuple[int, int, Expr]] = []  # row, unknown, what its pivot was multiplied by
    left, unknown = list(range(len(rows))), set(range(len(rows)))
    while left:
        i, j = _pivot(rows, left, unknown, diagonal)
        left.remove(i)
        unknown.remove(j)
        inverse = lines.keep(f"p_{names[j]}", al.div(al.ONE, rows[i][j]))
        order.append((i, j, inverse))
        for k in left:
            if j in rows[k]:
                _take_away(lines, rows, right, names, (i, j, k), inverse)
    solution: dict[int, Expr] = {}
    for i, j, inverse in reversed(order):
        e = right[i]
        for m, a in rows[i].items():
            if m in solution:
                e = al.sub(e, al.mul(a, solution[m]))
        solution[j] = lines.keep(f"x_{names[j]}", al.mul(e, inverse))
    return [solution[j] for j in range(len(names))]


def _pivot(rows: list[Row], left: list[int], unknown: set[int], diagonal: bool) -> tuple[int, int]:
    """The row and unknown that make fewest products; of several, one whose coefficient is a number."""
    best: tuple[tuple[int, bool, int, int], int, int] | None = None
    column = {j: sum(j in rows[k] for k in left) for j in unknown}
    for i in left:
        width = sum(j in unknown for j in rows[i])
        for j, a in rows[i].items():
            if j in unknown and a != al.ZERO and (j == i or not diagonal):
                cost = ((width - 1) * (column[j] - 1), not isinstance(a, float), i, j)
                if best is None or cost < best[0]:
                    best = cost, i, j
    if best is None:
        raise Refused("the equations do not determine all unknowns; one for each STATE is needed")
    return best[1], best[2]


def _take_away(
    lines: Lines,
    rows: list[Row],
    right: list[Expr],
    names: list[str],
    at: tuple[int, int, int],
    inverse: Expr,
) -> None:
    """Take the pivot's row from row k, so that unknown j goes."""
    i, j, k = at
    factor = lines.keep("f", al.mul(rows[k].pop(j), inverse))
    for m, a in rows[i].items():
        if m != j:
            new = al.sub(rows[k].get(m, al.ZERO), al.mul(factor, a))
            rows[k][m] = lines.keep(f"a_{names[k]}_{names[m]}", new)
    right[k] = lines.keep(f"b_{names[k]}", al.sub(right[k], al.mul(factor, right[i])))

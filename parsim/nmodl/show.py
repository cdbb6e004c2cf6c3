"""Expressions as Python."""

from parsim.nmodl.algebra import Expr

_LEVEL = {
    "select": 0, "or": 1, "and": 2, "not": 3, "<": 4, ">": 4, "<=": 4, ">=": 4, "==": 4, "!=": 4,
    "+": 5, "-": 5, "*": 6, "/": 6, "neg": 7,
}  # fmt: skip
PRODUCT = 6  # for `show`: what stands within a product
SUM = 5


def show(e: Expr, level: int = 0) -> str:
    """Python for an expression; in parentheses where operators around it bind more (`level`)."""
    if isinstance(e, float):
        return f"({e!r})" if e < 0 and level > SUM else repr(e)
    if isinstance(e, str):
        return e
    op, *x = e
    if op not in _LEVEL:
        return _call(op, x)
    mine = _LEVEL[op]
    if op == "select":
        text = f"{show(x[1], 1)} if {show(x[0], 1)} else {show(x[2], 1)}"
    elif op == "neg":
        text = f"-{show(x[0], 7)}"
    elif op == "not":
        text = f"not ({show(x[0])})"
    elif op in ("and", "or"):  # not Python's, which are branches
        text = f"({show(x[0])}) {'&' if op == 'and' else '|'} ({show(x[1])})"
    elif mine == _LEVEL["<"]:
        text = f"{show(x[0], SUM)} {op} {show(x[1], SUM)}"
    else:
        text = f"{show(x[0], mine)} {op} {show(x[1], mine + 1)}"
    return f"({text})" if mine < level else text


def _call(op: str, x: list[Expr]) -> str:
    op = {"fabs": "abs", "sqrt": "np.sqrt", "floor": "np.floor", "ceil": "np.ceil"}.get(op, op)
    if op == "looked_up":  # (tables, row, intervals, position)
        return f"looked_up(tables, {int(x[1])}, {x[2]!r}, {show(x[3])})"
    if op == "column":  # of a fine table
        k = 2 * int(x[0])
        return f"(tables[point, {k}] + part * tables[point, {k + 1}])"
    if op == "draw":  # (which stream, how many have been drawn)
        lane = f"streams.lane[here] + {int(x[0])}" if x[0] else "streams.lane[here]"
        return f"uniform(streams.seed, streams.serial, streams.gid[here], int({show(x[1])}), {lane})"
    return f"{op}({', '.join(map(show, x))})"

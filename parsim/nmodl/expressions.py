"""Expressions: precedence climbing over a Reader."""

from parsim.nmodl import syntax as s
from parsim.nmodl.reader import Reader

_BINDS = {
    "||": 1, "&&": 2, "<": 4, ">": 4, "<=": 4, ">=": 4, "==": 4, "!=": 4, "+": 5, "-": 5, "*": 6, "/": 6, "%": 6,
    "^": 8,
}  # fmt: skip
_SIGN = 7  # binds more than a product, less than a power
SUM = 4  # the level above which an expression holds no comparison


def expression(r: Reader, above: int = 0) -> s.Expression:
    """An expression of operators that bind more than `above`."""
    left = _primary(r)
    while (token := r.next).kind == "op" and _BINDS.get(token.text, 0) > above:
        r.take()
        right = expression(r, _BINDS[token.text] - (token.text == "^"))
        left = s.Binary(token.text, left, right)
    return left


def in_parentheses(r: Reader) -> s.Expression:
    """`( expression )`, as after `if`."""
    r.expect("(")
    inner = expression(r)
    r.expect(")")
    return inner


def _primary(r: Reader) -> s.Expression:
    token = r.next
    if token.kind == "num":
        r.take()
        r.skip_unit()
        return s.Num(float(token.text))
    if r.sees("("):
        inner = in_parentheses(r)
        if isinstance(inner, s.Num):  # (1e-3) (mV)
            r.skip_unit()
        return inner
    if r.sees("-", "!", "+"):
        op = r.take().text
        x = expression(r, _SIGN)
        return x if op == "+" else s.Unary(op, x)
    if r.accept("&"):
        return _primary(r)
    if token.kind == "str":
        return s.Text(r.take().text)
    if token.kind == "name":
        return named(r)
    raise r.wrong("an expression")


def named(r: Reader) -> s.Expression:
    """What begins with a name: a variable, an element, a derivative, a call."""
    name = r.name()
    if r.sees("("):
        return _call(r, name)
    at = None
    if r.accept("["):
        at = expression(r)
        r.expect("]")
    if not r.sees("'"):
        return s.Name(name) if at is None else s.Index(name, at)
    while r.accept("'"):
        pass
    return s.Prime(name, at)


def _call(r: Reader, name: str) -> s.Call:
    r.expect("(")
    args = []
    while not r.accept(")"):
        args.append(expression(r))
        r.skip_unit()
        if not r.accept(",") and not r.sees(")"):
            raise r.wrong("',' or ')'")
    return s.Call(name, tuple(args))

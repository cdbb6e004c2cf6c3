"""Statements of a block, one function each, found by the word that they begin with."""

from collections.abc import Callable

from parsim.nmodl import syntax as s
from parsim.nmodl.expressions import SUM, expression, in_parentheses, named
from parsim.nmodl.reader import Reader
from parsim.nmodl.refusal import NmodlError

IGNORED = {"UNITSOFF", "UNITSON", "MUTEXLOCK", "MUTEXUNLOCK", "THREADSAFE", "ENDCOMMENT", "RESET"}


def body(r: Reader) -> list[s.Statement]:
    """`{ statements }`."""
    r.expect("{")
    found: list[s.Statement] = []
    while not r.accept("}"):
        if r.next.kind == "end":
            raise r.wrong("'}'")
        found.append(_statement(r))
    return found


def arguments(r: Reader) -> list[str]:
    """`(a (mV), b)`: names, whose units are passed over."""
    r.expect("(")
    found = []
    while not r.accept(")"):
        found.append(r.name())
        if r.sees("("):
            r.unit()
        r.accept(",")
    return found


def _statement(r: Reader) -> s.Statement:
    token = r.next
    if token.kind == "verbatim":
        r.take()
        return s.Verbatim(
            token.where, token.text.removeprefix("VERBATIM").removesuffix("ENDVERBATIM"), token.end
        )
    if token.text in _STATEMENTS and token.kind in ("name", "op"):
        if token.text != "{":
            r.take()
        return _STATEMENTS[token.text](r, token.where)
    if token.text in IGNORED:
        r.take()
        return s.Note(token.where, token.text)
    if token.kind == "name":
        return _assignment(r, token.where)
    raise r.wrong("a statement")


def _assignment(r: Reader, where: str) -> s.Statement:
    left = named(r)
    if isinstance(left, s.Call):
        if r.sees("="):
            raise r.wrong("a statement after the call")
        return s.Do(where, left)
    r.expect("=")
    value = expression(r)
    r.skip_unit()
    return s.Assign(where, left, value)


def _if(r: Reader, where: str) -> s.Statement:
    test, then, other = in_parentheses(r), body(r), list[s.Statement]()
    if r.sees("else", "ELSE"):
        r.take()
        other = [_statement(r)] if r.sees("if", "IF") else body(r)
    return s.If(where, test, then, other)


def _while(r: Reader, where: str) -> s.Statement:
    return s.While(where, in_parentheses(r), body(r))


def _from(r: Reader, where: str) -> s.Statement:
    var = r.name()
    r.expect("=")
    first = expression(r)
    r.expect("TO")
    last = expression(r)
    by = expression(r) if r.accept("BY") else s.Num(1.0)
    return s.For(where, var, first, last, by, body(r))


def _local(r: Reader, where: str) -> s.Statement:
    names = [r.sized_name()]
    while r.accept(",") and r.next.kind == "name":
        names.append(r.sized_name())
    return s.Local(where, names)


def _table(r: Reader, where: str) -> s.Statement:
    names = [] if r.sees("DEPEND", "FROM") else r.names()
    depend = r.names() if r.accept("DEPEND") else []
    r.expect("FROM")
    low = expression(r)
    r.expect("TO")
    high = expression(r)
    r.expect("WITH")
    return s.Table(where, names, depend, low, high, expression(r))


def _solve(r: Reader, where: str) -> s.Statement:
    block, method, steady = r.name(), None, False
    if r.accept("STEADYSTATE"):
        steady, method = True, r.name()
    elif r.accept("METHOD") or r.accept("USING"):
        method = r.name()
    if r.accept("IFERROR"):
        body(r)
    return s.Solve(where, block, method, steady)


def _reaction(r: Reader, where: str) -> s.Statement:
    start = r.place
    left = _species(r)
    if left is None or not r.sees("<->", "<<", "->", "-"):
        r.back(start)
        a = expression(r, SUM)
        r.expect("=")
        return s.Equation(where, "~", a, expression(r))
    if r.accept("<->"):
        right = _species(r)
        if not right:
            raise r.wrong("what the reaction makes")
        r.expect("(")
        forward = expression(r)
        r.expect(",")
        backward = expression(r)
        r.expect(")")
        return s.Reaction(where, "<->", left, right, forward, backward)
    kind = "<<" if r.accept("<<") else "->"
    if kind == "->" and not r.accept("->"):
        r.expect("-")
        r.expect(">")
    rate = in_parentheses(r)
    return s.Reaction(where, kind, left, [], rate, None)


def _species(r: Reader) -> list[tuple[float, s.Expression]] | None:
    """`2 A + B[i]`, or None when it is something else."""
    found: list[tuple[float, s.Expression]] = []
    while True:
        count = float(r.take().text) if r.next.kind == "num" else 1.0
        if r.next.kind != "name":
            return None
        name = r.name()  # not `named`: rates in parentheses follow
        if r.accept("["):
            found.append((count, s.Index(name, expression(r))))
            r.expect("]")
        else:
            found.append((count, s.Name(name)))
        if not r.accept("+"):
            return found


def _conserve(r: Reader, where: str) -> s.Statement:
    left = expression(r, SUM)
    r.expect("=")
    return s.Equation(where, "CONSERVE", left, expression(r))


def _sizes(kind: str) -> Callable[[Reader, str], s.Statement]:
    def read(r: Reader, where: str) -> s.Statement:
        index = None
        if r.next.kind == "name" and r.ahead(1).text == ",":
            index = r.name()
            r.expect(",")
        size = s.Num(1.0) if r.sees("{") else expression(r)
        r.expect("{")
        names = []
        while not r.accept("}"):
            names.append(r.name())
            r.accept(",")
        return s.Compartment(where, kind, index, size, names)

    return read


def _watch(r: Reader, where: str) -> s.Statement:
    tests = []
    while True:
        test = in_parentheses(r)
        tests.append((test, expression(r)))
        if not r.accept(","):
            return s.Watch(where, tests)


def _for_netcons(r: Reader, where: str) -> s.Statement:
    args = arguments(r)
    return s.Nested(where, "FOR_NETCONS", args, body(r))


def _initial(r: Reader, where: str) -> s.Statement:
    return s.Nested(where, "INITIAL", [], body(r))


def _conductance(r: Reader, where: str) -> s.Statement:
    r.name()
    if r.accept("USEION"):
        r.name()
    return s.Note(where, "CONDUCTANCE")


def _lag(r: Reader, where: str) -> s.Statement:
    raise NmodlError(f"{where}: LAG is not translated; keep the earlier value in a variable of your own.")


def _block(r: Reader, where: str) -> s.Statement:
    return s.If(where, s.Num(1.0), body(r), [])


_STATEMENTS: dict[str, Callable[[Reader, str], s.Statement]] = {
    "{": _block, "LOCAL": _local, "TABLE": _table, "SOLVE": _solve, "if": _if, "IF": _if, "while": _while,
    "WHILE": _while,
    "FROM": _from, "FOR_NETCONS": _for_netcons, "INITIAL": _initial, "WATCH": _watch, "CONSERVE": _conserve,
    "COMPARTMENT": _sizes("COMPARTMENT"), "LONGITUDINAL_DIFFUSION": _sizes("LONGITUDINAL_DIFFUSION"),
    "~": _reaction, "CONDUCTANCE": _conductance, "PROTECT": lambda r, where: _statement(r), "LAG": _lag,
}  # fmt: skip

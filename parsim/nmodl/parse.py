"""A mechanism's text to a `Program`: the blocks of a file.

What is hard in the language is small: a unit in parentheses after a number looks like a call or a factor, statements
end without a mark, and reactions are no expressions. All three are decided by looking ahead.
"""

from collections.abc import Callable
from pathlib import Path

from parsim.errors import suggestion
from parsim.nmodl import syntax as s
from parsim.nmodl.reader import Reader
from parsim.nmodl.statements import IGNORED, arguments, body
from parsim.nmodl.tokens import tokens
from parsim.nmodl.whole import whole

_LISTS = {
    "RANGE": "ranges", "GLOBAL": "globals", "POINTER": "pointers", "BBCOREPOINTER": "pointers",
    "NONSPECIFIC_CURRENT": "nonspecific", "ELECTRODE_CURRENT": "electrode", "RANDOM": "randoms", "EXTERNAL": "external",
}  # fmt: skip
_KINDS = {"SUFFIX": "density", "POINT_PROCESS": "point", "ARTIFICIAL_CELL": "artificial"}
_BOUNDS = ("FROM", "TO", "START", "<")


def parse(text: str, path: str = "text", folder: Path | None = None) -> s.Program:
    """The program in a text; `path` is what errors call it, `folder` where it includes files from."""
    r = Reader(tokens(text, path, folder), s.Program(path))
    while r.next.kind != "end":
        _block(r)
    return whole(r.program)


def _block(r: Reader) -> None:
    token, p = r.next, r.program
    if token.kind == "title":
        title = r.take().text.strip().removeprefix("TITLE").strip()
        p.title = p.title or title
    elif token.kind == "verbatim":
        r.take()
        p.note(
            f"{token.where}: VERBATIM outside of blocks is left out (up to line "
            f"{token.end.rpartition(':')[2]}); only other "
            "VERBATIM could use it."
        )
    elif token.text in _BLOCKS:
        r.take()
        _BLOCKS[token.text](r, token.text, token.where)
    elif token.text in IGNORED:
        r.take()
    else:
        raise r.wrong(
            f"a block such as NEURON, PARAMETER, STATE or BREAKPOINT{suggestion(token.text, _BLOCKS)}"
        )


# ---- blocks of statements -----------------------------------------------------------------------


def _plain(r: Reader, kind: str, where: str) -> None:
    r.program.blocks.append(s.Block(kind, "", [], body(r), where))


def _named(r: Reader, kind: str, where: str) -> None:
    name = r.name()
    unknowns = r.names() if r.accept("SOLVEFOR") else []
    r.program.blocks.append(s.Block(kind, name, unknowns, body(r), where))


def _callable(r: Reader, kind: str, where: str) -> None:
    name, args = r.name(), arguments(r)
    if r.sees("("):
        r.unit()
    inner = [] if kind == "FUNCTION_TABLE" else body(r)
    r.program.blocks.append(s.Block(kind, name, args, inner, where))


def _net_receive(r: Reader, kind: str, where: str) -> None:
    args = arguments(r)
    r.program.blocks.append(s.Block(kind, "", args, body(r), where))


# ---- declarations -------------------------------------------------------------------------------


def _neuron(r: Reader, kind: str, where: str) -> None:
    p = r.program
    p.where = where
    r.expect("{")
    while not r.accept("}"):
        place, word = r.place, r.name()
        if word in _KINDS:
            p.kind, p.name = _KINDS[word], r.name()
        elif word in _LISTS:
            if r.next.kind == "name":
                getattr(p, _LISTS[word]).extend(r.names())
        elif word == "USEION":
            _useion(r)
        elif word == "REPRESENTS":
            _ontology(r)
        elif word not in ("THREADSAFE", "NONLINEAR"):
            r.back(place)
            raise r.wrong("a statement of the NEURON block")


def _useion(r: Reader) -> None:
    ion = s.Ion(where=r.next.where, name=r.name())
    while r.sees("READ", "WRITE", "VALENCE", "CHARGE", "REPRESENTS"):
        key = r.take().text
        if key == "READ":
            ion.read += r.names()
        elif key == "WRITE":
            ion.write += r.names()
        elif key == "REPRESENTS":
            _ontology(r)
        else:
            ion.valence = r.number()
    r.program.ions.append(ion)


def _ontology(r: Reader) -> None:
    """`[NCIT:C17008]` or `NCIT:C17008`, of which comments have taken what follows the colon."""
    if r.accept("["):
        while (
            r.next.text != "]"
            and r.next.kind != "end"
            and r.next.text not in ("USEION", "RANGE", "SUFFIX", "}")
        ):
            r.take()
        r.accept("]")
    else:
        r.take()


def _units(r: Reader, kind: str, where: str) -> None:
    p = r.program
    r.expect("{")
    while not r.accept("}"):
        place = r.next.where
        if r.next.kind != "name":  # (mV) = (millivolt)
            r.unit()
            r.expect("=")
            if r.next.kind == "num":
                r.take()
            if r.sees("("):
                r.unit()
            continue
        name = r.name()
        r.expect("=")
        if r.sees_number():
            p.constants.append(s.Declared(place, name, r.number(), r.skip_unit()))
        else:
            first = r.unit()
            p.physical.append(s.Physical(place, name, first, r.unit() if r.sees("(") else ""))


def _declarations(r: Reader, kind: str, where: str) -> None:
    p = r.program
    into = {"PARAMETER": p.parameters, "ASSIGNED": p.assigned, "STATE": p.states}.get(kind, p.constants)
    r.expect("{")
    while not r.accept("}"):
        if r.next.kind == "verbatim" or r.sees("UNITSOFF", "UNITSON"):
            r.take()
            continue
        into.append(_declared(r))
        r.accept(",")


def _declared(r: Reader) -> s.Declared:
    where = r.next.where
    name, size = r.sized_name()
    value = r.number() if r.accept("=") else None
    unit = r.unit() if r.sees("(") else ""
    low = high = None
    while r.sees(*_BOUNDS):
        word = r.take().text
        if word == "<":
            if not r.sees(">"):
                low = r.number()
                if r.accept(","):
                    high = r.number()
            r.expect(">")
        elif word == "FROM":
            low = r.number()
        elif word == "TO":
            high = r.number()
        else:
            r.number()  # START
    if r.sees("("):
        unit = r.unit()
    return s.Declared(where, name, value, unit, size, low, high)


def _file_locals(r: Reader, kind: str, where: str) -> None:
    while True:
        place = r.next.where
        name, size = r.sized_name()
        r.program.file_locals.append(s.Declared(place, name, size=size))
        if not r.accept(","):
            return


def _define(r: Reader, kind: str, where: str) -> None:
    name = r.name()
    r.program.defines[name] = r.number()


def _independent(r: Reader, kind: str, where: str) -> None:
    """`INDEPENDENT {t FROM 0 TO 1 WITH 1 (ms)}`, with or without braces: time, which nobody needs to declare."""
    line = r.next.where
    if r.accept("{"):
        while r.next.kind != "end" and not r.accept("}"):
            r.take()
        return
    while r.next.where == line and r.next.kind != "end":
        r.take()


_BLOCKS: dict[str, Callable[[Reader, str, str], None]] = {
    "NEURON": _neuron, "UNITS": _units, "PARAMETER": _declarations, "ASSIGNED": _declarations, "STATE": _declarations,
    "CONSTANT": _declarations, "LOCAL": _file_locals, "DEFINE": _define, "INDEPENDENT": _independent,
    "INITIAL": _plain, "BREAKPOINT": _plain, "CONSTRUCTOR": _plain, "DESTRUCTOR": _plain, "TERMINAL": _plain,
    "BEFORE": _named, "AFTER": _named, "DERIVATIVE": _named, "KINETIC": _named, "LINEAR": _named, "NONLINEAR": _named,
    "DISCRETE": _named, "PARTIAL": _named, "FUNCTION": _callable, "PROCEDURE": _callable, "FUNCTION_TABLE": _callable,
    "NET_RECEIVE": _net_receive,
}  # fmt: skip

"""A mechanism's text as tokens: comments left out, files that are included put in, C kept as one token."""

import re
from pathlib import Path
from typing import NamedTuple

from parsim.nmodl.refusal import NmodlError

_TOKEN = re.compile(
    r"""(?P<title>^[ \t]*TITLE\b[^\n]*)
    |(?P<include>\bINCLUDE[ \t]+"[^"\n]*")
    |(?P<verbatim>\bVERBATIM\b.*?\bENDVERBATIM\b)
    |(?P<comment>\bCOMMENT\b.*?\bENDCOMMENT\b|[:?][^\n]*)
    |(?P<num>(?:\d+\.\d*|\.\d+|\d+)(?:[eE][+-]?\d+)?)
    |(?P<name>[A-Za-z_µ]\w*)
    |(?P<str>"[^"\n]*")
    |(?P<op><->|<<|->|<=|>=|==|!=|&&|\|\||[-+*/^=<>!~(){}\[\],.&@%;$\\|\#'])
    |(?P<nl>\n)
    |(?P<ws>[ \t\r\f\v]+)""",
    re.X | re.M | re.S,
)
# Publishers' minus signs, quotes and blanks.
_TYPOGRAPHIC = str.maketrans(
    {"\u2212": "-", "\u2013": "-", "\u2019": "'", "\u2018": "'", "\u00b4": "'", "\ufeff": " ", "\u00a0": " "}
)
_DEEPEST = 8  # files that include one another


class Token(NamedTuple):
    """`kind` is num, name, str, op, title, verbatim or end; a line is told as "file:line"."""

    kind: str
    text: str
    where: str

    @property
    def end(self) -> str:
        """The line on which it ends."""
        path, _, line = self.where.rpartition(":")
        return f"{path}:{int(line) + self.text.count(chr(10))}"


def tokens(text: str, path: str, folder: Path | None) -> list[Token]:
    """All tokens and one of kind "end". Included files are looked for in `folder`."""
    found = _scanned(text, path, folder, 0)
    last = found[-1].end if found else f"{path}:1"
    return [*found, Token("end", "the end of the file", last)]


def _scanned(text: str, path: str, folder: Path | None, depth: int) -> list[Token]:
    text = text.translate(_TYPOGRAPHIC).replace("\r\n", "\n").replace("\r", "\n")
    found: list[Token] = []
    at, line = 0, 1
    while at < len(text):
        match = _TOKEN.match(text, at)
        where = f"{path}:{line}"
        if match is None:
            raise NmodlError(f"{where}: the character {text[at]!r} has no meaning here; delete it.")
        kind, piece = str(match.lastgroup), match.group()
        if piece in ("VERBATIM", "COMMENT"):
            raise NmodlError(f"{where}: {piece} has no END{piece}; add it.")
        if kind == "include":
            found += _included(piece.split('"')[1], where, folder, depth)
        elif kind not in ("comment", "nl", "ws"):
            found.append(Token(kind, piece, where))
        line += piece.count("\n")
        at = match.end()
    return found


def _included(name: str, where: str, folder: Path | None, depth: int) -> list[Token]:
    file = (folder or Path()) / name
    if folder is None or not file.is_file():
        place = f"in {folder}" if folder else "beside a text; give the path of the file"
        raise NmodlError(f'{where}: INCLUDE "{name}": there is no such file {place}.')
    if depth >= _DEEPEST:
        raise NmodlError(f'{where}: INCLUDE "{name}": files include one another without end.')
    return _scanned(file.read_text(errors="replace"), file.name, folder, depth + 1)

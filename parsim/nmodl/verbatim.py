"""VERBATIM: C within NMODL. What says nothing is dropped; what a user gives in NMODL takes its place; the rest is
refused."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from parsim.errors import DescriptionError, suggestion
from parsim.nmodl import syntax as s
from parsim.nmodl.reader import Reader
from parsim.nmodl.refusal import NmodlError
from parsim.nmodl.statements import body
from parsim.nmodl.tokens import tokens

_SAYS_NOTHING = re.compile(
    r"/\*.*?\*/|//[^\n]*|^[ \t]*#[^\n]*|\breturn\s*\(?\s*0?(\.0)?\s*\)?\s*;|[\s;]", re.S | re.M
)


def resolve(program: s.Program, given: Mapping[str, str]) -> None:
    """Put NMODL in the place of C, in all blocks that are run."""
    run = [block for block in program.blocks if block.kind not in ("CONSTRUCTOR", "DESTRUCTOR", "TERMINAL")]
    names = {block.name or block.kind for block in run}
    for key in given:
        if key not in names:
            raise DescriptionError(
                f"verbatim names '{key}', which is no block of {program.path}.{suggestion(key, names)} It has: "
                f"{', '.join(sorted(names))}."
            )
    for block in run:
        block.body[:] = _resolved(block.body, block.name or block.kind, program, given)


def _resolved(
    statements: Sequence[s.Statement], key: str, program: s.Program, given: Mapping[str, str]
) -> list[s.Statement]:
    found: list[s.Statement] = []
    for statement in statements:
        if isinstance(statement, s.Verbatim):
            found += _instead(statement, key, program, given)
            continue
        inner: dict[str, Any] = {
            part: _resolved(getattr(statement, part), key, program, given)
            for part in ("then", "other", "body")
            if hasattr(statement, part)
        }
        found.append(replace(statement, **inner) if inner else statement)
    return found


def _instead(c: s.Verbatim, key: str, program: s.Program, given: Mapping[str, str]) -> list[s.Statement]:
    lines = f"{c.where} to {c.end.rpartition(':')[2]}"
    if key in given:
        text = "{\n" + given[key] + "\n}"
        return body(Reader(tokens(text, f"verbatim['{key}']", None), program))
    if not _SAYS_NOTHING.sub("", c.text):
        program.note(f"{lines}: VERBATIM that does nothing is left out.")
        return []
    first = next(line.strip() for line in c.text.splitlines() if _SAYS_NOTHING.sub("", line))
    raise NmodlError(
        f"{lines}: VERBATIM holds C ({first:.60}), which is not translated. Say what it does in NMODL: "
        f"""verbatim={{"{key}": "..."}}, where an empty text stands for nothing."""
    )

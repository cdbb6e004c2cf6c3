"""Columns of text for the terminal."""

import textwrap
from collections.abc import Collection, Sequence

WIDTH = 110  # beyond it the last column goes on below


def table(head: Sequence[str], rows: Sequence[Sequence[str]], numbers: Collection[int] = ()) -> str:
    """Rows under their heads, indented by two; the columns in `numbers` are set to the right."""
    lines = [head, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]

    def one(line: Sequence[str]) -> str:
        *cells, last = (
            f"{text:>{width}}" if column in numbers else f"{text:<{width}}"
            for column, (text, width) in enumerate(zip(line, widths, strict=True))
        )
        return _wrapped("".join(f"  {cell}" for cell in cells) + "  ", last)

    return "\n".join(one(line) for line in lines)


def facts(pairs: Sequence[tuple[str, str]]) -> str:
    """Name and value, a pair a line, indented by two."""
    width = max((len(name) for name, _ in pairs), default=0)
    return "\n".join(f"  {name:<{width}}  {value}".rstrip() for name, value in pairs)


def _wrapped(before: str, last: str) -> str:
    room = max(40, WIDTH - len(before))
    first, *rest = textwrap.wrap(last, room, break_long_words=False, break_on_hyphens=False) or [""]
    if len(last.rstrip()) <= room:  # as it is: set to the right, perhaps
        first, rest = last, []
    return "\n".join([(before + first).rstrip(), *(" " * len(before) + line for line in rest)])

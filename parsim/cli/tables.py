"""Columns of text for the terminal."""

from collections.abc import Collection, Sequence


def table(head: Sequence[str], rows: Sequence[Sequence[str]], numbers: Collection[int] = ()) -> str:
    """Rows under their heads, indented by two; the columns in `numbers` are set to the right."""
    lines = [head, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]

    def one(line: Sequence[str]) -> str:
        cells = (
            f"{text:>{width}}" if column in numbers else f"{text:<{width}}"
            for column, (text, width) in enumerate(zip(line, widths, strict=True))
        )
        return ("  " + "  ".join(cells)).rstrip()

    return "\n".join(one(line) for line in lines)


def facts(pairs: Sequence[tuple[str, str]]) -> str:
    """Name and value, a pair a line, indented by two."""
    width = max((len(name) for name, _ in pairs), default=0)
    return "\n".join(f"  {name:<{width}}  {value}".rstrip() for name, value in pairs)

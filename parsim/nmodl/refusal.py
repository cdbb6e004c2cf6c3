"""What cannot be translated: raised where it is found, told with file, line and remedy."""

from collections.abc import Iterator
from contextlib import contextmanager

from parsim.errors import DescriptionError


class Refused(Exception):
    """What stands there and what to do; `told_at` adds the line."""


class NmodlError(DescriptionError):
    """A mechanism's text is wrong, or says what cannot be translated: "file:line: what; remedy"."""


@contextmanager
def told_at(where: str) -> Iterator[None]:
    """Within it, what is refused becomes an error of this line; the innermost line is told."""
    try:
        yield
    except Refused as why:
        raise NmodlError(f"{where}: {why}") from None

"""The door for what is no number with a unit: counts, flags, names and paths."""

import os
from typing import Any

import numpy as np

from parsim.arrays import shown
from parsim.errors import DescriptionError

MOST = 2**63 - 1  # of anything that is counted
LONGEST_NAME = 255  # letters; also the bytes that file systems allow for a part of a path


def is_whole(value: Any) -> bool:
    """Is it a whole number? numpy counts durations among its integers, and Python counts truth values."""
    return isinstance(value, (int, np.integer)) and not isinstance(value, (bool, np.timedelta64))


def as_count(value: Any, what: str, least: int = 0, most: int = MOST) -> int:
    """A whole number of at least `least`, and at most `most`."""
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if not is_whole(value):
        whole = isinstance(value, float) and value.is_integer()
        hint = f" Write {int(value)}." if whole and abs(value) < 2**53 else ""
        raise DescriptionError(
            f"{what} is {shown(value, 80)}; a whole number of at least {least} is needed.{hint}"
        )
    if value < least:
        raise DescriptionError(f"{what} is {shown(int(value))}; it must be at least {least}.")
    if value > most:
        raise DescriptionError(f"{what} is {shown(int(value))}; it must be at most {most}.")
    return int(value)


def as_flag(value: Any, what: str) -> bool:
    """True or False, and nothing that merely counts as one of them."""
    if isinstance(value, (bool, np.bool)):
        return bool(value)
    raise DescriptionError(f"{what} is {shown(value)}; use True or False.")


def as_text(value: Any, what: str) -> str:
    """A text that is not empty, and no novel."""
    if not (isinstance(value, str) and value):
        raise DescriptionError(f"{what} is {shown(value)}; a text is needed.")
    if len(value) > LONGEST_NAME:
        raise DescriptionError(
            f"{what} is {shown(value)}... of {len(value)} letters; it may have {LONGEST_NAME}."
        )
    return str(value)


def several(given: Any) -> list[Any] | None:
    """What a list, tuple or set of names holds; None when it is none of these."""
    return list(given) if isinstance(given, (list, tuple, set, frozenset)) else None


def as_path(value: Any, what: str) -> str:
    """The path of a file, which need not be there."""
    try:
        path = os.fspath(value)
    except Exception:
        path = None
    if not (isinstance(path, str) and path):
        raise DescriptionError(f"{what} is {shown(value)}; the path of a file is needed.")
    if "\0" in path:
        raise DescriptionError(
            f"{what} is {shown(value)}; a path cannot hold the character with the number 0."
        )
    try:
        longest = max(len(os.fsencode(part)) for part in path.split(os.sep))
    except UnicodeEncodeError:
        raise DescriptionError(
            f"{what} is {shown(value)}, which cannot be the name of a file here."
        ) from None
    if longest > LONGEST_NAME:
        raise DescriptionError(
            f"{what} is {shown(value)}..., in which a name is longer than {LONGEST_NAME} bytes."
        )
    return path

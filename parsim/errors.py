"""What can go wrong, in three kinds: said wrong, cannot be held, went wrong while moving."""

import difflib
from collections.abc import Iterable


class ParsimError(Exception):
    """The parent of every error that parsim raises on purpose."""


class DescriptionError(ParsimError, ValueError):
    """Something was said wrong; raised at the call, on every rank alike, before anything is done."""


class BuildError(ParsimError, ValueError):
    """Something that was said cannot be held."""


class SimulationError(ParsimError, RuntimeError):
    """Something went wrong while the network moved: a value not finite, an outbox overflow."""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is most like `name`, when one is near."""
    names = {candidate.lower(): candidate for candidate in known}
    near = difflib.get_close_matches(str(name).lower(), list(names), n=1, cutoff=0.6)
    return names[near[0]] if near else None


def suggestion(name: str, known: Iterable[str]) -> str:
    """`" Did you mean 'V_th'?"` when some known name is near, else an empty string."""
    near = nearest(name, known)
    return f" Did you mean '{near}'?" if near else ""

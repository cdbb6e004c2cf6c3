"""What can go wrong, in three kinds: described wrongly, cannot be built, went wrong in a run."""

import difflib
from collections.abc import Iterable


class ParsimError(Exception):
    """The parent of every error that parsim raises on purpose."""


class DescriptionError(ParsimError, ValueError):
    """Something was described wrongly; raised at the call, on every rank alike, before anything is done."""


class MemberError(DescriptionError, IndexError):
    """A selection has no such member; an `IndexError` too, by which Python's loops know where to end."""


class OperandError(DescriptionError, TypeError):
    """Something that cannot be added to a selection; a `TypeError` too, as for Python's own types."""


class BuildError(ParsimError, ValueError):
    """Something that was described cannot be built."""


class SimulationError(ParsimError, RuntimeError):
    """Something went wrong while the network moved: a value not finite, an outbox overflow."""


class Stopped(SystemExit):
    """A run stopped in good order before its end, at a signal or because the wall time is nearly over.

    What was recorded is kept. It ends the process, as `SystemExit` does, with `code`: 75 when a checkpoint was saved
    from which the run can go on, else 128 + the signal's number, or 124 for the wall time.
    """

    def __init__(self, reason: str, code: int) -> None:
        super().__init__(reason)
        self.code = code


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is most like `name`, when one is near."""
    names = {candidate.lower(): candidate for candidate in known}
    near = difflib.get_close_matches(str(name).lower(), list(names), n=1, cutoff=0.6)
    return names[near[0]] if near else None


def suggestion(name: str, known: Iterable[str]) -> str:
    """`" Did you mean 'V_th'?"` when some known name is near, else an empty string."""
    near = nearest(name, known)
    return f" Did you mean '{near}'?" if near else ""

"""All ranks go on, or none: a failure on one becomes the same error on all."""

from collections.abc import Callable
from typing import Any, TypeVar

from parsim.comm.base import AbstractComm
from parsim.errors import BuildError, DescriptionError, ParsimError, SimulationError

T = TypeVar("T")

_KINDS: dict[str, type[ParsimError]] = {
    c.__name__: c for c in (DescriptionError, BuildError, SimulationError)
}


def together(comm: AbstractComm, act: Callable[[], T]) -> T:
    """Collective: do something local on every rank; when it fails on any, it fails on all.

    The rank that failed raises its own error, the others one of the same kind that names the rank.
    """
    result: Any = None
    failure: Exception | None = None
    try:
        result = act()
    except Exception as error:
        failure = error
    raise_together(comm, failure)
    return result  # type: ignore[no-any-return]


def raise_together(comm: AbstractComm, failure: Exception | None) -> None:
    """Collective: raise when any rank has failed."""
    if comm.size > 1:
        told = comm.allgather_objects(None if failure is None else (type(failure).__name__, str(failure)))
    else:
        told = [failure]
    if failure is not None:
        raise failure
    for rank, message in enumerate(told):
        if message is not None:
            kind, text = message
            raise _KINDS.get(kind, SimulationError)(f"rank {rank} failed: {kind}: {text}")

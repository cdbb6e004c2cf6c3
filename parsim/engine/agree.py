"""All ranks go on, or none: a failure on one becomes the same error on all."""

import zlib
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from parsim.comm.base import AbstractComm
from parsim.errors import BuildError, DescriptionError, ParsimError, SimulationError
from parsim.network.network import Network

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


def check_alike(comm: AbstractComm, network: Network, call: str) -> None:
    """Collective: an error when ranks have said other networks or are about to do other things."""
    if comm.size == 1:
        return
    mine = np.array([network.digest, zlib.crc32(call.encode())], dtype=np.int64)
    greatest = comm.maximum(np.concatenate([mine, -mine]))
    networks_differ, calls_differ = (greatest[:2] != -greatest[2:]).tolist()
    if networks_differ:
        raise SimulationError(
            "The ranks have said different networks. Every rank must make the same calls with the same values; "
            "look for random numbers, times or files that differ from rank to rank."
        )
    if calls_differ:
        raise SimulationError(
            f"The ranks call different things: rank {comm.rank} is at {call}. Every rank must call every "
            "method of a simulation, with the same values; only what was recorded is read on one rank alone."
        )

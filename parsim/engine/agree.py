"""All ranks go on, or none: a failure on one becomes the same error on all."""

import builtins
import zlib
from collections.abc import Callable
from itertools import zip_longest
from typing import Any, NamedTuple, TypeVar

import numpy as np

from parsim.assembly.probes import Probe, agree, complaint
from parsim.comm.base import AbstractComm
from parsim.errors import BuildError, DescriptionError, SimulationError
from parsim.network.network import Network

T = TypeVar("T")
E = TypeVar("E", bound=BaseException)

_DIFFERENT = (
    "The ranks have said different networks. Every rank must make the same calls with the same values; look for random "
    "numbers, times or files that differ from rank to rank. First to differ is"
)

_KINDS: dict[str, type[BaseException]] = {
    c.__name__: c for c in (DescriptionError, BuildError, SimulationError)
}


class Attempt:
    """What a rank does by itself until all agree again: its first failure is kept, and what would follow left out.

    An interrupt is a failure, too: a rank that left the others in the middle would keep them waiting.
    """

    def __init__(self) -> None:
        self.failure: BaseException | None = None

    def __call__(self, act: Callable[..., T], *arguments: Any) -> T | None:
        """What `act` returns; None when it fails, or when something has failed before."""
        if self.failure is None:
            try:  # not by the other one: a call costs 0.1 us, and there are some in each interval
                return act(*arguments)
            except BaseException as error:
                self.failure = error
        return None

    def hears(self, failure: BaseException | None) -> bool:
        """What was tried elsewhere has failed so, or has not; is all well?"""
        self.failure = self.failure or failure
        return failure is None

    def in_any_case(self, act: Callable[..., T], *arguments: Any) -> T | None:
        """The same for what does not hang on that which failed."""
        try:
            return act(*arguments)
        except BaseException as error:
            self.failure = self.failure or error
        return None


def together(comm: AbstractComm, act: Callable[[], T]) -> T:
    """Collective: do something local on every rank; when it fails on any, it fails on all.

    The rank that failed raises its own error, the others one of the same kind that names the rank.
    """
    attempt = Attempt()
    result = attempt(act)
    raise_together(comm, attempt.failure)
    return result  # type: ignore[return-value]


class Told(NamedTuple):
    """A failure as other ranks hear of it; `code` is what a `SystemExit` ends with."""

    kind: str
    text: str
    code: Any


def raise_together(comm: AbstractComm, failure: BaseException | None) -> None:
    """Collective: raise when any rank has failed, on all ranks an error of one kind: the first rank's."""
    if not comm.any(failure is not None):
        return
    told = comm.allgather_objects(None if failure is None else _told(failure))
    rank, first = next((rank, one) for rank, one in enumerate(told) if one is not None)
    if failure is not None and type(failure).__name__ == first.kind:
        raise agreed(failure)
    raise agreed(_heard(rank, first)) from failure


def agreed(error: E) -> E:
    """An error of which all ranks know, marked as such."""
    error.__dict__["on_all_ranks"] = True
    return error


def is_on_all_ranks(error: BaseException) -> bool:
    """Have all ranks agreed on it, so that none is left behind in the middle of something?"""
    return "on_all_ranks" in error.__dict__


def _told(failure: BaseException) -> Told:
    code = failure.code if isinstance(failure, SystemExit) else None
    return Told(type(failure).__name__, str(failure), code)


def _heard(rank: int, told: Told) -> BaseException:
    """What a rank raises when another has failed; kinds that are not known to it become a `SimulationError`."""
    if told.kind == "SystemExit":
        return SystemExit(told.code)
    text = f"rank {rank} failed: {told.kind}" + (f": {told.text}" if told.text else "")
    kind = _KINDS.get(told.kind) or getattr(builtins, told.kind, None)
    if isinstance(kind, type) and issubclass(kind, BaseException):
        try:
            return kind(text)
        except TypeError:  # it takes more than a text
            pass
    return SimulationError(text)


def check_functions(comm: AbstractComm, probes: list[Probe]) -> None:
    """Collective: an error when users' functions give other values on some ranks."""
    if comm.size == 1 or not probes:
        return
    mine = np.array([probe.marks() for probe in probes])
    most = comm.maximum(np.stack([mine, -mine]))
    differing = [
        i for i, (high, low) in enumerate(zip(most[0], -most[1], strict=True)) if not agree(high, low)
    ]
    if differing:
        probe = probes[differing[0]]
        different = complaint(probe, comm.allgather_objects(probe.values))
        raise agreed(SimulationError(f"{_DIFFERENT} {different}. It may depend on gids alone."))


def first_two(said: list[str], verb: str) -> str:
    """What rank 0 has said, and the first rank that has said something else."""
    other = next(rank for rank, one in enumerate(said) if one != said[0])
    return f"rank 0 {verb} {said[0]}, rank {other} {verb} {said[other]}"


def _first_to_differ(comm: AbstractComm, network: Any) -> str:
    """Collective: the first statement that ranks have not said alike, and what two of them said."""
    if not all(comm.allgather_objects(isinstance(network, Network))):
        return "the network itself, which is none on some ranks"
    statements, numbers = network.said.statements, [number for _, number in network.said.numbers()]
    everyone = comm.allgather_objects(numbers)
    place = next(i for i, alike in enumerate(zip_longest(*everyone)) if len(set(alike)) > 1)
    here = statements[place] if place < len(statements) else None
    texts = comm.allgather_objects((here.text(), here.parts()) if here else ("nothing more", {}))
    rank = next(
        rank for rank, one in enumerate(everyone) if one[place : place + 1] != everyone[0][place : place + 1]
    )
    (text, parts), (other, others) = texts[0], texts[rank]
    names = [name for name in parts if parts[name] != others.get(name)]
    what = f" ({', '.join(names)})" if text == other else ""
    return f"statement {place}{what}: rank 0 has said {text}, rank {rank} {other}"


def check_alike(comm: AbstractComm, network: Any, call: str) -> None:
    """Collective: an error when ranks have said other networks or are about to do other things."""
    if comm.size == 1:
        return
    said = network.digest if isinstance(network, Network) else 0
    networks_differ, calls_differ = comm.meet([said, zlib.crc32(call.encode())], call)
    if networks_differ:
        raise SimulationError(f"{_DIFFERENT} {_first_to_differ(comm, network)}.")
    if calls_differ:
        raise SimulationError(
            f"The ranks call different things: {first_two(comm.allgather_objects(call), 'is at')}. Every rank must "
            "call every method of a simulation, with the same values; only what was recorded is read on one rank alone."
        )

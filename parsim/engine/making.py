"""What a simulation is made with, and the text of a call, which ranks compare."""

from typing import Any, NamedTuple

from parsim.arrays import shown
from parsim.clock import Clock
from parsim.engine.coupled.relaxation import Relaxation
from parsim.errors import DescriptionError
from parsim.given.plain import as_count, as_flag
from parsim.given.values import as_number
from parsim.io.provenance import parts_of
from parsim.network.digest import digest
from parsim.network.network import Network, check_network
from parsim.network.population import Selection


class Making(NamedTuple):
    """What was given to `Simulation`, checked."""

    clock: Clock
    threads: int
    progress: bool
    relaxation: Relaxation
    provenance: tuple[str, ...]

    @staticmethod
    def of(network: Any, dt: Any, threads: Any, progress: Any, relaxation: Any, provenance: Any) -> "Making":
        """All of it, or an error."""
        if not isinstance(network, Network):
            raise DescriptionError(f"the network is {shown(network)}; a parsim Network is needed.")
        clock = Clock(as_number(dt, "ms", "dt"))
        check_network(network, clock)
        if not isinstance(relaxation, Relaxation | None):
            raise DescriptionError(f"relaxation is {shown(relaxation)}; give Relaxation(...).")
        settings = relaxation or Relaxation()
        settings.steps(clock)
        ranks = as_count(threads, "threads", least=1, most=1024)
        return Making(clock, ranks, as_flag(progress, "progress"), settings, parts_of(provenance))


def call_of(name: str, first: str, given: dict[str, Any]) -> str:
    """The text of a call, with what was given besides; it is compared between ranks, and stands in errors."""
    usual = {"threads": 1, "progress": True, "provenance": True, "resuming": False}
    said = [f"{key}={shown(value, 200)}" for key, value in given.items() if value is not usual.get(key)]
    return f"{name}({', '.join([first, *said])})"


def named(chosen: Selection | None) -> str:
    """A selection in the text of a call."""
    return "None" if chosen is None else f"{chosen!r} numbered {digest(0, chosen)}"

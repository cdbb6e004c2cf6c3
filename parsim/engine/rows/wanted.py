"""Which connections are asked for, checked."""

from dataclasses import dataclass
from typing import Any

from parsim.arrays import shown
from parsim.engine.making import named
from parsim.errors import DescriptionError, suggestion
from parsim.models.catalogue import SYNAPSE_MODELS
from parsim.models.synapse_model import SynapseModel
from parsim.network.coupling import Coupling
from parsim.network.network import Network
from parsim.network.population import Selection, as_selection
from parsim.network.projection import Projection


@dataclass(frozen=True)
class Wanted:
    """Which connections are asked for; None where all will do. `kind` says whether they are from cells or stimuli."""

    kind: str = "cell"
    source: Selection | None = None
    target: Selection | None = None
    synapse: SynapseModel | None = None
    statement: Projection | None = None

    def serials(self, network: Network) -> list[int] | None:
        """Of the statements that are asked for, if not of all."""
        if self.statement is None and self.synapse is None:
            return None
        return [
            said.serial
            for said in network.projections
            if (self.statement is None or said is self.statement)
            and (self.synapse is None or said.synapse is self.synapse)
        ]

    def text(self) -> str:
        """As ranks compare it, and as errors show it."""
        first = named(self.source) if self.statement is None else f"{self.statement!r}"
        serial = "" if self.statement is None else f" numbered {self.statement.serial}"
        synapse = "" if self.synapse is None else f", synapse={self.synapse.name}"
        return f"{first}{serial}, {named(self.target)}{synapse}"


def wanted_of(network: Network, source: Any, target: Any, synapse: Any) -> Wanted:
    """What was given to `Simulation.connections`, or an error."""
    if isinstance(source, Coupling):
        raise DescriptionError(
            f"{source!r} are gap junctions, over which no spike goes: sim.junctions() says which there are, with their "
            "conductances, which stay."
        )
    statement = source if isinstance(source, Projection) else None
    if statement is not None and not any(said is statement for said in network.projections):
        raise DescriptionError(
            f"{statement!r} belongs to another network. Use what connect of sim.network has returned."
        )
    sources = None if source is None or statement is not None else _members(network, source, "source")
    targets = None if target is None else _members(network, target, "target")
    if targets is not None and targets.kind != "cell":
        raise DescriptionError(f"{targets!r} are stimuli, which are no targets. Give them as the source.")
    chosen = sources if statement is None else statement.source
    kind = "cell" if chosen is None else chosen.kind
    return Wanted(kind, sources, targets, None if synapse is None else _synapse(network, synapse), statement)


def _members(network: Network, given: Any, what: str) -> Selection:
    chosen = as_selection(given, what)
    if chosen.network is not network:
        raise DescriptionError(
            f"{chosen!r} belongs to another network. Use what create of sim.network has returned."
        )
    return chosen


def _synapse(network: Network, given: Any) -> SynapseModel:
    """A synapse model, or the one of that name."""
    if isinstance(given, SynapseModel):
        return given
    known = {
        model.name: model for model in (*SYNAPSE_MODELS, *(said.synapse for said in network.projections))
    }
    if not isinstance(given, str) or given not in known:
        hint = suggestion(given, known) if isinstance(given, str) else ""
        raise DescriptionError(
            f"synapse is {shown(given)}, which is no synapse model of this network.{hint} Known are: "
            f"{', '.join(sorted(known))}."
        )
    return known[given]

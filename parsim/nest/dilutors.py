"""`spike_dilutor`: repeats what it hears, of which each target gets each spike with probability p_copy."""

from dataclasses import replace
from typing import Any

from parsim.models.synapses.bernoulli_synapse import bernoulli_synapse
from parsim.nest import errors
from parsim.nest.batches import Batches
from parsim.nest.names import DILUTOR
from parsim.nest.spec import Spec
from parsim.nest.wires import Wires


def diluted(pre: Any, post: Any, one: Spec, batches: Batches, wires: Wires) -> Spec:
    """The synapse by which nodes are connected: where they are dilutors, one that transmits with their probability."""
    sources = list(batches.pieces(pre))
    theirs = [(batch, places) for batch, places in sources if batch.model.type_id == DILUTOR]
    if not theirs:
        return one
    if len(theirs) < len(sources):
        raise errors.unsupported(f"Connecting a {DILUTOR} together with others", "Connect each in a call.")
    if any(batch.model.kind == "recorder" for batch, _ in batches.pieces(post)):
        raise errors.unsupported(
            f"Recording a {DILUTOR}",
            "Connect a parrot_neuron to it and record that: each target hears a train of its own.",
        )
    if one.model.is_gap or one.model.native.transmit is not None:
        raise errors.unsupported(
            f"{one.model.name} from a {DILUTOR}",
            "Connect parrots to it one_to_one, and those by the synapse.",
        )
    shares = {share for batch, places in theirs for share in batch.values("p_copy", places)}
    if len(shares) > 1:
        raise errors.unsupported(f"{DILUTOR}s of other p_copy in one call", "Connect each in a call.")
    if other := wires.other_synapse(pre, one.model.name):
        raise errors.IllegalConnection(
            f"the {DILUTOR} is connected by {other} already, not by {one.model.name}."
        )
    wires.note_sent(pre, one.model.name)
    for batch, _ in theirs:
        batch.used.add("p_copy")
    model = replace(one.model, native=bernoulli_synapse)
    return Spec(model, one.receptor, {**one.values, "p_transmit": shares.pop()}, one.label)

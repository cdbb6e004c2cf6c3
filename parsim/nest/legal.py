"""Which connections NEST has, and at which receptor they end."""

import numpy as np

from parsim.models.ports import check_receptor, has_named_receptors
from parsim.nest import compartments, errors
from parsim.nest.batches import Batch
from parsim.nest.names import BINARY, PARROTS, TRANSMITTER
from parsim.nest.spec import Spec


def check_legal(pre: list[Batch], post: list[Batch], one: Spec) -> None:
    """Connections that NEST has."""
    for batch in post:
        if batch.model.kind == "stimulator":
            raise errors.IllegalConnection(f"{batch.model.name} takes no input.")
        if not batch.model.native.receives:
            raise errors.IllegalConnection(f"{batch.model.name} takes no input; use it as a source.")
    for batch in pre:
        if batch.model.type_id == TRANSMITTER:
            raise errors.IllegalConnection(f"{batch.model.name} sends no spikes.")
        if batch.model.kind == "stimulator" and any(b.model.type_id == TRANSMITTER for b in post):
            raise errors.IllegalConnection(f"{batch.model.name} does not lead to a {TRANSMITTER}.")
        if batch.model.kind == "stimulator" and one.model.native.transmit is not None:
            raise errors.IllegalConnection(
                f"{one.model.name} does not lead from {batch.model.name}; put a parrot_neuron between them."
            )
        if getattr(batch.model.native, "into", "spikes") == "current":
            if deaf := [b.model.name for b in post if not b.model.native.takes_current]:
                raise errors.IllegalConnection(f"{deaf[0]} takes no current.")
    _check_binary(pre, post)
    receptor_of(pre, post, one)


def _check_binary(pre: list[Batch], post: list[Batch]) -> None:
    """To cells that are on or off, a spike says something else than to others; parrots and generators send either."""
    for a in pre:
        for b in post:
            kinds = a.model.type_id in BINARY, b.model.type_id in BINARY
            silent = a.model.kind != "neuron" or {a.model.type_id, b.model.type_id} & PARROTS
            if kinds[0] != kinds[1] and not silent:
                raise errors.IllegalConnection(
                    f"{a.model.name} does not lead to {b.model.name}: one of them is on or off, the other spikes."
                )


def receptor_of(pre: list[Batch], post: list[Batch], one: Spec) -> str | None:
    """The receptor of the network's model that a receptor_type is."""
    number = one.receptor
    if isinstance(number, (float, np.floating)):
        raise errors.BadParameter(f"receptor_type is {number:g}; a whole number is needed.")
    if not isinstance(number, (int, np.integer)) or isinstance(number, bool):
        raise errors.unsupported("receptor_type as an array", "Connect each receptor in a call of its own.")
    if number < 0:
        raise IndexError(f"receptor_type is {number}; it counts from 0.")
    if any(getattr(b.model.native, "into", "spikes") == "current" for b in pre):
        if many := [b for b in post if compartments.of(b.model)]:
            if len(many) < len(post):
                raise errors.unsupported(
                    f"{many[0].model.name} and others as targets of one call", "Connect them in a call each."
                )
            return compartments.current_at(many[0].model, int(number))
        if number:
            raise errors.unsupported("A current at another receptor_type than 0", "Leave receptor_type out.")
        return None
    many = [b for b in post if b.of_receptors]
    for batch in many:
        if not 1 <= number <= batch.n_receptors:
            raise errors.IncompatibleReceptorType(
                f"{batch.model.name} has the receptor_types 1 to {batch.n_receptors}."
            )
    if len(many) < len(post):
        other = next(b for b in post if b not in many)
        deaf = [b for b in post if b.native().ports[1:] == ("ignored",)]
        if deaf and len(deaf) < len(post):
            raise errors.unsupported(
                "Parrots and others as targets of one call", "Connect them in a call each."
            )
        if deaf:
            most = 0 if other.model.type_id == TRANSMITTER else 1
            if number > most:
                raise errors.UnknownReceptorType(
                    f"{other.model.name} has the receptor_types {'0 and 1' if most else '0 alone'}."
                )
            return str(deaf[0].native().ports[number])
        if any(has_named_receptors(b.native()) for b in post):
            return _named_receptor(post, int(number))
        if number or many:
            raise errors.UnknownReceptorType(f"{other.model.name} has the receptor_type 0 alone.")
        check_receptor(other.native(), None)
        return None
    return str(number)


def _named_receptor(post: list[Batch], number: int) -> str:
    """Of models whose receptors have names, which NEST counts from 1."""
    first = post[0]
    if any(b.native().ports != first.native().ports for b in post):
        raise errors.unsupported(
            f"{first.model.name} and others as targets of one call", "Connect them in a call each."
        )
    ports = first.native().ports
    if compartments.of(first.model) and (number in compartments.CURRENTS or number == 0):
        raise errors.IncompatibleReceptorType(
            f"receptor_type {number} of {first.model.name} takes no spikes."
        )
    if not 1 <= number <= len(ports):
        raise errors.UnknownReceptorType(f"{first.model.name} has the receptor_types 1 to {len(ports)}.")
    return str(ports[number - 1])

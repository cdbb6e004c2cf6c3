"""What connections have by name: parameters and states of their synapse, and what their targets keep of each."""

from typing import Any

from parsim.errors import DescriptionError
from parsim.models.params import Param, Variable, find_settable
from parsim.network.projection import Projection

Declared = tuple[Param | Variable, Any]  # and the model that has it


def names_of(said: Projection) -> list[str]:
    """All that the connections of a statement have, which is what is said of them first."""
    return list(dict.fromkeys([*_of_synapse(said), *_kept(said)]))


def declared_of(said: Projection, name: Any) -> list[Declared]:
    """The parameter or state of a statement's connections called `name`, or an error with the nearest name.

    One of the synapse, or one of each model of the targets.
    """
    kept = _kept(said)
    having = kept.get(name, []) if isinstance(name, str) else []
    if len(having) == len(said.target.models) and name not in _of_synapse(said):
        return having
    try:
        return [(find_settable(said.synapse, name), said.synapse)]
    except DescriptionError as error:
        if not kept:
            raise
        some = " Not all of these targets keep it." if having else ""
        raise DescriptionError(f"{error}{some} Targets keep of each connection: {', '.join(kept)}.") from None


def states_of(said: Projection) -> set[str]:
    """The names of what changes by itself."""
    return {variable.name for variable in said.synapse.recordables} | set(_kept(said))


def place_of(said: Projection, name: str) -> int:
    """The place of a name among all but weight and delay: parameters of the synapse stand first."""
    names = [param.name for param in said.synapse.others]
    return [*names, *(other for other in names_of(said) if other not in names)].index(name)


def _of_synapse(said: Projection) -> list[str]:
    synapse = said.synapse
    return [one.name for one in synapse.params] + [one.name for one in synapse.recordables]


def _kept(said: Projection) -> dict[str, list[Declared]]:
    found: dict[str, list[Declared]] = {}
    for model in said.target.models:
        for variable in model.kept_of_connections:
            found.setdefault(variable.name, []).append((variable, model))
    return found

"""Models with other defaults, and copies of them under names of their own."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from parsim.nest import elsewhere, errors, names
from parsim.nest.names import NodeModel, SynapseName


class Models:
    """What can be created and connected by; `changed` once a default is another than at first."""

    def __init__(self) -> None:
        self.nodes: dict[str, NodeModel] = dict(names.node_models())
        self.synapses: dict[str, SynapseName] = dict(names.synapse_models())
        self.changed = False
        self.specs: dict[str, Any] = {}  # what syn_spec means that is but a name; see `spec.py`

    def node(self, name: Any) -> NodeModel:
        """The model of nodes of this name, as NEST 2 or 3 spells it."""
        if not isinstance(name, str):
            raise AttributeError(f"the model is {name!r:.60}; a name is needed.")
        found = self.nodes.get(names.SPELLED.get(name, name))
        if found is None:
            elsewhere.refuse_model(name)
            raise errors.UnknownModelName(self._unknown(name))
        return found

    def synapse(self, name: str) -> SynapseName:
        """The model of connections of this name."""
        if name not in self.synapses:
            elsewhere.refuse_model(name)
            raise errors.UnknownSynapseType(self._unknown(name))
        return self.synapses[name]

    def synapse_number(self, name: str) -> int:
        """The place of a model of connections among all; copies come last."""
        return list(self.synapses).index(name)

    def number(self, name: str) -> int:
        """Its place among all models of nodes."""
        return sorted(self.nodes).index(name)

    def copy(self, existing: str, new: str) -> None:
        """The same under another name."""
        if new in self.nodes or new in self.synapses:
            raise errors.NewModelNameExists(f"there is a model '{new:.60}' already; give another name.")
        existing = names.SPELLED.get(existing, existing)
        if existing in self.nodes:
            self.nodes[new] = self.nodes[existing].renamed(new)
        elif existing in self.synapses:
            self.synapses[new] = self.synapses[existing].renamed(new)
        else:
            elsewhere.refuse_model(existing)
            raise errors.UnknownModelName(self._unknown(existing))

    def forget(self, name: str) -> None:
        """A copy is gone."""
        self.specs.pop(name, None)
        self.nodes.pop(name, None)
        self.synapses.pop(name, None)

    def record(self, name: str, node: int) -> None:
        """A weight recorder hears of the connections of a model that are made from now on."""
        self.synapses[name] = replace(self.synapses[name], recorder=node)
        self.specs.pop(name, None)

    def let_feel(self, name: str, node: int) -> None:
        """The connections of a model that are made from now on feel a volume transmitter."""
        self.synapses[name] = replace(self.synapses[name], transmitter=node)
        self.specs.pop(name, None)

    def put(self, name: str, values: Mapping[str, Any]) -> None:
        """Other defaults, which have been checked."""
        kind: dict[str, Any] = self.nodes if name in self.nodes else self.synapses
        kind[name] = kind[name].with_defaults(values)
        self.specs.pop(name, None)
        self.changed = True

    def _unknown(self, name: str) -> str:
        kinds = {**self.nodes, **self.synapses}
        return (
            f"parsim.nest has no model '{name:.60}'. It has: {', '.join(sorted(kinds))}. Models of your own are "
            "written natively: see own models in the documentation."
        )

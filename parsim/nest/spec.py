"""syn_spec: NEST's words for what a connection is, as values of a synapse of the network."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from parsim.clock import NEAR, Clock
from parsim.errors import DescriptionError
from parsim.nest import errors
from parsim.nest.distributions import of_nest2
from parsim.nest.models import Models
from parsim.nest.names import SynapseName, ours
from parsim.nest.parameters import Parameter
from parsim.nest.wires import Mark

_PLAIN = (float, int, np.floating, np.integer)


class CollocatedSynapses:
    """Several synapses for each pair: `CollocatedSynapses({"weight": 1.0}, {"synapse_model": "stdp_synapse"})`."""

    def __init__(self, *syn_specs: Mapping[str, Any]) -> None:
        if any(not isinstance(one, Mapping) for one in syn_specs):
            raise TypeError("CollocatedSynapses takes a dict for each synapse.")
        self.syn_specs = syn_specs

    def __len__(self) -> int:
        return len(self.syn_specs)


class Spec:
    """One synapse: its model, receptor, and values by parsim's names, with those of the model where none are given."""

    def __init__(self, model: SynapseName, receptor: Any, values: dict[str, Any], label: int = -1) -> None:
        self.model, self.receptor, self.values, self.label = model, receptor, values, label

    @property
    def mark(self) -> Mark:
        """By which its connections are told apart."""
        model = self.model
        return Mark(model.name, self.receptor, model.recorder, model.transmitter, self.label)

    def single(self, receptor: int, values: dict[str, Any]) -> "Spec":
        """The same for one connection."""
        return Spec(self.model, receptor, values, self.label)


def specs_of(given: Any, models: Models, clock: Clock) -> list[Spec]:
    """What syn_spec says: one synapse or several."""
    if isinstance(given, CollocatedSynapses):
        return [_spec(one, models, clock) for one in given.syn_specs]
    if isinstance(given, (list, tuple)):
        raise TypeError("syn_spec is a list; for several synapses a pair give CollocatedSynapses(...).")
    if given is not None and not isinstance(given, str):
        return [_spec(given, models, clock)]
    name = given or "static_synapse"
    if name not in models.specs:
        models.specs[name] = _spec(name, models, clock)
    return [models.specs[name]]


def _spec(given: Any, models: Models, clock: Clock) -> Spec:
    if isinstance(given, str):
        given = {"synapse_model": given}
    if not isinstance(given, Mapping):
        raise TypeError(f"syn_spec is {given!r:.60}; the name of a synapse model or a dict is needed.")
    said = dict(given)
    name = said.pop("synapse_model", said.pop("model", "static_synapse"))
    if not isinstance(name, str):
        raise TypeError(f"synapse_model is {name!r:.60}; a name is needed.")
    model = models.synapse(name)
    receptor = said.pop("receptor_type", model.defaults.get("receptor_type", 0))
    label = model.defaults.get("synapse_label", -1)
    if "synapse_label" in said and model.has_label:
        label = label_of(said.pop("synapse_label"))
    values = {key: v for key, v in model.defaults.items() if key not in _BESIDE and not isinstance(v, list)}
    if model.is_gap:
        if "delay" in said:
            raise errors.BadProperty("a gap_junction connection has no delay; leave it out.")
        values.pop("delay")
    for key, raw in said.items():
        if key == "volume_transmitter" and model.feels:
            raise errors.NotImplemented(
                f"{key} is one for all of {name}; set it by SetDefaults or CopyModel."
            )
        if key not in values and key not in model.common:
            raise errors.UnaccessedDictionaryEntry(
                f"{name} has no '{key!s:.60}'. It has: {', '.join(sorted({*values, 'receptor_type'}))}."
            )
        if key in model.common:
            raise errors.NotImplemented(
                f"{key} is shared by all connections of {name}; set it by SetDefaults or CopyModel."
            )
        values[key] = value_of(name, key, raw)
    if values.get("no_synapses") == 0:
        values["no_synapses"] = 1.0  # until they are counted
    if "delay" in values:
        values["delay"] = as_model_takes(values["delay"], clock, model.native)
    found = {ours(key): value for key, value in values.items()}
    if not (model.is_gap or model.feels or {"weight", "delay"} >= set(said)):
        _check(model, found)
    return Spec(model, receptor, found, label)


def _check(model: SynapseName, values: dict[str, Any]) -> None:
    """A pair that is connected alone asks no rule, so that nobody else would look at its parameters."""
    try:
        for param in model.native.params:
            if isinstance(value := values.get(param.name), (float, np.ndarray)):
                param.check(np.asarray(value).reshape(-1), model.name)
    except DescriptionError as error:
        raise bad(error) from None


def label_of(raw: Any) -> int:
    """A number by which connections are told apart."""
    if not isinstance(raw, (int, np.integer)) or isinstance(raw, bool):
        if isinstance(raw, (list, tuple, np.ndarray)):
            raise errors.unsupported("synapse_label as an array", "Connect each label in a call of its own.")
        raise errors.TypeMismatch(f"synapse_label is {raw!r:.60}; a whole number is needed.")
    if raw < 0:
        raise errors.BadProperty(f"synapse_label is {raw}; a number of at least 0 is needed.")
    return int(raw)


_BESIDE = ("receptor_type", "weight_recorder", "synapse_label")


def value_of(model: str, key: str, raw: Any) -> Any:
    """A number, or an array of them."""
    if isinstance(raw, _PLAIN) and not isinstance(raw, bool):
        return float(raw)
    if raw is None:
        raise AttributeError(f"{key} of {model} is None; a number is needed.")
    if isinstance(raw, (str, Mapping)):
        if isinstance(raw, Mapping) and "distribution" in raw:
            return of_nest2(raw)
        raise errors.BadProperty(f"{key} of {model} is {raw!r:.60}; a number or an array is needed.")
    if isinstance(raw, Parameter):
        return raw.value
    try:
        found = np.array(raw, np.float64)
    except (TypeError, ValueError):
        raise TypeError(f"{key} of {model} is {raw!r:.60}; a number or an array is needed.") from None
    return found if found.ndim else float(found)


def as_model_takes(delay: Any, clock: Clock, native: Any) -> Any:
    """Delays on the grid, or as they are where a model takes any from a step on."""
    if native is None or not native.any_delay:
        return on_grid(delay, clock)
    if isinstance(delay, (float, np.ndarray)) and np.min(delay) < clock.dt * (1.0 - NEAR):
        raise errors.BadDelay(
            f"delay is {np.min(delay):g} ms; at least one step ({clock.dt:g} ms) is needed."
        )
    return delay


def on_grid(delay: Any, clock: Clock) -> Any:
    """Delays rounded to the nearest step, of which they need at least one."""
    if isinstance(delay, float) and 0.5 <= delay / clock.dt < 1e9:
        return clock.time(math.floor(delay / clock.dt + 0.5))
    if not isinstance(delay, (float, np.ndarray)):
        return delay  # drawn, and rounded then
    steps = np.floor(np.asarray(delay) / clock.dt + 0.5)
    if not (steps >= 1).all():
        raise errors.BadDelay(
            f"delay is {np.min(delay):g} ms; at least one step ({clock.dt:g} ms) is needed."
        )
    return (
        clock.time(int(steps))
        if steps.ndim == 0
        else clock.times(steps.astype(np.int64).reshape(-1)).reshape(steps.shape)
    )


def check_shapes(spec: Spec, shape: tuple[int, ...] | None, rule: str) -> None:
    """Arrays are of the shape that the rule asks for."""
    for key, value in spec.values.items():
        if not isinstance(value, np.ndarray):
            continue
        if shape is None:
            raise TypeError(f"{key} is an array, but {rule} does not say how many connections there will be.")
        if value.ndim != len(shape):
            raise TypeError(f"{key} is an array of shape {value.shape}; {rule} needs one of shape {shape}.")
        if value.shape != shape:
            raise ValueError(f"{key} is an array of shape {value.shape}; {rule} needs one of shape {shape}.")


def bad(error: DescriptionError) -> errors.KernelException:
    """What the network found wrong with a connection, as NEST would call it."""
    text = str(error)
    if "receptor" in text:
        return errors.as_kind(errors.UnknownReceptorType, error)
    legal = ("takes no", "sends over no", "cannot", "cannot lead", "receive nothing", "hears exact")
    return errors.as_kind(
        errors.IllegalConnection if any(w in text for w in legal) else errors.BadProperty, error
    )

"""Cells of several compartments, of which NEST keeps what can be set in a dict for each."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from parsim.models.cells.iaf_cond_alpha_mc import COMPARTMENTS, iaf_cond_alpha_mc
from parsim.nest import errors

NAME = iaf_cond_alpha_mc.name
CURRENTS = {len(iaf_cond_alpha_mc.ports) + 1 + k: f"{at}_curr" for k, at in enumerate(COMPARTMENTS)}
RECEPTOR_TYPES = {port: k + 1 for k, port in enumerate(iaf_cond_alpha_mc.ports)} | {
    name: number for number, name in CURRENTS.items()
}


def of(model: Any) -> tuple[str, ...]:
    """The compartments of a model of nodes; nothing for most."""
    return COMPARTMENTS if model.type_id == NAME else ()


def renamed(native: Any) -> Any:
    """The model with what can be recorded under NEST's names: V_m.s for V_m_soma."""
    variables = (replace(one, name=_recorded(one.name)) for one in native.recordables)
    return replace(native, recordables=tuple(variables))


def _recorded(name: str) -> str:
    at = name.rsplit("_", 1)[1]
    return f"{name.removesuffix(f'_{at}')}.{at[0]}"


def flat_key(at: str, key: str) -> str:
    """A parameter or state of a compartment, as one name."""
    return f"{key}.{at[0]}" if key == "V_m" else f"{key}_{at}"


def keys_at(model: Any, at: str) -> dict[str, str]:
    """What there is of a compartment, and its one name."""
    suffixes = f"_{at}", f".{at[0]}"
    return {
        key.removesuffix(suffix): key
        for key in sorted(model.defaults)
        for suffix in suffixes
        if key.endswith(suffix)
    }


def flat_keys(model: Any) -> set[str]:
    """All that NEST has within a dict."""
    return {key for at in of(model) for key in keys_at(model, at).values()}


def flat(model: Any, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a script sets of such nodes by one name each; of other models as it is."""
    if not of(model):
        return params
    found: dict[str, Any] = {}
    for key, raw in params.items():
        if key in flat_keys(model):
            raise errors.UnaccessedDictionaryEntry(
                f"{model.name} has no '{key}'; its compartments are dicts."
            )
        if key not in COMPARTMENTS:
            found[key] = raw
            continue
        if not isinstance(raw, Mapping):
            raise errors.TypeMismatch(f"{key} of {model.name} is {raw!r:.60}; a dict is needed.")
        known = keys_at(model, key)
        for name, value in raw.items():
            if name not in known:
                raise errors.UnaccessedDictionaryEntry(
                    f"{key} of {model.name} has no '{name!s:.60}'. There are: {', '.join(known)}."
                )
            found[known[name]] = value
    return found


def current_at(model: Any, number: int) -> str:
    """The compartment that a current enters by a receptor_type."""
    if number and number not in RECEPTOR_TYPES.values():
        raise errors.UnknownReceptorType(f"{model.name} has the receptor_types 1 to {max(CURRENTS)}.")
    if number not in CURRENTS:
        raise errors.IncompatibleReceptorType(f"receptor_type {number} of {model.name} takes spikes alone.")
    return CURRENTS[number].removesuffix("_curr")

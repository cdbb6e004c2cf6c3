"""What nodes tell of themselves, and what is set of them."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from parsim.arrays import Ints
from parsim.nest import compartments, errors
from parsim.nest.batches import Batch, Places
from parsim.nest.files import OF_FILES
from parsim.nest.kernel import kernel
from parsim.nest.names import OF_SINES
from parsim.nest.settable import check_native, checked, spread

Ids = range | Ints

_COMPUTED = (
    "element_type",
    "global_id",
    "local",
    "model",
    "model_id",
    "node_uses_wfr",
    "thread",
    "thread_local_id",
    "vp",
)


_JOINED = ("hh_psc_alpha_gap", "hh_cond_beta_gap_traub")


def _number_of_receptors(batch: Batch) -> str:
    """What tells how many receptors there are."""
    gif = batch.model.type_id.startswith("gif")
    return "n_receptors" if gif or "E_rev" in batch.of_receptors else "n_synapses"


def _of_recorders(batch: Batch) -> set[str]:
    """What recorders answer by themselves."""
    return {key for one in batch.recorders for key in one.keys}


def keys_of(batch: Batch) -> list[str]:
    """What can be asked of its nodes."""
    model = batch.model
    keys = {*_COMPUTED, *model.defaults, *model.fixed, *compartments.of(model)}
    keys -= compartments.flat_keys(model)
    if model.recordables:
        keys.add("recordables")
    if "asc_init" in model.defaults:
        keys.add("ASCurrents")
    if model.kind == "recorder":
        keys |= _of_recorders(batch)
    if batch.of_receptors:
        keys |= {_number_of_receptors(batch), "has_connections"}
    return sorted(keys)


def values_of(batch: Batch, places: Places, key: str) -> list[Any]:
    """What nodes answer, each one; KeyError where they have no such thing."""
    model, n = batch.model, len(places)
    if model.kind == "recorder" and key in _of_recorders(batch):
        return [batch.recorders[place].answer(key) for place in places]
    if key in model.defaults:
        if key in model.states:
            kernel.said.read(batch, key)
        if key == "Ca" and kernel.said.runs:
            return kernel.said.calcium_of(batch.first + np.asarray(places))
        return batch.values(key, places)
    if key in compartments.of(model):
        return _compartment(batch, places, key)
    ids = [batch.first + place for place in (places if isinstance(places, range) else places.tolist())]
    if key in _COMPUTED:
        return _computed(batch, ids, key)
    if key == "t_spike" and kernel.said.runs:
        return kernel.said.last_spikes(ids)
    if key in model.fixed:
        return [model.fixed[key]] * n
    if key == "recordables" and model.recordables:
        return [list(batch.recordables) for _ in ids]
    if key == "ASCurrents" and "asc_init" in model.defaults:
        begun = batch.values("asc_init", range(batch.size))
        now = kernel.said.elements(batch, key, [one.size for one in begun]) or begun
        return [now[place] for place in places]
    if batch.of_receptors and key == _number_of_receptors(batch):
        return [len(one) for one in batch.values(batch.of_receptors[0], places)]
    if batch.of_receptors and key == "has_connections":
        return [kernel.wires.reach(node) for node in ids]
    raise KeyError(key)


def _compartment(batch: Batch, places: Places, at: str) -> list[Any]:
    kernel.said.read(batch, compartments.flat_key(at, "V_m"))
    names = compartments.keys_at(batch.model, at)
    columns = [batch.values(key, places) for key in names.values()]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _computed(batch: Batch, ids: list[int], key: str) -> list[Any]:
    model = batch.model
    if key == "global_id":
        return ids
    if key in ("vp", "thread"):
        found = [kernel.process_of(node) if model.is_cell else 0 for node in ids]
        return found if key == "vp" else [process // kernel.comm.size for process in found]
    if key == "thread_local_id":
        begun = kernel.said.exists or kernel.wires.counts
        count = kernel.settings["total_num_virtual_procs"]
        return [(node - 1) // count if begun else -1 for node in ids]
    one = {
        "element_type": model.element or model.kind, "local": True,
        "model": model.name, "model_id": kernel.models.number(model.name),
        "node_uses_wfr": model.type_id in _JOINED and kernel.settings["use_wfr"],
    }[key]  # fmt: skip
    return [one] * len(ids)


def get(ids: Ids, keys: tuple[Any, ...], given: Mapping[str, Any]) -> Any:
    """`nodes.get(...)`: a value for one node and a tuple for several; a dict for a list of names, or for none.

    `get("events", "times")` goes into what is a dict. With `output="pandas"` a DataFrame, with "json" a text.
    """
    if len(keys) == 1 and not given and type(keys[0]) is str and len(ids):
        return _several(ids, keys[0])
    if unknown := set(given) - {"output"}:
        raise TypeError(f"get takes names and output=; {', '.join(sorted(unknown))} is neither.")
    if len(keys) > 2:  # names within the dict, one after the other or as a list
        keys = keys[0], list(keys[1:])
    if len(ids) == 0:
        raise ValueError("an empty NodeCollection has nothing to get.")
    output = given.get("output", "")
    if len(keys) == 2:
        found = _nested(ids, *keys)
    elif not keys:
        found = {key: _several(ids, key) for key in _all_keys(ids)}
    elif isinstance(keys[0], str):
        found = _several(ids, keys[0])
    else:
        found = {key: _several(ids, key) for key in _names(keys[0])}
    if output == "json":
        return json.dumps(found, default=_plain)
    return _framed(ids, found, keys) if output == "pandas" else found


def _names(given: Any) -> list[str]:
    if not isinstance(given, Iterable):
        raise TypeError(f"{given!r:.60} is no name of a property; give a text or a list of them.")
    return list(given)


def _all_keys(ids: Ids) -> list[str]:
    keys = {key for batch, _ in kernel.batches.pieces(ids) for key in keys_of(batch)}
    return sorted(keys - ({"t_spike", "Ca"} if kernel.said.is_large else set()))


def each(ids: Ids, key: str) -> list[Any]:
    """What every node answers; None where it has no such property, KeyError where nobody has."""
    kernel.settle()
    found: list[Any] = []
    known = False
    for batch, places in kernel.batches.pieces(ids):
        try:
            found += values_of(batch, places, key)
            known = True
        except KeyError:
            found += [None] * len(places)
    if not known:
        raise KeyError(key)
    return found


def _several(ids: Ids, key: str) -> Any:
    values = each(ids, key)
    return values[0] if len(values) == 1 else tuple(values)


def _nested(ids: Ids, outer: Any, inner: Any) -> Any:
    if not isinstance(outer, str):
        raise TypeError(f"{outer!r:.60} is no name of a property.")
    dicts = each(ids, outer)
    if not all(isinstance(one, dict) for one in dicts):
        raise TypeError(f"'{outer:.60}' is not a dict, so there is nothing in it to get.")
    names = [inner] if isinstance(inner, str) else _names(inner)
    found = {name: [one[name] for one in dicts] for name in names}
    if len(dicts) == 1:
        found = {name: column[0] for name, column in found.items()}
    return found[inner] if isinstance(inner, str) else found


def _framed(ids: Ids, found: Any, keys: tuple[Any, ...]) -> Any:
    import pandas

    if keys and isinstance(keys[-1], str):
        found = {keys[-1]: found}
    columns = {key: [column] if len(ids) == 1 else list(column) for key, column in found.items()}
    return pandas.DataFrame(columns, index=np.asarray(ids))


def _plain(value: Any) -> Any:
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    return value.tolist() if hasattr(value, "tolist") else str(value)


# ---- setting -------------------------------------------------------------------------------------


def set_(ids: Ids, params: Any) -> None:
    """New values for nodes: a dict for all, or a list with a dict for each; checked before anything is changed."""
    kernel.settle()
    if isinstance(params, (list, tuple)):
        if len(params) == 1 and isinstance(params[0], Mapping):
            params = list(params) * len(ids)
        if len(params) != len(ids):
            raise errors.BadParameter(
                f"there are {len(params)} dicts for {len(ids)} nodes; give one for each."
            )
        if any(not isinstance(one, Mapping) for one in params):
            raise TypeError("a list of parameters holds a dict for each node.")
        for node, one in zip(list(ids), params, strict=True):
            set_(range(node, node + 1), one)
        return
    if not isinstance(params, Mapping):
        kind = AttributeError if isinstance(params, str) else TypeError  # as in NEST
        raise kind(f"parameters are {params!r:.60}; a dict is needed, or a list of dicts.")
    changes = []
    offset = 0
    for batch, places in kernel.batches.pieces(ids):
        found = {}
        for key, raw in compartments.flat(batch.model, params).items():
            if not _is_known(batch, key):
                continue
            mine = spread(batch.model, key, raw, ids, slice(offset, offset + len(places)))
            found[key] = checked(batch, key, mine, places)
        check_together(batch, places, found)
        changes.append((batch, places, found))
        offset += len(places)
    for batch, places, found in changes:
        apply(batch, places, found)


def _is_known(batch: Batch, key: str) -> bool:
    """Can it be set? If not, an error, or with `dict_miss_is_error` off nothing."""
    model = batch.model
    if key in model.defaults or (key == "n_events" and model.kind == "recorder"):
        return True
    if key in model.fixed:
        return True
    if key in OF_FILES and model.kind == "recorder":
        return True
    if not kernel.settings["dict_miss_is_error"]:
        return False
    known = ", ".join(sorted(model.defaults))
    raise errors.UnaccessedDictionaryEntry(
        f"{model.name} has no '{key!s:.60}' that can be set. There are: {known}."
    )


def check_together(batch: Batch, places: Places, found: dict[str, Any]) -> None:
    """No contradiction with what the nodes have already."""
    model = batch.model
    if model.kind == "recorder":
        for at, place in enumerate(places):
            batch.recorders[place].check(_one(found, at), kernel.prepared)
            _check_begun(batch.recorders[place], found)
        return
    if batch.used & set(found):
        raise errors.unsupported(
            f"p_copy of a {batch.model.name} that is connected", "Set p_transmit of its connections."
        )
    if "individual_spike_trains" in found:
        raise errors.BadProperty(
            f"individual_spike_trains is one for all of {model.name}; set it by SetDefaults or CopyModel."
        )
    check_native(batch, places, found, kernel.clock, kernel.now_steps)


def _check_begun(recorder: Any, found: Mapping[str, Any]) -> None:
    """Events that may have come are in milliseconds or in steps, and stay so."""
    was = recorder.settings.get("time_in_steps")
    if kernel.now_steps and "time_in_steps" in found and np.any(np.asarray(found["time_in_steps"]) != was):
        raise errors.BadProperty("time_in_steps cannot be changed once time has passed. Use ResetKernel.")


def apply(batch: Batch, places: Places, found: dict[str, Any]) -> None:
    """Keep what has been checked."""
    model = batch.model
    for key in found:
        if key in model.states:
            kernel.said.read(batch, key)
    if model.kind == "recorder":
        for at, place in enumerate(places):
            batch.recorders[place].change(_one(found, at))
        return
    if (
        batch.lists or model.type_id in OF_SINES
    ) and model.kind == "stimulator":  # what was sent so far goes by what was set so far
        for recorder in kernel.recorders:
            recorder.take()
    for key, value in found.items():
        if key in model.defaults:
            batch.set(key, places, value)
        if key == "Ca":
            kernel.said.calcium.put(batch.first + np.asarray(places), kernel.now)


def _one(found: dict[str, Any], at: int) -> dict[str, Any]:
    """Of values for several nodes those for one."""
    return {key: value[at].item() if isinstance(value, np.ndarray) else value for key, value in found.items()}

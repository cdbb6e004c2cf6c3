"""What a script sets of nodes: from what it gave to checked values."""

from collections.abc import Mapping
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np

from parsim.clock import Clock
from parsim.errors import DescriptionError
from parsim.models.checks import read_by_check, settled
from parsim.models.params import Param, allows, find_settable
from parsim.models.times import HALF_TIC
from parsim.nest import calcium, errors
from parsim.nest.batches import Batch, Places
from parsim.nest.files import OF_FILES
from parsim.nest.kernel import kernel
from parsim.nest.names import METERS, NodeModel, to_native
from parsim.nest.parameters import Parameter
from parsim.telling import log

_FLAG, _NUMBER = (bool, np.bool), (int, float, np.integer, np.floating)
_LISTS = (list, tuple, np.ndarray)


def spread(model: NodeModel, key: str, raw: Any, ids: Any, mine: slice) -> Any:
    """Of what was given for nodes, that for some of them: one value, or a list with one for each."""
    n = len(ids)
    default = model.defaults.get(key, model.fixed.get(key))
    if isinstance(raw, Parameter):
        return raw.draw(n, ids)[mine].tolist()
    if isinstance(default, (tuple, list)) or not isinstance(raw, _LISTS) or key == "n_events":
        return raw
    if isinstance(raw, np.ndarray) and raw.ndim == 0:
        return raw[()]
    if len(raw) < n:
        raise IndexError(f"{key} has {len(raw)} values for {n} nodes; give one for each, or one for all.")
    if len(raw) > n and kernel.comm.rank == 0:
        log.warning("%s has %d values for %d nodes; those beyond are not used.", key, len(raw), n)
    values = list(raw[mine])
    if any(isinstance(one, Parameter) for one in values):
        nodes = ids[mine]
        values = [
            float(one.draw(1, nodes[at : at + 1])[0]) if isinstance(one, Parameter) else one
            for at, one in enumerate(values)
        ]
    return values


def as_kind(name: str, key: str, default: Any, raw: Any) -> Any:
    """A value of the kind that the default has."""
    if type(raw) is type(default) is float:
        return raw
    what = f"{key} of {name} is {raw!r:.60}"
    if raw is None:
        raise AttributeError(f"{what}; a value is needed.")
    if type(raw) is int and not -(2**63) <= raw < 2**63:
        raise OverflowError(f"{what}; a number of at most 64 bits is needed.")
    if isinstance(default, bool):
        if not isinstance(raw, _FLAG):
            raise errors.TypeMismatch(f"{what}; True or False is needed.")
        return bool(raw)
    if isinstance(default, int):
        if not isinstance(raw, (int, np.integer)) or isinstance(raw, _FLAG):
            raise errors.TypeMismatch(f"{what}; a whole number is needed.")
        return int(raw)
    if isinstance(default, float):
        if not isinstance(raw, (*_NUMBER, *_FLAG)):
            raise errors.TypeMismatch(f"{what}; a number is needed.")
        return float(raw)
    if isinstance(default, str):
        if not isinstance(raw, str):
            raise errors.TypeMismatch(f"{what}; a text is needed.")
        return raw
    return raw


def as_list(name: str, key: str, raw: Any) -> Any:
    """A list of numbers."""
    try:
        found = np.array([raw] if name == "pp_psc_delta" and isinstance(raw, _NUMBER) else raw, np.float64)
    except (TypeError, ValueError):
        found = np.empty((0, 0))
    if found.ndim != 1 or isinstance(raw, str):
        raise errors.TypeMismatch(f"{key} of {name} is {raw!r:.60}; a flat list of numbers is needed.")
    return found


def checked(batch: Batch, key: str, raw: Any, places: Places) -> Any:
    """What is to be kept: one value for all of the places, or an array [place]; a list of numbers is one array."""
    model = batch.model
    if key not in model.defaults:
        return _refused(model, key, raw)
    default = model.defaults[key]
    if isinstance(default, tuple):
        return as_list(model.name, key, raw)
    if key in ("senders", "targets"):  # of a weight recorder
        return raw
    if isinstance(default, list):  # names of what is recorded
        if not isinstance(raw, (list, tuple)) or not all(isinstance(one, str) for one in raw):
            raise errors.TypeMismatch(f"{key} of {model.name} is {raw!r:.60}; a list of names is needed.")
        return list(raw)
    if isinstance(raw, list):
        values = [as_kind(model.name, key, default, one) for one in raw]
        value: Any = np.array(values, object if isinstance(default, str) else None)
    else:
        value = as_kind(model.name, key, default, raw)
    if key == "stimulus_source" and value:
        raise errors.unsupported("stimulus_source", "Give a stimulus its parameters.")
    if key == "frozen" and np.any(value) and model.kind != "neuron":
        if model.type_id in METERS:
            raise errors.BadProperty(f"a {model.name} cannot be frozen.")
        raise errors.unsupported(f"frozen = True of {model.name}", "Say start and stop.")
    _check_bounds(model, key, value)
    return value


def _refused(model: NodeModel, key: str, raw: Any) -> Any:
    """What can be said only as it is."""
    if key == "n_events":
        if np.any(np.asarray(raw) != 0):
            raise errors.BadProperty(f"n_events is {raw!r:.60}; it may only be set to 0, which empties all.")
        return 0
    if key in OF_FILES and model.kind == "recorder":
        return as_kind(model.name, key, OF_FILES[key], raw)
    if key in _READ_ALONE:
        raise errors.UnaccessedDictionaryEntry(f"{key} of {model.name} can only be read.")
    if key in model.fixed and not (type(raw) is type(model.fixed[key]) and raw == model.fixed[key]):
        raise errors.unsupported(
            f"{key} = {raw!r:.60} of {model.name}", f"It is {model.fixed[key]!r} here and stays so."
        )
    return raw


_BESIDE_NATIVE = {**calcium.DECLARED, "p_copy": Param("p_copy", 1.0, at_least=0.0, at_most=1.0)}
_READ_ALONE = ("t_spike", "post_trace", "archiver_length")


@cache
def _declared(native: Any, key: str) -> Any:
    return _BESIDE_NATIVE.get(key) or find_settable(native, key)


def _check_bounds(model: NodeModel, key: str, value: Any) -> None:
    if model.native is None or key in _TEXTS:
        return
    declared = _declared(model.native, key)
    if type(value) is float and allows(declared, value):
        return
    column = np.atleast_1d(np.asarray(to_native(key, value)))
    if column.dtype.kind == "f" or column.dtype.kind in "iub":
        try:
            declared.check(column.astype(np.float64), model.name)
        except DescriptionError as error:
            raise errors.as_kind(errors.BadProperty, error) from None


def check_native(batch: Batch, places: Places, found: dict[str, Any], clock: Clock, now: int) -> None:
    """The model's own checks of what belongs together, at these nodes; prescribed times become those that are used."""
    if any(key in found for key in batch.of_receptors):
        _check_receptors(batch, places, found)
    _check_together(batch, places, found)
    if batch.model.type_id in _EXACT and "t_ref" in found and np.any(np.asarray(found["t_ref"]) <= HALF_TIC):
        raise errors.BadProperty(f"t_ref of {batch.model.name} is 0 ms; at least one step is needed.")
    if batch.model.kind == "neuron" and not batch.lists:
        return
    _check_flags(batch, places, found)
    native = batch.model.native
    times = [key for key in found if key in batch.lists and key.endswith("_times")]
    try:
        if times and native.settle is not None:
            _settle(batch, places, found, clock, now)
        if batch.model.kind == "stimulator" and not set(found) <= _TEXTS:
            values = _columns(batch, places, found)
            native.prepare(SimpleNamespace(**values), clock)
    except DescriptionError as error:
        between = batch.model.type_id == "noise_generator" and "not a multiple" in str(error)
        raise errors.as_kind(errors.StepMultipleRequired if between else errors.BadProperty, error) from None


_EXACT = {"iaf_psc_alpha_ps", "iaf_psc_delta_ps", "iaf_psc_exp_ps"}
_TEXTS = {"label", "stimulus_source", "frozen", "deliver_interval"}


def _check_receptors(batch: Batch, places: Places, found: Mapping[str, Any]) -> None:
    """Each receptor has each of its parameters, within the bounds."""
    model = batch.model
    rows = {}
    for declared in model.native.per_receptor.params:
        key = declared.name
        given = found[key] if key in found else batch.at(key, places)
        rows[key] = given if isinstance(given, list) else [given] * len(places)
        try:
            for row in rows[key]:
                declared.check(np.asarray(row, np.float64), model.name)
        except DescriptionError as error:
            raise errors.as_kind(errors.BadProperty, error) from None
    for lists in zip(*rows.values(), strict=True):
        if len({len(row) for row in lists}) > 1:
            sizes = ", ".join(f"{key} {len(row)}" for key, row in zip(rows, lists, strict=True))
            raise errors.BadProperty(
                f"the lists of {model.name} have other lengths: {sizes}. Give them together."
            )
        if batch.population is not None and len(lists[0]) < batch.n_receptors:
            raise errors.BadProperty(
                f"{model.name} has {batch.n_receptors} receptors, which may be connected; as many values are needed."
            )
        if batch.population is not None and len(lists[0]) > batch.n_receptors:
            raise errors.unsupported("Another number of receptors once time has passed", "Say it in Create.")


def _check_flags(batch: Batch, places: Places, found: Mapping[str, Any]) -> None:
    """Exact times are not rounded, so that nothing is said of how."""
    if "precise_times" not in batch.columns or not _ROUNDING & set(found):
        return
    flags = {key: np.asarray(found.get(key, batch.at(key, places)), bool) for key in _ROUNDING}
    if np.any(flags["precise_times"] & (flags["allow_offgrid_times"] | flags["shift_now_spikes"])):
        raise errors.BadProperty("precise_times goes with neither allow_offgrid_times nor shift_now_spikes.")


_ROUNDING = {"precise_times", "allow_offgrid_times", "shift_now_spikes"}


def _settle(batch: Batch, places: Places, found: dict[str, Any], clock: Clock, now: int) -> None:
    """Times as they are used. NEST keeps spike times that have passed, but not 0, and does not send them."""
    native, is_spikes = batch.model.native, "spike_times" in found
    values = _columns(batch, places, found)
    if (
        is_spikes
        and not np.all(values["shift_now_spikes"])
        and any((t == 0.0).any() for t in values["spike_times"])
    ):
        raise errors.BadProperty("a spike time is 0 ms, which is not in the future.")
    kept = settled(native, values, None, clock, -1 if is_spikes else now)
    values |= kept
    if is_spikes:
        found["spike_times"] = values["spike_times"] = _shifted(values, clock, now)
    for key, report in native.reports.items():
        if key in found:
            found[key] = report(SimpleNamespace(**values), clock)


def _shifted(values: Mapping[str, Any], clock: Clock, now: int) -> list[Any]:
    """Spike times, of which those of the present step come one later where that is said."""
    moved = []
    for at, times in enumerate(values["spike_times"]):
        first = now - clock.steps(float(values["origin"][at]), "origin")
        late = np.abs(times - clock.time(first)) <= HALF_TIC
        shifts = values["shift_now_spikes"][at] and not values["precise_times"][at]
        moved.append(np.where(late, clock.time(first + 1), times) if shifts and late.any() else times)
    return moved


def _columns(batch: Batch, places: Places, found: Mapping[str, Any]) -> dict[str, Any]:
    """All parameters of these nodes as they would be."""
    n = len(places)
    values: dict[str, Any] = {}
    for param in batch.model.native.params:
        key = param.name
        value = found[key] if key in found else batch.at(key, places)
        if key in batch.lists:
            values[key] = value if isinstance(value, list) else [np.asarray(value, np.float64)] * n
        else:
            values[key] = np.array(np.broadcast_to(to_native(key, value), n))
    return values


def _check_together(batch: Batch, places: Places, found: Mapping[str, Any]) -> None:
    model = batch.model
    names = read_by_check(model.native)
    if found.keys().isdisjoint(names):
        return
    known = {
        name: found[name] if name in found else batch.at(name, places)
        for name in names
        if name in model.defaults
    }
    if len(known) < len(names):
        return
    lists = {name for name in known if name in batch.lists}
    read = {
        name: (value if isinstance(value, list) else [np.asarray(value, np.float64)] * len(places))
        if name in lists
        else np.broadcast_to(to_native(name, value), len(places))
        for name, value in known.items()
    }
    try:
        complaint = model.native.check(SimpleNamespace(**read))
    except DescriptionError as error:
        raise errors.as_kind(errors.BadProperty, error) from None
    if complaint:
        raise errors.BadProperty(f"{model.name}: {complaint}")

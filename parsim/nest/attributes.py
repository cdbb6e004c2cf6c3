"""The kernel's attributes: their types, defaults and errors."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from parsim.errors import suggestion
from parsim.nest import elsewhere, errors

SEED = 143202461
RNG_TYPES = ["Philox_32", "Philox_64", "Threefry_32", "Threefry_64", "mt19937", "mt19937_64"]
RULES = [
    "all_to_all", "fixed_indegree", "fixed_outdegree", "fixed_total_number", "one_to_one", "pairwise_bernoulli",
    "pairwise_poisson", "symmetric_pairwise_bernoulli",
]  # fmt: skip


@dataclass(frozen=True)
class Attribute:
    """What can be set: `check` says what is wrong with a value; `refused` why there is only the default."""

    default: Any
    kind: type
    check: Callable[[Any], str | None] = lambda value: None
    error: type[errors.KernelException] = errors.BadProperty
    refused: str = ""
    survives: bool = False  # a reset


def _at_least(least: float) -> Callable[[Any], str | None]:
    return lambda value: None if value >= least else f"it must be at least {least:g}"


def _seed(value: int) -> str | None:
    return None if 0 < value < 2**32 else "it must be from 1 to 2^32 - 1"


def _rng(value: str) -> str | None:
    return None if value in RNG_TYPES else f"there are {', '.join(RNG_TYPES)}"


_EXACT = "parsim's exchange of spikes has no such setting."
_DRAWS = "parsim draws every number by Philox, as a function of the seed and of what it is for."

SETTABLE: dict[str, Attribute] = {
    "resolution": Attribute(0.1, float),
    "tics_per_ms": Attribute(1000.0, int, _at_least(1), errors.KernelException),
    "biological_time": Attribute(0.0, float),
    "min_delay": Attribute(0.1, float),
    "max_delay": Attribute(0.1, float),
    "rng_seed": Attribute(SEED, int, _seed),
    "rng_type": Attribute("mt19937_64", str, _rng),
    "local_num_threads": Attribute(1, int, _at_least(1)),
    "total_num_virtual_procs": Attribute(1, int, _at_least(1)),
    "print_time": Attribute(False, bool),
    "overwrite_files": Attribute(False, bool),
    "data_path": Attribute("", str, survives=True),
    "data_prefix": Attribute("", str, survives=True),
    "use_wfr": Attribute(True, bool),
    "wfr_comm_interval": Attribute(1.0, float, _at_least(1e-9), errors.KernelException),
    "wfr_tol": Attribute(1e-4, float, _at_least(0.0), errors.KernelException),
    "wfr_max_iterations": Attribute(15, int, _at_least(1), errors.KernelException),
    "wfr_interpolation_order": Attribute(
        3, int, lambda v: None if v in (0, 1, 3) else "it must be 0, 1 or 3", errors.KernelException
    ),
    "dict_miss_is_error": Attribute(True, bool),
    "keep_source_table": Attribute(True, bool),
    "use_compressed_spikes": Attribute(True, bool),
    "update_time_limit": Attribute(math.inf, float, refused=_EXACT),
    "sort_connections_by_source": Attribute(True, bool),
    "cycle_time_log": Attribute(False, bool, refused=_EXACT),
    "eprop_update_interval": Attribute(1000.0, float, refused=elsewhere.EPROP),
    "eprop_learning_window": Attribute(1000.0, float, refused=elsewhere.EPROP),
    "eprop_reset_neurons_on_update": Attribute(True, bool, refused=elsewhere.EPROP),
    "structural_plasticity_update_interval": Attribute(10000.0, float, refused=elsewhere.GROWTH),
    "structural_plasticity_synapses": Attribute({}, dict, refused=elsewhere.GROWTH),
}

# Sizes of NEST's buffers, which have no counterpart: they are kept, and change nothing.
for _name, _default in {
    "adaptive_target_buffers": True, "buffer_size_spike_data": 2, "buffer_size_target_data": 2,
    "growth_factor_buffer_spike_data": 1.5, "growth_factor_buffer_target_data": 1.5,
    "max_buffer_size_target_data": 16777216, "spike_buffer_grow_extra": 0.5, "spike_buffer_shrink_limit": 0.2,
    "spike_buffer_shrink_spare": 0.1,
}.items():  # fmt: skip
    SETTABLE[_name] = Attribute(_default, type(_default))

FIXED: dict[str, Any] = {
    "modules": [],
    "send_buffer_size_secondary_events": 0,
    "recv_buffer_size_secondary_events": 0,
    "spike_buffer_resize_log": {"global_max_spikes_sent": [], "new_buffer_size": [], "times": []},
    "T_max": 1152921504606846.8,
    "T_min": -1152921504606846.8,
    "rng_types": RNG_TYPES,
    "recording_backends": ["ascii", "memory", "screen"],
    "stimulation_backends": [],
    "growth_curves": [],
    "connection_rules": RULES,
    "max_num_syn_models": 511,
    "max_update_time": -math.inf,
    "min_update_time": math.inf,
    "to_do": 0,
}
# Read from the kernel as it is.
DERIVED = (
    "num_processes", "num_connections", "network_size", "node_models", "synapse_models", "local_spike_counter",
    "ms_per_tic", "tics_per_step", "memory_size", "off_grid_spiking", "mpi_rank", "prepared", "time_simulate",
    "time_construction_create", "time_construction_connect", "kernel_status",
)  # fmt: skip
ALL = sorted({*SETTABLE, *FIXED, *DERIVED})


def as_kind(name: str, value: Any) -> Any:
    """A value of the attribute's type, or the error that NEST raises."""
    attribute = SETTABLE[name]
    is_whole = isinstance(value, (int, np.integer)) and not isinstance(value, (bool, np.bool))
    fits = {
        float: is_whole or isinstance(value, (float, np.floating)),
        int: is_whole,
        bool: isinstance(value, (bool, np.bool)),
        str: isinstance(value, str),
    }.get(attribute.kind, isinstance(value, attribute.kind))
    if not fits:
        raise errors.TypeMismatch(f"{name} is {value!r:.60}; {_WORDS[attribute.kind]} is needed.")
    value = attribute.kind(value)
    if complaint := attribute.check(value):
        raise attribute.error(f"{name} is {value!r:.60}; {complaint}.")
    if attribute.refused and value != attribute.default:
        raise errors.unsupported(f"{name} = {value!r:.60}", attribute.refused)
    return value


_WORDS = {float: "a number", int: "a whole number", bool: "True or False", str: "a text", dict: "a dict"}


def unknown(name: Any, known: Any) -> str:
    """What is wrong with the name of an attribute."""
    text = name if isinstance(name, str) else repr(name)
    return f"the kernel has no attribute '{text:.60}'.{suggestion(text, known)} It has: {', '.join(known)}."

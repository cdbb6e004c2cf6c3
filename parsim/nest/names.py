"""Models by their names in NEST: what is set, read and recorded there, and what that is here."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np

from parsim.models.catalogue import CELL_MODELS, STIMULUS_MODELS, SYNAPSE_MODELS
from parsim.nest import calcium, compartments, readout
from parsim.nest.parrots import dilutor, repeat_what_is_heard

FOREVER = 1.7976931348623157e308  # what NEST calls a time that never comes

NEURON = {
    "archiver_length": 0, "post_trace": 0.0, "synaptic_elements": {}, "t_spike": -1.0, "ignore_and_spike": False,
    "ignore_and_spike_interval": 100.0, "ignore_and_spike_offset": 1.0, "frozen": False,
}  # fmt: skip
DEVICE = {"label": "", "start": 0.0, "stop": FOREVER, "origin": 0.0}
RECORDER = DEVICE | {"record_to": "memory", "time_in_steps": False}
METER = RECORDER | {"interval": 1.0, "offset": 0.0}

# What NEST's status has and parsim's models do not: it can be read, and not be changed.
_BESIDE: dict[str, dict[str, Any]] = {
    "aeif_cond_alpha": {"gsl_error_tol": 1e-6},
    "aeif_cond_exp": {"gsl_error_tol": 1e-6},
    "aeif_psc_alpha": {"gsl_error_tol": 1e-6},
    "aeif_psc_delta": {"gsl_error_tol": 1e-6, "refractory_input": False},
    "aeif_psc_exp": {"gsl_error_tol": 1e-6},
    "gif_cond_exp": {"gsl_error_tol": 1e-3},
    "gif_cond_exp_multisynapse": {"gsl_error_tol": 1e-3},
    "ht_neuron": {"receptor_types": {"AMPA": 1, "NMDA": 2, "GABA_A": 3, "GABA_B": 4}},
    "iaf_cond_alpha_mc": {"receptor_types": compartments.RECEPTOR_TYPES},
    "pp_psc_delta": {"t_ref_remaining": 0.0},
    "parrot_neuron": {"flush_event_send_interval": float("inf")},
}
_OF_OURS_ALONE = {
    "hh_psc_alpha": {"tolerance", "V_th"},
    "hh_psc_alpha_gap": {"tolerance", "V_th"},
    "hh_cond_exp_traub": {"tolerance", "dV_th"},
    "hh_cond_beta_gap_traub": {"tolerance", "dV_th"},
    "iaf_chxk_2008": {"g_ahp_peak"},  # its name in NEST is that of what is recorded, too
}
_RECORDED_ALONE = {
    "iaf_psc_alpha": {"I_syn_ex", "I_syn_in"},
    "iaf_psc_exp": {"I_syn_ex", "I_syn_in"},
    "iaf_psc_exp_htum": {"I_syn_ex", "I_syn_in"},
    "amat2_psc_exp": {"I_syn_ex", "I_syn_in", "V_th", "V_th_v"},
    "aeif_psc_exp": {"dI_syn_ex", "dI_syn_in"},
    "mat2_psc_exp": {"I_syn_ex", "I_syn_in", "V_th"},
    "hh_psc_alpha": {"I_syn_ex", "I_syn_in"},
    "hh_psc_alpha_gap": {"I_syn_ex", "I_syn_in"},
    "hh_cond_exp_traub": {"g_ex", "g_in"},
    "hh_cond_beta_gap_traub": {"g_ex", "g_in"},
    "gif_psc_exp": {"I_syn_ex", "I_syn_in"},
    "glif_cond": {"I", "threshold", "threshold_spike", "threshold_voltage", "ASCurrents_sum"},
    "glif_psc": {"I", "threshold", "ASCurrents_sum", "I_syn"},
    "glif_psc_double_alpha": {"I", "threshold", "ASCurrents_sum", "I_syn"},
    "ht_neuron": {"g_AMPA", "g_NMDA", "g_GABA_A", "g_GABA_B", "I_NaP", "I_KNa", "I_T", "I_h"},
    "iaf_chxk_2008": {"g_ex", "g_in", "g_ahp"},
    "iaf_cond_alpha_mc": {f"g_{kind}.{at}" for kind in ("ex", "in") for at in "spd"},
}
_SET_ALONE = {"iaf_cond_beta": {"dg_ex", "dg_in"}}
_NEITHER = {  # states that NEST does not show
    "ht_neuron": {
        *("blockable_NMDA", "dg_AMPA", "dg_NMDA", "dg_GABA_A", "dg_GABA_B", "D_IKNa"),
        *("m_fast_NMDA", "m_slow_NMDA", "m_IT", "h_IT", "m_Ih"),
    },
    "iaf_chs_2007": {"V_syn", "V_spike"},
    "iaf_chxk_2008": {"dg_ex", "dg_in", "dg_ahp"},
    "iaf_cond_alpha_mc": {f"dg_{kind}.{at}" for kind in ("ex", "in") for at in "spd"},
}
_OF_ELEMENTS = re.compile(r"(stc|sfa|ASCurrents|I_alpha|I_fast|I_slow)_\d+")  # states that NEST does not show
_OTHER_DEFAULTS: dict[str, dict[str, Any]] = {
    "iaf_psc_delta": {"V_min": -FOREVER},
    "izhikevich": {"V_min": -FOREVER},
    "pulsepacket_generator": {"activity": 0},
    "gamma_sup_generator": {"gamma_shape": 1, "n_proc": 1},
    "ppd_sup_generator": {"n_proc": 1},
}
CORRELATOR = {
    "start": 0.0, "stop": FOREVER, "origin": 0.0, "Tstart": 0.0, "Tstop": FOREVER,
    "delta_tau": 0.0, "tau_max": 0.0,  # both hang on the resolution
}  # fmt: skip
METERS = ("multimeter", "voltmeter")
TRANSMITTER = "volume_transmitter"  # repeats what it hears, as a parrot does, for connections to feel
OF_SINES = ("sinusoidal_poisson_generator", "sinusoidal_gamma_generator")
DILUTOR = "spike_dilutor"  # the same, over connections that transmit by chance
_GENERATORS_OF_CURRENT = ("ac_generator", "dc_generator", "step_current_generator", "noise_generator")


@dataclass(frozen=True, eq=False)
class NodeModel:
    """A model of nodes: `defaults` by NEST's names are what can be set, `fixed` what can only be read.

    `native` is parsim's model, None for recorders. `states` are those of the defaults that a run changes.
    """

    name: str
    type_id: str
    kind: str  # "neuron", "stimulator" or "recorder"
    native: Any
    defaults: Mapping[str, Any]
    states: frozenset[str] = frozenset()
    recordables: tuple[str, ...] = ()
    fixed: Mapping[str, Any] = field(default_factory=dict)
    element: str = ""  # what NEST calls the kind, where that is another

    def renamed(self, name: str) -> "NodeModel":
        """A copy of another name."""
        return replace(self, name=name)

    def with_defaults(self, values: Mapping[str, Any]) -> "NodeModel":
        """A copy with other defaults."""
        return replace(self, defaults={**self.defaults, **values})

    @property
    def is_cell(self) -> bool:
        """Is it a cell of the network: a neuron, parrot or injector?"""
        return self.kind == "neuron"


def _initial(native: Any) -> dict[str, float]:
    """What states are with the default parameters; in NEST they do not follow when these are set."""
    if native.kind != "cell" or not native.recordables:
        return {}
    values = SimpleNamespace(
        **{
            p.name: [np.array(p.default, np.float64)]
            if p.kind == "train"
            else np.full(1, p.default, np.float64)
            for p in native.params
        }
    )
    return {name: float(column[0]) for name, column in native.by_name(native.new_state(values, 1)).items()}


def _of(native: Any) -> NodeModel:
    name = native.name
    is_cell = native.kind == "cell"
    params = {p.name: p.default for p in native.params if p.name not in _OF_OURS_ALONE.get(name, ())}
    alone = _RECORDED_ALONE.get(name, set())
    recordables = [v.name for v in getattr(native, "recordables", ()) if not _OF_ELEMENTS.fullmatch(v.name)]
    recordables = [one for one in recordables if one not in _NEITHER.get(name, ())]
    states = {
        key: start for key, start in _initial(native).items() if key in recordables and key not in alone
    }
    recordables = [one for one in recordables if one not in _SET_ALONE.get(name, ())]
    if name == "iaf_psc_exp_ps":
        recordables = ["V_m"]
    beside = dict(_BESIDE.get(name, {}))
    if native.kind == "cell" and (each := native.per_receptor) is not None:
        own = {f"{one.name}_{port}" for port in native.ports for one in (*each.params, *each.states)}
        params = {key: value for key, value in params.items() if key not in own}
        said = {p.name: p.default for p in native.params}
        params |= {
            one.name: tuple(said[f"{one.name}_{port}"] for port in native.ports) for one in each.params
        }
        states = {key: value for key, value in states.items() if key not in own}
        recordables = recorded_of_receptors(native)
        if name.startswith("aeif"):
            beside["gsl_error_tol"] = 1e-6
    if "stop" in params:
        params["stop"] = FOREVER
    params |= _OTHER_DEFAULTS.get(name, {})
    if not is_cell:
        return NodeModel(
            name, name, "stimulator", native, {"label": "", **params, "stimulus_source": "", "frozen": False},
            recordables=("I",) if name in _GENERATORS_OF_CURRENT else ("rate",) if name in OF_SINES else (),
        )  # fmt: skip
    shared = {"frozen": False} if name == "spike_train_injector" else NEURON
    if shared is NEURON:
        params |= calcium.DEFAULTS
    params["frozen"] = False
    fixed = {key: value for key, value in {**shared, **beside}.items() if key != "frozen"}
    return NodeModel(
        name, name, "neuron", native, {**params, **states}, frozenset(states), tuple(sorted(recordables)),
        fixed,
    )  # fmt: skip


def recorded_of_receptors(native: Any) -> list[str]:
    """What can be recorded of a model with any number of receptors: not how fast what enters there rises."""
    own = {one.name for port in native.ports for one in native.per_receptor.states_of(port)}
    hidden = own if native.name.startswith("gif") else set()
    names = [
        v.name
        for v in native.recordables
        if not (v.name.startswith("d") or v.name in hidden or _OF_ELEMENTS.fullmatch(v.name))
    ]
    return sorted({*names, TOTAL} if parts_of_total(names) else names)


def parts_of_total(names: Iterable[str]) -> tuple[str, ...]:
    """The currents of receptors of which NEST knows the sum, too, by what can be recorded."""
    return tuple(sorted(name for name in names if name.startswith(f"{TOTAL}_")))


TOTAL = "I_syn"  # of all receptors


def _hears(native: Any) -> Any:
    """A parrot with NEST's second receptor, which takes spikes and does nothing with them; of others NEST's names."""
    if native.name == compartments.NAME:
        return compartments.renamed(native)
    if native.name == "parrot_neuron":
        return replace(native, ports=("heard", "ignored"))
    if native.name == "parrot_neuron_ps":
        return replace(native, ports=("heard", "ignored"), advance=repeat_what_is_heard)
    return native


@cache
def node_models() -> dict[str, NodeModel]:
    """All that NEST and parsim both have, by NEST's names."""
    native: list[Any] = [
        m for m in (*CELL_MODELS, *STIMULUS_MODELS) if not m.name.endswith("_exponential_euler")
    ]
    found = {model.name: _of(_hears(model)) for model in native}
    for name, settings in (
        ("spike_recorder", RECORDER),
        ("spin_detector", RECORDER),
        ("correlation_detector", CORRELATOR),
        ("correlomatrix_detector", CORRELATOR | {"N_channels": 1}),
        ("correlospinmatrix_detector", CORRELATOR | {"N_channels": 1}),
        ("multimeter", METER | {"record_from": []}),
        ("weight_recorder", RECORDER | {"senders": [], "targets": []}),
        ("voltmeter", METER | {"record_from": ["V_m"]}),
    ):
        found[name] = NodeModel(name, name, "recorder", None, {**settings, "frozen": False})
    parrot = found["parrot_neuron"].native
    found[TRANSMITTER] = NodeModel(
        TRANSMITTER,
        TRANSMITTER,
        "neuron",
        parrot,
        {"deliver_interval": 1},
        fixed={"frozen": False},
        element="other",
    )
    said = {**DEVICE, "p_copy": 1.0}
    found[DILUTOR] = NodeModel(
        DILUTOR, DILUTOR, "neuron", dilutor, said, fixed={"frozen": False}, element="stimulator"
    )
    return found


# What connections of models have apart from each other that share the rest, where it is not as usual.
_OWN_OF_EACH = {
    "jonke_synapse": {"delay", "weight", "Kplus"},
    "static_synapse_hom_w": {"delay"},
    readout.NAME: readout.OWN,
    "tsodyks_synapse_hom": {"delay", "x", "y", "u"},
}

BINARY = frozenset({"mcculloch_pitts_neuron", "ginzburg_neuron", "erfc_neuron"})
PARROTS = frozenset({"parrot_neuron", "parrot_neuron_ps", DILUTOR})

SPELLED = {"spike_detector": "spike_recorder", "iaf_neuron": "iaf_psc_alpha"}  # in NEST 2, and now


def nests(name: str) -> str:
    """A parameter of a synapse as NEST calls it."""
    return name.rstrip("_")


def ours(name: str) -> str:
    """The same as parsim calls it."""
    return f"{name}_" if name == "lambda" else name


@dataclass(frozen=True, eq=False)
class SynapseName:
    """A model of connections by its name in NEST; `native` is None for gap junctions."""

    name: str
    native: Any
    defaults: Mapping[str, Any]
    recorder: int | None = None  # the id of the weight recorder
    transmitter: int | None = None  # that of the volume transmitter
    is_lean: bool = False  # does NEST store it smaller, so that it leads to receptor 0 alone?

    def renamed(self, name: str) -> "SynapseName":
        """A copy of another name."""
        return replace(self, name=name)

    def with_defaults(self, values: Mapping[str, Any]) -> "SynapseName":
        """A copy with other defaults."""
        native = readout.with_tables(self.native, values)
        return replace(self, native=native, defaults={**self.defaults, **values})

    @property
    def common(self) -> frozenset[str]:
        """What all its connections share, so that it is a default of the model alone."""
        known = self.native is not None and self.native.name in _OWN_OF_EACH
        if self.native is None or not (known or "_hom" in self.native.name or self.feels):
            return frozenset()
        own = _OWN_OF_EACH.get(self.native.name, {"delay", "weight", "Kplus", "c", "n"})
        return frozenset(self.defaults) - own - {"synapse_label"}

    @property
    def feels(self) -> bool:
        """Does it feel a volume transmitter?"""
        return self.native is not None and self.native.dose is not None

    @property
    def has_label(self) -> bool:
        """Can its connections be labelled?"""
        return "synapse_label" in self.defaults

    @property
    def is_gap(self) -> bool:
        """Is it a junction, which has no delay and conducts both ways?"""
        return self.native is None


@cache
def synapse_models() -> dict[str, SynapseName]:
    """All that NEST and parsim both have; what NEST stores smaller (`_hpc`) is the same here. `_lbl` have labels."""
    found = {"gap_junction": SynapseName("gap_junction", None, {"weight": 1.0, "delay": 1.0})}
    for native in SYNAPSE_MODELS:
        said = {p.name: p.default for p in native.params}
        numbers = {name: said[value] if isinstance(value, str) else value for name, value in said.items()}
        if native.name == readout.NAME:
            numbers |= {"no_synapses": 0, **readout.TABLES}  # 0: they are counted
        one = SynapseName(native.name, native, {nests(name): value for name, value in numbers.items()})
        found[one.name] = one
        found[f"{one.name}_hpc"] = replace(one, name=f"{one.name}_hpc", is_lean=True)
        found[f"{one.name}_lbl"] = one.renamed(f"{one.name}_lbl").with_defaults({"synapse_label": -1})
    return dict(sorted(found.items()))


def to_native(key: str, value: Any) -> Any:
    """A value by NEST's conventions as parsim takes it.

    Times that never come are infinite, as bounds are that are never met; any other number is finite.
    """
    if type(value) is float and abs(value) < FOREVER:
        return value
    if isinstance(value, (str, list, bool)) or (
        np.ndim(value) > 0 and np.asarray(value).dtype.kind not in "fiu"
    ):
        return value
    numbers = np.asarray(value, np.float64)
    if key in ("stop", "V_min"):
        found = np.where(np.abs(numbers) >= FOREVER, np.sign(numbers) * np.inf, value)
    else:
        found = np.clip(numbers, -FOREVER, FOREVER)
    return found if found.ndim else float(found)

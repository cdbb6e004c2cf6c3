"""What NEST has and parsim does not, and what is done in its place."""

import re

from parsim.nest import errors

_NATIVELY = "Write it natively as a model of your own: a CellModel."
_RATES = "Cells exchange spikes alone: for a given rate take a poisson_generator, for a population cells."
_EPROP = "Weights that learn by a signal are those of stdp_dopamine_synapse, or natively of a SynapseModel of your own."
_ASTROCYTES = "Write them natively as cells of your own, a CellModel, that hear neurons and send to them."
_GROWTH = "Between calls of Simulate use Connect and Disconnect."
_SUBNETS = "Nodes are in no subnets: keep the collections that Create gives."
_MUSIC = "Let processes of other programs read what is recorded natively with to='file.h5'."
_LEARNING = "Take stdp_triplet_synapse, or write it natively as a SynapseModel of your own."
_SECTIONS = "Take iaf_cond_alpha_mc, or natively build cells of sections."

# What attributes and rules say.
GROWTH = f"parsim has no structural plasticity. {_GROWTH}"
EPROP = f"parsim has no e-prop plasticity. {_EPROP}"
ASTROCYTES = f"parsim has no astrocytes. {_ASTROCYTES}"

# Models by their names, and the way.
_MODELS = (
    (r"(lin|tanh|threshold_lin|sigmoid|gauss)_rate_.*", _RATES),
    (r"rate_(transformer|neuron|connection)_.*", _RATES),
    (r"siegert_neuron|step_rate_generator|diffusion_connection", _RATES),
    (r"eprop_.*", _EPROP),
    (r"astrocyte_.*|aeif_cond_alpha_astro|sic_connection", _ASTROCYTES),
    (r"music_.*", _MUSIC),
    (r"cm_default|cm_main", _SECTIONS),
    (r"(clopath|urbanczik)_synapse(_hpc|_lbl)?", _LEARNING),
    (r"iaf_tum_2000", "Take iaf_psc_exp with tsodyks_synapse."),
    (r"gif_pop_psc_exp", "Take as many gif_psc_exp."),
    (r"iaf_bw_2001(_exact)?|pp_cond_exp_mc_urbanczik|(hh_psc_alpha|aeif_psc_delta)_clopath", _NATIVELY),
    (r"subnet", _SUBNETS),
)  # fmt: skip

_CONNECTIONS = "Use GetConnections."
_INTERPRETER = "There is no interpreter beneath: use the functions of nest."
_LAYERS = "Use nest.Create with positions=nest.spatial.grid(...) or nest.spatial.free(...)."
_GENERATED = "Give the pairs as arrays of ids with one_to_one."

# Functions and modules by their names, of NEST 3 and of NEST 2, and the way.
_NAMES = {
    "TripartiteConnect": ASTROCYTES,
    "Install": "Models of your own are written natively: CellModel, SynapseModel, or a text of NMODL.",
    "SonataNetwork": "Create and Connect what its files say; natively, reports are written as SONATA's.",
    "EnableStructuralPlasticity": GROWTH, "DisableStructuralPlasticity": GROWTH,
    "GetStructuralPlasticityStatus": GROWTH, "SetStructuralPlasticityStatus": GROWTH,
    "SetAcceptableLatency": _MUSIC, "SetMaxBuffered": _MUSIC,
    "set_communicator": "Start the script under mpirun: all processes take part.",
    "Compartments": _SECTIONS, "Receptors": _SECTIONS,
    "serialize_data": 'Use get(output="json").', "visualization": "Use the functions of matplotlib.",
    "server": "Run scripts with `parsim run --nest`.",
    "ll_api": _INTERPRETER, "sli_run": _INTERPRETER, "sli_func": _INTERPRETER, "sli_push": _INTERPRETER,
    "sli_pop": _INTERPRETER, "sr": _INTERPRETER, "sps": _INTERPRETER, "spp": _INTERPRETER,
    "topology": "Use nest.spatial.", "CreateLayer": _LAYERS, "GetLayer": _LAYERS, "GetElement": _LAYERS,
    "ConnectLayers": "Use Connect with p, a mask and use_on_source in its conn_spec.",
    "BeginSubnet": _SUBNETS, "EndSubnet": _SUBNETS, "ChangeSubnet": _SUBNETS, "CurrentSubnet": _SUBNETS,
    "GetLeaves": _SUBNETS, "GetChildren": _SUBNETS, "GetNetwork": _SUBNETS, "GetLID": _SUBNETS,
    "LayoutNetwork": _SUBNETS, "PrintNetwork": "Use PrintNodes.",
    "DivergentConnect": "Use Connect.", "ConvergentConnect": "Use Connect.", "DataConnect": "Use Connect.",
    "OneToOneConnect": "Use Connect.", "AllToAllConnect": "Use Connect.",
    "RandomDivergentConnect": "Use Connect with fixed_outdegree.",
    "RandomConvergentConnect": "Use Connect with fixed_indegree.",
    "CGConnect": _GENERATED, "CSAConnect": _GENERATED,
    "FindConnections": _CONNECTIONS, "FindSynapses": _CONNECTIONS,
    "ResetNetwork": "Natively use Simulation.reset().",
}  # fmt: skip


def refuse_model(name: str) -> None:
    """The error for a model of NEST's that is not here; nothing for a name that NEST does not know either."""
    for names, way in _MODELS:
        if re.fullmatch(names, name):
            raise errors.unsupported(f"the model {name}", way)


def refuse_name(name: str) -> None:
    """The error for a function or module of NEST's that is not here; nothing for other names."""
    if name in _NAMES:
        raise errors.unsupported(f"nest.{name}", _NAMES[name])

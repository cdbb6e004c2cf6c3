"""The built-in models, by name."""

from typing import Any

from parsim.errors import DescriptionError, suggestion
from parsim.models.base import CellModel, StimulusModel, SynapseModel
from parsim.models.cells.iaf_psc_alpha import iaf_psc_alpha
from parsim.models.cells.iaf_psc_alpha_ps import iaf_psc_alpha_ps
from parsim.models.cells.iaf_psc_delta import iaf_psc_delta
from parsim.models.cells.iaf_psc_exp import iaf_psc_exp
from parsim.models.cells.iaf_psc_exp_ps import iaf_psc_exp_ps
from parsim.models.cells.parrot_neuron import parrot_neuron
from parsim.models.cells.parrot_neuron_ps import parrot_neuron_ps
from parsim.models.cells.spike_train_injector import spike_train_injector
from parsim.models.stimuli.ac_generator import ac_generator
from parsim.models.stimuli.dc_generator import dc_generator
from parsim.models.stimuli.inhomogeneous_poisson_generator import inhomogeneous_poisson_generator
from parsim.models.stimuli.noise_generator import noise_generator
from parsim.models.stimuli.poisson_generator import poisson_generator
from parsim.models.stimuli.pulsepacket_generator import pulsepacket_generator
from parsim.models.stimuli.spike_generator import spike_generator
from parsim.models.stimuli.step_current_generator import step_current_generator
from parsim.models.synapses.static_synapse import static_synapse

CELL_MODELS: tuple[CellModel, ...] = (
    iaf_psc_alpha,
    iaf_psc_alpha_ps,
    iaf_psc_delta,
    iaf_psc_exp,
    iaf_psc_exp_ps,
    parrot_neuron,
    parrot_neuron_ps,
    spike_train_injector,
)
STIMULUS_MODELS: tuple[StimulusModel, ...] = (
    ac_generator,
    dc_generator,
    inhomogeneous_poisson_generator,
    noise_generator,
    poisson_generator,
    pulsepacket_generator,
    spike_generator,
    step_current_generator,
)
SYNAPSE_MODELS: tuple[SynapseModel, ...] = (static_synapse,)
ALL_MODELS: tuple[Any, ...] = CELL_MODELS + STIMULUS_MODELS + SYNAPSE_MODELS


def find_model(name: str) -> Any:
    """The built-in model called `name`, or an error with the nearest name."""
    models = {model.name: model for model in ALL_MODELS}
    if name not in models:
        elsewhere = _ELSEWHERE.get(name.lower())
        hint = f" Did you mean '{elsewhere}'?" if elsewhere else suggestion(name, models)
        if name.lower() in _RECORDERS:
            hint = f" {_RECORDERS[name.lower()]}"
        raise DescriptionError(
            f"there is no model '{name}'.{hint} Built in are: {', '.join(sorted(models))}."
        )
    return models[name]


# What the same thing is called in other simulators, for the error above.
_ELSEWHERE = {
    "if_curr_alpha": "iaf_psc_alpha", "if_curr_exp": "iaf_psc_exp", "if_curr_delta": "iaf_psc_delta",
    "spikesourcepoisson": "poisson_generator", "poissongroup": "poisson_generator", "netstim": "poisson_generator",
    "spikesourcearray": "spike_generator", "spikegeneratorgroup": "spike_generator", "vecstim": "spike_generator",
    "dcsource": "dc_generator", "iclamp": "dc_generator", "acsource": "ac_generator",
    "stepcurrentsource": "step_current_generator", "noisycurrentsource": "noise_generator",
}  # fmt: skip
_SPIKES = "Spikes are recorded with Network.record_spikes(cells)."
_STATES = 'States are recorded with Network.record(cells, "V_m").'
_RECORDERS = {
    "spike_recorder": _SPIKES, "spike_detector": _SPIKES, "spikemonitor": _SPIKES,
    "multimeter": _STATES, "voltmeter": _STATES, "statemonitor": _STATES,
}  # fmt: skip

"""The built-in models, by name."""

from typing import Any

from parsim.errors import DescriptionError, suggestion
from parsim.models.base import CellModel, StimulusModel, SynapseModel
from parsim.models.cells.iaf_psc_alpha import iaf_psc_alpha
from parsim.models.cells.iaf_psc_delta import iaf_psc_delta
from parsim.models.cells.iaf_psc_exp import iaf_psc_exp
from parsim.models.cells.parrot_neuron import parrot_neuron
from parsim.models.stimuli.dc_generator import dc_generator
from parsim.models.stimuli.poisson_generator import poisson_generator
from parsim.models.stimuli.spike_generator import spike_generator
from parsim.models.synapses.static_synapse import static_synapse

CELL_MODELS: tuple[CellModel, ...] = (iaf_psc_alpha, iaf_psc_delta, iaf_psc_exp, parrot_neuron)
STIMULUS_MODELS: tuple[StimulusModel, ...] = (dc_generator, poisson_generator, spike_generator)
SYNAPSE_MODELS: tuple[SynapseModel, ...] = (static_synapse,)
ALL_MODELS: tuple[Any, ...] = CELL_MODELS + STIMULUS_MODELS + SYNAPSE_MODELS


def find_model(name: str) -> Any:
    """The built-in model called `name`, or an error with the nearest name."""
    models = {model.name: model for model in ALL_MODELS}
    if name not in models:
        raise DescriptionError(
            f"There is no model '{name}'.{suggestion(name, models)} Built in are: {', '.join(sorted(models))}."
        )
    return models[name]

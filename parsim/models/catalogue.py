"""The built-in models, by name."""

from typing import Any

from parsim.errors import DescriptionError, suggestion
from parsim.models.base import CellModel, StimulusModel
from parsim.models.cells.aeif_cond_alpha import aeif_cond_alpha
from parsim.models.cells.aeif_cond_alpha_multisynapse import aeif_cond_alpha_multisynapse
from parsim.models.cells.aeif_cond_beta_multisynapse import aeif_cond_beta_multisynapse
from parsim.models.cells.aeif_cond_exp import aeif_cond_exp
from parsim.models.cells.aeif_psc_alpha import aeif_psc_alpha
from parsim.models.cells.aeif_psc_delta import aeif_psc_delta
from parsim.models.cells.aeif_psc_exp import aeif_psc_exp
from parsim.models.cells.amat2_psc_exp import amat2_psc_exp
from parsim.models.cells.erfc_neuron import erfc_neuron
from parsim.models.cells.gif_cond_exp import gif_cond_exp
from parsim.models.cells.gif_cond_exp_multisynapse import gif_cond_exp_multisynapse
from parsim.models.cells.gif_psc_exp import gif_psc_exp
from parsim.models.cells.gif_psc_exp_multisynapse import gif_psc_exp_multisynapse
from parsim.models.cells.ginzburg_neuron import ginzburg_neuron
from parsim.models.cells.glif_cond import glif_cond
from parsim.models.cells.glif_psc import glif_psc
from parsim.models.cells.glif_psc_double_alpha import glif_psc_double_alpha
from parsim.models.cells.hh_cond_beta_gap_traub import hh_cond_beta_gap_traub
from parsim.models.cells.hh_cond_exp_traub import hh_cond_exp_traub, hh_cond_exp_traub_exponential_euler
from parsim.models.cells.hh_psc_alpha import hh_psc_alpha, hh_psc_alpha_exponential_euler
from parsim.models.cells.hh_psc_alpha_gap import hh_psc_alpha_gap
from parsim.models.cells.ht_neuron import ht_neuron
from parsim.models.cells.iaf_chs_2007 import iaf_chs_2007
from parsim.models.cells.iaf_chxk_2008 import iaf_chxk_2008
from parsim.models.cells.iaf_cond_alpha import iaf_cond_alpha
from parsim.models.cells.iaf_cond_alpha_mc import iaf_cond_alpha_mc
from parsim.models.cells.iaf_cond_beta import iaf_cond_beta
from parsim.models.cells.iaf_cond_exp import iaf_cond_exp
from parsim.models.cells.iaf_cond_exp_sfa_rr import iaf_cond_exp_sfa_rr
from parsim.models.cells.iaf_psc_alpha import iaf_psc_alpha
from parsim.models.cells.iaf_psc_alpha_multisynapse import iaf_psc_alpha_multisynapse
from parsim.models.cells.iaf_psc_alpha_ps import iaf_psc_alpha_ps
from parsim.models.cells.iaf_psc_delta import iaf_psc_delta
from parsim.models.cells.iaf_psc_delta_ps import iaf_psc_delta_ps
from parsim.models.cells.iaf_psc_exp import iaf_psc_exp
from parsim.models.cells.iaf_psc_exp_htum import iaf_psc_exp_htum
from parsim.models.cells.iaf_psc_exp_multisynapse import iaf_psc_exp_multisynapse
from parsim.models.cells.iaf_psc_exp_ps import iaf_psc_exp_ps
from parsim.models.cells.iaf_psc_exp_ps_lossless import iaf_psc_exp_ps_lossless
from parsim.models.cells.ignore_and_fire import ignore_and_fire
from parsim.models.cells.izhikevich import izhikevich
from parsim.models.cells.mat2_psc_exp import mat2_psc_exp
from parsim.models.cells.mcculloch_pitts_neuron import mcculloch_pitts_neuron
from parsim.models.cells.parrot_neuron import parrot_neuron
from parsim.models.cells.parrot_neuron_ps import parrot_neuron_ps
from parsim.models.cells.pp_psc_delta import pp_psc_delta
from parsim.models.cells.spike_train_injector import spike_train_injector
from parsim.models.event_model import EventModel
from parsim.models.events.int_fire1 import IntFire1
from parsim.models.events.int_fire2 import IntFire2
from parsim.models.events.int_fire3 import IntFire3
from parsim.models.events.int_fire4 import IntFire4
from parsim.models.events.net_stim import NetStim
from parsim.models.events.vec_stim import VecStim
from parsim.models.stimuli.ac_generator import ac_generator
from parsim.models.stimuli.dc_generator import dc_generator
from parsim.models.stimuli.gamma_sup_generator import gamma_sup_generator
from parsim.models.stimuli.inhomogeneous_poisson_generator import inhomogeneous_poisson_generator
from parsim.models.stimuli.mip_generator import mip_generator
from parsim.models.stimuli.noise_generator import noise_generator
from parsim.models.stimuli.poisson_generator import poisson_generator
from parsim.models.stimuli.poisson_generator_ps import poisson_generator_ps
from parsim.models.stimuli.ppd_sup_generator import ppd_sup_generator
from parsim.models.stimuli.pulsepacket_generator import pulsepacket_generator
from parsim.models.stimuli.sinusoidal_gamma_generator import sinusoidal_gamma_generator
from parsim.models.stimuli.sinusoidal_poisson_generator import sinusoidal_poisson_generator
from parsim.models.stimuli.spike_generator import spike_generator
from parsim.models.stimuli.step_current_generator import step_current_generator
from parsim.models.synapse_model import SynapseModel
from parsim.models.synapses.bernoulli_synapse import bernoulli_synapse
from parsim.models.synapses.cont_delay_synapse import cont_delay_synapse
from parsim.models.synapses.ht_synapse import ht_synapse
from parsim.models.synapses.jonke_synapse import jonke_synapse
from parsim.models.synapses.quantal_stp_synapse import quantal_stp_synapse
from parsim.models.synapses.static_synapse import static_synapse
from parsim.models.synapses.static_synapse_hom_w import static_synapse_hom_w
from parsim.models.synapses.stdp_dopamine_synapse import stdp_dopamine_synapse
from parsim.models.synapses.stdp_facetshw_synapse_hom import stdp_facetshw_synapse_hom
from parsim.models.synapses.stdp_nn_pre_centered_synapse import stdp_nn_pre_centered_synapse
from parsim.models.synapses.stdp_nn_restr_synapse import stdp_nn_restr_synapse
from parsim.models.synapses.stdp_nn_symm_synapse import stdp_nn_symm_synapse
from parsim.models.synapses.stdp_pl_synapse_hom import stdp_pl_synapse_hom
from parsim.models.synapses.stdp_synapse import stdp_synapse
from parsim.models.synapses.stdp_synapse_hom import stdp_synapse_hom
from parsim.models.synapses.stdp_triplet_synapse import stdp_triplet_synapse
from parsim.models.synapses.tsodyks2_synapse import tsodyks2_synapse
from parsim.models.synapses.tsodyks_synapse import tsodyks_synapse
from parsim.models.synapses.tsodyks_synapse_hom import tsodyks_synapse_hom
from parsim.models.synapses.vogels_sprekeler_synapse import vogels_sprekeler_synapse

CELL_MODELS: tuple[CellModel, ...] = (
    aeif_cond_alpha,
    aeif_cond_exp,
    amat2_psc_exp,
    aeif_psc_alpha,
    aeif_psc_delta,
    aeif_psc_exp,
    iaf_cond_alpha,
    iaf_cond_exp,
    hh_cond_exp_traub,
    hh_cond_exp_traub_exponential_euler,
    hh_psc_alpha,
    hh_psc_alpha_exponential_euler,
    hh_psc_alpha_gap,
    iaf_psc_alpha,
    iaf_psc_alpha_ps,
    iaf_psc_delta,
    iaf_psc_exp,
    iaf_psc_exp_htum,
    iaf_psc_exp_multisynapse,
    iaf_psc_alpha_multisynapse,
    aeif_cond_alpha_multisynapse,
    aeif_cond_beta_multisynapse,
    iaf_psc_exp_ps,
    izhikevich,
    mat2_psc_exp,
    parrot_neuron,
    parrot_neuron_ps,
    spike_train_injector,
    gif_cond_exp,
    gif_psc_exp,
    hh_cond_beta_gap_traub,
    iaf_cond_beta,
    iaf_cond_exp_sfa_rr,
    pp_psc_delta,
    ignore_and_fire,
    erfc_neuron,
    gif_cond_exp_multisynapse,
    gif_psc_exp_multisynapse,
    glif_psc_double_alpha,
    iaf_psc_exp_ps_lossless,
    ht_neuron,
    iaf_cond_alpha_mc,
    iaf_chxk_2008,
    iaf_chs_2007,
    ginzburg_neuron,
    mcculloch_pitts_neuron,
    iaf_psc_delta_ps,
    glif_cond,
    glif_psc,
)
EVENT_MODELS: tuple[EventModel, ...] = (IntFire1, IntFire2, IntFire3, IntFire4, NetStim, VecStim)
STIMULUS_MODELS: tuple[StimulusModel, ...] = (
    ac_generator,
    dc_generator,
    inhomogeneous_poisson_generator,
    mip_generator,
    noise_generator,
    poisson_generator,
    pulsepacket_generator,
    sinusoidal_poisson_generator,
    spike_generator,
    step_current_generator,
    poisson_generator_ps,
    gamma_sup_generator,
    ppd_sup_generator,
    sinusoidal_gamma_generator,
)
SYNAPSE_MODELS: tuple[SynapseModel, ...] = (
    static_synapse,
    static_synapse_hom_w,
    bernoulli_synapse,
    quantal_stp_synapse,
    stdp_dopamine_synapse,
    stdp_nn_pre_centered_synapse,
    stdp_nn_restr_synapse,
    stdp_nn_symm_synapse,
    stdp_pl_synapse_hom,
    stdp_synapse,
    stdp_synapse_hom,
    stdp_triplet_synapse,
    tsodyks2_synapse,
    tsodyks_synapse,
    vogels_sprekeler_synapse,
    ht_synapse,
    jonke_synapse,
    tsodyks_synapse_hom,
    cont_delay_synapse,
    stdp_facetshw_synapse_hom,
)
ALL_MODELS: tuple[Any, ...] = CELL_MODELS + EVENT_MODELS + STIMULUS_MODELS + SYNAPSE_MODELS


def find_model(name: str) -> Any:
    """The built-in model called `name`, or an error with the nearest name."""
    models = {model.name: model for model in ALL_MODELS}
    if name not in models:
        elsewhere = _ELSEWHERE.get(name.lower())
        hint = f" Did you mean '{elsewhere}'?" if elsewhere else suggestion(name, models)
        if name.lower() in _RECORDERS:
            hint = f" {_RECORDERS[name.lower()]}"
        raise DescriptionError(
            f"there is no model '{name:.60}'.{hint} `parsim models` lists the {len(models)} that are built in."
        )
    return models[name]


# What the same thing is called in other simulators, for the error above.
_ELSEWHERE = {
    "if_cond_exp": "iaf_cond_exp", "if_cond_alpha": "iaf_cond_alpha",
    "eif_cond_exp_isfa_ista": "aeif_cond_exp", "eif_cond_alpha_isfa_ista": "aeif_cond_alpha",
    "if_curr_alpha": "iaf_psc_alpha", "if_curr_exp": "iaf_psc_exp", "if_curr_delta": "iaf_psc_delta",
    "spikesourcepoisson": "poisson_generator", "poissongroup": "poisson_generator",
    "spikesourcearray": "spike_generator", "spikegeneratorgroup": "spike_generator",
    "dcsource": "dc_generator", "iclamp": "dc_generator", "acsource": "ac_generator",
    "stepcurrentsource": "step_current_generator", "noisycurrentsource": "noise_generator",
}  # fmt: skip
_SPIKES = "Spikes are recorded with Network.record_spikes(cells)."
_STATES = 'States are recorded with Network.record(cells, "V_m").'
_RECORDERS = {
    "spike_recorder": _SPIKES, "spike_detector": _SPIKES, "spikemonitor": _SPIKES,
    "multimeter": _STATES, "voltmeter": _STATES, "statemonitor": _STATES,
}  # fmt: skip

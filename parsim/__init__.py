"""parsim: spiking networks in Python, compiled, parallel over MPI, with the same spikes to the last bit."""

from parsim.installed import refuse_namesake

refuse_namesake()

from parsim.arrays import Floats, Gids, Ints
from parsim.clock import heard_by, last_time_of, step_of, time_of
from parsim.comm.world import end_together
from parsim.engine.coupled.relaxation import Relaxation
from parsim.engine.report import Report
from parsim.engine.simulation import Connections, Simulation
from parsim.errors import BuildError, DescriptionError, MemberError, ParsimError, SimulationError, Stopped
from parsim.given.apart import displacement, distance, source_position, target_position
from parsim.given.distributions import Exponential, LogNormal, Normal, Uniform, UniformInt
from parsim.given.functions import (
    ceil,
    cos,
    equal,
    exp,
    expm1,
    floor,
    log,
    log1p,
    maximum,
    minimum,
    sin,
    sqrt,
    where,
)
from parsim.given.layouts import free, grid
from parsim.given.masks import box, circle, doughnut, ellipse, ellipsoid, rectangle, sphere
from parsim.io.compartments import save_compartments
from parsim.io.swc import morphology
from parsim.jit import kernel
from parsim.kernels.rows import at_row, shared_at
from parsim.models.base import CellModel, Inputs, Param, StimulusModel, Variable
from parsim.models.cable import CableModel
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
from parsim.models.checks import reads
from parsim.models.event_model import EventModel, Trace
from parsim.models.events.int_fire1 import IntFire1
from parsim.models.events.int_fire2 import IntFire2
from parsim.models.events.int_fire3 import IntFire3
from parsim.models.events.int_fire4 import IntFire4
from parsim.models.events.net_stim import NetStim
from parsim.models.events.vec_stim import VecStim
from parsim.models.insertion import detector, insert, place, spread
from parsim.models.ions import held
from parsim.models.mechanism import IonUse, Mechanism
from parsim.models.nseg import d_lambda, every
from parsim.models.played import played
from parsim.models.section import Section
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
from parsim.models.synapses.stdp_facetshw_synapse_hom import facetshw_tables, stdp_facetshw_synapse_hom
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
from parsim.network.degrees import FixedIndegree, FixedOutdegree, FixedTotalNumber
from parsim.network.lists import Lists
from parsim.network.network import Network
from parsim.network.pairwise import (
    AllToAll,
    OneToOne,
    PairwiseBernoulli,
    PairwisePoisson,
    SymmetricPairwiseBernoulli,
)
from parsim.network.population import Population, Selection
from parsim.network.recording import Recording, SpikeRecording
from parsim.network.row_recording import RowRecording, TransmissionRecording
from parsim.network.space import positions
from parsim.network.transmitter import VolumeTransmitter
from parsim.nmodl.compiled import mechanism
from parsim.shard.coupled.gap import Gap
from parsim.shard.events.queue import connection_move, net_event, net_move, net_send
from parsim.shard.outbox import emit, emit_at
from parsim.shard.rows.passing import Dose, Echo, Spike, Target, draw

end_together()
del refuse_namesake, end_together

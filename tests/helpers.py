"""The lists that laws are tested over, small networks, and worlds of threads."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

import parsim as ps
from parsim.models.catalogue import CELL_MODELS, EVENT_MODELS, STIMULUS_MODELS, SYNAPSE_MODELS
from parsim.testing.outcome import Outcome, outcome
from tests.cable_models import CABLES, EXACT, LINKED
from tests.driving import at_receptor as at_receptor
from tests.driving import drive_with

# One with several receptors stands for each that may have any number.
CURRENTS_OF_RECEPTORS = dict(fast=dict(tau_syn=2.0), inh=dict(tau_syn=6.0), slow=dict(tau_syn=30.0))
SEVERAL_RECEPTORS = {
    ps.iaf_psc_exp_multisynapse: CURRENTS_OF_RECEPTORS,
    ps.iaf_psc_alpha_multisynapse: CURRENTS_OF_RECEPTORS,
    ps.aeif_cond_alpha_multisynapse: dict(
        fast=dict(tau_syn=0.2), inh=dict(tau_syn=2.0, E_rev=-85.0), slow=dict(tau_syn=8.0, E_rev=-10.0)
    ),
    ps.aeif_cond_beta_multisynapse: dict(
        fast=dict(tau_rise=0.2, tau_decay=1.5), inh=dict(tau_rise=1.0, tau_decay=6.0, E_rev=-85.0),
        slow=dict(tau_rise=2.0, tau_decay=2.0, E_rev=-10.0),
    ),
    ps.glif_psc: CURRENTS_OF_RECEPTORS,
    ps.gif_psc_exp_multisynapse: CURRENTS_OF_RECEPTORS,
    ps.gif_cond_exp_multisynapse: dict(
        fast=dict(tau_syn=1.5), inh=dict(tau_syn=6.0, E_rev=-85.0), slow=dict(tau_syn=20.0)
    ),
    ps.glif_psc_double_alpha: dict(fast=dict(tau_syn_fast=1.0), inh=dict(amp_slow=0.6), slow=dict(tau_syn_slow=9.0)),
    ps.glif_cond: dict(fast=dict(tau_syn=0.5), inh=dict(tau_syn=2.0, E_rev=-85.0), slow=dict(tau_syn=5.0)),
}  # fmt: skip
ALL_CELL_MODELS = tuple(
    m.with_receptors(**SEVERAL_RECEPTORS[m]) if m in SEVERAL_RECEPTORS else m for m in CELL_MODELS
)
COUPLED_MODELS = tuple(model for model in CELL_MODELS if model.coupled is not None)
ALL_STIMULI = STIMULUS_MODELS
ALL_SYNAPSE_MODELS = SYNAPSE_MODELS

# Every model with one stimulus, every stimulus with one model on the grid and one between the steps.
PAIRS = [
    *((model, ps.poisson_generator) for model in ALL_CELL_MODELS),
    *((model, s) for s in ALL_STIMULI for model in (ps.iaf_psc_alpha, ps.iaf_psc_exp_ps)),
]
PAIRS = list(dict.fromkeys(PAIRS))

# Event-driven cells of each model among themselves, and with clocked cells both ways.
EVENT_PAIRS = [(model, ps.NetStim) for model in EVENT_MODELS] + [(ps.IntFire2, ps.poisson_generator)]
MIXED_PAIRS = [(model, ps.poisson_generator) for model in EVENT_MODELS]
LAW_MODELS = (*ALL_CELL_MODELS, *EVENT_MODELS, *CABLES)
LAW_PAIRS = [*PAIRS, *EVENT_PAIRS, *((model, ps.poisson_generator) for model in CABLES)]

# What makes a cell of each model fire now and then when spikes of weight 1 come in at 1,000 Hz or so.
WEIGHTS = {
    "aeif_cond_alpha": 6.0,
    "aeif_cond_alpha_multisynapse": 6.0,
    "aeif_cond_beta_multisynapse": 4.0,
    "aeif_cond_exp": 15.0,
    "aeif_psc_alpha": 400.0,
    "aeif_psc_delta": 3.0,
    "aeif_psc_exp": 600.0,
    "ht_neuron": 2.0,
    "iaf_cond_alpha_mc": 8.0,
    "iaf_chs_2007": 0.02,
    "iaf_chxk_2008": 3.0,
    "iaf_cond_alpha": 4.0,
    "iaf_cond_exp": 10.0,
    "hh_cond_exp_traub": 4.0,
    "hh_cond_exp_traub_exponential_euler": 4.0,
    "hh_psc_alpha": 300.0,
    "hh_psc_alpha_exponential_euler": 300.0,
    "hh_psc_alpha_gap": 150.0,
    "iaf_psc_alpha": 150.0,
    "iaf_psc_alpha_multisynapse": 150.0,
    "iaf_psc_alpha_ps": 150.0,
    "iaf_psc_delta": 1.8,
    "iaf_psc_delta_ps": 1.8,
    "iaf_psc_exp": 150.0,
    "iaf_psc_exp_htum": 150.0,
    "iaf_psc_exp_multisynapse": 150.0,
    "iaf_psc_exp_ps": 150.0,
    "iaf_psc_exp_ps_lossless": 150.0,
    "izhikevich": 2.0,
    "amat2_psc_exp": 150.0,
    "mat2_psc_exp": 120.0,
    "gif_cond_exp": 0.8,
    "gif_cond_exp_multisynapse": 0.8,
    "gif_psc_exp": 25.0,
    "gif_psc_exp_multisynapse": 25.0,
    "erfc_neuron": -0.05,
    "ginzburg_neuron": -0.05,
    "ignore_and_fire": 1.0,
    "glif_cond": 2.0,
    "glif_psc": 40.0,
    "glif_psc_double_alpha": 25.0,
    "hh_cond_beta_gap_traub": 4.0,
    "iaf_cond_beta": 4.0,
    "iaf_cond_exp_sfa_rr": 8.0,
    "pp_psc_delta": 4.0,
    "mcculloch_pitts_neuron": -0.05,
    "parrot_neuron": 1.0,
    "parrot_neuron_ps": 1.0,
}

# What brings a cell nearer to its threshold where input alone would not, pA.
CURRENTS = {
    "aeif_cond_alpha": 400.0, "aeif_cond_exp": 400.0,
    "aeif_psc_alpha": 400.0, "aeif_psc_delta": 400.0, "aeif_psc_exp": 400.0,
    "aeif_cond_alpha_multisynapse": 400.0, "aeif_cond_beta_multisynapse": 400.0,
}  # fmt: skip

# What a model needs for all of it to be at work.
AFTER_SPIKES = dict(tau_stc=[20.0, 5.0], q_stc=[10.0, -4.0], tau_sfa=[30.0], q_sfa=[2.0])
ALL_OF_GLIF = dict(spike_dependent_threshold=True, after_spike_currents=True, adapting_threshold=True)
VALUES: dict[str, dict[str, Any]] = {
    "erfc_neuron": dict(tau_m=2.0, theta=1.0),
    "ginzburg_neuron": dict(tau_m=2.0, theta=1.0, c_2=0.8),
    "ignore_and_fire": dict(rate=ps.Uniform(60.0, 140.0), phase=ps.Uniform(0.1, 1.0)),
    "glif_cond": ALL_OF_GLIF,
    "glif_psc": ALL_OF_GLIF,
    "glif_psc_double_alpha": ALL_OF_GLIF,
    "gif_cond_exp": AFTER_SPIKES,
    "gif_psc_exp": AFTER_SPIKES,
    "gif_cond_exp_multisynapse": AFTER_SPIKES,
    "gif_psc_exp_multisynapse": AFTER_SPIKES,
    "iaf_chs_2007": dict(V_noise=0.1, noise=[0.3, -1.2, 2.0, 0.0, -0.7]),
    "mcculloch_pitts_neuron": dict(tau_m=2.0, theta=1.0),
    "pp_psc_delta": dict(tau_sfa=[30.0, 8.0], q_sfa=[2.0, 1.0], dead_time_random=True, dead_time_shape=2),
}


def small_network(
    model: Any = ps.iaf_psc_alpha,
    stimulus: Any = ps.poisson_generator,
    n: int = 17,
    seed: int = 5,
    net: ps.Network | None = None,
) -> tuple[ps.Network, ps.Selection, ps.SpikeRecording, Any]:
    """Random wiring with random weights and delays in both signs; the stimulus keeps it going.

    In a `net` that is given it stands beside what is there.
    """
    net = ps.Network(seed=seed) if net is None else net
    if model in EVENT_MODELS:
        return event_driven_network(net, model, stimulus, n)
    if model in CABLES:
        return network_of_cables(net, model, stimulus, n)
    if not model.receives:
        return network_of_sources(net, model, stimulus, n)
    weight = WEIGHTS.get(model.name, 1.0)
    has_voltage = any(variable.name == "V_m" for variable in model.recordables)
    values = {"V_m": ps.Uniform(-70.0, -56.0)} if has_voltage else {}
    nearer = VALUES.get(model.name, {}) | ({"I_e": CURRENTS[model.name]} if model.name in CURRENTS else {})
    left = net.create(model, n - n // 3, **values, **nearer)
    right = net.create(model, n // 3, **nearer)
    cells = left + right
    source = drive_with(net, stimulus, cells, weight)
    random = ps.static_synapse(weight=ps.Normal(weight, 0.2 * abs(weight)), delay=ps.Uniform(0.8, 3.0))
    if model.weighs:
        net.connect(left, at_receptor(cells, 2), ps.FixedIndegree(3), random)
        calming = weight if model.per_receptor is not None and model.per_receptor.positive else -weight
        synapse = ps.static_synapse(weight=calming, delay=1.5)
        net.connect(right, at_receptor(cells, 1), ps.PairwiseBernoulli(0.3), synapse)
    else:  # parrots in a loop would never stop repeating
        net.connect(left, right, ps.FixedIndegree(2), random)
    return net, cells, net.record_spikes(cells), source


def network_of_sources(
    net: ps.Network, model: Any, stimulus: Any, n: int
) -> tuple[ps.Network, ps.Selection, ps.SpikeRecording, Any]:
    """As `small_network` for cells that hear nothing: the stimulus drives those that hear them."""
    trains = [np.cumsum(np.full(40, 1.31 + 0.017 * i)) for i in range(n - n // 3)]
    left = net.create(model, len(trains), spike_times=trains, precise_times=True)
    right = net.create(
        model, n // 3, spike_times=np.arange(1, 12) * 5.03, allow_offgrid_times=True,
        spike_multiplicities=np.arange(11) % 3, stop=50.0,
    )  # fmt: skip
    listeners = net.create("iaf_psc_alpha_ps", 4) + net.create("iaf_psc_alpha", 3)
    random = ps.static_synapse(weight=ps.Normal(150.0, 30.0), delay=ps.Uniform(0.8, 3.0))
    net.connect(left, listeners, ps.FixedIndegree(6), random)
    net.connect(right, listeners, ps.PairwiseBernoulli(0.6), ps.static_synapse(weight=200.0, delay=1.5))
    source = drive_with(net, stimulus, listeners, 150.0)
    return net, left + right, net.record_spikes(left + right + listeners), source


def network_of_cables(
    net: ps.Network, model: Any, stimulus: Any, n: int
) -> tuple[ps.Network, ps.Selection, ps.SpikeRecording, Any]:
    """As `small_network` for cells of sections, which currents, the stimulus and each other make fire."""
    left = net.create(model, 2 * n - n // 3, amp=ps.Uniform(0.05, 0.4), v=ps.Uniform(-70.0, -60.0))
    right = net.create(model, n // 3, g_na=ps.Normal(0.12, 0.01), **{"dend.pas.g": ps.Uniform(5e-5, 2e-4)})
    cells, listeners = left + right, net.create("iaf_psc_alpha_ps", 4) + net.create("iaf_psc_alpha", 3)
    random = ps.static_synapse(weight=ps.Normal(150.0, 30.0), delay=ps.Uniform(0.8, 3.0))
    net.connect(cells, listeners, ps.FixedIndegree(6), random)
    inside = ps.static_synapse(weight=ps.Uniform(1e-4, 1e-3), delay=ps.Uniform(0.8, 3.0))
    if model in (LINKED, EXACT):
        link(net, cells)
    net.connect(cells, left.at("sat"), ps.FixedIndegree(4), inside)
    net.connect(listeners, cells.at("exc[1]"), ps.FixedIndegree(2), inside)
    source = drive_with(net, stimulus, listeners, 150.0)
    noise = net.create("poisson_generator", rate=300.0)
    net.connect(noise, cells.at("exc[0]"), ps.AllToAll(), ps.static_synapse(weight=5e-4, delay=0.5))
    return net, cells, net.record_spikes(cells + listeners), source


# Parameters with which event-driven cells fire now and then.
EVENT_VALUES: dict[str, dict[str, Any]] = {
    "IntFire1": dict(tau=ps.Uniform(8.0, 12.0), refrac=1.3),
    "IntFire2": dict(taum=ps.Uniform(5.0, 10.0), ib=ps.Uniform(0.0, 1.1)),
    "IntFire3": dict(taum=ps.Uniform(20.0, 30.0), ib=ps.Uniform(0.0, 1.1)),
    "IntFire4": dict(taum=ps.Uniform(30.0, 50.0)),
    "NetStim": dict(interval=ps.Uniform(3.0, 9.0), noise=0.7, start=0.5, number=4.0),
}


def event_driven_network(
    net: ps.Network, model: Any, stimulus: Any, n: int
) -> tuple[ps.Network, ps.Selection, ps.SpikeRecording, Any]:
    """Islands of a few cells, delays from 0 to 3 ms and weights in both signs; the stimulus keeps it going.

    With a generator, clocked cells stand between it and the event-driven ones, and hear these.
    """
    if model is ps.VecStim:
        trains = [np.cumsum(np.full(40, 1.31 + 0.017 * i)) for i in range(n)]
        cells = net.create(model, n, spike_times=trains)
    else:
        cells = net.create(model, n, **EVENT_VALUES[model.name])
    source = net.create("NetStim", 3, interval=1.5, noise=[1.0, 0.5, 0.0], start=0.0, number=np.inf)
    listeners = net.create("IntFire1", 3, refrac=0.7)
    hearing = cells[:] + listeners if model.receives else listeners[:]
    everyone = cells[:] + listeners
    random = ps.static_synapse(weight=ps.Normal(0.4, 0.3), delay=ps.Uniform(0.1, 3.0))
    net.connect(source, hearing, ps.AllToAll(), random)
    calming = ps.static_synapse(weight=ps.Normal(-0.2, 0.3), delay=ps.Uniform(0.1, 3.0))
    net.connect(everyone, hearing, ps.FixedIndegree(3), calming)
    if n > 4:  # two islands, of which one is a chain, and delays between them that need not be whole steps
        chain, web = everyone[:3], everyone[-5:]
        near = chain[1:] if model.receives else listeners[:1]
        net.connect(chain, near, ps.AllToAll(), ps.static_synapse(weight=-0.1, delay=ps.Uniform(0.01, 0.2)))
        net.connect(web, listeners, ps.FixedIndegree(2), ps.static_synapse(weight=0.5, delay=0.0))
    if stimulus is ps.poisson_generator:
        source = mix(net, stimulus, everyone, hearing)
        everyone = net.populations[-2] + everyone
    return net, cells[:], net.record_spikes(everyone), source


def mix(net: ps.Network, stimulus: Any, cells: Any, hearing: Any) -> Any:
    """Clocked cells that drive event-driven ones and the reverse; the stimulus that drives them."""
    clocked = net.create("iaf_psc_exp", 6)
    generator = net.create(stimulus, rate=4_000.0)
    net.connect(generator, clocked, ps.AllToAll(), ps.static_synapse(weight=150.0, delay=1.0))
    net.connect(
        clocked, hearing, ps.FixedIndegree(3), ps.static_synapse(weight=0.4, delay=ps.Uniform(0.37, 3.0))
    )
    net.connect(cells, clocked, ps.FixedIndegree(4), ps.static_synapse(weight=100.0, delay=1.5))
    return generator


def link(net: ps.Network, cells: Any) -> None:
    """Each cell follows the next: all of them in a ring, and two in each other."""
    net.link(cells, "twig(0.9).cai", cells.at("graded"), "capre", ps.Lists(*_next(len(cells))))
    net.link(cells, "soma.v", cells[1:].at("slow"), "vpre", ps.Lists(*_next(len(cells), 1)))
    net.link(cells[-1], "dend(0.8).v", cells[0].at("slow"), "vpre")


def _next(n: int, first: int = 0) -> tuple[Any, Any]:
    return (np.arange(first, n) + 1) % n, np.arange(n - first)


def couple(net: ps.Network, cells: Any) -> None:
    """Gap junctions of several statements, some pairs more than once, that pull hard; the last cell has none.

    Cells of sections are joined at several points, to each other and to point neurons.
    """
    joined = here = there = cells[:-1]
    if joined.models[0] in CABLES:
        here, there = joined.at("twig(0.9)"), joined.at("dend(0.2)")
        points = net.create("hh_psc_alpha_gap", 3, I_e=ps.Uniform(0.0, 800.0))
        net.couple(points, joined.at("soma"), ps.FixedIndegree(1), weight=2.0)
    net.couple(here, there, ps.PairwiseBernoulli(0.3), weight=ps.Uniform(1.0, 6.0))
    net.couple(here[::2], here, ps.FixedTotalNumber(6), weight=2.0)
    n = len(joined) - 1
    net.couple(there, there, ps.Lists(np.arange(n), np.arange(1, n + 1)), weight=np.linspace(5.0, 9.0, n))


def run_small(
    model: Any = ps.iaf_psc_alpha,
    stimulus: Any = ps.poisson_generator,
    n: int = 17,
    threads: int = 1,
    runs: tuple[float, ...] = (60.0,),
    prepare: Callable[[ps.Network, Any], None] | None = None,
) -> Outcome:
    """Run a small network and return what came out."""
    net, cells, spikes, _ = small_network(model, stimulus, n)
    if prepare is not None:
        prepare(net, cells)
    sim = ps.Simulation(net, dt=0.1, threads=threads)
    for duration in runs:
        sim.run(duration)
    return outcome(sim, cells, spikes)


@cache
def alone(model: Any, stimulus: Any = ps.poisson_generator) -> Outcome:
    """What a small network comes to on one rank in one go, with which laws compare: run once a process."""
    found = run_small(model, stimulus)
    for column in (found.times, found.gids, *found.states.values()):
        column.setflags(write=False)
    return found

"""A small network in which a synapse model leads onto cells of every kind, and what comes of it."""

from dataclasses import replace
from typing import Any

import numpy as np

import parsim as ps
from parsim.models.catalogue import SYNAPSE_MODELS
from tests.cable_models import CABLE
from tests.wing.synapse import wearing

# Those that do something at a spike but bring a weight that stays; one of a script among them.
# One leads onto cells of sections, too, for which the others would have to wait.
onto_cables = replace(ps.stdp_synapse, name="onto_cables")
REMEMBERING = (*(model for model in SYNAPSE_MODELS if model.transmit is not None), wearing, onto_cables)

# Values with which something happens within 60 ms, weights of 1 apart.
VALUES: dict[str, dict[str, Any]] = {
    "bernoulli_synapse": dict(p_transmit=ps.Uniform(0.3, 0.9)),
    "ht_synapse": dict(P=0.6, delta_P=0.3, tau_P=ps.Uniform(20.0, 60.0)),
    "jonke_synapse": dict(Wmax=3.0, lambda_=0.2, beta=0.1, mu_plus=-0.02, mu_minus=0.005, Kplus=0.3),
    "quantal_stp_synapse": dict(n=5.0, U=ps.Uniform(0.2, 0.8), tau_rec=30.0, tau_fac=20.0),
    "stdp_dopamine_synapse": dict(
        Wmin=0.1, Wmax=3.0, A_plus=0.9, A_minus=0.6, tau_c=ps.Uniform(30.0, 60.0), tau_n=8.0, b=0.05
    ),
    "stdp_facetshw_synapse_hom": dict(
        Wmax=3.0,
        a_thresh_th=0.6,
        a_thresh_tl=0.6,
        tau_plus=ps.Uniform(10.0, 20.0),
        synapse_id=ps.UniformInt(0, 9),
        no_synapses=10,
        synapses_per_driver=3,
        driver_readout_time=1.3,
    ),
    "stdp_pl_synapse_hom": dict(lambda_=0.1, Kplus=0.3),
    "stdp_triplet_synapse": dict(Wmax=3.0, Aplus=0.05, Aminus=0.04, Aplus_triplet=0.05, Aminus_triplet=0.03),
    "tsodyks2_synapse": dict(U=ps.Uniform(0.2, 0.8), tau_rec=30.0, tau_fac=20.0),
    "tsodyks_synapse": dict(U=0.4, tau_rec=ps.Uniform(20.0, 40.0), tau_psc=2.0, x=0.8, y=0.1),
    "tsodyks_synapse_hom": dict(U=0.4, tau_rec=30.0, tau_psc=2.0, x=0.8, y=0.1),
    "vogels_sprekeler_synapse": dict(Wmax=3.0, eta=0.1, tau=15.0),
    "wearing": dict(use=0.4, tau=ps.Uniform(20.0, 40.0)),
}
STDP: dict[str, Any] = dict(Wmax=3.0, lambda_=0.2, tau_plus=ps.Uniform(10.0, 20.0), mu_plus=0.5)


def said(model: Any, scale: float, **beside: Any) -> Any:
    """The synapse with weights about `scale`, which are drawn, as some of its parameters are."""
    values = dict(VALUES.get(model.name, STDP))
    for name in (
        "Wmin",
        "Wmax",
        "A_plus",
        "A_minus",
        "eta",
        "Aplus",
        "Aminus",
        "Aplus_triplet",
        "Aminus_triplet",
    ):
        if name in values:
            values[name] *= scale
    return model(weight=ps.Uniform(0.5 * scale, 2.0 * scale), **values, **beside)


class Plastic:
    """Sources on the grid and between steps; targets moved by steps, precise and event-driven ones.

    With `short`, event-driven cells also reach each other by the model, and within a step.
    """

    def __init__(self, model: Any, short: bool = False) -> None:
        net = self.net = ps.Network(seed=6)
        noise = net.create("poisson_generator", 2, rate=[2_500.0, 70.0])
        parrots = net.create("parrot_neuron", 5)
        between = net.create(
            "VecStim", 3, spike_times=[np.cumsum(np.full(60, 3.7 + 0.41 * i)) for i in range(3)]
        )
        steps = net.create("iaf_psc_exp", 9, V_m=ps.Uniform(-70.0, -56.0), tau_minus=ps.Uniform(10.0, 30.0))
        exact = net.create("iaf_psc_exp_ps", 6, V_m=ps.Uniform(-70.0, -56.0))
        events = net.create("IntFire1", 6, refrac=1.3, tau=ps.Uniform(8.0, 12.0), tau_minus=15.0)
        net.connect(noise[1:], parrots, ps.AllToAll(), ps.static_synapse(delay=0.5))
        net.connect(noise[:1], steps + exact, ps.AllToAll(), ps.static_synapse(weight=140.0, delay=0.5))
        sources = parrots + between + steps + exact
        self.felt = {"vt": ps.VolumeTransmitter(parrots[:2] + exact, delay=0.73)} if model.dose else {}
        net.connect(
            sources, steps, ps.FixedIndegree(6), said(model, 40.0, delay=ps.Uniform(0.6, 2.5), **self.felt)
        )
        net.connect(sources + events, steps, ps.FixedIndegree(3), said(model, 30.0, delay=1.1, **self.felt))
        net.connect(
            sources, exact, ps.FixedIndegree(6), said(model, 40.0, delay=ps.Uniform(0.6, 2.5), **self.felt)
        )
        net.connect(
            sources + events,
            events,
            ps.FixedIndegree(8),
            said(model, 0.4, delay=ps.Uniform(0.37, 2.5), **self.felt),
        )
        net.connect(events, events, ps.FixedIndegree(2), ps.static_synapse(weight=0.2, delay=0.0))
        if short and not model.dose:
            net.connect(
                between + events, events, ps.FixedIndegree(3), said(model, 0.2, delay=ps.Uniform(0.0, 0.3))
            )
        self.cells = parrots + between + steps + exact + events
        if model is onto_cables:
            cables = net.create(CABLE, 5, amp=ps.Uniform(0.2, 0.4), tau_minus=ps.Uniform(10.0, 30.0))
            for place in ("exc[0]", "exc[1]"):
                learning = said(model, 1e-3, delay=ps.Uniform(0.6, 2.5))
                net.connect(sources + cables, cables.at(place), ps.FixedIndegree(5), learning)
            self.cells += cables
        self.spikes = net.record_spikes(self.cells)
        self.model = model

    def simulation(self, **options: Any) -> ps.Simulation:
        """At steps of 0.1 ms."""
        return ps.Simulation(self.net, dt=0.1, progress=False, **options)

    def columns(self, sim: ps.Simulation) -> dict[str, Any]:
        """All that connections have, by name, and spikes so far."""
        found = sim.connections(synapse=self.model)
        names = ["source", "target", "weight", "delay", *(v.name for v in self.model.recordables)]
        return {"times": self.spikes.times, "gids": self.spikes.gids} | {
            name: found.get(name) for name in names
        }

    def run(self, *runs: float, **options: Any) -> dict[str, Any]:
        """What there is after these runs."""
        sim = self.simulation(**options)
        for duration in runs:
            sim.run(duration)
        return self.columns(sim)


def differ(found: dict[str, Any], expected: dict[str, Any]) -> list[str]:
    """What is not the same, bit for bit."""
    assert found.keys() == expected.keys()
    return [name for name in found if not np.array_equal(found[name], expected[name])]

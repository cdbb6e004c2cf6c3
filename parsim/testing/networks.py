"""Small networks in which a model meets what may happen to it: drawn values, several connections, loops, both signs."""

from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from parsim.errors import ParsimError
from parsim.given.distributions import Normal, Uniform
from parsim.models.cells.iaf_psc_alpha import iaf_psc_alpha
from parsim.models.cells.iaf_psc_exp import iaf_psc_exp
from parsim.models.ports import sorts_by_sign
from parsim.models.synapses.static_synapse import static_synapse
from parsim.network.degrees import FixedIndegree
from parsim.network.network import Network
from parsim.network.pairwise import AllToAll, PairwiseBernoulli
from parsim.network.population import Selection
from parsim.network.recording import SpikeRecording

CELLS = 17
APART = 0.01  # by which parameters of cells differ, so that a kernel that mixes up cells is found


class Said(NamedTuple):
    """A network, the cells that are looked at, their spikes, and the model under test, if it is a synapse's."""

    net: Network
    cells: Selection
    spikes: SpikeRecording
    synapse: Any


@dataclass(frozen=True)
class Small:
    """How the small network of a model is said: with these values of its parameters, and weights of this size."""

    model: Any
    values: dict[str, Any] = field(default_factory=dict)
    weight: float = 1.0
    spread: bool = True

    def say(self, n: int = CELLS, others: int = 0) -> Said:
        """The network; with `others` there are more cells of the model behind, that do not reach these."""
        net = Network(seed=5)
        make = _MAKERS[_kind(self.model)]
        found = make(net, self, n)
        if others:
            make(net, self, others)
        return found

    @property
    def drawn(self) -> dict[str, Any]:
        """Values of parameters that differ a little between cells."""
        if not self.spread:
            return self.values
        plain = (p for p in self.model.params if p.kind == "number" and isinstance(p.default, (int, float)))
        near = {p.name: Uniform(*sorted((p.default * (1.0 - APART), p.default * (1.0 + APART)))) for p in plain
                if np.isfinite(p.default) and p.default}  # fmt: skip
        return near | self.values

    def fitted(self) -> "Small":
        """The same, without the spread where that breaks a rule of the model."""
        from parsim.engine.simulation import Simulation

        try:
            Simulation(self.say().net, progress=False).run(0.1)
        except ParsimError:
            return replace(self, spread=False)
        return self


def _kind(model: Any) -> str:
    if model.kind == "cell":
        return "cell" if model.host.clocked else "event"
    return str(model.kind)


def _at(cells: Selection, nth: int) -> Selection:
    """The cells at a receptor, where the sign of a weight does not choose it."""
    ports = cells.models[0].ports
    return cells if len(ports) == 1 or sorts_by_sign(cells.models[0]) else cells.at(ports[nth % len(ports)])


def _of_cells(net: Network, small: Small, n: int) -> Said:
    """Cells in two populations, driven by spikes and a current."""
    model, weight = small.model, small.weight
    left, right = net.create(model, n - n // 3, **small.drawn), net.create(model, n // 3, **small.drawn)
    cells = left + right
    if not model.receives:
        listeners = net.create(iaf_psc_alpha, 4)
        net.connect(cells, listeners, AllToAll(), static_synapse(weight=200.0, delay=Uniform(0.8, 3.0)))
        return Said(net, cells, net.record_spikes(cells + listeners), None)
    noise = net.create("poisson_generator", 2, rate=[3_000.0, 1_500.0])
    net.connect(noise, _at(cells, 0), AllToAll(), static_synapse(weight=weight, delay=1.0))
    if model.takes_current:
        current = net.create("ac_generator", amplitude=20.0, frequency=30.0, offset=10.0)
        net.connect(current, cells, AllToAll(), static_synapse(delay=0.3))
    random = static_synapse(weight=Normal(weight, 0.2 * weight).clipped(low=0.0), delay=Uniform(0.8, 3.0))
    if model.weighs:
        calming = weight if model.per_receptor is not None and model.per_receptor.positive else -weight
        net.connect(left, _at(cells, 2), FixedIndegree(3), random)
        net.connect(right, _at(cells, 1), PairwiseBernoulli(0.3), static_synapse(weight=calming, delay=1.5))
    else:  # those that count spikes, in a loop, would never stop
        net.connect(left, right, FixedIndegree(2), random)
    return Said(net, cells, net.record_spikes(cells), None)


def _of_event_driven(net: Network, small: Small, n: int) -> Said:
    """Cells that reach each other within a step and later, in both signs."""
    model, weight = small.model, small.weight
    cells = net.create(model, n, **small.drawn)[:]
    source = net.create("NetStim", 3, interval=1.5, noise=[1.0, 0.5, 0.0], start=0.0, number=np.inf)
    listeners = net.create("IntFire1", 3, refrac=0.7)
    hearing = _at(cells, 0) if model.receives else listeners[:]
    random = static_synapse(weight=Normal(0.4 * weight, 0.3 * weight), delay=Uniform(0.1, 3.0))
    net.connect(source, hearing, AllToAll(), random)
    net.connect(cells, listeners, FixedIndegree(3), static_synapse(weight=0.4, delay=Uniform(0.1, 3.0)))
    if model.receives:
        calming = static_synapse(weight=Normal(-0.2 * weight, 0.3 * weight), delay=Uniform(0.1, 3.0))
        net.connect(cells, _at(cells, 1), FixedIndegree(3), calming)
    if model.receives and n > 4:
        near = static_synapse(weight=-0.1 * weight, delay=Uniform(0.01, 0.2))
        net.connect(cells[:3], _at(cells[1:3], 0), AllToAll(), near)
    return Said(net, cells, net.record_spikes(cells + listeners), None)


def _of_stimulus(net: Network, small: Small, n: int) -> Said:
    """Stimuli on cells that know what they are driven by."""
    cells = net.create(iaf_psc_alpha, n, V_m=Uniform(-70.0, -56.0))[:]
    source = net.create(small.model, 3, **small.drawn)
    synapse = static_synapse(weight=Normal(small.weight, 0.2 * small.weight), delay=Uniform(0.3, 2.0))
    net.connect(source, cells, PairwiseBernoulli(0.7), synapse)
    noise = net.create("poisson_generator", rate=3_000.0)
    net.connect(noise, cells, AllToAll(), static_synapse(weight=100.0, delay=1.0))
    return Said(net, cells, net.record_spikes(cells), None)


def _of_synapse(net: Network, small: Small, n: int) -> Said:
    """Cells that are joined by such synapses in a loop."""
    cells = net.create(iaf_psc_exp, n, V_m=Uniform(-70.0, -56.0))[:]
    noise = net.create("poisson_generator", rate=3_000.0)
    net.connect(noise, cells, AllToAll(), static_synapse(weight=150.0, delay=1.0))
    others = {"weight": Uniform(0.8 * small.weight, 1.2 * small.weight), "delay": Uniform(0.8, 3.0)}
    net.connect(cells, cells, FixedIndegree(4), small.model(**(small.drawn | others | small.values)))
    return Said(net, cells, net.record_spikes(cells), small.model)


_MAKERS = {"cell": _of_cells, "event": _of_event_driven, "stimulus": _of_stimulus, "synapse": _of_synapse}

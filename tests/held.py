"""What small networks give, held bit for bit in `tests/data/held.json`: no change of the code may change a bit of it.

The laws say that all ways to run a network give the same; this says that the same is what it was. A new model, stimulus
or rule joins by being listed; `python -m tests.held` then adds what is new and touches nothing that is there. What is
meant to change is named: `python -m tests.held NAME ...` makes these anew, and the commit says why.
"""

import hashlib
import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import parsim as ps
from tests.helpers import (
    COUPLED_MODELS,
    LAW_PAIRS,
    MIXED_PAIRS,
    couple,
    run_small,
    small_network,
)
from tests.plasticity.network import REMEMBERING, Plastic

FILE = Path(__file__).parent / "data" / "held.json"

Found = dict[str, np.ndarray]

RULES = [
    ps.OneToOne(),
    ps.AllToAll(allow_autapses=False),
    ps.FixedIndegree(3),
    ps.FixedIndegree(9, allow_autapses=False, allow_multapses=False),
    ps.FixedOutdegree(3),
    ps.FixedOutdegree(9, allow_autapses=False, allow_multapses=False),
    ps.FixedTotalNumber(40),
    ps.FixedTotalNumber(40, allow_autapses=False, allow_multapses=False),
    ps.PairwiseBernoulli(0.3),
    ps.SymmetricPairwiseBernoulli(0.3),
    ps.PairwisePoisson(0.5),
    ps.Lists([0, 3, 3, 9], [1, 2, 2, 0]),
]


def pair(model: Any, stimulus: Any, joined: bool, threads: int) -> Found:
    """Spikes and states of a model's small network; its cells may be joined by gap junctions."""
    found = run_small(model, stimulus, threads=threads, runs=(40.0,), prepare=couple if joined else None)
    return {"times": found.times, "gids": found.gids, **found.states}


def connections(rule: Any, threads: int) -> Found:
    """Who connects to whom, how strongly and how late."""
    net = ps.Network(seed=3)
    cells = net.create("iaf_psc_exp", 4) + net.create("iaf_psc_delta", 6)
    net.connect(cells, cells, rule, ps.static_synapse(weight=ps.Normal(0.0, 1.0), delay=ps.Uniform(1.0, 2.0)))
    return ps.Simulation(net, dt=0.1, threads=threads).connections().columns()._asdict()


def expressions(threads: int) -> Found:
    """Values that are calculated, drawn again within bounds, and rounded; of cells, connections and changes."""
    net = ps.Network(seed=4)
    v = ps.Normal("-65 mV", "5 mV").redrawn(low=-68.0, high=-60.0)
    cells = net.create(
        "iaf_psc_exp", 12, V_m=v, tau_m=10 * ps.UniformInt(1, 4) ** 0.3, I_e=ps.exp(3 * ps.Uniform(0, 1))
    )
    weight = ps.where(ps.Uniform(0, 1) < 0.3, -1, 2) * ps.Normal(87.8, 8.78).redrawn(low=80.0)
    delay = (ps.Normal(1.5, 0.75).redrawn(low=0.05) + ps.sin(20 * ps.Uniform(0, 1)).clipped(low=0.0)).clipped(
        high=3.0
    )
    net.connect(cells, cells, ps.FixedIndegree(5), ps.static_synapse(weight=weight, delay=delay))
    sim = ps.Simulation(net, dt=0.1, threads=threads)
    found = sim.connections().columns()._asdict() | {
        name: sim.get(cells, name) for name in ("V_m", "tau_m", "I_e")
    }
    sim.set(cells[::2], V_m=-60 - ps.LogNormal(0, 1) * ps.Exponential(1).redrawn(high=2))
    return found | {"later": sim.get(cells, "V_m")}


def spatial(threads: int) -> Found:
    """Connections, weights and delays that hang on where cells are, in a space that wraps and one that does not."""
    net = ps.Network(seed=6)
    a = net.create("iaf_psc_exp", positions=ps.grid([7, 6], extent=[1.4, 1.2], wrap=True))
    b = net.create("iaf_psc_exp", 50, positions=ps.free([ps.Uniform(-0.7, 0.7), ps.Normal(0.0, 0.3)]))
    near = ps.PairwiseBernoulli(
        ps.exp(-ps.distance / 0.3), mask=ps.circle(0.5) - ps.ellipse(0.4, 0.2, angle=30.0)
    )
    random = ps.static_synapse(
        weight=ps.Normal(1.0, 0.1) / (1.0 + ps.distance), delay=1.0 + abs(ps.displacement.x)
    )
    net.connect(b, a, near, random)
    net.connect(a, b, ps.PairwiseBernoulli(0.3 * ps.exp(-(ps.distance**2))), random)
    net.connect(a, a, ps.PairwiseBernoulli(0.6, mask=ps.circle(0.3), allow_autapses=False), random)
    found = ps.Simulation(net, dt=0.1, threads=threads).connections().columns()._asdict()
    return found | {"a": ps.positions(a), "b": ps.positions(b)}


@ps.kernel
def rectifying(dv):
    """A junction that conducts better one way."""
    return 1.0 if dv > 0.0 else 0.25


# What stands in the network of everything. A model that is added stands in its own alone, for it would change this one.
TOGETHER = (
    (
        "aeif_cond_alpha aeif_cond_exp iaf_cond_alpha iaf_cond_exp hh_cond_exp_traub hh_psc_alpha "
        "hh_psc_alpha_gap iaf_psc_alpha iaf_psc_alpha_ps iaf_psc_delta iaf_psc_exp iaf_psc_exp_ps "
        "izhikevich parrot_neuron parrot_neuron_ps spike_train_injector "
    ).split(),
    (
        "ac_generator dc_generator inhomogeneous_poisson_generator noise_generator "
        "poisson_generator pulsepacket_generator spike_generator step_current_generator "
    ).split(),
    ("IntFire1 IntFire2 IntFire3 IntFire4 NetStim VecStim ").split(),
)


def everything(threads: int) -> Found:
    """Many models and stimuli, all kinds of junctions and an island in one network, which is changed as it runs."""
    net = ps.Network(seed=11)
    clocked, stimuli, event_driven = ([getattr(ps, name) for name in names] for names in TOGETHER)
    pairs = [(model, ps.poisson_generator, 6) for model in clocked]
    pairs += [(ps.iaf_psc_alpha, stimulus, 6) for stimulus in stimuli]
    # Those of one model stand in islands beside IntFire1, for which loop there is code already.
    pairs += [(model, ps.NetStim, 12 if model is ps.IntFire2 else 4) for model in event_driven]
    chosen = [small_network(model, stimulus, n, net=net) for model, stimulus, n in pairs]
    for _, cells, *_ in chosen:
        if cells.models[0] in COUPLED_MODELS and len(cells) > 3:
            couple(net, cells)
    gap = next(cells for _, cells, *_ in chosen if cells.models[0] is ps.hh_psc_alpha_gap)
    net.couple(gap, gap, ps.PairwiseBernoulli(0.4), weight=1.5, junction=rectifying)

    exp = next(cells for _, cells, *_ in chosen if cells.models[0] is ps.iaf_psc_exp)
    for _, cells, *_ in chosen:  # each model hears clocked cells, and is heard by some
        weak = ps.static_synapse(weight=ps.Normal(0.0, 0.05), delay=ps.Uniform(0.8, 2.0))
        if cells.models[0].receives and cells.models[0].weighs:
            net.connect(exp, cells, ps.FixedIndegree(2), weak)
        net.connect(cells, exp, ps.PairwisePoisson(0.2), ps.static_synapse(weight=20.0, delay=1.2))

    everyone = sum(population for population in net.populations if population.model.kind == "cell")
    spikes = net.record_spikes(everyone)
    traces = {
        f"trace {i} {variable.name}": net.record(cells[:3], variable.name, interval=0.3)
        for i, (_, cells, *_) in enumerate(chosen)
        for variable in (*cells.models[0].recordables, *getattr(cells.models[0], "traces", ()))[:1]
    }
    sim = ps.Simulation(net, dt=0.1, threads=threads, progress=False)
    sim.run(13.3)
    sim.set(exp, V_m=ps.Uniform(-70.0, -60.0), tau_m=ps.Normal(10.0, 0.5))
    late = net.create("iaf_cond_exp", 3)
    net.connect(exp, late, ps.FixedOutdegree(2), ps.static_synapse(weight=30.0, delay=0.4))
    sim.run(16.7)
    found = {"times": spikes.times, "gids": spikes.gids, "late": sim.get(late, "V_m")}
    for i, (_, cells, *_) in enumerate(chosen):
        found |= {f"{i} {v.name}": sim.get(cells, v.name) for v in cells.models[0].recordables}
    return found | {name: trace.values for name, trace in traces.items()}


def learning(model: Any, threads: int) -> Found:
    """Connections that remember something onto cells of every kind, and what they bring about."""
    return Plastic(model).run(40.0, threads=threads)


CASES: dict[str, Callable[[int], Found]] = {
    **{f"{m} {s}": partial(pair, m, s, False) for m, s in dict.fromkeys([*LAW_PAIRS, *MIXED_PAIRS])},
    **{f"{m} joined": partial(pair, m, ps.poisson_generator, True) for m in COUPLED_MODELS},
    **{f"{rule!r}": partial(connections, rule) for rule in RULES},
    "expressions": expressions,
    "spatial": spatial,
    "everything": everything,
    **{f"learning by {model}": partial(learning, model) for model in REMEMBERING},
}


def digests(name: str, threads: int = 1) -> dict[str, str]:
    """A digest of each thing that a case gives."""
    return {what: digest(found) for what, found in sorted(CASES[name](threads).items())}


def digest(found: np.ndarray) -> str:
    """Of all bits, and how many there are; -0.0 and 0.0 differ."""
    wide = np.ascontiguousarray(found, np.float64 if found.dtype.kind == "f" else np.int64)
    return (
        f"{wide.size} {hashlib.sha256(wide.astype(wide.dtype.newbyteorder('<')).tobytes()).hexdigest()[:16]}"
    )


def held() -> dict[str, dict[str, str]]:
    """What is in the file."""
    return json.loads(FILE.read_text()) if FILE.exists() else {}


def main(anew: list[str]) -> None:
    """Add what is not in the file; make these anew."""
    if unknown := [name for name in anew if name not in CASES]:
        raise SystemExit(f"no such network: {', '.join(unknown)}")
    found = {name: of for name, of in held().items() if name not in anew}
    found = {name: found.get(name) or digests(name) for name in CASES}
    FILE.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])

"""A network with connections of all kinds, and changes of them, for laws."""

from types import SimpleNamespace

import numpy as np

import parsim as ps
from tests.wing.synapse import wearing


def world(threads: int = 1, restore: object = None, comm: object = None) -> SimpleNamespace:
    """Rows alone in a table, in one with others, onto exact times, within islands, wearing off, from stimuli."""
    net = ps.Network(seed=3)
    grid = net.create("iaf_psc_exp", 7, V_m=ps.Uniform(-70.0, -56.0))
    exact = net.create("iaf_psc_exp_ps", 6, V_m=ps.Uniform(-70.0, -56.0))
    events, noise = net.create("IntFire1", 5, refrac=1.0), net.create("poisson_generator", 3, rate=2_000.0)
    clock = net.create("NetStim", 2, interval=2.1, noise=0.5, start=0.3, number=np.inf)
    drawn = ps.static_synapse(weight=ps.Normal(0.0, 60.0), delay=ps.Uniform(0.5, 3.0))
    short = ps.static_synapse(weight=0.4, delay=lambda s, t: np.where((s + t) % 3 == 0, 0.05, 0.7))
    both = net.connect(grid + exact, (exact + grid)[::-1], ps.FixedIndegree(5), drawn)
    isles = net.connect(events, events, ps.FixedIndegree(5), short)
    ticks = net.connect(clock, events, ps.AllToAll(), ps.static_synapse(weight=0.7, delay=0.6))
    weak = ps.static_synapse(weight=ps.Normal(0.0, 1.0), delay=ps.Uniform(0.5, 3.0))
    large = net.connect(grid, grid, ps.FixedIndegree(300), weak)
    wears = net.connect(
        exact, grid[2:], ps.AllToAll(), wearing(weight=50.0, tau=ps.Uniform(5.0, 50.0), delay=2.0)
    )
    plain = net.connect(exact, grid, ps.AllToAll(), ps.static_synapse(weight=30.0))
    driven = net.connect(
        noise[::-1], (grid + exact)[::-1], ps.AllToAll(), ps.static_synapse(weight=ps.Normal(60.0, 9.0))
    )
    cells = grid + exact + events
    spikes = net.record_spikes(cells, everywhere=True)
    sim = ps.Simulation(net, threads=threads, progress=False, restore=restore, comm=comm)
    names = "net sim grid exact events noise clock both isles ticks large wears plain driven cells spikes"
    return SimpleNamespace(**{name: value for name, value in locals().items() if name in names.split()})


def change(w: SimpleNamespace) -> None:
    """Values of all kinds to connections of all kinds; signs turn, and delays grow longer than any was."""
    sim = w.sim
    both = sim.connections(w.both)
    both.set(weight=-both.get("weight"), delay=ps.Uniform(0.6, 4.5))
    sim.connections(w.isles)[1::2].set(weight=lambda source, target: 0.3 + 0.02 * (source - target))
    sim.connections(w.large)[100:1500].set(weight=ps.Normal(0.5, 2.0), delay="1.5 ms")
    worn = sim.connections(synapse="wearing")
    worn[worn.get("tau") > 20.0].set(tau=7.5, use=ps.Uniform(0.1, 0.9))
    worn[3:9].set(left=0.25, weight=[60.0, -60.0, 30.0, 70.0, 0.0, 80.0])
    plain = sim.connections(w.plain)
    plain[plain.targets < 3].set(weight=-45.0)
    sim.connections(target=w.exact).set(weight=ps.Uniform(-40.0, 60.0))
    sim.connections(w.noise, w.grid + w.exact)[::3].set(weight=ps.Normal(0.0, 60.0))


def outcome(w: SimpleNamespace) -> dict[str, list[float]]:
    """All spikes, states, and what connections have."""
    found, worn = w.sim.connections(), w.sim.connections(w.wears)
    columns = [
        *found.columns(),
        *w.sim.connections(w.noise).columns(),
        *(worn.get(n) for n in ("left", "tau", "use")),
    ]
    states = [w.sim.get(w.grid + w.exact, "V_m"), w.sim.get(w.events, "m")]
    return {
        "times": w.spikes.times.tolist(), "gids": w.spikes.gids.tolist(),
        "rows": [column.tolist() for column in columns], "states": [state.tolist() for state in states],
    }  # fmt: skip


def cut(w: SimpleNamespace) -> None:
    """Some connections of all kinds are taken away."""
    sim = w.sim
    for at, said in enumerate((w.both, w.isles, w.large, w.wears, w.plain, w.driven, w.ticks)):
        sim.disconnect(sim.connections(said)[at % 3 :: 3])
    sim.disconnect(sim.connections(w.exact, w.exact))

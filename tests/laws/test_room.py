"""Law "room": with as little room as there can be, growing as needed, everything is the same to the last bit."""

from typing import Any

import numpy as np
import pytest

import parsim as ps
import parsim.assembly.tables as tables
import parsim.engine.keeping.recording as recording
import parsim.engine.running.exchange as exchange
import parsim.shard.events.arrivals as arrivals
import parsim.shard.events.queue as queue
import parsim.shard.found as found
import parsim.shard.mailbox as mailbox
from parsim.io.reading import read_spikes
from tests.cable_models import CABLE, EXACT, LINKED
from tests.helpers import EVENT_PAIRS, MIXED_PAIRS, PAIRS, alone, outcome, small_network
from tests.soon import apart


def run(tmp_path: Any, cuts: list[float], threads: int = 1) -> tuple[list[Any], Any]:
    """Two groups that fire at once again and again, driven and sampled; what was recorded."""
    net = ps.Network(seed=1)
    first = net.create("iaf_psc_exp", 9, V_m=ps.Uniform(-70.0, -56.0), I_e=450.0)
    second = net.create("parrot_neuron", 40)
    noise = net.create("poisson_generator", 2, rate=[300.0, 800.0])
    current = net.create("dc_generator", amplitude=40.0, start=3.0)
    net.connect(noise, first, ps.AllToAll(), ps.static_synapse(weight=60.0, delay=0.3))
    net.connect(current, first, ps.AllToAll(), ps.static_synapse(delay=0.1))
    net.connect(first, second, ps.AllToAll(), ps.static_synapse(delay=0.5))
    net.connect(second, first, ps.FixedIndegree(3), ps.static_synapse(weight=9.0, delay=ps.Uniform(0.5, 2.0)))
    spikes = [net.record_spikes(first + second), net.record_spikes(first[2:5])]
    traces = [net.record(first, "V_m", interval=0.2), net.record(first[:2], "V_m", interval=0.7)]
    net.record_spikes(second, to=tmp_path / "spikes.h5")
    sim = ps.Simulation(net, progress=False, threads=threads)
    for time in cuts:
        sim.run(time)
    columns: list[Any] = [column for r in spikes for column in (r.times, r.gids)]
    columns += [column for r in traces for column in (r.times, r.values)]
    columns += read_spikes(tmp_path / "spikes.h5")[:2]
    return columns, sim


def run_exact(tmp_path: Any, cuts: list[float], threads: int = 1) -> tuple[list[Any], Any]:
    """Cells that hear and fire between steps, on and off the grid, and some that do not."""
    net = ps.Network(seed=2)
    first = net.create("iaf_psc_exp_ps", 9, V_m=ps.Uniform(-70.0, -56.0), I_e=450.0)
    second = net.create("parrot_neuron_ps", 40)
    third = net.create("iaf_psc_exp", 3, I_e=420.0)
    given = net.create("spike_generator", spike_times=np.arange(0.07, 38.0, 0.15), precise_times=True)
    noise = net.create("poisson_generator", rate=900.0)
    current = net.create("dc_generator", amplitude=40.0, start=3.0)
    net.connect(given, first + second, ps.AllToAll(), ps.static_synapse(weight=4.0, delay=0.3))
    net.connect(noise, first, ps.AllToAll(), ps.static_synapse(weight=60.0, delay=0.3))
    net.connect(current, first, ps.AllToAll(), ps.static_synapse(delay=0.1))
    net.connect(first + third, second, ps.AllToAll(), ps.static_synapse(delay=0.5))
    synapse = ps.static_synapse(weight=1.0, delay=ps.Uniform(0.5, 2.0))
    net.connect(second + third, first + third, ps.FixedIndegree(3), synapse)
    spikes = [net.record_spikes(first + second + third), net.record_spikes(second[2:5])]
    traces = [net.record(first, "V_m", interval=0.2), net.record(first[:2], "V_m", interval=0.7)]
    sim = ps.Simulation(net, progress=False, threads=threads)
    for time in cuts:
        sim.run(time)
    columns: list[Any] = [column for r in spikes for column in (r.times, r.gids)]
    return columns + [column for r in traces for column in (r.times, r.values)], sim


def run_events(tmp_path: Any, cuts: list[float], threads: int = 1) -> tuple[list[Any], Any]:
    """Event-driven cells, alone and in islands, beside others; much waits at them, and they fire in bursts."""
    net = ps.Network(seed=3)
    first = net.create("IntFire1", 7, tau=8.0, refrac=1.0)
    second = net.create("IntFire2", 5, ib=0.5)
    third = net.create("IntFire4", 4)
    bursts = net.create("NetStim", 30, number=40, interval=0.1, start=5.0, noise=0.5)
    cells = net.create("iaf_psc_exp", 3, I_e=420.0)
    noise = net.create("poisson_generator", rate=200.0)
    net.connect(noise, first, ps.AllToAll(), ps.static_synapse(weight=0.6, delay=0.5))
    synapse = ps.static_synapse(weight=ps.Uniform(0.1, 0.4), delay=ps.Uniform(0.5, 2.0))
    everyone = first + second + third
    net.connect(everyone + cells + bursts, everyone, ps.FixedIndegree(20), synapse)
    net.connect(everyone, cells, ps.FixedIndegree(4), ps.static_synapse(weight=40.0, delay=0.7))
    net.connect(first[:3], third[:3], ps.OneToOne(), ps.static_synapse(weight=0.5, delay=0.02))
    net.connect(third[:3], second[:3], ps.OneToOne(), ps.static_synapse(weight=0.5, delay=0.0))
    spikes = [net.record_spikes(everyone + bursts + cells), net.record_spikes(third)]
    traces = [net.record(first, "m", interval=0.2), net.record(second[:2], "i", interval=0.7)]
    sim = ps.Simulation(net, progress=False, threads=threads)
    for time in cuts:
        sim.run(time)
    columns: list[Any] = [column for r in spikes for column in (r.times, r.gids)]
    return columns + [column for r in traces for column in (r.times, r.values)], sim


def run_cables(
    tmp_path: Any, cuts: list[float], threads: int = 1, model: Any = CABLE
) -> tuple[list[Any], Any]:
    """Cells of sections at whose synapses spikes arrive, some of which wait for the end of transmission."""
    net, cells, spikes, _ = small_network(model, ps.poisson_generator)
    some, trace = net.record_spikes(cells[2:9]), net.record(cells[::3].at("sat"), "g", interval=0.3)
    sim = ps.Simulation(net, progress=False, threads=threads)
    for time in cuts:
        sim.run(time)
    return [spikes.times, spikes.gids, some.times, some.gids, trace.times, trace.values], sim


def run_linked(*given: Any) -> tuple[list[Any], Any]:
    """The same of cells that follow each other, step by step."""
    return run_cables(*given, model=LINKED)


def run_parted(*given: Any) -> tuple[list[Any], Any]:
    """The same of cells that receive within steps."""
    return run_cables(*given, model=EXACT)


def run_soon(tmp_path: Any, cuts: list[float], threads: int = 1) -> tuple[list[Any], Any]:
    """Cells of sections that event-driven ones reach within a step."""
    net = ps.Network(seed=4)
    cells, others = apart(net)
    spikes, some = net.record_spikes(cells + others), net.record_spikes(cells[2:9])
    trace = net.record(cells[::3].at("sat"), "g", interval=0.3)
    sim = ps.Simulation(net, progress=False, threads=threads)
    for time in cuts:
        sim.run(time)
    return [spikes.times, spikes.gids, some.times, some.gids, trace.times, trace.values], sim


@pytest.mark.parametrize(
    "run",
    [run, run_exact, run_events, run_cables, run_linked, run_parted, run_soon],
    ids=["steps", "exact", "events", "cables", "linked", "parted", "soon"],
)
def test_capacities_at_their_least_change_nothing(run, tmp_path, monkeypatch):
    expected, _ = run(tmp_path, [40.0])
    assert 100 < expected[0].size and 0 < expected[2].size < expected[0].size
    monkeypatch.setattr(found, "FEWEST", 1)
    monkeypatch.setattr(recording, "KEPT", 1)
    monkeypatch.setattr(recording, "BUFFER", 1)
    monkeypatch.setattr(arrivals, "BATCH", 1)
    monkeypatch.setattr(arrivals, "SENT", 1)
    monkeypatch.setattr(queue, "NODES", queue.RESERVE)
    monkeypatch.setattr(exchange, "head_width", lambda ranks: found.HEAD + 1)
    monkeypatch.setattr(mailbox, "LARGE", 0)
    monkeypatch.setattr(mailbox, "WIDE", 0)
    for cuts, threads in (([40.0], 1), ([0.1, 12.3, 27.6], 1), ([40.0], 3), ([0.1, 12.3, 27.6], 2)):
        columns, _ = run(tmp_path, cuts, threads)
        for mine, theirs in zip(columns, expected, strict=True):
            assert np.array_equal(mine, theirs)


@pytest.mark.parametrize(
    "run, name, value", [(run_exact, "tau_m", 12.0), (run_events, "tau", 7.0)], ids=["exact", "events"]
)
def test_cells_that_hear_exact_times_are_moved_by_ops_on_what_the_rank_holds(run, name, value, tmp_path):
    _, sim = run(tmp_path, [5.0])
    (rank,) = sim._ranks
    cells = sim.network.populations[0]
    changes: list[Any] = [
        lambda: None,
        lambda: sim.set(cells, **{name: value}),
        lambda: sim.save(tmp_path / "checkpoint"),
        sim.reset,
    ]
    for change in changes:
        change()
        sim.run(3.0)
        assert rank.laid_out.runner is not None and rank.laid_out.runner.stages.stale() == []


def test_after_each_call_the_ops_work_on_what_the_rank_holds(tmp_path):
    """Law "blocks": nothing is replaced behind the back of a block."""
    _, sim = run(tmp_path, [5.0])
    (rank,) = sim._ranks
    cells = sim.network.populations[0]

    def check() -> None:
        sim.run(3.0)
        assert rank.laid_out.runner is not None and rank.laid_out.runner.stages.stale() == []

    check()
    sim.set(cells, tau_m=12.0, V_m=-60.0)
    check()
    sim.set(sim.network.populations[2], rate=500.0)
    check()
    more = sim.network.create("iaf_psc_exp", 3, I_e=500.0)
    sim.network.connect(more, cells, ps.AllToAll(), ps.static_synapse(weight=5.0, delay=0.4))
    recorded = sim.network.record(more, "V_m", interval=0.1)
    check()
    assert recorded.values.shape == (30, 3) and sim.get(cells, "tau_m")[0] == 12.0
    stages = rank.laid_out.runner.stages
    group = rank.built.groups[cells.model]
    group.out = type(group.out)(*(column.copy() for column in group.out))  # this check can fail
    assert len(stages.stale()) == 1


@pytest.mark.parametrize(("model", "stimulus"), [*EVENT_PAIRS[1::3], *MIXED_PAIRS[:1], *PAIRS[4::5]], ids=str)
def test_tables_that_have_no_place_for_every_gid_change_nothing(model, stimulus, monkeypatch):
    """As on so many ranks that each has rows of few sources."""
    expected = alone(model, stimulus)
    monkeypatch.setattr(tables, "SPARSE", 0)
    monkeypatch.setattr(tables, "FEW", -1)
    net, cells, spikes, _ = small_network(model, stimulus)
    sim = ps.Simulation(net, dt=0.1, progress=False, threads=2)
    assert any(table.sources.bucket.size for rank in sim._ranks for table in rank.built.tables)
    sim.run(60.0)
    assert outcome(sim, cells, spikes) == expected


def run_in_parts(tmp_path: Any, threads: tuple[int, int], restored: bool) -> tuple[Any, ...]:
    """Delays of many steps; the network is saved, or not, and then changed while much is on its way."""

    def described() -> tuple[ps.Network, Any, Any]:
        net = ps.Network(seed=3)
        cells = net.create("iaf_psc_exp", 300, I_e=ps.Uniform(370.0, 450.0), V_m=ps.Uniform(-70.0, -56.0))
        synapse = ps.static_synapse(weight=ps.Normal(3.0, 1.0), delay=ps.Uniform(0.4, 6.0))
        net.connect(cells, cells, ps.FixedIndegree(60), synapse)
        return net, cells, net.record_spikes(cells)

    net, cells, spikes = described()
    sim = ps.Simulation(net, progress=False, threads=threads[0])
    sim.run(12.3)
    waits = any(g.mailbox.bags.count.any() for rank in sim._ranks for g in rank.built.groups.values())
    if restored:
        sim.save(tmp_path / "state")
        net, cells, spikes = described()
        sim = ps.Simulation(net, progress=False, threads=threads[1], restore=tmp_path / "state")
    sim.run(5.0)
    sim.connections(cells[:10], cells).set(weight=5.0)
    more = net.create("iaf_psc_exp", 20, I_e=420.0)
    net.connect(more, cells, ps.FixedIndegree(3), ps.static_synapse(weight=9.0, delay=ps.Uniform(0.3, 9.0)))
    sim.run(20.0)
    late = spikes.times > 12.35
    return waits, spikes.times[late], spikes.gids[late], sim.get(cells, "V_m")


@pytest.mark.parametrize("threads, restored", [((1, 1), False), ((2, 1), True)], ids=["on", "restored"])
def test_what_waits_in_bags_outlives_all_that_may_be_done(threads, restored, tmp_path, monkeypatch):
    without, *expected = run_in_parts(tmp_path, (1, 1), False)
    monkeypatch.setattr(mailbox, "LARGE", 0)
    monkeypatch.setattr(mailbox, "WIDE", 0)
    waits, *found = run_in_parts(tmp_path, threads, restored)
    assert waits and not without and 100 < expected[0].size
    for mine, theirs in zip(found, expected, strict=True):
        assert np.array_equal(mine, theirs)

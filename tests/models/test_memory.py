"""What prescribed spikes cost: memory once as said and once prepared, whoever hears them on however many ranks."""

import tracemalloc
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import parsim as ps

AS_SAID, PREPARED = 8, 32  # bytes a spike: its time; its step, offset, weight and how often


def heard(model: str, trains: Any, n: int, threads: int, statements: int) -> SimpleNamespace:
    """`n` sources onto cells of three models, connected several times over."""
    net = ps.Network()
    sources = net.create(model, n, spike_times=trains)
    for cells in (
        net.create("parrot_neuron", 200),
        net.create("iaf_psc_delta", 200),
        net.create("iaf_psc_exp", 200),
    ):
        for _ in range(statements):
            net.connect(sources[:200], cells, ps.OneToOne() if n >= 200 else ps.AllToAll())
    sim = ps.Simulation(net, threads=threads)
    sim.run(3.0)
    return SimpleNamespace(net=net, sim=sim)


def more(model: str, trains: Any, few: Any, n: int, threads: int, statements: int = 1) -> tuple[float, float]:
    """Bytes that `trains` cost in place of `few`: in the end, and at the peak."""
    costs = []
    heard(model, few, n, threads, statements)  # loads kernels
    for said in (few, trains):
        tracemalloc.start()
        kept = heard(model, said, n, threads, statements)
        costs.append(tracemalloc.get_traced_memory())
        tracemalloc.stop()
        del kept
    (held_by_few, peak_of_few), (held, peak) = costs
    return held - held_by_few, peak - peak_of_few


@pytest.mark.parametrize("model", ["spike_generator", "spike_train_injector"])
@pytest.mark.parametrize("n", [1, 1_000])
def test_a_train_of_100_000_spikes_costs_memory_once(model, n):
    times = np.sort(np.round(np.random.default_rng(1).uniform(10.0, 5_000.0, 100_000), 1))
    # Injectors live on one rank each, so of one list that cells on all ranks share each rank prepares its own.
    for threads in (1, 3):
        copies = threads if model == "spike_train_injector" and n > 1 else 1
        held, peak = more(model, times, [1.0], n, threads, statements=3)
        expected = times.size * (AS_SAID + PREPARED * copies)
        assert held < 1.1 * expected
        assert peak < expected + 2 * AS_SAID * times.size * threads + 3e6  # where times are sorted into steps


@pytest.mark.parametrize(("model", "n"), [("spike_generator", 10_000), ("spike_train_injector", 3_000)])
def test_ten_thousand_trains_cost_memory_once(model, n):
    trains = list(np.sort(np.round(np.random.default_rng(1).uniform(10.0, 5_000.0, (n, 50)), 1)))
    few = [np.array([1.0 + 0.1 * (i % 7)]) for i in range(n)]
    held, _ = more(model, trains, few, n, threads=3)
    assert held < 1.1 * n * 49 * (AS_SAID + PREPARED)


def test_restored_trains_cost_memory_once(tmp_path):
    times = np.sort(np.round(np.random.default_rng(1).uniform(10.0, 5_000.0, 100_000), 1))

    def network():
        net = ps.Network()
        sources = net.create("spike_generator", 20, spike_times=times)
        birds = net.create("parrot_neuron", 20)
        net.connect(sources, birds, ps.OneToOne())
        net.connect(sources[:2], birds, ps.AllToAll())
        return net, net.record_spikes(birds), sources

    net, spikes, sources = network()
    sim = ps.Simulation(net)
    sim.run(20.0)
    sim.set(sources[:1], spike_times=[25.0])
    sim.save(tmp_path / "state.h5")
    # Twice: what is on its way was sent by the parameters before.
    assert (tmp_path / "state.h5").stat().st_size < 2 * AS_SAID * times.size + 1e5
    sim.run(20.0)

    net, again, sources = network()
    restored = ps.Simulation(net, threads=2, restore=tmp_path / "state.h5")
    assert restored.get(sources, "spike_times")[0].tolist() == [25.0]
    restored.run(20.0)
    late = spikes.times > 20.0
    assert again.times.size > 1_000
    assert np.array_equal(again.times, spikes.times[late]) and np.array_equal(again.gids, spikes.gids[late])

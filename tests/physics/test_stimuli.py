"""Stimuli against NEST 3.10 and against what their equations say; data in tests/data."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import parsim as ps

DATA = np.load(Path(__file__).parents[1] / "data" / "stimuli.npz")
META = json.loads(str(DATA["meta"]))


@pytest.mark.parametrize("model", ["ac_generator", "step_current_generator"])
def test_a_membrane_under_a_current_is_that_of_nest(model):
    net = ps.Network()
    cell = net.create("iaf_psc_alpha", V_th=1e9)
    source = net.create(model, **META[model])
    net.connect(source, cell, ps.OneToOne(), ps.static_synapse(weight=1.5, delay=0.7))
    voltage = net.record(cell, "V_m", interval=0.1)
    sim = ps.Simulation(net)
    sim.run(100.0)
    if model == "step_current_generator":
        sim.set(source, amplitude_times=[110.0], amplitude_values=[80.0])
    sim.run(100.0)
    # Both integrate exactly; NEST turns the sine by a recursion, whose rounding grows to some 1e-13 of it.
    assert np.abs(voltage.values[:, 0] - DATA[f"V_{model}"]).max() < 1e-10
    assert np.ptp(voltage.values) > 5.0


def arrivals(model: str, rule: Any, n_sources: int = 1) -> np.ndarray:
    """Spikes in each step at targets with a delay of 1 ms."""
    said = dict(META[model])
    net = ps.Network(seed=3)
    birds = net.create("parrot_neuron", said.pop("targets"))
    net.connect(net.create(model, n_sources, **said), birds, rule, ps.static_synapse(delay=1.0))
    spikes = net.record_spikes(birds)
    ps.Simulation(net).run(25.0)
    return np.bincount(np.rint(spikes.times * 10).astype(int), minlength=250)[:250]


def squares(a: np.ndarray, b: np.ndarray) -> tuple[float, int]:
    """Differences of Poisson counts in units of their variance, squared and added up; how many there are."""
    some = a + b > 10
    return float(((a - b)[some] ** 2 / (a + b)[some]).sum()), int(some.sum())


def test_rates_that_change_give_the_counts_of_nest_step_by_step():
    found, nest = arrivals("inhomogeneous_poisson_generator", ps.AllToAll()), DATA["poisson_counts"]
    assert np.array_equal(np.flatnonzero(found)[[0, -1]], np.flatnonzero(nest)[[0, -1]])
    # In 171 steps; a sum of n squares of standard normal numbers has mean n and variance 2 n.
    total, n = squares(found, nest)
    assert n > 150 and abs(total - n) < 5 * math.sqrt(2 * n)
    expected = np.zeros(250)
    for first, last, rate in ((20, 60, 2.0e3), (60, 61, 8.0e3), (61, 134, 0.5e3), (134, 192, 4.0e3)):
        expected[first:last] = rate * 1e-4 * 1000
    assert expected[found > 0].all() and not found[expected == 0].any()
    on = expected > 0
    assert abs(((found - expected)[on] ** 2 / expected[on]).sum() - on.sum()) < 5 * math.sqrt(2 * on.sum())


def test_packets_have_the_spread_of_nest():
    found, nest = arrivals("pulsepacket_generator", ps.OneToOne(), 400), DATA["pulsepacket_counts"]
    said = META["pulsepacket_generator"]
    total = 400 * said["activity"]
    assert found.sum() == nest.sum() == total
    # A spike at x is sent in the first step not before x, counts as one at that step's end, and arrives 1 ms later.
    edges = (np.arange(251) - 1 - 11 - said["pulse_times"][0] * 10) / (said["sdev"] * 10)
    normal = np.array([0.5 * (1.0 + math.erf(z / math.sqrt(2.0))) for z in edges])
    expected = total * np.diff(normal)
    some = expected > 10
    for counts in (found, nest):
        chi = ((counts - expected)[some] ** 2 / expected[some]).sum()
        assert abs(chi - some.sum()) < 5 * math.sqrt(2 * some.sum())


def packets(threads: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Two generators onto parrots in two statements."""
    net = ps.Network(seed=5)
    birds = net.create("parrot_neuron", 6)
    source = net.create("pulsepacket_generator", 2, pulse_times=[5.0, 5.0, 9.0], activity=7, sdev=1.0)
    net.connect(source[:1], birds[:4], ps.AllToAll(), ps.static_synapse(delay=[[1.0], [1.0], [2.0], [1.0]]))
    net.connect(source, birds[4:], ps.OneToOne(), ps.static_synapse(delay=1.0))
    spikes = net.record_spikes(birds)
    ps.Simulation(net, threads=threads).run(20.0)
    return spikes.times, spikes.gids


def test_all_targets_hear_the_same_packets_and_packets_differ():
    times, gids = packets()
    heard = [times[gids == i] for i in range(6)]
    assert all(train.size == 21 for train in heard)
    for same in (1, 3, 4):
        assert np.array_equal(heard[same], heard[0])
    assert np.array_equal(np.round(heard[2] - 1.0, 6), heard[0])
    assert not np.array_equal(heard[5], heard[0])
    first, _, last = np.split(heard[0], [14, 14])
    assert not np.array_equal(np.round(np.unique(first) - 5.0, 6), np.round(np.unique(last) - 9.0, 6))
    assert all(np.array_equal(a, b) for a, b in zip(packets(3), (times, gids), strict=True))


@pytest.fixture(scope="module")
def noise() -> np.ndarray:
    """The current of each draw at each of 1,000 targets."""
    said = dict(META["noise_generator"])
    n = said.pop("targets")
    net = ps.Network(seed=4)
    cells = net.create("iaf_psc_delta", n, tau_m=1e15, C_m=250.0, E_L=0.0, V_m=0.0, V_th=1e9, V_reset=0.0)
    net.connect(net.create("noise_generator", **said), cells, ps.AllToAll(), ps.static_synapse(delay=1.0))
    voltage = net.record(cells, "V_m", interval=0.1)
    ps.Simulation(net).run(41.0)
    current = np.diff(np.concatenate([np.zeros((1, n)), voltage.values]), axis=0) * 2500.0
    assert not current[:11].any()
    current = current[11 : 11 + 395].reshape(-1, 5, n)
    assert np.abs(current - current[:, :1]).max() < 1e-6
    return current[:, 0]


def test_noise_has_the_mean_and_the_variance_of_nest_draw_by_draw(noise):
    n, draws = noise.shape[1], len(noise)
    time = 0.1 + 0.5 * np.arange(draws)
    variance = 200.0**2 + 120.0**2 * np.sin(2 * np.pi * 50.0 * time * 1e-3 + np.pi / 3)
    for mean, var in ((noise.mean(1), noise.var(1)), (DATA["noise_mean"][:draws], DATA["noise_var"][:draws])):
        # Of n normal numbers the mean deviates by sqrt(variance / n), the variance by sqrt(2 / n) of itself.
        assert np.abs((mean - 50.0) / np.sqrt(variance / n)).max() < 4.5
        assert np.abs(var / variance - 1.0).max() < 4.5 * math.sqrt(2.0 / n)


def test_noise_is_independent_between_targets_and_draws(noise):
    scaled = noise - noise.mean(1, keepdims=True)
    along = (scaled[1:] * scaled[:-1]).mean() / scaled.var()
    across = (scaled[:, 1:] * scaled[:, :-1]).mean() / scaled.var()
    assert abs(along) < 5 / math.sqrt(noise.size) and abs(across) < 5 / math.sqrt(noise.size)

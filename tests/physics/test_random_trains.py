"""Poisson trains that follow a sine, or are copies of one, against NEST 3.10 and against what their equations say."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import parsim as ps

DATA = np.load(Path(__file__).parents[1] / "data" / "random_trains.npz")
META = json.loads(str(DATA["meta"]))
N = 1000


def heard(model: str, milliseconds: float = 25.0, n: int = N, **said: Any) -> np.ndarray:
    """Spikes that arrive in each step, with a delay of 1 ms, at each of n cells, [step, cell]."""
    net = ps.Network(seed=3)
    birds = net.create("parrot_neuron", n)
    net.connect(net.create(model, **said), birds, ps.AllToAll(), ps.static_synapse(delay=1.0))
    spikes = net.record_spikes(birds)
    ps.Simulation(net).run(milliseconds)
    counts = np.zeros((round(milliseconds * 10) + 1, n))
    np.add.at(counts, (np.rint(spikes.times * 10).astype(int), spikes.gids), 1)
    return counts


@pytest.fixture(scope="module")
def sine() -> np.ndarray:
    return heard("sinusoidal_poisson_generator", **META["sinusoidal_poisson_generator"])


@pytest.fixture(scope="module")
def copies() -> np.ndarray:
    """Of a mother of 2,000 Hz, at 20 cells for 2 s."""
    return heard("mip_generator", 2000.0, 20, rate=2000.0, p_copy=0.3)


def test_counts_follow_the_rate_that_nest_records_step_by_step(sine):
    found = sine.sum(1)[:250]
    at = np.flatnonzero(found)
    assert np.array_equal(at[[0, -1]], np.flatnonzero(DATA["sinusoidal_poisson_generator"])[[0, -1]])
    # What arrives in step s was sent in that which ended 1 ms before; a sum of n squares has variance 2 n.
    rate = dict(zip(np.rint(DATA["rate_times"] * 10).astype(int), DATA["rate"], strict=True))
    expected = np.array([rate[step - 10] for step in at]) * 1e-4 * N
    assert expected.min() > 40.0 and np.ptp(expected) > 250.0
    squares = (found[at] - expected) ** 2 / expected
    assert at.size > 170 and abs(squares.sum() - at.size) < 5 * math.sqrt(2 * at.size)


def test_trains_under_a_sine_are_independent_poisson_trains_or_one_and_the_same(sine):
    counts = sine[31:201]
    # Counts around their means: their variance is the mean, but for the 1,000th that estimating means takes; the
    expected = counts.mean(1, keepdims=True)
    # variance of each, (n - m)^2 / m, is 2 + 1/m, and means are above 0.05.
    assert abs(((counts - expected) ** 2 / expected).mean() - 1.0) < 5 * math.sqrt(22.0 / counts.size)
    around = (counts - expected) / np.sqrt(expected)
    correlation = (around[:, ::2] * around[:, 1::2]).mean()  # of pairs of cells
    assert abs(correlation) < 5 / math.sqrt(counts.size / 2)
    values = META["sinusoidal_poisson_generator"] | {"individual_spike_trains": False}
    shared = heard("sinusoidal_poisson_generator", n=4, **values)
    assert shared.sum() > 0 and (shared == shared[:, :1]).all()


def test_nothing_is_sent_while_a_sine_is_below_zero():
    """With twice the mean as amplitude the rate is above 0 for 2/3 of a period, from -30 to 210 degrees."""
    counts = heard("sinusoidal_poisson_generator", 51.0, rate=2000.0, amplitude=4000.0, frequency=20.0).sum(1)
    sent = np.arange(counts.size) - 10  # the step at whose end it was sent
    rate = 0.2 + 0.4 * np.sin(2 * np.pi * 0.02 * 0.1 * sent)  # a step
    silent = (rate < 0.0) & (sent > 0)
    assert silent.sum() > 150 and counts[silent].sum() == 0
    expected = N * rate[(rate > 0.0) & (sent > 0)].sum()
    assert abs(counts.sum() - expected) < 5 * math.sqrt(expected)


def test_copies_are_heard_from_the_step_to_the_step_that_they_are_in_nest():
    """NEST's generator sends an interval of exchange late, which is one step here as there, so that they agree."""
    values = META["mip_generator"]
    at = np.flatnonzero(heard("mip_generator", n=20, **values).sum(1))
    assert values["rate"] * values["p_copy"] * 1e-4 * 20 > 50.0  # no step without spikes
    assert at[[0, -1]].tolist() == np.flatnonzero(DATA["mip_generator"])[[0, -1]].tolist()
    assert (np.diff(at) == 1).all()


def test_copies_have_the_rate_and_the_correlation_that_p_copy_says(copies):
    steps = copies.shape[0] - 12
    counts = copies[12:]
    mean = 0.2 * 0.3
    # The copies share the mother: its 2,000 spikes/s for 2 s vary by a 63rd.
    assert abs(counts.mean() / mean - 1.0) < 5 / math.sqrt(0.2 * steps)
    # Each copy is Poisson, and counts of two have the covariance mean * p_copy; a correlation is known to
    # 1 / sqrt(steps), and their 190 pairs are not worse than one.
    assert abs(counts.var(0).mean() / mean - 1.0) < 5 * math.sqrt(1.0 / (mean * steps))
    correlation = np.corrcoef(counts.T)[np.triu_indices(20, 1)]
    assert abs(correlation.mean() - 0.3) < 5 / math.sqrt(steps)


@pytest.mark.parametrize(
    ("model", "values", "text"),
    [
        (
            "sinusoidal_poisson_generator",
            dict(amplitude=-6.0),
            "amplitude of sinusoidal_poisson_generator is -6 Hz",
        ),
        ("mip_generator", dict(p_copy=1.5), "p_copy of mip_generator is 1.5; it must be at most 1"),
        ("mip_generator", dict(rate=-1.0), "rate of mip_generator is -1 Hz"),
    ],
)
def test_values_that_make_no_train_are_errors(model, values, text):
    with pytest.raises(ps.DescriptionError, match=text):
        ps.Network().create(model, **values)


def test_exact_times_are_a_poisson_process_also_within_steps():
    """Of 8,000 Hz at 20 cells for 1 s: intervals are exponential, and times lie anywhere in a step alike.

    With n = 160,000 spikes means are known to 1/sqrt(n) = 0.0025 of them; four standard errors.
    """
    net = ps.Network(seed=3)
    birds = net.create("parrot_neuron_ps", 20)
    source = net.create("poisson_generator_ps", rate=8000.0, start=0.0)
    net.connect(source, birds, ps.AllToAll(), ps.static_synapse(delay=1.0))
    spikes = net.record_spikes(birds)
    ps.Simulation(net).run(1001.0)
    n = spikes.times.size
    assert abs(n / 160_000 - 1.0) < 0.01
    intervals = np.concatenate([np.diff(spikes.times[spikes.gids == g]) for g in range(20)])
    assert abs(intervals.mean() / 0.125 - 1.0) < 0.01 and abs(intervals.std() / intervals.mean() - 1.0) < 0.01
    assert abs((intervals > 0.25).mean() / math.exp(-2.0) - 1.0) < 0.03
    phases = (spikes.times / 0.1) % 1.0
    assert np.abs(np.histogram(phases, 10, (0.0, 1.0))[0] / n - 0.1).max() < 4.0 * math.sqrt(0.09 / n)
    each = [np.histogram(spikes.times[spikes.gids == g], 1000)[0] for g in (0, 1)]
    assert abs(np.corrcoef(*each)[0, 1]) < 4.0 / math.sqrt(1000)

"""Trains that hang on what was sent before, by their moments: of renewal theory, and of NEST (renewal_trains.json)."""

import json
from pathlib import Path

import numpy as np
import pytest

import parsim as ps
from tests.helpers import couple, run_small

STORED = json.loads((Path(__file__).parents[1] / "data" / "renewal_trains.json").read_text())


def trains(model, n=STORED["n"], duration=STORED["T"], seed=2, **said):
    """Spike times that each of n parrots has heard."""
    net = ps.Network(seed=seed)
    heard = net.create("parrot_neuron", n)
    net.connect(net.create(model, **said), heard, ps.AllToAll(), ps.static_synapse(delay=0.1))
    spikes = net.record_spikes(heard)
    ps.Simulation(net, dt=0.1, progress=False).run(duration)
    return [np.sort(spikes.times[spikes.gids == gid]) for gid in heard.gids]


@pytest.mark.parametrize("name", STORED["cases"])
def test_rates_and_intervals_are_those_of_nest(name):
    case = STORED["cases"][name]
    found = trains(case["model"], **case["params"])
    rates = np.array([times.size for times in found]) / STORED["T"] * 1e3
    squares = np.array([np.diff(times).var() / np.diff(times).mean() ** 2 for times in found])
    # Four standard errors of both, and 0.5 % for NEST's whole steps: intervals are of 250 steps, in up to four stages.
    assert (
        abs(rates.mean() - case["rate"])
        < 4 * np.hypot(case["rate_error"], rates.std() / 40**0.5) + 0.005 * 40
    )
    assert (
        abs(squares.mean() - case["cv2"]) < 4 * np.hypot(case["cv2_error"], squares.std() / 40**0.5) + 0.005
    )
    counts = np.histogram((np.concatenate(found) - 0.15) % 50.0, 5, (0.0, 50.0))[0]
    assert counts / counts.sum() == pytest.approx(case["profile"], abs=4 * (0.5 / counts.sum()) ** 0.5)


def test_a_process_is_silent_for_its_dead_time_and_none_hears_what_another_does():
    found = trains("ppd_sup_generator", n=5, rate=80.0, dead_time=9.0)
    assert min(np.diff(times).min() for times in found) >= 9.0 - 1e-9
    assert not any(np.array_equal(a, b) for i, a in enumerate(found) for b in found[:i])


@pytest.mark.parametrize(
    ("rate", "dead"), [(100.0, 8.0), (100.0, 10.0), (2000.0, 0.35)], ids=["most", "all", "several a step"]
)
def test_a_poisson_train_with_dead_time_has_the_rate_and_intervals_of_its_closed_form(rate, dead):
    """Intervals are dead + an exponential wait of mean 1/rate - dead, so CV = 1 - rate dead; and rates are so from the
    first step on. Cells on the grid hear the same spikes at the ends of their steps.
    """
    n, duration, heard = 400, 300.0, []
    for model in ("parrot_neuron_ps", "parrot_neuron"):
        net = ps.Network(seed=3)
        birds = net.create(model, n)
        source = net.create("poisson_generator_ps", rate=rate, dead_time=dead)
        net.connect(source, birds, ps.AllToAll(), ps.static_synapse(delay=1.0))
        spikes = net.record_spikes(birds)
        sim = ps.Simulation(net, progress=False)
        for part in (0.5, 1.2, duration - 0.7):
            sim.run(part)
        heard.append(spikes)
    exact, grid = heard
    each = [np.sort(exact.times[exact.gids == gid]) for gid in range(n)]
    waited = np.concatenate([np.sort(grid.times[grid.gids == gid]) for gid in range(n)]) - np.concatenate(
        each
    )
    assert waited.min() > -1e-6 and waited.max() < 0.1 + 1e-6

    intervals = np.concatenate([np.diff(times) for times in each])
    mean, cv = 1000.0 / rate, 1.0 - rate * dead * 1e-3
    assert intervals.min() > dead - 1e-9
    # Four standard errors of means, of the CV of n intervals (below 1/sqrt(n) of it), and of counts.
    error = 4.0 / intervals.size**0.5
    # A window misses long intervals: a share of CV^2 mean/duration of them, and longer ones first.
    short = 2.0 * cv * mean / duration
    assert intervals.mean() == pytest.approx(mean, rel=error * cv + short + 1e-12)
    assert intervals.std() / intervals.mean() == pytest.approx(cv, rel=error + 2.0 * short, abs=1e-12)
    # From the delay and the first step on; 0.1 is expected in each part of a mean interval.
    first = np.histogram(exact.times, 10, (1.0, 1.0 + mean))[0] / n
    assert np.abs(first - 0.1).max() < 4.0 * (0.1 / n) ** 0.5


def test_intervals_of_one_gamma_process_have_the_moments_of_its_shape():
    intervals = np.concatenate(
        [np.diff(times) for times in trains("gamma_sup_generator", rate=50.0, gamma_shape=5)]
    )
    assert intervals.mean() == pytest.approx(20.0, rel=0.01)
    assert intervals.var() / intervals.mean() ** 2 == pytest.approx(0.2, abs=0.005)


def test_one_train_for_all_reaches_each_after_its_delay_and_later_ones_too():
    net = ps.Network(seed=2)
    source = net.create("sinusoidal_gamma_generator", rate=400.0, order=2.0, individual_spike_trains=False)
    parrots = [net.create("parrot_neuron") for _ in range(3)]
    for cells, delay in zip(parrots[:2], (0.4, 1.7), strict=True):
        net.connect(source, cells, ps.OneToOne(), ps.static_synapse(delay=delay))
    spikes = net.record_spikes(parrots[0] + parrots[1] + parrots[2])
    sim = ps.Simulation(net, dt=0.1, progress=False)
    sim.run(50.0)
    net.connect(source, parrots[2], ps.OneToOne(), ps.static_synapse(delay=0.4))
    sim.run(50.0)
    first, second, third = (spikes.times[spikes.gids == cells.first] for cells in parrots)
    assert first.size > 30
    assert second == pytest.approx(first[first < 98.7] + 1.3)
    assert third == pytest.approx(first[first > 50.5], abs=1e-9)


def test_more_processes_begin_where_there_are_more():
    net = ps.Network(seed=2)
    source = net.create("gamma_sup_generator", rate=200.0, n_proc=2)
    heard = net.create("parrot_neuron", 20)
    net.connect(source, heard, ps.AllToAll(), ps.static_synapse(delay=0.1))
    spikes = net.record_spikes(heard)
    sim = ps.Simulation(net, dt=0.1, progress=False)
    sim.run(500.0)
    sim.set(source, n_proc=6)
    sim.run(500.0)
    before, after = np.histogram(spikes.times, [0.0, 500.0, 1000.0])[0] / (20 * 0.5)
    assert before == pytest.approx(400.0, rel=0.05)
    assert after == pytest.approx(1200.0, rel=0.05)


@pytest.mark.parametrize("model", [ps.gamma_sup_generator, ps.ppd_sup_generator], ids=str)
def test_cells_that_see_each_other_move_hear_the_same_wherever_a_run_is_cut(model):
    whole = run_small(ps.hh_psc_alpha_gap, model, runs=(20.0,), prepare=couple)
    parts = run_small(ps.hh_psc_alpha_gap, model, runs=(7.3, 0.2, 12.5), prepare=couple)
    assert np.array_equal(whole.times, parts.times)
    assert all(np.array_equal(parts.states[name], state) for name, state in whole.states.items())


@pytest.mark.parametrize(
    ("model", "said", "text"),
    [
        ("gamma_sup_generator", dict(gamma_shape=2.5), "gamma_shape is 2.5; a whole number is needed."),
        ("gamma_sup_generator", dict(n_proc=0), "n_proc of gamma_sup_generator is 0; it must be at least 1"),
        (
            "gamma_sup_generator",
            dict(n_proc=10**6),
            "gamma_shape times n_proc is 1e+06; at most 524288 is possible.",
        ),
        (
            "ppd_sup_generator",
            dict(rate=100.0, dead_time=10.0),
            "dead_time 10 ms; dead_time must be below 10 ms.",
        ),
        (
            "poisson_generator_ps",
            dict(rate=300.0, dead_time=5.0),
            "rate is 300 Hz and dead_time 5 ms; dead_time must be at most 3.33333 ms.",
        ),
        ("poisson_generator_ps", dict(dead_time=-1.0), "dead_time of poisson_generator_ps is -1 ms"),
        ("ppd_sup_generator", dict(n_proc=1.5), "n_proc is 1.5; a whole number of at most 524288 is needed."),
        ("sinusoidal_gamma_generator", dict(rate=1.0, amplitude=2.0), "amplitude must be at most rate."),
        (
            "sinusoidal_gamma_generator",
            dict(order=0.5),
            "order of sinusoidal_gamma_generator is 0.5; it must be at",
        ),
    ],
)
def test_what_cannot_be_is_refused(model, said, text):
    net = ps.Network()
    with pytest.raises(ps.ParsimError) as error:
        net.connect(
            net.create(model, **said), net.create("parrot_neuron"), ps.OneToOne(), ps.static_synapse()
        )
        ps.Simulation(net, dt=0.1)
    assert text in str(error.value)

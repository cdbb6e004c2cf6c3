"""Detectors of correlations: counts by their definition, however often one looks."""

import numpy as np
import pytest

import parsim.nest as nest

WIDTH, REACH, STEPS = 3, 4, 600
DETECTORS = ("correlation_detector", "correlomatrix_detector", "correlospinmatrix_detector")


def counts(detector, trains, looks):
    """What a detector counts of two trains in steps, looked at so often."""
    nest.ResetKernel()
    sources = nest.Create("spike_generator", 2)
    parrots = nest.Create("parrot_neuron", 2)
    params = {"delta_tau": 0.1 * WIDTH, "tau_max": 0.1 * WIDTH * REACH}
    made = nest.Create(detector, 1, params | ({} if detector == DETECTORS[0] else {"N_channels": 2}))
    nest.Connect(sources, parrots, "one_to_one", {"delay": 0.1})
    for k, train in enumerate(trains):
        sources[k].spike_times = 0.1 * train
        nest.Connect(parrots[k], made, syn_spec={"receptor_type": k, "delay": 0.1})
    for _ in range(looks):
        nest.Simulate(0.1 * (STEPS + 20) / looks)
        found = made.get("count_histogram" if detector == DETECTORS[0] else "count_covariance")
    return found


@pytest.fixture(scope="module")
def trains():
    return [np.sort(np.random.default_rng(k).choice(np.arange(1, STEPS), 80, replace=False)) for k in (1, 2)]


def lags(first, second):
    """How many pairs there are with each lag of the second after the first, in bins."""
    at = np.floor((second[:, None] - first[None, :]) / WIDTH + 0.5).astype(int) + REACH
    return np.bincount(at[(at >= 0) & (at <= 2 * REACH)], minlength=2 * REACH + 1)


@pytest.mark.parametrize("looks", [1, 62])
def test_pairs_of_two_trains_are_counted_by_lag(trains, looks):
    assert np.array_equal(counts(DETECTORS[0], trains, looks), lags(*trains))


@pytest.mark.parametrize("looks", [1, 62])
def test_pairs_of_all_channels_are_counted_by_lag(trains, looks):
    found = counts(DETECTORS[1], trains, looks)
    for a in range(2):
        for b in range(2):
            assert np.array_equal(found[a, b], lags(trains[b], trains[a])[REACH:])


@pytest.mark.parametrize("looks", [1, 62])
def test_steps_in_which_two_channels_are_on_are_counted_by_lag(trains, looks):
    on = np.zeros((2, 3 * STEPS), bool)
    ups_and_downs = []
    for k, train in enumerate(trains):
        for up, down in train.reshape(-1, 2):
            on[k, STEPS + up : STEPS + down] = True
        ups_and_downs.append(np.sort(np.concatenate([train, train[::2]])))
    found = counts(DETECTORS[2], ups_and_downs, looks)
    for lag in range(-REACH, REACH + 1):
        for a in range(2):
            for b in range(2):
                assert found[a, b, REACH + lag] == (on[a] & np.roll(on[b], lag * WIDTH)).sum()


def test_a_spin_detector_that_has_run_has_states_also_where_there_are_none():
    cell, detector = nest.Create("erfc_neuron", 1, {"theta": 60.0}), nest.Create("spin_detector")
    nest.Connect(cell, detector)
    nest.Simulate(20.0)
    assert {name: len(found) for name, found in detector.events.items()} == dict(senders=0, times=0, state=0)

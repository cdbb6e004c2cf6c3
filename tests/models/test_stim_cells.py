"""NetStim and VecStim."""

from types import SimpleNamespace

import numpy as np
import pytest

from parsim.models.events.net_stim import NetStim
from parsim.models.events.vec_stim import VecStim
from tests.event_driver import Driver, drive


def times_of(driver):
    return [t for t, _ in driver.spikes]


def test_a_regular_stim_sends_its_number_of_spikes_from_start_on():
    driver = drive(NetStim, [], 60.0, start=3.3, interval=7.0, number=4.0)
    assert np.allclose(times_of(driver), 3.3 + 7.0 * np.arange(4), atol=1e-13)


def test_events_switch_a_stim_on_and_off():
    inputs = [(5.0, 1.0), (6.0, 1.0), (12.0, -1.0), (20.0, 1.0), (41.0, 1.0)]
    driver = drive(NetStim, inputs, 60.0, start=-1.0, interval=4.0, number=3.0)
    # On at 5, deaf to 6, cut at 12; on at 20 until three are sent, on again at 41.
    assert times_of(driver) == [5.0, 9.0, 20.0, 24.0, 28.0, 41.0, 45.0, 49.0]


def test_a_noisy_stim_is_a_poisson_process():
    n, rate = 200, 0.5
    values = {"interval": 1.0 / rate, "number": np.inf, "start": 0.0, "noise": 1.0}
    driver = Driver([(NetStim, values)] * n, [], dt=1.0)
    driver.run(100.0)
    counts = np.bincount([gid for _, gid in driver.spikes], minlength=n)
    mean = 100.0 * rate
    # The mean of 200 counts has a deviation of 0.5, their variance one of 10 %.
    assert abs(counts.mean() - mean) < 4.0 * 0.5
    assert abs(counts.var() / mean - 1.0) < 0.4
    gaps = np.concatenate([np.diff([t for t, gid in driver.spikes if gid == k]) for k in range(n)])
    assert abs(gaps.mean() * rate - 1.0) < 0.05
    assert abs(gaps.std() * rate - 1.0) < 0.05


def test_half_noise_keeps_half_of_the_interval():
    driver = drive(NetStim, [], 2000.0, interval=2.0, number=np.inf, start=0.0, noise=0.5)
    gaps = np.diff(times_of(driver))
    assert gaps.min() >= 1.0
    assert abs(gaps.mean() - 2.0) < 4.0 * 1.0 / np.sqrt(gaps.size)


def test_a_vec_stim_sends_its_times_and_repeats_equal_ones():
    times = [0.0, 0.33, 1.0, 1.0, 7.77]
    driver = drive(VecStim, [], 10.0, spike_times=times)
    assert np.allclose(times_of(driver), times, atol=1e-15)


def test_times_before_0_are_refused():
    complaint = VecStim.check(SimpleNamespace(spike_times=[np.array([-3.0, 1.0])]))
    assert complaint == "spike_times has -3 ms, which would never be sent: times begin at 0. Leave it out."


def test_times_that_go_back_are_refused():
    complaint = VecStim.check(SimpleNamespace(spike_times=[np.array([1.0, 3.0, 2.0])]))
    assert complaint == "spike_times go back from 3 to 2 ms; sort them."


@pytest.mark.parametrize("noise", [0.0, 1.0])
def test_a_stim_that_sends_nothing(noise):
    assert drive(NetStim, [], 100.0, number=0.0, noise=noise).spikes == []

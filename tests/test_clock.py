"""Milliseconds to steps and back: exactly, or an error that names the time."""

import numpy as np
import pytest

import parsim as ps
from parsim.clock import MOST_STEPS, NEAR, Clock, heard_by, last_time_of, step_of, time_of

STEPS = [0.1, 0.025, 1 / 64, 1 / 3, 1.0, 0.3]


@pytest.mark.parametrize("dt", STEPS)
def test_the_time_of_a_step_is_one_rounded_division_and_leads_back(dt):
    clock = Clock(dt)
    steps = np.concatenate([np.arange(2000), [10**7 + 3, 10**12 + 7]])
    times = clock.times(steps)
    exact = [float(int(step) * clock.ratio) for step in steps]
    assert times.tolist() == exact == [clock.time(step) for step in steps]
    assert clock.grid(times[:-1]).tolist() == steps[:-1].tolist()
    assert (np.diff(times[:2000]) > 0.0).all()


def test_step_3_at_a_tenth_is_what_is_written():
    assert Clock(0.1).time(3) == 0.3 != 3 * 0.1


@pytest.mark.parametrize("dt", STEPS)
def test_kernels_see_the_grid_of_the_clock(dt):
    clock = Clock(dt)
    grid = clock.for_kernels
    for step in (0, 1, 7, 299, 10**6 + 1):
        time = time_of(grid, step)
        assert time == grid.time(step) == clock.time(step)
        assert last_time_of(grid, step) == grid.last_time(step) > time
        assert step_of(grid, time) == step
        # On the step to the tolerance, behind it after that.
        assert step_of(grid, grid.last_time(step)) == step
        assert step_of(grid, np.nextafter(grid.last_time(step), np.inf)) == step + 1
        assert heard_by(grid, step, step - 1) == grid.last_time(step)
        assert heard_by(grid, step, step) == -np.inf  # where an interval begins nothing of it has been heard


def test_times_near_the_grid_are_on_it_and_no_others():
    clock = Clock(0.1)
    assert clock.steps(0.1 + 0.2) == 3
    assert clock.steps(0.1 * (3 + 0.9 * NEAR)) == 3
    for off in (0.1 * (3 + 2 * NEAR), 0.35):
        with pytest.raises(
            ps.DescriptionError, match=r"is not a multiple of dt = 0.1 ms. Nearest are 0.3 and 0.4 ms"
        ):
            clock.steps(off, "delay")


def test_the_first_of_several_that_is_off_the_grid_is_named():
    with pytest.raises(ps.DescriptionError, match=r"^delay 0.25 ms is not a multiple"):
        Clock(0.1).grid([0.1, 0.25, 0.37], "delay")


def test_to_the_nearest_and_to_the_next():
    clock = Clock(0.1)
    assert clock.nearest([0.0, 0.04, 0.05, 0.149, 0.15]).tolist() == [0, 0, 1, 1, 2]
    assert clock.at_least([0.0, 0.01, 0.1, 0.1 + 1e-9, 0.11]).tolist() == [0, 1, 1, 1, 2]


def test_times_beyond_what_can_be_counted_are_refused():
    clock = Clock(0.1)
    assert clock.most == MOST_STEPS
    for time in (np.inf, -np.inf, np.nan, 1e300, clock.time(clock.most)):
        with pytest.raises(ps.DescriptionError, match="cannot be counted in steps"):
            clock.steps(time)


@pytest.mark.parametrize("dt", [0.0, -0.1, np.nan, np.inf, "0.1", None])
def test_a_step_is_a_positive_number(dt):
    with pytest.raises(ps.DescriptionError, match="it must be a positive number"):
        Clock(dt)


def test_a_step_that_is_no_fraction_is_refused():
    with pytest.raises(ps.DescriptionError, match="not a fraction with a denominator of at most"):
        Clock(np.pi / 100)
    with pytest.raises(ps.DescriptionError, match="it must be at most"):
        Clock(2.0**32)

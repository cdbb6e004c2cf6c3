"""The rules for prescribed spike times, one by one; dt is 0.1 ms unless said."""

from types import SimpleNamespace

import numpy as np
import pytest

from parsim.clock import Clock
from parsim.errors import DescriptionError
from parsim.models import spike_times
from parsim.models.spike_times import Rules, due, flat, place, replaced, times_used

CLOCK = Clock(0.1)
GRID = Rules(0.0, False, False, False)
OFFGRID = GRID._replace(allow_offgrid_times=True)
SHIFT = GRID._replace(shift_now_spikes=True)
PRECISE = GRID._replace(precise_times=True)
ALL_FLAGS = Rules(0.0, True, True, True)


def steps_of(times, rules, clock=CLOCK):
    return place(np.array(times), rules, clock, lambda i: f"spike_times[{i}]").steps.tolist()


@pytest.mark.parametrize(
    ("times", "rules", "steps"),
    [
        ([1.0, 1.9999, 3.0001], GRID, [10, 20, 30]),
        ([1.0, 1.05, 3.0001], OFFGRID, [10, 11, 30]),
        ([0.99951, 1.00049], GRID, [10, 10]),
        ([0.9995, 1.0005, 1.0006, 1.0994, 1.0995], OFFGRID, [10, 11, 11, 11, 11]),
        ([1e6 + 0.1, 1e6 + 0.10049], GRID, [10_000_001, 10_000_001]),
        ([1.0, 1.05, 3.0001], PRECISE, [10, 11, 31]),
        ([1.0, 1.05, 3.0001], ALL_FLAGS, [10, 11, 31]),
        ([0.3, 0.6, 0.7, 1.1, 2.3], PRECISE, [3, 6, 7, 11, 23]),
        ([1.0, 1.0, 1.0], GRID, [10, 10, 10]),
        ([1.0], GRID._replace(origin=3.0), [40]),
        ([1.05], PRECISE._replace(origin=3.0), [41]),
    ],
)
def test_times_have_their_steps(times, rules, steps):
    assert steps_of(times, rules) == steps


def test_half_a_tic_is_half_a_microsecond_at_any_resolution():
    assert steps_of([1.0004, 3.0], GRID, Clock(1.0)) == [1, 3]
    assert steps_of([1.0006], OFFGRID, Clock(1.0)) == [2]
    assert steps_of([1.0004], GRID, Clock(1 / 64)) == [64]
    assert steps_of([0.0012, 0.0014, 0.0016], GRID, Clock(0.001)) == [1, 1, 2]


@pytest.mark.parametrize("time", [1.05, 1.0005, 0.9995, 1.0501])
def test_a_time_between_steps_is_refused_unless_it_may_be_rounded(time):
    with pytest.raises(
        DescriptionError, match=r"is .* ms, which is not within 0\.0005 ms of a step.*Nearest are"
    ):
        steps_of([0.5, time], GRID)


def test_offsets_lie_before_their_step_and_below_one():
    times = np.concatenate(
        [[1.0, 1.05, 3.0001, 0.3, 1.1, 1.0 + 1e-12, 123456.7], np.linspace(0.01, 50.0, 9_973)]
    )
    steps, offsets = place(times, PRECISE, CLOCK, str)
    assert (
        (offsets >= -1e-7) & (offsets < 0.1)
    ).all()  # what is on the grid to a millionth of a step may lie after it
    assert steps[5] == 10 and offsets[5] == pytest.approx(-1e-12, rel=1e-3)
    assert np.abs(CLOCK.times(steps) - offsets - times).max() < 1e-15 * times.max()
    assert offsets[:5].tolist() == [
        0.0,
        0.050000000000000044,
        0.09989999999999988,
        0.0,
        0.0,
    ]  # as NEST reports
    assert not place(times, OFFGRID, CLOCK, str).offsets.any()


def test_times_used_are_those_rounded_or_the_exact_ones():
    times = np.array([1.0, 1.05, 3.0001])
    assert times_used(times, OFFGRID, CLOCK).tolist() == [1.0, 1.1, 3.0]
    assert times_used(times, PRECISE, CLOCK) == pytest.approx(times, rel=1e-15)
    assert times_used(times, OFFGRID._replace(origin=7.0), CLOCK).tolist() == [1.0, 1.1, 3.0]


@pytest.mark.parametrize("rules", [GRID, OFFGRID, PRECISE, ALL_FLAGS], ids=str)
@pytest.mark.parametrize("time", [-1.0, 0.0, 5.0, 9.99995, 10.0])
def test_a_time_at_or_before_now_is_an_error(rules, time):
    with pytest.raises(DescriptionError, match=r"^spike_times\[0\] is .* not in the future \(now 10 ms\)"):
        due(np.array([time, 11.0]), rules, CLOCK, 100)


def test_a_time_that_is_rounded_to_now_is_an_error_that_says_so():
    with pytest.raises(DescriptionError) as caught:
        due(np.array([10.0001]), GRID, CLOCK, 100)
    assert str(caught.value) == (
        "spike_times[0] is 10.0001 ms, which is rounded to 10 ms and so not in the future (now 10 ms): it would not be "
        "sent. Give a later time, or precise_times=True to keep it, or shift_now_spikes=True to send it a step later."
    )
    assert due(np.array([10.0001]), PRECISE, CLOCK, 100).tolist() == [10.0001]


def test_spikes_at_now_are_shifted_one_step_where_asked():
    assert due(np.array([10.0001, 11.0001]), SHIFT, CLOCK, 100).tolist() == [10.1, 11.0001]
    assert due(np.array([0.0, 1.0]), SHIFT, CLOCK, 0).tolist() == [0.1, 1.0]
    assert due(np.array([3.0, 3.0, 3.1]), SHIFT._replace(origin=7.0), CLOCK, 100).tolist() == [3.1, 3.1, 3.1]
    with pytest.raises(DescriptionError, match=r"is 9\.9 ms, which is not in the future"):
        due(np.array([9.9, 10.0]), SHIFT, CLOCK, 100)
    with pytest.raises(DescriptionError, match=r"is 10 ms, which is not in the future"):
        due(np.array([10.0]), SHIFT._replace(precise_times=True), CLOCK, 100)


def test_what_was_shifted_stays_where_it_is_when_asked_again():
    shifted = due(np.array([0.0, 1.0]), SHIFT, CLOCK, 0)
    assert due(shifted, SHIFT, CLOCK, 0).tolist() == shifted.tolist()


def test_flags_that_change_alone_apply_to_the_times_that_were_said():
    times = np.array([1.0, 10.05, 12.05])
    assert replaced(times, OFFGRID, PRECISE, CLOCK, 100) is times
    assert replaced(np.array([1.05, 20.05]), PRECISE, OFFGRID, CLOCK, 100).tolist() == [1.05, 20.05]
    with pytest.raises(DescriptionError, match=r"is 12\.05 ms, which is not within"):
        replaced(np.array([1.0, 12.05]), OFFGRID, GRID, CLOCK, 100)


def test_flags_that_change_alone_neither_lose_a_spike_nor_send_it_twice():
    times = np.array([10.0001, 11.0])
    with pytest.raises(
        DescriptionError, match=r"which was used at 10 ms already and would be used again\. Give"
    ):
        replaced(times, GRID, PRECISE, CLOCK, 100)
    with pytest.raises(DescriptionError, match="is rounded to 10 ms and so not in the future"):
        replaced(times, PRECISE, GRID, CLOCK, 100)
    assert replaced(times, PRECISE, SHIFT, CLOCK, 100).tolist() == [10.1, 11.0]


def members(trains, **other):
    n = len(trains)
    flags = {name: np.zeros(n) for name in ("precise_times", "allow_offgrid_times", "shift_now_spikes")}
    window = dict(origin=np.zeros(n), start=np.zeros(n), stop=np.full(n, np.inf))
    counts = [np.empty(0)] * n
    return SimpleNamespace(
        **{"spike_times": trains, "spike_multiplicities": counts, **flags, **window, **other}
    )


def test_trains_stand_one_after_another_and_a_shared_one_once():
    shared, own = np.array([1.0, 2.0, 3.0]), np.array([0.5, 1.05])
    p = members([shared, own, shared], allow_offgrid_times=np.array([0.0, 1.0, 0.0]))
    trains = flat(p, CLOCK)
    assert trains.begin.tolist() == [0, 3, 0] and trains.end.tolist() == [3, 5, 3]
    assert trains.step.tolist() == [10, 20, 30, 5, 11] and trains.weight.tolist() == [1.0] * 5
    assert flat(members([]), CLOCK).step.size == 0
    moved = flat(members([shared, shared], origin=np.array([0.0, 1.0])), CLOCK)
    assert moved.begin.tolist() == [0, 3] and moved.step.tolist() == [10, 20, 30, 20, 30, 40]


def test_of_several_trains_errors_name_the_one():
    p = members([np.array([1.0]), np.array([2.0, 3.05])])
    with pytest.raises(DescriptionError, match=r"^spike_times\[1\]\[1\] is 3\.05 ms"):
        spike_times.settle(p, None, CLOCK, 0, None)
    with pytest.raises(DescriptionError, match=r"^spike_times\[7\]\[1\] is 3\.05 ms"):
        spike_times.settle(p, None, CLOCK, 0, np.array([4, 7]))


def test_without_a_time_step_only_what_precedes_any_is_refused():
    p = members([np.array([0.0, 1.0])], shift_now_spikes=np.ones(1))
    assert spike_times.settle(p, None, None, 0, None) == {}
    assert spike_times.settle(members([np.array([0.0001, 1.05])]), None, None, 0, None) == {}
    for wrong in (members([np.array([0.0, 1.0])]), members([np.array([1.0])], origin=np.array([-1.0]))):
        with pytest.raises(DescriptionError, match=r"not in the future \(now 0 ms\)"):
            spike_times.settle(wrong, None, None, 0, None)

"""Values give the right numbers at a gid, keep their units, and refuse what makes no sense."""

import numpy as np
import pytest

from parsim.errors import DescriptionError
from parsim.given.distributions import Exponential, LogNormal, Normal, Uniform
from parsim.given.numbers import TRUTH
from parsim.given.values import Array, Constant, Function, as_value
from parsim.given.where import Where
from parsim.rng import exponential_array, normal_array, uniform_array

RANDOM = [Uniform(-70.0, -55.0), Normal(-100.0, 5.0), LogNormal(1.0, 0.5), Exponential(3.0)]


def where(gids, draws=0, lane=4):
    gids = np.asarray(gids, dtype=np.int64)
    return Where(7, 8, gids, draws, lane, np.arange(gids.size))


# ---- what they give ----------------------------------------------------------------------------------


def test_a_constant_is_the_same_everywhere():
    assert Constant(20).at(where([3, 4])).tolist() == [20.0, 20.0]
    assert Constant(20).constant_or_none == 20.0


def test_an_array_is_read_at_positions_not_gids():
    at = where([100, 101])._replace(places=np.array([2, 0]))
    assert Array(np.array([1.0, 2.0, 3.0])).at(at).tolist() == [3.0, 1.0]


def test_distributions_are_what_rng_draws():
    gids, draws = np.arange(5), np.arange(5) + 2
    at, stream = where(gids, draws), (7, 8, gids, draws, 4)
    assert np.array_equal(Uniform(-70.0, -55.0).at(at), -70.0 + 15.0 * uniform_array(*stream))
    assert np.array_equal(Normal(-100.0, 5.0).at(at), -100.0 + 5.0 * normal_array(*stream))
    assert np.array_equal(Exponential(3.0).at(at), 3.0 * exponential_array(*stream))
    assert np.allclose(LogNormal(1.0, 0.5).at(at), np.exp(1.0 + 0.5 * normal_array(*stream)), rtol=1e-15)


@pytest.mark.parametrize("value", RANDOM, ids=lambda v: v.describe())
def test_a_random_value_depends_on_its_own_gid_and_draw_alone(value):
    gids = np.array([9, 4, 7])
    whole = value.at(where(gids, np.array([1, 1, 5])))
    assert np.array_equal(whole[1:2], value.at(where([4], 1)))
    assert np.array_equal(whole[::-1], value.at(where(gids[::-1], np.array([5, 1, 1]))))
    assert not np.array_equal(whole, value.at(where(gids, 2)))
    assert not np.array_equal(whole, value.at(where(gids, np.array([1, 1, 5]), lane=5)))


def test_degenerate_distributions_are_numbers_but_not_constants():
    assert Uniform(3.0, 3.0).at(where([1, 2])).tolist() == [3.0, 3.0]
    assert Normal(3.0, 0.0).at(where([1, 2])).tolist() == [3.0, 3.0]
    assert Normal(3.0, 0.0).constant_or_none is None


@pytest.mark.parametrize("value", [*RANDOM, Constant(1.0), Function(lambda g: g * 1.0)])
def test_no_gids_give_no_numbers(value):
    assert value.at(where([])).shape == (0,)


def test_a_function_is_asked_for_gids():
    assert Function(lambda g: 2 * g).at(where([3, 5])).tolist() == [6.0, 10.0]
    assert Function(lambda g: 0.5).at(where([3, 5])).tolist() == [0.5, 0.5]
    known = {3: "-65 mV", 5: "-0.06 V"}
    told = as_value(lambda gids: [known[gid] for gid in gids.tolist()], "mV", "V_m", 2)
    assert told.at(where([3, 5])).tolist() == [-65.0, -60.0]


def test_what_a_function_returns_is_checked_under_its_name():
    with pytest.raises(DescriptionError) as caught:
        as_value(lambda g: [1.0, 2.0], "ms", "tau_m", 3).at(where([1, 2, 3]))
    assert str(caught.value) == (
        "what the function for tau_m returns has shape (2,) for 3 gids; return one number or 3 numbers."
    )
    with pytest.raises(DescriptionError, match="what the function for tau_m returns is NaN"):
        as_value(lambda g: g * np.nan, "ms", "tau_m", 3).at(where([1, 2, 3]))


# ---- what users give ---------------------------------------------------------------------------------


@pytest.mark.parametrize("raw", [20, 20.0, np.float32(20), np.array(20.0), "20 ms", "0.02 s"])
def test_one_number_is_a_constant(raw):
    assert as_value(raw, "ms", "tau_m", 5) == Constant(20.0)


def test_true_and_false_are_one_and_zero_where_flags_are_needed():
    assert as_value(True, TRUTH, "flag", 5) == Constant(1.0)
    with pytest.raises(DescriptionError, match="I_e is True, a truth value"):
        as_value(True, "pA", "I_e", 5)


def test_infinity_is_a_number():
    assert as_value(-np.inf, "mV", "V_min", 5) == Constant(-np.inf)


@pytest.mark.parametrize(
    "raw", [[1, 2, 3], (1.0, 2.0, 3.0), np.array([1, 2, 3]), ["1 ms", "2 ms", 0.3e1], range(1, 4)]
)
def test_a_list_is_an_array(raw):
    value = as_value(raw, "ms", "tau_m", 3)
    assert isinstance(value, Array) and value.values.tolist() == [1.0, 2.0, 3.0]
    assert value.constant_or_none is None


def test_values_pass_and_get_their_unit():
    assert as_value(Uniform("-70 mV", "-0.055 V"), "mV", "V_m", 5) == Uniform(-70.0, -55.0)
    assert as_value(Normal("1 nA", 5.0), "pA", "weight", None) == Normal(1000.0, 5.0)
    assert as_value(Exponential("1 s"), "ms", "delay", None) == Exponential(1000.0)
    assert as_value(LogNormal(1, 0.5), "pA", "weight", None) == LogNormal(1.0, 0.5)
    assert as_value(Constant("1 s"), "ms", "delay", None) == Constant(1000.0)
    assert as_value(Array(["1 s"]), "ms", "delay", 1).values.tolist() == [1000.0]


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ([1.0, 2.0, 3.0], "tau_m has 3 values; 5 are needed, or one number for all."),
        (Array(np.array([1.0, 2.0])), "tau_m has 2 values; 5 are needed, or one number for all."),
        ([], "tau_m has 0 values; 5 are needed, or one number for all."),
        (np.ones((5, 2)), "tau_m is an array of shape (5, 2); one number or a list of them is needed."),
        (np.nan, "tau_m is NaN. Give a number."),
        ([1.0, 2.0, np.nan, 3.0, 4.0], "tau_m is NaN (first at index 2). Give a number."),
        ("3 mV", 'tau_m is "3 mV", a voltage; ms is needed. Write e.g. "20 ms".'),
        (Uniform("1 mV", 2), 'low of tau_m is "1 mV", a voltage; ms is needed. Write e.g. "20 ms".'),
        (Uniform("3 ms", "2 ms"), "Uniform(3.0, 2.0): low must not exceed high. Write Uniform(low, high)."),
        (LogNormal("1 ms", 2), 'mean of tau_m is "1 ms", a time; a plain number is needed. Write e.g. 0.5.'),
        (1j, "tau_m is 1j, a complex number; give its real part or its absolute value."),
        (Uniform, "tau_m is the class Uniform; call it with its arguments."),
        (None, "tau_m is None; a number, a list, a distribution or a function of the gids is needed."),
        (
            {"a": 1},
            "tau_m is {'a': 1}; a number, a list, a distribution or a function of the gids is needed.",
        ),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_one_error_with_the_name(raw, message):
    with pytest.raises(DescriptionError) as caught:
        as_value(raw, "ms", "tau_m", 5)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Uniform(3, 1), "Uniform(3.0, 1.0): low must not exceed high. Write Uniform(low, high)."),
        (lambda: Uniform(0, np.inf), "Uniform(0, inf): high is inf; a finite number is needed."),
        (lambda: Normal(np.nan, 1), "Normal(nan, 1): mean is nan; a finite number is needed."),
        (lambda: Normal(0, -1), "Normal(0.0, -1.0): std must be at least 0."),
        (lambda: Normal(0, [1, 2]), "Normal(0, [1, 2]): std is [1, 2]; a finite number is needed."),
        (lambda: LogNormal(0, -1), "LogNormal(0.0, -1.0): std must be at least 0."),
        (lambda: Exponential(0), "Exponential(0.0): scale must be greater than 0."),
        (lambda: Exponential(None), "Exponential(None): scale is None; a finite number is needed."),
    ],
)
def test_a_distribution_that_cannot_be_is_refused_when_made(make, message):
    with pytest.raises(DescriptionError) as caught:
        make()
    assert str(caught.value) == message


def double(gids):
    return 2 * gids


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (20, "20.0"),
        (Uniform(-70, "-55 mV"), "Uniform(-70.0, -55.0)"),
        (Normal(1, 2), "Normal(1.0, 2.0)"),
        (Exponential(3), "Exponential(3.0)"),
        ([1, 2, 3, 4, 5], "array of 5"),
        (double, "function double"),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_values_describe_themselves_for_files(raw, text):
    assert as_value(raw, "mV", "V_m", 5).describe() == text

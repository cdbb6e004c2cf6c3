"""Whatever stands for numbers becomes plain numbers in the unit that is needed, or one clear error."""

import datetime
import re
from array import array
from collections import deque
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from parsim.errors import DescriptionError
from parsim.given.numbers import TRUTH, as_numbers


@pytest.mark.parametrize(
    ("text", "unit", "number"),
    [
        ("-65 mV", "mV", -65.0),
        ("20ms", "ms", 20.0),
        ("  0.02 s ", "ms", 20.0),
        ("0.1 ms", "ms", 0.1),
        ("100 us", "ms", 0.1),
        ("70e-3 V", "mV", 70.0),
        ("1.5 nA", "pA", 1500.0),
        ("0.5 nS", "uS", 0.0005),
        ("1 uF", "pF", 1e6),
        ("8 spikes/s", "Hz", 8.0),
        ("0.5 kHz", "spikes/s", 500.0),
        ("2 1/ms", "Hz", 2000.0),
        ("3 GOhm", "MOhm", 3000.0),
        ("3 M\N{OHM SIGN}", "MOhm", 3.0),
        ("3 k\N{GREEK CAPITAL LETTER OMEGA}", "Ohm", 3000.0),
        ("5 \N{MICRO SIGN}A", "nA", 5000.0),
        ("5 \N{GREEK SMALL LETTER MU}A", "nA", 5000.0),
        ("inf ms", "ms", np.inf),
        ("-inf mV", "mV", -np.inf),
        (".5", "", 0.5),
        ("3 nS/mV", "nS/mV", 3.0),
    ],
)
def test_text_is_converted_exactly(text, unit, number):
    assert as_numbers(text, unit, "x") == number


def test_every_decimal_is_rounded_once():
    for text in ("0.1", "0.3", "0.7", "1.1", "2.675"):
        assert as_numbers(f"{text} s", "us", "x") == float(text + "e6")
        assert as_numbers(f"{text} us", "s", "x") == float(text + "e-6")


@pytest.mark.parametrize(
    "value", [3, 2.5, np.float64(3.0), [1.0, 2.0], (), Fraction(1, 4), Decimal("0.1"), range(3)]
)
def test_plain_numbers_are_in_the_unit_already(value):
    assert np.array_equal(as_numbers(value, "mV", "x"), np.array(value, dtype=np.float64))


@pytest.mark.parametrize(
    "values",
    [
        np.array([1.0, 2.0]),
        np.array([1, 2], dtype=np.int16),
        array("d", [1.0, 2.0]),
        memoryview(array("d", [1.0, 2.0])),
        np.ma.array([1.0, 2.0]),
        np.array([1, 2.0], dtype=object),
        deque([1, 2]),
        np.array(["0.001 V", "2 mV"]),
        np.array([np.array(1.0), Fraction(2)], dtype=object),
    ],
    ids=lambda values: type(values).__name__,
)
def test_what_is_like_an_array_becomes_one_of_its_own(values):
    found = as_numbers(values, "mV", "x")
    assert found.tolist() == [1.0, 2.0] and found.dtype == np.float64 and found.flags.owndata
    if not isinstance(values, deque) and isinstance(values, np.ndarray) and values.dtype.kind == "f":
        values[0] = 9.0
        assert found[0] == 1.0


def test_units_are_converted_however_deep_they_stand():
    assert as_numbers([["1 nA", 2.0], ("3 nA", "4 nA")], "pA", "w").tolist() == [
        [1000.0, 2.0],
        [3000.0, 4000.0],
    ]
    assert as_numbers(np.array([["1 nA"], ["2 nA"]]), "pA", "w").tolist() == [[1000.0], [2000.0]]
    held = np.empty(2, dtype=object)
    held[:] = [Pint(1.0, 0), [Pint(2.0, 0)]]
    assert as_numbers([held[0], held[1][0]], "mV", "V_m").tolist() == [1000.0, 2000.0]
    assert as_numbers([[Pint(1.0, 0)], [Pint(2.0, 0)]], "mV", "V_m").tolist() == [[1000.0], [2000.0]]


@pytest.mark.parametrize(
    ("duration", "unit", "number"),
    [
        (datetime.timedelta(milliseconds=1.5), "ms", 1.5),
        (np.timedelta64(3, "s"), "ms", 3000.0),
        (np.timedelta64(100, "us"), "ms", 0.1),
        (np.array([1, 2], dtype="m8[10us]"), "ms", [0.01, 0.02]),
        ([np.timedelta64(1, "ms"), "2 ms"], "ms", [1.0, 2.0]),
        (np.timedelta64(1, "h"), "s", 3600.0),
    ],
)
def test_durations_are_times(duration, unit, number):
    assert as_numbers(duration, unit, "x").tolist() == number


class Recursive:
    def __array__(self, dtype=None, copy=None):
        return np.array(self, dtype=object)


class Rude:
    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("no")

    def __repr__(self):
        raise RuntimeError("no")


ITSELF: list = []
ITSELF.append(ITSELF)
MASKED = np.ma.array([1.0, 2.0], mask=[False, True])


@pytest.mark.parametrize(
    ("raw", "complaint"),
    [
        (MASKED, "some values are masked"),
        ([1.0, np.ma.masked], "x[1] is masked, of which some values are masked"),
        (1 + 2j, "x is (1+2j), a complex number"),
        (np.array([1 + 2j]), "x is an array of complex numbers"),
        ([1.0, 2j], "x[1] is 2j, a complex number"),
        (np.datetime64("2020-01-01"), "a date"),
        (np.array(["2020-01-01"], dtype="M8[D]"), "x is an array of dates"),
        (datetime.datetime(2020, 1, 1), "a date"),
        (np.array(["NaT"], dtype="m8[ms]"), "x is not a time (NaT)"),
        (np.timedelta64(3), "x is a duration without a fixed length"),
        (np.timedelta64(3, "Y"), "x is a duration without a fixed length"),
        (b"5", "which are bytes"),
        (bytearray(b"5"), "which are bytes"),
        (memoryview(b"5"), "which are bytes"),
        ([b"5", b"6"], "x[0] is b'5', which are bytes"),
        (np.array([b"5"]), "x is an array of |S1"),
        (np.zeros(2, dtype="i4,f8"), "x is an array of"),
        (True, "x is True, a truth value"),
        ([1.0, False], "x[1] is False, a truth value"),
        (np.array([True]), "x is an array of truth values"),
        ("5", 'x is "5", without a unit; ms is needed.'),
        ("1e400 ms", 'x is "1e400 ms"; numbers up to 1.8e308'),
        ("1e9999999999999999999999 ms", "numbers up to 1.8e308"),
        (10**400, "numbers up to 1.8e308"),
        ([1, 10**400], "numbers up to 1.8e308"),
        (10**5000, "x is a int; numbers up to 1.8e308"),
        (Fraction(10**400), "numbers up to 1.8e308"),
        (np.longdouble("1e4000"), "numbers up to 1.8e308"),
        (np.broadcast_to(1.0, 10**14), "as many as fit into memory"),
        (Decimal("sNaN"), "x is "),
        (float("nan"), "x is NaN. Give a number."),
        ([[1.0], [1.0, float("nan")]], "whose lists differ in length"),
        ([[1.0], 2.0], "whose lists differ in length"),
        ((n for n in (1, 2)), "which can be gone through only once; give list(...)"),
        (iter([1]), "which can be gone through only once"),
        ({1.0, 2.0}, "which has no order"),
        ({"a": 1.0}, "which has no order"),
        (range(10**12), "which is not a number"),
        (None, "x is None, which is not a number"),
        ([1.0, None], "x[1] is None, which is not a number"),
        (object(), "(object), which is not a number"),
        (ITSELF, "lists in lists"),
        (Recursive(), "which is not a number"),
        (Rude(), "x is a Rude (Rude), which is not a number"),
    ],
    ids=lambda x: f"{type(x).__name__}",
)  # fmt: skip
def test_what_only_looks_like_numbers_is_one_error_that_says_what_it_is(raw, complaint):
    with pytest.raises(DescriptionError) as caught:
        as_numbers(raw, "ms", "x")
    assert complaint in str(caught.value) and len(str(caught.value)) < 300


def test_a_duration_is_no_voltage():
    with pytest.raises(DescriptionError, match="V_m is a duration; mV is needed"):
        as_numbers(np.timedelta64(3, "ms"), "mV", "V_m")


def test_truth_values_are_numbers_where_flags_are_needed():
    assert as_numbers(np.array([True, False]), TRUTH, "x").tolist() == [1.0, 0.0]
    assert as_numbers([True, np.False_], TRUTH, "x").tolist() == [1.0, 0.0]
    with pytest.raises(DescriptionError, match=r"x is 'yes'; use True or False\."):
        as_numbers("yes", TRUTH, "x")


def test_lists_are_converted_one_by_one():
    assert as_numbers(["-65 mV", "-0.06 V", -55], "mV", "V_m").tolist() == [-65.0, -60.0, -55.0]


@pytest.mark.parametrize(
    ("text", "unit", "message"),
    [
        ("3 ms", "mV", 'V_m is "3 ms", a time; mV is needed. Write e.g. "-65 mV".'),
        ("3 MOhm", "nS", 'V_m is "3 MOhm", a resistance; nS is needed. Write e.g. "0.5 nS".'),
        ("3 mV", "", 'V_m is "3 mV", a voltage; a plain number is needed. Write e.g. 0.5.'),
        (
            "3 mv",
            "mV",
            "V_m is \"3 mv\", and 'mv' is no unit that parsim knows. Did you mean 'mV'? "
            'Units of voltage are V, mV, uV. Write e.g. "-65 mV".',
        ),
        (
            "3 parsec",
            "ms",
            "V_m is \"3 parsec\", and 'parsec' is no unit that parsim knows. "
            'Units of time are s, ms, us. Write e.g. "20 ms".',
        ),
        ("-65", "mV", 'V_m is "-65", without a unit; mV is needed. Write e.g. "-65 mV".'),
        ("low", "mV", 'V_m is "low", which is not a number with a unit. Write e.g. "-65 mV".'),
        ("nan mV", "mV", 'V_m is "nan mV", which is not a number with a unit. Write e.g. "-65 mV".'),
    ],
)
def test_a_wrong_unit_is_one_error_with_the_right_one(text, unit, message):
    with pytest.raises(DescriptionError) as caught:
        as_numbers(text, unit, "V_m")
    assert str(caught.value) == message


def test_an_error_in_a_list_names_its_place():
    with pytest.raises(DescriptionError, match=re.escape('V_m[1] is "3 ms", a time;')):
        as_numbers(["-65 mV", "3 ms"], "mV", "V_m")


# ---- quantities of other packages: their manners, and the one that the test suite installs -----------


class Pint:
    def __init__(self, magnitude, power):
        self.magnitude, self.power = magnitude, power

    def to(self, unit):
        if unit not in ("mV", "V"):
            raise ValueError(f"cannot convert to {unit}")
        return Pint(self.magnitude * 10.0 ** (self.power - {"mV": -3, "V": 0}[unit]), 0)


class Astropy:
    def to_value(self, unit):
        return {"mV": -65.0, "1/s": 8.0}[unit]


class InUnitsOf:
    def in_units_of(self, unit):
        return {"mV": -65.0}[unit]


class Brian(np.ndarray):
    """A number in SI units that knows its exponents."""

    class dim:
        @staticmethod
        def get_dimension(base):
            return {"m": 2.0, "kg": 1.0, "s": -3.0, "A": -1.0}[base]

    def in_best_unit(self):
        return ""


def test_what_converts_itself_is_asked_to():
    assert as_numbers(Pint(-0.065, 0), "mV", "V_m") == pytest.approx(-65.0)
    assert as_numbers(Astropy(), "mV", "V_m") == -65.0
    assert as_numbers(Astropy(), "spikes/s", "rate") == 8.0
    assert as_numbers(InUnitsOf(), "mV", "V_m") == -65.0
    assert as_numbers(np.array([-0.065, 0.02]).view(Brian), "mV", "V_m").tolist() == [-65.0, 20.0]
    assert as_numbers([Pint(1.0, 0), "2 mV"], "mV", "V_m").tolist() == [1000.0, 2.0]


def test_a_quantity_of_another_dimension_is_an_error_that_names_it():
    with pytest.raises(DescriptionError, match="cannot be converted to ms: cannot convert to ms"):
        as_numbers(Pint(1.0, 0), "ms", "tau_m")
    with pytest.raises(DescriptionError, match="cannot be converted to ms: its dimension differs"):
        as_numbers(np.array(0.02).view(Brian), "ms", "tau_m")
    with pytest.raises(
        DescriptionError, match="cannot be converted to a plain number: its dimension differs"
    ):
        as_numbers(np.array(0.02).view(Brian), "", "p")


def test_quantities_of_the_package_quantities_are_converted():
    pq = pytest.importorskip("quantities")
    assert as_numbers(-0.065 * pq.V, "mV", "V_m") == pytest.approx(-65.0)
    assert as_numbers(np.array([1.0, 2.0]) * pq.nA, "pA", "I_e").tolist() == pytest.approx([1000.0, 2000.0])
    assert as_numbers(8 / pq.s, "spikes/s", "rate") == 8.0
    assert as_numbers(pq.Quantity(3.0), "", "p") == 3.0
    with pytest.raises(DescriptionError, match=re.escape("V_m is 3.0 ms, which cannot be converted to mV")):
        as_numbers(3 * pq.ms, "mV", "V_m")


def test_units_of_the_package_quantities_are_kept_in_containers():
    pq, pd = pytest.importorskip("quantities"), pytest.importorskip("pandas")
    one, two = 1 * pq.nA, 2 * pq.nA
    column = np.empty(2, dtype=object)
    column[:] = [one, two]
    for raw in ([one, two], (one, two), column, pd.Series([one, two], index=[7, 3])):
        assert as_numbers(raw, "pA", "I_e").tolist() == pytest.approx([1000.0, 2000.0])
    assert as_numbers([[one, two], [two, one]], "pA", "w")[1].tolist() == pytest.approx([2000.0, 1000.0])


class Labelled:
    """A labelled array as xarray's are."""

    def __init__(self, values, **attrs):
        self.values, self.attrs = values, attrs

    def to_numpy(self):
        return np.array(self.values)


class Masked(np.ndarray):
    """An array with a mask as astropy's are."""

    mask = np.array([False, True])


def test_a_unit_that_stands_in_a_label_and_a_mask_of_another_kind_are_seen():
    assert as_numbers(Labelled([1, 2], units="nA"), "pA", "I_e").tolist() == [1000.0, 2000.0]
    assert as_numbers(Labelled([1, 2], long_name="current"), "pA", "I_e").tolist() == [1.0, 2.0]
    with pytest.raises(DescriptionError, match="a voltage; pA is needed"):
        as_numbers(Labelled([1, 2], units="mV"), "pA", "I_e")
    with pytest.raises(DescriptionError, match="some values are masked"):
        as_numbers(np.array([1.0, 2.0]).view(Masked), "pA", "I_e")


def test_series_of_any_index_are_read_in_their_order():
    pd = pytest.importorskip("pandas")
    values = pd.Series([3.0, 1.0], index=[5, 4])
    found = as_numbers(values, "ms", "x")
    values.iloc[0] = 9.0
    assert found.tolist() == [3.0, 1.0]
    assert as_numbers(pd.Series([1, 2], dtype="Int64"), "ms", "x").tolist() == [1.0, 2.0]
    assert as_numbers(pd.Series(pd.to_timedelta([1.5], unit="ms")), "ms", "x").tolist() == [1.5]
    assert as_numbers(pd.Timedelta(1.5, "ms"), "ms", "x") == 1.5
    for missing in (pd.Series([1, None], dtype="Int64"), pd.NA, [1.0, pd.NA], pd.NaT):
        with pytest.raises(DescriptionError, match="x"):
            as_numbers(missing, "ms", "x")
    with pytest.raises(DescriptionError, match="truth values"):
        as_numbers(pd.Series([True, False]), "ms", "x")

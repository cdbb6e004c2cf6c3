"""Strings and quantities become plain numbers in the unit that is needed, or one clear error."""

import re

import numpy as np
import pytest

from parsim.errors import DescriptionError
from parsim.given.units import to_unit


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
    assert to_unit(text, unit, "x") == number


def test_every_decimal_is_rounded_once():
    for text in ("0.1", "0.3", "0.7", "1.1", "2.675"):
        assert to_unit(f"{text} s", "us", "x") == float(text + "e6")
        assert to_unit(f"{text} us", "s", "x") == float(text + "e-6")


@pytest.mark.parametrize("value", [3, 2.5, True, None, np.float64(3.0), [1.0, 2.0], (), object()])
def test_numbers_and_what_is_no_text_pass_unchanged(value):
    assert to_unit(value, "mV", "x") is value


def test_arrays_of_numbers_pass_unchanged():
    values = np.array([1.0, 2.0])
    assert to_unit(values, "mV", "x") is values


def test_lists_are_converted_one_by_one():
    assert to_unit(["-65 mV", "-0.06 V", -55], "mV", "V_m").tolist() == [-65.0, -60.0, -55.0]


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
        to_unit(text, unit, "V_m")
    assert str(caught.value) == message


def test_an_error_in_a_list_names_its_place():
    with pytest.raises(DescriptionError, match=re.escape('V_m[1] is "3 ms", a time;')):
        to_unit(["-65 mV", "3 ms"], "mV", "V_m")


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
    assert to_unit(Pint(-0.065, 0), "mV", "V_m") == pytest.approx(-65.0)
    assert to_unit(Astropy(), "mV", "V_m") == -65.0
    assert to_unit(Astropy(), "spikes/s", "rate") == 8.0
    assert to_unit(InUnitsOf(), "mV", "V_m") == -65.0
    assert to_unit(np.array([-0.065, 0.02]).view(Brian), "mV", "V_m").tolist() == [-65.0, 20.0]
    assert to_unit([Pint(1.0, 0), "2 mV"], "mV", "V_m").tolist() == [1000.0, 2.0]


def test_a_quantity_of_another_dimension_is_an_error_that_names_it():
    with pytest.raises(DescriptionError, match="cannot be converted to ms: cannot convert to ms"):
        to_unit(Pint(1.0, 0), "ms", "tau_m")
    with pytest.raises(DescriptionError, match="cannot be converted to ms: its dimension differs"):
        to_unit(np.array(0.02).view(Brian), "ms", "tau_m")
    with pytest.raises(
        DescriptionError, match="cannot be converted to a plain number: its dimension differs"
    ):
        to_unit(np.array(0.02).view(Brian), "", "p")


def test_quantities_of_the_package_quantities_are_converted():
    pq = pytest.importorskip("quantities")
    assert to_unit(-0.065 * pq.V, "mV", "V_m") == pytest.approx(-65.0)
    assert to_unit(np.array([1.0, 2.0]) * pq.nA, "pA", "I_e").tolist() == pytest.approx([1000.0, 2000.0])
    assert to_unit(8 / pq.s, "spikes/s", "rate") == 8.0
    assert to_unit(pq.Quantity(3.0), "", "p") == 3.0
    with pytest.raises(DescriptionError, match=re.escape("V_m is 3.0 ms, which cannot be converted to mV")):
        to_unit(3 * pq.ms, "mV", "V_m")

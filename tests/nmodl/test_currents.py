"""Currents, what is kept, and tables."""

import numpy as np
import pytest

from parsim.nmodl.compiled import mechanism
from tests.nmodl.moving import DT, kept, moved


def test_a_linear_current_is_conductance_and_rest():
    m = mechanism(
        "NEURON { SUFFIX a NONSPECIFIC_CURRENT i RANGE g } PARAMETER { g = 2 e = 3 } ASSIGNED { v i } "
        "BREAKPOINT { i = g*(v - e) }"
    )
    assert m.linear and m.constant
    assert [p.name for p in m.params] == ["g"] and [p.name for p in m.globals] == ["e"]


@pytest.mark.parametrize("current", ["g*v*v", "g*exp(v)", "g*fabs(v)"])
def test_other_currents_are_not_linear(current):
    text = (
        "NEURON { SUFFIX a NONSPECIFIC_CURRENT i } PARAMETER { g = 2 } ASSIGNED { v i } "
        f"BREAKPOINT {{ i = {current} }}"
    )
    m = mechanism(text)
    assert not m.linear and "raised" in m.text
    assert "raised" not in mechanism(text, exact=True).text


def test_a_current_whose_slope_is_chosen_by_v_is_not_linear():
    text = (
        "NEURON { SUFFIX a NONSPECIFIC_CURRENT i } ASSIGNED { v i } "
        "BREAKPOINT { if (v > 0) { i = v } else { i = 2*v } }"
    )
    assert not mechanism(text).linear


def test_an_electrode_gives_what_a_membrane_takes():
    text = "NEURON {{ POINT_PROCESS a {} i }} ASSIGNED {{ v i }} BREAKPOINT {{ i = 0.1 }}"
    inward, _ = moved(text.format("ELECTRODE_CURRENT"), 0)
    outward, _ = moved(text.format("NONSPECIFIC_CURRENT"), 0)
    inward.advance()
    outward.advance()
    assert inward.volts[0] + 60.0 == pytest.approx(-(outward.volts[0] + 60.0)) and inward.volts[0] > -60.0


def test_variables_are_kept_where_a_kernel_reads_them_before_it_writes():
    m = mechanism(
        "NEURON { SUFFIX a RANGE q, seen NONSPECIFIC_CURRENT i } PARAMETER { q = 1 w = 2 } ASSIGNED "
        "{ v i seen a b } STATE { m }\n"
        "INITIAL { a = v w = 4 b = 5 } BREAKPOINT { SOLVE s METHOD cnexp seen = a*v b = 2 i = seen*b } "
        "DERIVATIVE s "
        "{ m' = -m*w }"
    )
    assert set(m.kept._fields) == {"m", "q", "w", "a"}  # w is assigned, so each instance has its own
    assert {v.name for v in m.observed} == {"i", "seen"}
    assert m.notes == ("text:1: w is assigned, so each instance has its own.",)


def test_what_can_be_recorded_is_computed_when_it_is_wanted():
    text = (
        "NEURON { SUFFIX a RANGE minf, q NONSPECIFIC_CURRENT i } ASSIGNED { v i minf q } STATE { m }\n"
        "BREAKPOINT { SOLVE s METHOD cnexp q = 2*v i = q } DERIVATIVE s { rate() m' = minf - m } PROCEDURE "
        "rate() { minf = v + 1 }"
    )
    cell, placed = moved(text, 1)
    assert cell.observe(placed) == {"minf": -59.0, "q": -120.0, "i": -120.0}


def test_names_that_python_has_are_no_matter():
    text = (
        "NEURON { SUFFIX a RANGE lambda, d, here, exp_2 } PARAMETER { lambda = 2 d = 3 here = 4 exp_2 = 1 } "
        "ASSIGNED { r kept x }\n"
        "STATE { y } INITIAL { kept = lambda + d r = kept y = r*here + exp(exp_2) }"
    )
    assert kept(text, "y") == pytest.approx(20 + np.e)


def test_what_initial_makes_a_number_is_that_number():
    text = (
        "NEURON { SUFFIX a } ASSIGNED { x[2] y z } STATE { m }\n"
        "INITIAL { shape() y = 5 } PROCEDURE shape() { x[0] = 2 x[1] = x[0]*3 z = 1 }\n"
        "BREAKPOINT { SOLVE s METHOD euler z = m } DERIVATIVE s { m' = x[1] + y + z }"
    )
    m = mechanism(text)
    assert m.kept._fields == ("m", "z") and "11.0 + z" in m.text
    assert kept(text, "m", 1) == pytest.approx(12 * DT)


TABLE = (
    "NEURON {{ SUFFIX a RANGE x, y, shift }} PARAMETER {{ q = 2 shift = 1 }} ASSIGNED {{ v x y }}\n"
    "INITIAL {{ p(v) y = f(v) }} PROCEDURE p(u) {{ TABLE x DEPEND q FROM -100 TO 0 WITH 10 x = {}*u*u }}\n"
    "FUNCTION f(u) {{ TABLE FROM -50 TO 50 WITH 4 f = u*u*u }}"
)


@pytest.mark.parametrize(
    ("v", "x", "y"), [(-60.0, 3600, -(50**3)), (-64.0, 4120, -(50**3)), (-40.0, 1600, -81250), (3.0, 0, 1875)]
)
def test_tables_hold_points_and_straight_lines_between(v, x, y):
    text = TABLE.format("q")
    assert kept(text, "x", v=v, tables=True) == pytest.approx(2 * x)
    assert kept(text, "y", v=v, tables=True) == pytest.approx(y)
    assert kept(text, "x", v=v) == 2 * v * v
    assert mechanism(text, tables=True).tables == (2, 11) and mechanism(text).tables == (0, 0)
    assert mechanism(text).notes == (
        "text:2: what TABLE would hold is computed; tables=True keeps it.",
        "text:3: what TABLE would hold is computed; tables=True keeps it.",
    )


def test_a_table_must_be_the_same_for_all_instances():
    with pytest.raises(
        ValueError, match="text:2: the TABLE of p depends on shift, which is not the same for all"
    ):
        mechanism(TABLE.format("shift"), tables=True)

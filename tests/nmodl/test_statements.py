"""Statements, functions and constants: what each does, in a small mechanism on one compartment."""

import numpy as np
import pytest

from tests.nmodl.moving import kept


def assigned(statements: str, more: str = "", **given) -> float:
    """What INITIAL assigns to x."""
    text = (
        f"NEURON {{ SUFFIX a RANGE x }} PARAMETER {{ b = 3 }} ASSIGNED {{ v x y[3] celsius "
        f"}}\n{more}\nINITIAL {{ {statements} }}"
    )
    return kept(text, "x", **given)


@pytest.mark.parametrize(
    ("statements", "x"),
    [
        ("x = 2 + 3*4^2 - 6/4", 48.5),
        ("x = -2^2", -4.0),
        ("x = (v < -50) + 2*(v > -50)", 1.0),
        ("if (v < -70) { x = 1 } else if (v < -50) { x = 2 } else { x = 3 }", 2.0),
        ("if (v < -50 && !(b == 4)) { x = b } ", 3.0),
        ("x = 1 if (v > 0 || b > 2) { x = x + 1 x = x*5 }", 10.0),
        ("LOCAL k k = 1 FROM j = 0 TO 2 { y[j] = k k = k*2 } x = y[0] + y[1] + y[2]", 7.0),
        ("FROM j = 4 TO 0 BY -2 { x = 10*x + j }", 420.0),
        ("LOCAL z[2] z[1] = 5 x = z[0] + z[1]", 5.0),
        ("y[2] = 7 x = y[b - 1]", 7.0),
        ("y[b - 2] = 9 x = y[1]", 9.0),
        ("x = 7 % 4", 3.0),
        ("x = pow(b, 2) + fabs(v) + floor(2.5)", 71.0),
        ("x = 4^0.5 + b^-1*3", 3.0),
    ],
)
def test_statements_do_what_they_say(statements, x):
    assert assigned(statements) == pytest.approx(x, rel=1e-15)


def test_while_loops_go_on_until_something_holds():
    assert assigned("x = 1 WHILE (x < 100) { x = x*b }") == 243.0


def test_functions_have_values_of_their_own_and_procedures_change_what_is_there():
    more = (
        "FUNCTION f(v) { LOCAL q q = v*2 f = q v = 0 } PROCEDURE p(u) { x = u + v u = 0 } "
        "CONSTANT { c = 2 } DEFINE N 4"
    )
    assert assigned("x = f(3) + c", more) == 8.0
    assert assigned("p(N) x = x + f(1)", more) == -54.0


def test_a_function_gives_the_last_that_was_assigned():
    more = "FUNCTION f(a) { f = 1 if (a > 2) { f = f + a } }"
    assert assigned("x = f(2) + 10*f(b)", more) == 41.0


def test_constants_of_nature_are_those_of_codata():
    more = (
        "UNITS { F = (faraday) (kilocoulombs) R = (k-mole) (joule/degC) P = (pi) (1) G = (faraday) "
        "(10000 coulomb) w = 2 (mV) }"
    )
    assert assigned("x = F", more) == pytest.approx(96.48533212331)
    assert assigned("x = G", more) == pytest.approx(9.648533212331)
    assert assigned("x = R*P + w", more) == pytest.approx(8.31446261815324 * np.pi + 2.0)


def test_helpers_of_neuron_give_what_neuron_gives():
    # 61.5 mV a decade at 37 degrees; the field current of equal concentrations is linear in v.
    assert assigned("x = nernst(1, 10, 1)") == pytest.approx(
        8.31446261815324 / 96.48533212331 * 279.45 * np.log(10)
    )
    assert assigned("x = ghk(1e-9, 2, 1, 1)") == pytest.approx(1e-3 * 96485.33212331, rel=1e-6)
    assert assigned("x = at_time(0) + at_time(1)") == 1.0


def test_a_second_initial_block_goes_on_where_the_first_ends():
    assert assigned("x = x*2", more="INITIAL { x = 5 }") == 10.0

"""States: methods, reactions, equations."""

import numpy as np
import pytest

from parsim.nmodl.compiled import mechanism
from tests.nmodl.moving import DT, kept, moved

STATES = "NEURON { SUFFIX a } PARAMETER { tau = 2 m0 = 1 } ASSIGNED { v } STATE { m n }\n"


def test_states_begin_at_their_0():
    assert kept(STATES + "INITIAL { n = m + 1 }", "m") == 1.0
    assert kept(STATES + "INITIAL { n = m + 1 }", "n") == 2.0


@pytest.mark.parametrize(
    ("method", "m"),
    [
        ("cnexp", np.exp(-DT / 2)),
        ("euler", 1 - DT / 2),
        ("derivimplicit", 1 / (1 + DT / 2)),
        ("sparse", 1 / (1 + DT / 2)),
    ],
)
def test_methods_are_exact_where_they_should_be(method, m):
    text = STATES + f"BREAKPOINT {{ SOLVE s METHOD {method} }} DERIVATIVE s {{ m' = -m/tau }}"
    assert kept(text, "m", 1) == pytest.approx(m, rel=1e-15)


def test_cnexp_takes_rates_that_depend_on_nothing_and_one_state_after_another():
    text = STATES + "BREAKPOINT { SOLVE s METHOD cnexp } DERIVATIVE s { m' = 3 n' = m - n }"
    m = 1 + 3 * DT
    assert kept(text, "n", 1) == pytest.approx(m * (1 - np.exp(-DT)), rel=1e-14)


def test_what_is_not_linear_is_integrated_implicitly_and_told():
    text = STATES + "BREAKPOINT { SOLVE s METHOD cnexp } DERIVATIVE s { m' = -m*m }"
    m, root = kept(text, "m", 1), (np.sqrt(1 + 4 * DT) - 1) / (2 * DT)
    assert m == pytest.approx(root, rel=1e-8 * DT) and m != root  # what NEURON leaves, see test_traces
    assert kept(text, "m", 1, exact=True) == pytest.approx(root, rel=1e-14)
    assert mechanism(text).notes == (
        "text:2: m' is not linear in m: cnexp does not apply, so it is derivimplicit, as in NEURON.",
    )


def test_a_rate_that_is_chosen_by_the_state_is_not_linear():
    text = STATES + (
        "BREAKPOINT { SOLVE s METHOD cnexp } DERIVATIVE s { m' = -m*k(m) } FUNCTION k(x) { if (x > 0.5) { k = 2 } else "
        "{ k = 1 } }"
    )
    assert kept(text, "m", 1) == pytest.approx(1 / (1 + 2 * DT), rel=1e-14)
    assert "cnexp does not apply" in mechanism(text).notes[0]


def test_cnexp_holds_what_was_assigned_and_states_that_have_moved():
    """As in NEURON, which takes each line by itself; so a state counts for itself alone, not by way of others."""
    text = STATES + (
        "INITIAL { n = 3 } BREAKPOINT { SOLVE s METHOD cnexp }\n"
        "DERIVATIVE s { LOCAL k k = m*m m' = n - k*m n' = m - n/2 }"
    )
    m = 1 + (1 - np.exp(-DT)) * (3 - 1)
    assert kept(text, "m", 1) == pytest.approx(m, rel=1e-14)
    assert kept(text, "n", 1) == pytest.approx(3 + (1 - np.exp(-DT / 2)) * (2 * m - 3), rel=1e-14)
    assert not mechanism(text).notes


def test_a_reaction_scheme_keeps_what_it_conserves_and_rests_where_rates_balance():
    text = STATES + (
        "INITIAL { SOLVE s STEADYSTATE sparse } BREAKPOINT { SOLVE s METHOD sparse }\n"
        "KINETIC s { ~ m <-> n (3, 1) CONSERVE m + n = 1 }"
    )
    assert kept(text, "m") == pytest.approx(0.25, rel=1e-8)
    assert kept(text, "n", 3) + kept(text, "m", 3) == pytest.approx(1.0, abs=1e-15)


def test_compartments_count_amounts():
    text = STATES + (
        "INITIAL { n = 0 } BREAKPOINT { SOLVE s METHOD sparse }\nKINETIC s "
        "{ COMPARTMENT 4 { m } COMPARTMENT 2 { n } ~ m <-> n (1, 1) }"
    )
    assert 4 * kept(text, "m", 5) + 2 * kept(text, "n", 5) == pytest.approx(4.0, rel=1e-14)


def test_rates_and_sources_that_hang_on_states_are_those_of_a_step_s_beginning():
    """Where each reaction has one reactant a side; so NEURON has it. By hand, for a step from m = n = 1."""
    text = STATES + (
        "INITIAL { m = 1 n = 1 } BREAKPOINT { SOLVE s METHOD sparse }\n"
        "KINETIC s { ~ m <-> n (3*n, 1) ~ m << (2 - m*m) }"
    )
    # m' = -3 m + n + (2 - 1), n' = 3 m - n, with rates 3 n and 2 - m m as they were
    a = np.array([[1.0 + 3.0 * DT, -DT], [-3.0 * DT, 1.0 + DT]])
    m, n = np.linalg.solve(a, [1.0 + DT, 1.0])
    assert kept(text, "m", 1) == pytest.approx(m, rel=1e-14)
    assert kept(text, "n", 1) == pytest.approx(n, rel=1e-14)


def test_two_of_a_kind_react_by_the_square():
    text = STATES + "BREAKPOINT { SOLVE s METHOD sparse } KINETIC s { ~ 2 m -> (1) }"
    m = kept(text, "m", 1)
    assert (m - 1) / DT == pytest.approx(-2 * m * m, rel=1e-9)


@pytest.mark.parametrize("n", [3, 40])
def test_chains_of_any_length_are_solved_alike(n):
    text = (
        f"NEURON {{ SUFFIX a }} STATE {{ x[{n}] }} INITIAL {{ x[0] = 1 }} BREAKPOINT {{ SOLVE s METHOD "
        f"sparse }}\n"
        f"KINETIC s {{ FROM j = 0 TO {n - 2} {{ ~ x[j] <-> x[j+1] (2, 1) }} }}"
    )
    a = (
        np.diag(np.r_[2.0, np.full(n - 2, 3.0), 1.0])
        - np.diag(np.full(n - 1, 2.0), -1)
        - np.diag(np.ones(n - 1), 1)
    )
    x = np.eye(n)[0]
    for _ in range(3):
        x = np.linalg.solve(np.eye(n) + DT * a, x)
    placed = moved(text, 3)[1]
    assert [getattr(placed.kept, f"x_{k}")[0] for k in range(n)] == pytest.approx(list(x), rel=1e-12)
    assert ("solve_dense" in mechanism(text).text) == (n > 25)


def test_linear_equations_are_solved_whatever_stands_on_the_diagonal():
    text = STATES + "INITIAL { SOLVE s } LINEAR s { ~ n = 4 ~ m + n = v }"
    assert kept(text, "m") == -64.0


def test_equations_that_are_not_linear_are_solved_from_what_states_are():
    text = STATES + "INITIAL { n = 1 m = 2 SOLVE s } NONLINEAR s { ~ m*m = 2 ~ n*m = 4 }"
    assert kept(text, "m") == pytest.approx(np.sqrt(2), rel=1e-8)
    assert kept(text, "m", exact=True) == pytest.approx(np.sqrt(2), rel=1e-14)
    assert kept(text, "n", exact=True) == pytest.approx(4 / np.sqrt(2), rel=1e-14)


def test_what_does_not_settle_is_no_number():
    text = STATES + "INITIAL { n = 1 m = 0.1 SOLVE s } NONLINEAR s { ~ m*m = -2 ~ n = 1 }"
    assert np.isnan(kept(text, "m"))


def test_a_procedure_can_be_solved():
    assert kept(STATES + "BREAKPOINT { SOLVE p } PROCEDURE p() { n = n + dt }", "n", 4) == pytest.approx(
        4 * DT
    )

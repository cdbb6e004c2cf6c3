"""What the parts of the language do, each in a small mechanism on one compartment, in plain Python."""

import numpy as np
import pytest

from parsim.nmodl.compiled import mechanism
from parsim.rng import uniform
from parsim.shard.queue import Event
from tests.nmodl.compartment import Compartment

DT = 0.025


def moved(text: str, steps: int = 1, v: float = -60.0, values: dict | None = None, trains=(), **options):
    """The compartment and the instance after some steps of a mechanism that leaves v where it is."""
    cell = Compartment()
    placed = cell.insert(mechanism(text, **options), values or {}, trains)
    cell.start(v, DT)
    for _ in range(steps):
        cell.advance()
        cell.volts[:] = v
    return cell, placed


def kept(text: str, name: str, steps: int = 0, **more) -> float:
    return float(getattr(moved(text, steps, **more)[1].kept, name)[0])


# ---- statements ---------------------------------------------------------------------------------------


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


# ---- states -------------------------------------------------------------------------------------------

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
    m = kept(text, "m", 1)
    assert m == pytest.approx((np.sqrt(1 + 4 * DT) - 1) / (2 * DT), rel=1e-14)
    assert mechanism(text).notes == (
        "text:2: m' is not linear in m: cnexp does not apply, so it is derivimplicit, as in NEURON.",
    )


def test_a_rate_that_is_chosen_by_the_state_is_not_linear():
    text = STATES + (
        "BREAKPOINT { SOLVE s METHOD cnexp } DERIVATIVE s { LOCAL k k = 1 if (m > 0.5) { k = 2 } m' = -k*m }"
    )
    assert kept(text, "m", 1) == pytest.approx(1 / (1 + 2 * DT), rel=1e-14)
    assert "cnexp does not apply" in mechanism(text).notes[0]


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
    assert kept(text, "m") == pytest.approx(np.sqrt(2), rel=1e-14)
    assert kept(text, "n") == pytest.approx(4 / np.sqrt(2), rel=1e-14)


def test_what_does_not_settle_is_no_number():
    text = STATES + "INITIAL { n = 1 m = 0.1 SOLVE s } NONLINEAR s { ~ m*m = -2 ~ n = 1 }"
    assert np.isnan(kept(text, "m"))


def test_a_procedure_can_be_solved():
    assert kept(STATES + "BREAKPOINT { SOLVE p } PROCEDURE p() { n = n + dt }", "n", 4) == pytest.approx(
        4 * DT
    )


# ---- currents and what is kept ------------------------------------------------------------------------


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


# ---- events -------------------------------------------------------------------------------------------

POINT = "NEURON { POINT_PROCESS a RANGE x, y } PARAMETER { p = 2 } ASSIGNED { v x y z[2] }\n"
TRAIN = [(0.5, [0.03, 0.1])]


def test_an_event_adds_its_weight_and_procedures_may_be_called():
    text = POINT + (
        "NET_RECEIVE(w, n) { LOCAL k k = w n = n + 1 add(k*n) } "
        "PROCEDURE add(k) { FROM j = 0 TO 1 { z[j] = z[j] + k } x = z[0] + z[1] }"
    )
    assert kept(text, "x", 10, trains=TRAIN) == 2 * (0.5 + 1.0)
    assert moved(text, 10, trains=TRAIN)[1].rows.tolist() == [[0.5, 2.0]]


def test_events_that_one_sends_to_itself_come_when_they_should():
    text = POINT + "NET_RECEIVE(w) { if (flag == 0) { net_send(0.05, 3) } else { x = x + w y = t } }"
    assert kept(text, "x", 10, trains=TRAIN) == 1.0
    assert kept(text, "y", 10, trains=TRAIN) == pytest.approx(0.15)


def test_an_event_of_a_connection_is_moved_by_that_connection():
    text = POINT + (
        "NET_RECEIVE(w, on) { if (flag == 1) { on = 0 x = x + 1 y = t } else { if (on) { net_move(t + "
        "0.2) } else "
        "{ net_send(0.2, 1) on = 1 } } }"
    )
    both = [(1.0, [0.03, 0.1]), (1.0, [0.05])]
    # The first connection's event comes at 0.23 and is put off to 0.3, the second's comes at 0.25. NEURON puts off the
    # event of the instance that was sent last, which is the second connection's.
    assert (
        "connection_move" in mechanism(text).text
        and "connection_move" not in mechanism(text, neuron=True).text
    )
    assert [kept(text, "x", n, trains=both) for n in (10, 11, 13)] == [0.0, 1.0, 2.0]
    assert [kept(text, "x", n, trains=both, neuron=True) for n in (10, 11, 13)] == [1.0, 1.0, 2.0]


def test_initial_may_send_events_and_net_receive_may_begin_connections():
    text = POINT + (
        "INITIAL { x = 1 if (p > 1) { net_send(0.05, 2) } } NET_RECEIVE(w, a) "
        "{ INITIAL { a = 7 } if (flag == 2) { x = x + 10 y = t } }"
    )
    m = mechanism(text)
    assert m.sends_at_start and "connect" in m.kernels
    assert kept(text, "x", 3) == 11.0 and kept(text, "y", 3) == pytest.approx(0.05)
    cell, placed = moved(text, 0, trains=TRAIN)
    cell.call(placed, "connect", 0, 0, placed.rows, Event(0, 0, 0.5, 0.0, 0, 0), placed.q)
    assert placed.rows.tolist() == [[0.5, 7.0]]


def test_watch_tells_when_something_comes_to_hold_once():
    text = POINT + (
        "INITIAL { net_send(0, 1) } "
        "NET_RECEIVE(w) { if (flag == 1) { WATCH (v > -40) 2 } else if (flag == 2) { x = x + 1 y = t } }"
    )
    cell, placed = moved(text, 2)
    for v, seen in ((-50.0, 0.0), (-30.0, 1.0), (-20.0, 1.0), (-50.0, 1.0), (-30.0, 2.0)):
        for _ in range(2):
            cell.volts[:] = v
            cell.advance()
        assert placed.kept.x[0] == seen


def test_all_connections_of_an_instance_can_be_gone_through():
    text = POINT + "NET_RECEIVE(w, n) { n = n + 1 FOR_NETCONS(other, m) { other = other + 1 x = x + m } }"
    placed = moved(text, 3, trains=[(1.0, [0.02]), (2.0, [])])[1]
    assert placed.rows.tolist() == [[2.0, 1.0], [3.0, 0.0]]
    assert placed.kept.x[0] == 1.0


def test_an_event_may_set_the_voltage():
    text = POINT + "NET_RECEIVE(w) { v = -70 }"
    assert mechanism(text).sets_voltage
    cell, _ = moved(text, 0, trains=[(1.0, [0.0])])
    cell.receive(0.0)
    assert cell.volts[0] == -70.0


# ---- random numbers, pointers, diffusion --------------------------------------------------------------


def test_random_numbers_are_those_of_the_instances_stream():
    text = (
        "NEURON { SUFFIX a RANDOM r, q RANGE x } ASSIGNED { x } BREAKPOINT { SOLVE p } "
        "PROCEDURE p() { x = random_uniform(r) + 10*random_uniform(q) }"
    )
    for steps in (1, 3):
        want = uniform(1, 2, 0, steps - 1, 0) + 10 * uniform(1, 2, 0, steps - 1, 1)
        assert kept(text, "x", steps) == pytest.approx(want, rel=1e-15)


def test_draws_in_a_branch_are_counted_where_they_happen():
    text = (
        "NEURON { SUFFIX a RANDOM r RANGE x } ASSIGNED { v x } BREAKPOINT { SOLVE p }\n"
        "PROCEDURE p() { if (v > 0) { x = random_negexp(r) } else { x = random_normal(r, 1, 2) + "
        "random_uniform(r) } }"
    )
    assert kept(text, "r_count", 3) == 6.0 and kept(text, "r_count", 3, v=10.0) == 3.0


def test_older_random_functions_draw_from_a_stream_that_is_added():
    text = "NEURON { SUFFIX a RANGE x } ASSIGNED { x } INITIAL { set_seed(3) x = scop_random() }"
    m = mechanism(text)
    assert m.streams == 1 and len(m.notes) == 2
    assert kept(text, "x") == uniform(1, 2, 0, 0, 0)


def test_pointers_are_kept_and_written_by_links():
    m = mechanism("Gap")
    assert [v.name for v in m.pointers] == ["vgap"] and "vgap" in m.kept._fields


def test_what_diffuses_is_told_with_coefficient_and_volume():
    text = (
        "NEURON { SUFFIX a } ASSIGNED { diam } STATE { c[2] } BREAKPOINT { SOLVE s METHOD sparse }\n"
        "KINETIC s "
        "{ COMPARTMENT j, 2*(j + 1) { c } LONGITUDINAL_DIFFUSION j, diam*(j + 1) { c } ~ c[0] <-> c[1] "
        "(1, 1) }"
    )
    m = mechanism(text)
    assert m.diffuses == ("c_0", "c_1")
    cell, placed = moved(text, 0)
    out = np.zeros((4, 1))
    cell.call(placed, "diffusion", cell.runs, 0.0, DT, out)
    assert out[:, 0].tolist() == [20.0, 2.0, 40.0, 4.0]


def test_blocks_before_and_after_others_are_run_with_them():
    text = (
        "NEURON { SUFFIX a RANGE x, y } ASSIGNED { x y z } BREAKPOINT { SOLVE p } PROCEDURE p() { y = y "
        "+ 1 }\n"
        "BEFORE INITIAL { z = 2 } INITIAL { x = z } AFTER SOLVE { y = y*2 } CONSTRUCTOR { y = 9 }"
    )
    assert (kept(text, "x"), kept(text, "y", 2)) == (2.0, 6.0)
    assert mechanism(text).notes == ("text:2: CONSTRUCTOR is not run.",)


def test_what_is_printed_is_left_out_and_told_once():
    m = mechanism('NEURON { SUFFIX a } ASSIGNED { x } INITIAL { printf("%g", x) printf("again") }')
    assert m.notes == ("text: printf does nothing here.",)

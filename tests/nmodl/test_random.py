"""Random numbers, pointers, diffusion, and blocks around others."""

import numpy as np
import pytest

from parsim.nmodl.compiled import mechanism
from parsim.rng import uniform
from tests.nmodl.moving import DT, kept, moved


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

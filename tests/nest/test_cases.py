"""The same small scripts run by NEST 3.10 and by us give the same: events, statuses, counts, classes of errors."""

import json
import math

import pytest

import parsim.nest as nest
from tests.nest.stored import DATA, answer, cases

ANSWERS = json.loads((DATA / "answers.json").read_text())

# Where NEST integrates with an adaptive step, its states are as near as its tolerance lets them come: 1e-3 a step for
# iaf_cond_exp (3e-5 in a conductance of some nS), and 1e-6 for hh_psc_alpha_gap (1e-4 in voltages).
# All else is exact up to rounding.
NEAR = {"gap junctions of two cells": 3e-4, "multimeter of several": 1e-4}


def differ(ours, theirs, near, where=""):
    """The first place in which two answers differ, or None."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        if set(ours) != set(theirs):
            return f"{where}: {sorted(set(ours) ^ set(theirs))}"
        found = (differ(ours[key], theirs[key], near, f"{where}.{key}") for key in theirs)
        return next((one for one in found if one), None)
    if isinstance(theirs, list) and isinstance(ours, list):
        if len(ours) != len(theirs):
            return f"{where}: {len(ours)} and not {len(theirs)}"
        pairs = enumerate(zip(ours, theirs, strict=True))
        return next((one for i, (a, b) in pairs if (one := differ(a, b, near, f"{where}[{i}]"))), None)
    if isinstance(theirs, float) and isinstance(ours, float):
        same = ours == theirs or math.isclose(ours, theirs, rel_tol=1e-11, abs_tol=near)
        return None if same else f"{where}: {ours} and not {theirs}"
    return None if ours == theirs and type(ours) is type(theirs) else f"{where}: {ours!r} and not {theirs!r}"


@pytest.mark.parametrize("name", cases())
def test_a_script_gives_what_it_gives_in_nest(name):
    ours = json.loads(json.dumps(answer(nest, cases()[name])))
    assert differ(ours, ANSWERS[name], NEAR.get(name, 1e-11)) is None

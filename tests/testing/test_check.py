"""`check_model` lets models through that keep the laws, and says of those that break one which it is and how."""

from functools import cache

import numpy as np
import pytest

import parsim as ps
from parsim.errors import DescriptionError
from parsim.testing import LawBroken, check_model
from parsim.testing.laws import LAWS
from parsim.testing.outcome import Outcome, difference
from tests.testing.broken import BROKEN, EVENT, KEEPS, STIMULUS, SYNAPSE
from tests.wing.synapse import wearing


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (KEEPS, {}),
        (ps.IntFire1, dict(tau=9.0)),
        (ps.noise_generator, dict(mean=400.0, std=300.0)),
        (wearing, {}),
    ],
    ids=str,
)
def test_a_model_that_keeps_the_laws_goes_through_all_of_them(model, values):
    said = check_model(model, **values).splitlines()
    assert said[0].startswith(f"{model.name}: ") and [line.split(":")[0] for line in said[1:]] == [
        law.name for law in LAWS
    ]
    assert "not looked at" not in "".join(said)


@cache
def complaint(model):
    """What is said of a model that breaks laws; two of them are one model."""
    with pytest.raises(LawBroken) as caught:
        check_model(model, weight=4.0)
    return str(caught.value)


@pytest.mark.parametrize("law", BROKEN)
def test_what_breaks_a_law_is_said_in_its_name(law):
    said = complaint(BROKEN[law])
    assert any(line.startswith(f"{law} (") and "and not" in line for line in said.splitlines())


def test_it_is_said_how_a_law_is_broken_and_no_law_that_is_kept():
    lines = complaint(BROKEN["interpreter"]).splitlines()
    assert lines[0] == "overflows breaks 1 of 7 laws." and len(lines) == 2
    assert "with the compiler off, V_m number " in lines[1]
    assert "as after run(60). What a step does may depend" in complaint(BROKEN["cuts"])


@pytest.mark.parametrize(
    ("model", "law"), [(SYNAPSE, "ranks"), (STIMULUS, "cuts"), (EVENT, "ranks")], ids=str
)
def test_models_of_other_kinds_are_looked_at_too(model, law):
    with pytest.raises(LawBroken, match=f"(?m)^{law} \\("):
        check_model(model)


def test_what_is_no_model_and_what_is_no_value_are_refused():
    with pytest.raises(DescriptionError, match="5 is no model"):
        check_model(5)
    with pytest.raises(DescriptionError, match="keeps has no parameter 'tau'"):
        check_model(KEEPS, tau=3.0)


def test_differences_are_said_in_words():
    one = Outcome(np.array([1.0, 2.0]), np.array([3, 4]), {"V_m": np.array([0.5, 0.25])})
    assert difference(one, one) == ""
    later = Outcome(np.array([1.0, 2.5]), one.gids, one.states)
    assert difference(one, later) == "spike 1 is of gid 4 at 2.5 ms, and not of gid 4 at 2 ms"
    fewer = Outcome(one.times[:1], one.gids[:1], one.states)
    assert difference(one, fewer) == "there are 1 spikes, and not 2"
    off = Outcome(one.times, one.gids, {"V_m": np.array([0.5, np.nextafter(0.25, 1.0)])})
    assert difference(one, off) == "V_m number 1 is 0.25000000000000006, and not 0.25"

"""`parsim models` lists models, and shows all that one says about itself."""

from types import SimpleNamespace

import pytest

from parsim.cli.main import main
from parsim.cli.models import find, listing, page
from parsim.errors import DescriptionError

LEAKY = SimpleNamespace(
    name="leaky",
    kind="cell",
    about="Leaks and fires.",
    equations="\n    tau dv/dt = -v\n      at threshold: reset\n    ",
    source="Lapicque 1907",
    params=(
        SimpleNamespace(name="tau", default=10.0, unit="ms", text="time constant"),
        SimpleNamespace(name="V_min", default=float("-inf"), unit="mV", text="lower bound"),
    ),
    recordables=(SimpleNamespace(name="v", unit="mV", text="potential"),),
)
TRAIN = SimpleNamespace(
    name="train",
    kind="stimulus",
    about="Fires at given times.",
    equations="",
    source="",
    params=(SimpleNamespace(name="spike_times", default=(), unit="ms", text=""),),
)
MODELS = (TRAIN, LEAKY)


def test_the_list_has_a_line_for_each_model_by_kind():
    assert listing(MODELS).splitlines() == [
        "Cells",
        "  leaky  Leaks and fires.",
        "",
        "Stimuli",
        "  train  Fires at given times.",
        "",
        "More about one of them: parsim models NAME",
    ]


def test_the_page_has_equations_parameters_states_and_source():
    assert page(LEAKY).splitlines() == [
        "leaky (cell)",
        "Leaks and fires.",
        "",
        "Equations",
        "  tau dv/dt = -v",
        "    at threshold: reset",
        "",
        "Parameters",
        "  name   default  unit",
        "  tau         10  ms    time constant",
        "  V_min     -inf  mV    lower bound",
        "",
        "Can be recorded",
        "  name  unit",
        "  v     mV    potential",
        "",
        "Source",
        "  Lapicque 1907",
    ]


def test_what_a_model_does_not_have_is_left_out():
    text = page(TRAIN)
    assert "Equations" not in text and "recorded" not in text and "Source" not in text
    assert "spike_times       ()  ms" in text


def test_an_unknown_name_is_answered_with_the_nearest():
    assert find("leaky", MODELS) is LEAKY
    with pytest.raises(
        DescriptionError, match=r"There is no model 'leeky'. Did you mean 'leaky'\? See them all"
    ):
        find("leeky", MODELS)


def test_every_model_of_the_catalogue_has_its_line_and_its_page(capsys):
    catalogue = pytest.importorskip("parsim.models.catalogue")
    assert main(["models"]) == 0
    lines = capsys.readouterr().out.splitlines()
    for model in catalogue.ALL_MODELS:
        assert any(line.split()[:1] == [model.name] and model.about in line for line in lines)
        assert main(["models", model.name]) == 0
        shown = capsys.readouterr().out
        assert all(param.name in shown for param in model.params)


def test_the_command_answers_a_misspelling_in_one_line(capsys):
    assert main(["models", "iaf_psc_alfa"]) == 1
    assert "Did you mean 'iaf_psc_alpha'?" in capsys.readouterr().err

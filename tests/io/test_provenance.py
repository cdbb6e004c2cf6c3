"""What is written about how a result was made, and that it is strict JSON whatever is in it."""

import json
import runpy
import sys
from datetime import datetime

import numpy as np
import pytest

from parsim.io.provenance import ARRAY_LIMIT, SCRIPT_LIMIT, provenance, to_json, versions


def small(**changes):
    said = {
        "seed": 1,
        "dt": 0.1,
        "ranks": 2,
        "threads": 1,
        "populations": [],
        "projections": [],
        "interval": 1.5,
    }
    return provenance(**(said | changes))


def test_it_names_all_versions_that_can_change_a_result():
    assert list(versions()) == ["parsim", "python", "numpy", "numba", "h5py", "HDF5"]
    assert all(isinstance(version, str) and version for version in versions().values())
    assert small()["versions"] == versions()


def test_it_keeps_the_settings_the_command_and_the_date(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["model.py", "--order", "500"])
    record = small(seed=7)
    assert (record["seed"], record["dt"], record["interval"], record["ranks"], record["threads"]) == (
        7,
        0.1,
        1.5,
        2,
        1,
    )
    assert record["command"] == ["model.py", "--order", "500"]
    assert datetime.fromisoformat(record["date"]).utcoffset().total_seconds() == 0


def test_it_holds_the_text_of_the_script_that_runs(tmp_path):
    script = tmp_path / "model.py"
    script.write_text(
        "from parsim.io.provenance import provenance\n"
        "record = provenance(seed=1, dt=.1, ranks=1, threads=1, populations=[], projections=[], interval=1.)\n"
    )
    record = runpy.run_path(str(script), run_name="__main__")["record"]
    assert record["script"] == {"path": str(script), "text": script.read_text()}


def test_a_very_long_script_is_cut(tmp_path, monkeypatch):
    script = tmp_path / "long.py"
    script.write_text("#" * (SCRIPT_LIMIT + 10))
    monkeypatch.setattr(sys.modules["__main__"], "__file__", str(script), raising=False)
    assert len(small()["script"]["text"]) == SCRIPT_LIMIT


def test_at_a_prompt_there_is_no_script(monkeypatch):
    monkeypatch.delattr(sys.modules["__main__"], "__file__", raising=False)
    assert small()["script"] == {"path": None, "text": None}


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (-np.inf, "-inf"),
        (float("nan"), "nan"),
        (np.float64(1.5), 1.5),
        (np.int64(3), 3),
        (np.bool_(True), True),
        (np.arange(3), [0, 1, 2]),
        ((1, "a", None), [1, "a", None]),
        ({1: 2}, {"1": 2}),
        (1 + 2j, "(1+2j)"),
    ],
)
def test_every_value_becomes_strict_json(value, plain):
    text = to_json({"value": value})
    assert json.loads(text, parse_constant=pytest.fail) == {"value": plain}


@pytest.mark.parametrize("make", [np.asarray, list])
def test_a_long_array_is_told_by_its_digest(make):
    numbers = np.linspace(0.0, 1.0, ARRAY_LIMIT + 1)
    one, same, other = (
        json.loads(to_json({"v": make(v)}))["v"] for v in (numbers, numbers.copy(), numbers[::-1])
    )
    assert one["shape"] == [ARRAY_LIMIT + 1]
    assert (one["min"], one["max"]) == (0.0, 1.0)
    assert one == same
    assert one["sha256"] != other["sha256"]

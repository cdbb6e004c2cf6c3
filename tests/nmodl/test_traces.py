"""Mechanisms on one compartment against NEURON 9.0.2, without an engine: `scripts/compare/neuron_mechanisms.py`."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from parsim.models.mechanisms import NAMES
from parsim.nmodl.compiled import mechanism
from tests.nmodl.compartment import Compartment, Placed

HERE = Path(__file__).parent
TRACES = np.load(HERE.parent / "data" / "neuron_mechanisms.npz")
_SCRIPT = HERE.parent.parent / "scripts" / "compare" / "neuron_mechanisms.py"


def cases():
    spec = importlib.util.spec_from_file_location("neuron_mechanisms", _SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.CASES


CASES = cases()


def find(name: str, tables: bool = False):
    return mechanism(name if name in NAMES else HERE / "mod" / f"{name}.mod", tables=tables)


def value(cell: Compartment, placed: dict[str, Placed], name: str) -> float:
    if name == "v":
        return cell.volts[0]
    if name in ("cai", "eca"):
        return getattr(cell.ions["ca"], {"cai": "inside", "eca": "e"}[name])[0]
    variable, _, owner = name.partition("_")
    return getattr((placed[owner] if owner else next(iter(placed.values()))).kept, variable)[0]


@pytest.mark.parametrize("name", CASES)
def test_one_compartment_moves_as_in_neuron(name):
    case = CASES[name]
    cell = Compartment(case.get("L", 20.0), case.get("diam", 20.0), trapezoid=case.get("secondorder", 0) == 1)
    points = {m: cell.insert(find(m), values, case.get("trains", ())) for m, values in case["points"]}
    tables = case.get("tables", 0) == 1
    inserted = {m: cell.insert(find(m, tables), values) for m, values in case["insert"]}
    cell.start(case.get("v", -65.0), 0.025)
    trace = np.zeros((len(case["record"]), 1601))
    for step in range(1601):
        trace[:, step] = [value(cell, points | inserted, row) for row in case["record"]]
        cell.advance()
    apart = np.abs(trace[:, ::4] - TRACES[name]).max(axis=1)
    for row, most in zip(case["record"], apart, strict=True):
        assert most < 1e-9, (row, most)

"""`parsim mechanism` prints a module, `parsim models` the page of a mechanism."""

import pytest

from parsim.cli.main import main
from parsim.models.mechanisms import NAMES
from parsim.nmodl.compiled import module_file

TEXT = """TITLE a pump
NEURON { POINT_PROCESS Pump  USEION ca READ cai WRITE ica VALENCE 2  POINTER drive  RANGE top, load }
PARAMETER { top = 2 (nA) <0, 10>  half = 1e-3 (mM) }
ASSIGNED { cai (mM)  ica (nA)  drive (mV)  load }
STATE { x (mM) }
BREAKPOINT { SOLVE s METHOD cnexp  load = cai/half  ica = top*x + drive }
DERIVATIVE s { x' = cai - x }
NET_RECEIVE(w) { x = x + w  printf("x") }
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "pump.mod"
    path.write_text(TEXT)
    return str(path)


def test_a_module_is_printed_with_what_was_left_out(file, capsys):
    assert main(["mechanism", file]) == 0
    out = capsys.readouterr().out
    assert out.startswith('"""Pump: point process.\n\na pump\n\nMade by parsim from pump.mod.')
    assert out.endswith("# pump.mod: printf does nothing here.\n")
    compile(out, "pump.py", "exec")


def test_a_built_in_module_is_printed_as_it_stands(capsys):
    assert main(["mechanism", "hh"]) == 0
    assert capsys.readouterr().out.startswith(module_file("hh").read_text())


def test_the_page_of_a_mechanism_has_all_that_it_takes(file, capsys):
    assert main(["models", file]) == 0
    assert capsys.readouterr().out == (
        "Pump (point process)\na pump\n\n"
        "Parameters, of each instance\n  name  default  unit\n  top         2  nA\n\n"
        "Parameters, of all instances\n  name  default  unit\n  half    0.001  mM\n\n"
        "States\n  name  unit\n  x     mM\n\n"
        "Can be recorded\n  name  unit\n  load\n  ica   mA/cm2\n\n"
        "Pointers\n  name   unit\n  drive  mV\n\n"
        "Ions\n  name  reads  writes  valence\n  ca    cai    ica           2\n\n"
        "Connections hold\n  w\n\n"
        "Notes\n  pump.mod: printf does nothing here.\n"
    )


def test_mechanisms_are_listed_with_models(capsys):
    assert main(["models"]) == 0
    out = capsys.readouterr().out
    assert all(f"\n  {name} " in out for name in NAMES)


def test_what_is_wrong_is_one_line(tmp_path, capsys):
    path = tmp_path / "x.mod"
    path.write_text("NEURON { SUFFIX x }\nSTATE { m }\nINITIAL { n = 1 }")
    assert main(["mechanism", str(path)]) == 1
    assert capsys.readouterr().err == (
        "parsim mechanism: x.mod:3: n is not declared. Declare it in PARAMETER, ASSIGNED, STATE or LOCAL\n"
    )

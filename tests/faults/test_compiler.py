"""Kernels that do not compile, compilers that are stopped, and cache folders that are not ours."""

import os
import pickle

import pytest

from tests.jobs import job, needs_mpirun

MODULE = """
from typing import NamedTuple
import parsim as ps

class State(NamedTuple):
    V_m: ps.Floats

class Params(NamedTuple):
    E_L: ps.Floats

@ps.kernel
def advance(s, p, inputs, span, out):
    for k in range(span.first, span.stop):
        for i in range(span.begin, span.end):
            s.V_m[i] += 0.1 * (p.NAME[i] - s.V_m[i])

model = ps.CellModel("relaxing", params=(ps.Param("E_L", -70.0, "mV"),), state=State, ports=("all",), weight_unit="mV",
                     recordables=(ps.Variable("V_m", "mV", initial=-60.0),),
                     prepare=lambda p, clock: Params(p.E_L), advance=advance)
"""
RUN = """
import sys
sys.path.insert(0, FOLDER)
import parsim as ps
import wip
def run(**how):
    net = ps.Network()
    cells = net.create(wip.model, 3)
    sim = ps.Simulation(net, progress=False, **how)
    sim.run(0.1)
    return sim.get(cells, "V_m").tolist()
"""
SAID = "The kernel advance of relaxing cannot be compiled: Params has no field 'E_LEAK' ({}, line 15)."
RIGHT = "[-61.0, -61.0, -61.0]"


@pytest.fixture
def wip(tmp_path):
    """A module with a mistake."""
    path = tmp_path / "wip.py"
    path.write_text(MODULE.replace("NAME", "E_LEAK"))
    return path


def script(wip, more):
    return RUN.replace("FOLDER", repr(str(wip.parent))) + more


@pytest.mark.mpi_skip
@needs_mpirun[1]
@pytest.mark.parametrize("cells", [3, 1], ids=["both", "one"])
def test_a_kernel_that_does_not_compile_ends_all_ranks_with_one_message(wip, cells):
    ended = job(script=script(wip, "run()").replace(", 3)", f", {cells})"), ranks=2, timeout=60.0)
    assert ended.code != 0
    assert ended.output.count(SAID.format(wip)) == 1
    assert "nopython" not in ended.output


@pytest.mark.mpi_skip
def test_ranks_that_are_threads_end_too_and_the_corrected_module_runs_at_once(wip):
    """In the same process, as in a notebook, and in another while this one is still there."""
    corrected = MODULE.replace("NAME", "E_L")
    ended = job(
        script=script(
            wip,
            f"""
import importlib, subprocess
for threads in (1, 2):
    try:
        run(threads=threads)
    except ps.errors.BuildError as error:
        print(error)
open(wip.__file__, "w").write({corrected!r})
again = {script(wip, "print(run())")!r}
print(subprocess.run([sys.executable, "-B", "-c", again], capture_output=True, text=True, timeout=60).stdout, end="")
importlib.reload(wip)
print(run(threads=2))
""",
        ).replace("import sys\n", "import sys\nsys.dont_write_bytecode = True\n", 1),
        timeout=120.0,
    )
    assert ended.code == 0, ended.output
    first, second, *right = ended.output.splitlines()
    assert first.startswith(SAID.format(wip)) and second.startswith(SAID.format(wip))
    assert right == [RIGHT, RIGHT]


class Planted:
    """What runs a command when it is unpickled."""

    def __init__(self, command):
        self.command = command

    def __reduce__(self):
        return os.system, (self.command,)


@pytest.mark.mpi_skip
def test_nothing_that_was_planted_in_the_cache_folder_runs_and_no_damage_stops_a_start(tmp_path, monkeypatch):
    monkeypatch.setenv("PARSIM_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "twice.py").write_text("import parsim\n@parsim.kernel\ndef twice(x):\n    return 2 * x")
    script = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import twice; print(twice.twice(2))"
    assert job(script=script).output == "4\n"
    (kept,) = (tmp_path / "cache" / "kernels").iterdir()
    kept.write_bytes(pickle.dumps(Planted(f"touch {tmp_path / 'planted'}")))

    assert job(script=script).output == "4\n"
    assert kept.read_bytes().startswith(b"parsim kernel")
    (tmp_path / "cache").chmod(0o777)
    warning, four = job(script=script).output.splitlines()
    assert "is not used: others can write to it" in warning
    assert four == "4"
    assert not (tmp_path / "planted").exists()

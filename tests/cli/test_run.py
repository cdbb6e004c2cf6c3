"""`parsim run` does what `python` does with a script, and what mpirun needs besides."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from parsim.cli.main import main

MPIRUN = shutil.which("mpirun", path=str(Path(sys.executable).parent)) or shutil.which("mpirun")


@pytest.fixture
def script(tmp_path):
    def write(text, name="model.py"):
        path = tmp_path / name
        path.write_text(text)
        return str(path)

    return write


def run(*arguments, before=(), **environ):
    command = [*before, sys.executable, "-m", "parsim.cli.main", "run", *arguments]
    path = os.pathsep.join(filter(None, sys.path))
    return subprocess.run(
        command, capture_output=True, text=True, timeout=300, env=os.environ | {"PYTHONPATH": path} | environ
    )


def test_the_script_is_main_and_gets_its_arguments(script, capsys):
    path = script("import sys\nprint(__name__, __file__, sys.argv)")
    assert main(["run", path, "--order", "500", "-h"]) == 0
    assert capsys.readouterr().out == f"__main__ {path} {[path, '--order', '500', '-h']}\n"


def test_the_script_imports_from_its_own_folder(script, capsys):
    script("answer = 42", "a_module_beside_the_script.py")
    assert main(["run", script("from a_module_beside_the_script import answer\nprint(answer)")]) == 0
    assert capsys.readouterr().out == "42\n"


def test_arguments_and_path_are_restored(script):
    before = sys.argv[:], sys.path[:]
    main(["run", script("import sys\nsys.path.append('nowhere')"), "more"])
    assert (sys.argv, sys.path) == before


@pytest.mark.parametrize(("end", "code"), [("", 0), ("exit()", 0), ("exit(3)", 3), ("exit('no')", 1)])
def test_the_exit_code_of_the_script_is_passed_on(script, capsys, end, code):
    assert main(["run", script(end and f"import sys\nsys.{end}")]) == code
    assert capsys.readouterr().err == ("no\n" if code == 1 else "")


def test_a_missing_script_is_one_line_with_the_nearest_name(script, capsys):
    path = script("")
    assert main(["run", path.replace("model", "modell")]) == 1
    message = (
        f"parsim run: There is no script '{path.replace('model', 'modell')}'. Did you mean 'model.py'?\n"
    )
    assert capsys.readouterr().err == message


def test_an_error_of_the_script_keeps_its_traceback(script):
    path = script("from parsim.errors import DescriptionError\nraise DescriptionError('tau is wrong')")
    done = run(path)
    assert done.returncode == 1
    assert f'File "{path}", line 2' in done.stderr
    assert done.stderr.endswith("DescriptionError: tau is wrong\n")


def test_in_a_process_of_its_own_the_exit_code_is_passed_on(script):
    done = run(script("import sys\nprint(sys.argv[1:])\nsys.exit(5)"), "a", "--b")
    assert (done.returncode, done.stdout, done.stderr) == (5, "['a', '--b']\n", "")


OVERSUBSCRIBE = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
}


@pytest.mark.mpi_skip
@pytest.mark.skipif(MPIRUN is None, reason="no mpirun")
def test_an_error_on_one_rank_ends_all(script):
    path = script(
        "from parsim.comm.world import world\n"
        "comm = world()\n"
        "open(__file__ + str(comm.rank), 'w').write(f'rank {comm.rank} of {comm.size}')\n"
        "comm.barrier()\n"
        "if comm.rank == 1: raise ValueError('one is wrong')\n"
        "comm.barrier()\n"
    )
    done = run(path, before=[MPIRUN, "-n", "2"], **OVERSUBSCRIBE)
    assert done.returncode != 0
    assert [Path(path + rank).read_text() for rank in "01"] == ["rank 0 of 2", "rank 1 of 2"]
    assert "ValueError: one is wrong" in done.stderr

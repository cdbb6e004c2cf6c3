"""The import name belongs to one distribution, and importing is quick and quiet."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def run(code, *paths):
    env = os.environ | {"PYTHONPATH": os.pathsep.join([*map(str, paths), str(ROOT)])}
    env = {k: v for k, v in env.items() if not k.startswith(("PMI", "OMPI", "HYDRA", "MPI"))}
    return subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=300)


def test_two_distributions_that_own_the_name_are_an_import_error(tmp_path):
    info = tmp_path / "parsim-2.3.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: parsim\nVersion: 2.3.0\n")
    done = run("import parsim", tmp_path)
    assert done.returncode != 0
    assert "ImportError: Two installed distributions own the import name 'parsim'" in done.stderr
    assert "pip uninstall parsim parsim-snn" in done.stderr


def test_importing_does_not_load_mpi_matplotlib_or_pandas():
    heavy = "{'mpi4py', 'matplotlib', 'pandas', 'neo'}"
    done = run(f"import sys, parsim; print(sorted({heavy} & set(sys.modules)))")
    assert done.stdout.strip() == "[]", done.stderr

"""Kernels made over other kernels, and their cache."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
MODULE = """
from parsim.jit import kernel, kernel_over, within

@kernel
def twice(x):
    return 2.0 * x

@kernel
def thrice(x):
    return {factor} * x

def loop_over(function):
    function = within(function)
    def loop(values):
        total = 0.0
        for i in range(values.size):
            total += function(values[i])
        return total
    return kernel_over(loop)
"""
SCRIPT = """
import numpy as np
from loops import loop_over, twice, thrice
a, b = loop_over(twice), loop_over(thrice)
print(a(np.ones(3)), b(np.ones(3)))
hits = [sum(f.stats.cache_hits.values()) for f in (a, b)] if hasattr(a, "stats") else []
print(hits)
"""


def run(folder, **environment):
    path = f"{folder}{os.pathsep}{ROOT}"
    env = os.environ | {"PYTHONPATH": path, "PARSIM_CACHE_DIR": str(folder.parent / "cache")} | environment
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=env, cwd=folder, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_process_in_another_folder_finds_loops_over_kernels_and_a_change_of_these(tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    for folder in (here, there):
        folder.mkdir()
        (folder / "loops.py").write_text(MODULE.format(factor="3.0"))
    assert run(here) == ["6.0 9.0", "[0, 0]"]
    assert run(there) == ["6.0 9.0", "[1, 1]"]
    (here / "loops.py").write_text(MODULE.format(factor="30.0"))
    assert run(here) == ["6.0 90.0", "[1, 0]"]


OF_A_SCRIPT = """
from typing import NamedTuple
import numpy as np
import parsim as ps

class Params(NamedTuple):
    a: ps.Floats

class Pair(NamedTuple):
    one: float
    two: float

@ps.kernel
def both(p):
    return Pair(p.a[0], {other})

print(both(Params(np.ones(1))), sum(both.stats.cache_hits.values()))
"""


def test_kernels_and_bundles_of_a_script_are_found_by_the_next_start_of_it(tmp_path):
    env = os.environ | {"PYTHONPATH": str(ROOT), "PARSIM_CACHE_DIR": str(tmp_path / "cache")}
    path = tmp_path / "script.py"

    def start(*command, other="2.0"):
        path.write_text(OF_A_SCRIPT.format(other=other))
        done = subprocess.run(
            [sys.executable, *command, path], env=env, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert start() == "Pair(one=1.0, two=2.0) 0\n"
    assert start() == "Pair(one=1.0, two=2.0) 1\n"
    assert "Pair(one=1.0, two=2.0) 1\n" in start("-m", "parsim.cli.main", "run")
    assert start(other="3.0") == "Pair(one=1.0, two=3.0) 0\n"


def test_loops_over_kernels_are_plain_functions_with_the_compiler_off(tmp_path):
    (tmp_path / "loops.py").write_text(MODULE.format(factor="3.0"))
    assert run(tmp_path, NUMBA_DISABLE_JIT="1")[0].startswith("6.0 9.0")

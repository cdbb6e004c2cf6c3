"""Law 5: kernels give the same, bit for bit, with the compiler off."""

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import hashlib
import parsim as ps
from tests.held import expressions, spatial
from tests.helpers import LAW_PAIRS, run_small
from tests.plasticity.network import REMEMBERING, Plastic
digest = hashlib.sha256()
for _, found in sorted((expressions(1) | spatial(1)).items()):
    digest.update(found.tobytes())
for model, stimulus in LAW_PAIRS:
    found = run_small(model, stimulus, n=5, runs=(12.0,))
    digest.update(found.times.tobytes() + found.gids.tobytes())
    for name in sorted(found.states):
        digest.update(found.states[name].tobytes())
for model in REMEMBERING:
    for name, column in sorted(Plastic(model, short=True).run(6.0).items()):
        digest.update(column.tobytes())
print(digest.hexdigest())
"""


def digest(**environment: str) -> str:
    root = Path(__file__).parents[2]
    env = os.environ | {"PYTHONPATH": str(root)} | environment
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=env, cwd=root, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_compiler_changes_no_bit():
    assert digest(NUMBA_DISABLE_JIT="1") == digest(NUMBA_DISABLE_JIT="0")

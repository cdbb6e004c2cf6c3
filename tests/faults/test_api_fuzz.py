"""Whatever the public API is given, a call ends in a result or in one error, and a refused one changes nothing."""

import os
import subprocess
import sys

import pytest

from tests.jobs import ROOT, environment

LONG = bool(os.environ.get("PARSIM_LONG"))


@pytest.mark.mpi_skip
@pytest.mark.parametrize("seed", range(1, 6 if LONG else 2))
def test_calls_with_odd_arguments_end_in_a_result_or_an_error_of_parsims(seed):
    calls = 10_000 if LONG else 1_500
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.api_fuzz", str(calls), str(seed)],
        env=environment() | {"NUMBA_DISABLE_JIT": "1"},
        cwd=ROOT, capture_output=True, text=True, timeout=1500,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    assert done.stdout.startswith(f"{calls:,} calls")

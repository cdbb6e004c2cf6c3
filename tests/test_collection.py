"""No test is passed over without a word."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def listing() -> str:
    """All tests, one a line. No assertion is made there, so none is rewritten, which would take 7 s."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "--assert=plain", "-p", "no:cacheprovider"],
        cwd=ROOT, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


def test_every_test_file_is_collected(listing: str):
    """pytest skips folders of some names (`build`, `dist`, `venv` ...) unless told otherwise."""
    collected = {line.partition("::")[0] for line in listing.splitlines() if "::" in line}
    there = {path.relative_to(ROOT).as_posix() for path in (ROOT / "tests").rglob("test_*.py")}
    assert there == collected


def test_names_of_tests_are_the_same_in_every_process(listing: str):
    """pytest-xdist compares the lists of its workers."""
    assert [line for line in listing.splitlines() if " at 0x" in line] == []

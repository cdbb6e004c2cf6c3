"""Scripts run as users run them: in a process of their own, alone or on the ranks of a real mpirun."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
MPIRUN = shutil.which("mpirun", path=str(Path(sys.executable).parent)) or shutil.which("mpirun")

needs_mpirun = [
    pytest.mark.mpi_skip,  # no mpirun inside an mpirun
    pytest.mark.skipif(MPIRUN is None, reason="no mpirun"),
]

IS_OPEN_MPI = (
    MPIRUN is not None
    and "Open MPI" in subprocess.run([MPIRUN, "--version"], capture_output=True, text=True).stdout
)

# As root and with more ranks than cores, which Open MPI does not do unasked.
PERMISSIONS = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
}


class Ended(NamedTuple):
    """How a job ended: its exit code, stdout and stderr together, and how long it took.

    The output is without the line that says that kernels are compiled.
    """

    code: int
    output: str
    seconds: float


def python(*arguments: str | Path, ranks: int = 1) -> list[str]:
    """The command line `python arguments`, on so many ranks."""
    command = [sys.executable, *map(str, arguments)]
    return command if ranks == 1 else [str(MPIRUN), "-n", str(ranks), *command]


def parsim_run(*arguments: str | Path, ranks: int = 1) -> list[str]:
    """The command line `parsim run arguments`, on so many ranks."""
    return python("-m", "parsim.cli.main", "run", *arguments, ranks=ranks)


def environment() -> dict[str, str]:
    """What these processes are given: they import what this one does, and may run as root."""
    return os.environ | PERMISSIONS | {"PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)])}


def job(*arguments: str | Path, ranks: int = 1, script: str = "", timeout: float = 300.0) -> Ended:
    """Run `python arguments`, or `python -c script arguments`, on so many ranks."""
    command = python(*(["-c", script] if script else []), *arguments, ranks=ranks)
    began = time.monotonic()
    with subprocess.Popen(
        command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        preexec_fn=heed_interrupts,
    ) as running:  # fmt: skip
        try:
            output, _ = running.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            running.terminate()
            output, _ = running.communicate()
            raise AssertionError(f"not over after {timeout:g} s:\n{output}") from None
    said = [line for line in output.splitlines(keepends=True) if "compiling kernels" not in line]
    return Ended(running.returncode, "".join(said), time.monotonic() - began)


def heed_interrupts() -> None:
    """As at a terminal, also when the tests run in the background, where shells ignore SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)

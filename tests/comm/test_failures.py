"""With a real mpirun: whatever happens to one rank, the job ends soon, and says why once."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

MPIRUN = shutil.which("mpirun", path=str(Path(sys.executable).parent)) or shutil.which("mpirun")
LIMIT = 10.0  # seconds; a job of this kind takes about one

pytestmark = [
    pytest.mark.mpi_skip,  # no mpirun inside an mpirun
    pytest.mark.skipif(MPIRUN is None, reason="no mpirun"),
]

# As root and with more ranks than cores, which Open MPI does not do unasked.
PERMISSIONS = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
}

START = """
import os, signal, sys, time
import numpy as np
from parsim.comm.threads import ThreadTeam
from parsim.comm.world import world
from parsim.errors import SimulationError
comm = world()
comm.barrier()
"""


def job(code: str, ranks: int = 2) -> tuple[int, str]:
    """The exit code and output of a script on some ranks; an error if it does not end in time."""
    assert MPIRUN is not None
    environ = os.environ | PERMISSIONS | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [MPIRUN, "-n", str(ranks), sys.executable, "-c", START + code]
    began = time.monotonic()
    with subprocess.Popen(
        command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as running:
        try:
            output, _ = running.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            running.terminate()
            raise
    assert time.monotonic() - began < LIMIT, output
    return running.returncode, output


def test_a_job_without_failures_ends_well():
    code, output = job("print(f'sum {comm.total(np.array([comm.rank + 1]))[0]}')")
    assert code == 0 and output.count("sum 3") == 2


def test_an_exception_on_one_rank_ends_those_who_wait_in_a_collective():
    code, output = job("""
if comm.rank == 1:
    raise SimulationError("cell 7 is not finite")
comm.allgather(np.zeros(3))
print("went on")
""")
    assert code != 0
    assert output.count("SimulationError: cell 7 is not finite") == 1
    assert "[rank 1 of 2] Traceback" in output and "went on" not in output


def test_an_exception_on_all_ranks_is_told_once():
    code, output = job("raise SimulationError('said' + ' wrong')", ranks=3)
    assert code != 0
    assert output.count("SimulationError: said wrong") == 1
    assert output.count("Traceback") == 1 and "[rank" not in output


def test_a_killed_rank_ends_the_others():
    code, output = job("""
if comm.rank == 1:
    os.kill(os.getpid(), signal.SIGKILL)
comm.barrier()
print("went on")
""")
    assert code != 0 and "went on" not in output


def test_an_exception_in_a_thread_of_one_rank_ends_all():
    code, output = job("""
team = ThreadTeam(comm, 2)
def work(thread):
    for step in range(5):
        if (comm.rank, thread, step) == (1, 1, 3):
            raise SimulationError("thread" + " fell")
        team.comms[thread].allgather(np.zeros(step))
team.run(work)
print("went on")
""")
    assert code != 0 and "went on" not in output
    assert output.count("SimulationError: thread fell") == 1 and output.count("Traceback") == 1


def test_an_interrupt_is_one_line():
    code, output = job("""
if comm.rank == 0:
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(5)
comm.barrier()
""")
    assert code != 0
    assert output.count("parsim: interrupted") == 1 and "Traceback" not in output

"""With a real mpirun: whatever happens to one rank, the job ends soon, and says why once."""

from tests.jobs import job as run_job
from tests.jobs import needs_mpirun

LIMIT = 60.0  # seconds, on a busy machine too; most jobs of this kind take about one

pytestmark = needs_mpirun

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
    ended = run_job(ranks=ranks, script=START + code)
    assert ended.seconds < LIMIT, ended.output
    return ended.code, ended.output


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

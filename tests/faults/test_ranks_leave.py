"""With a real mpirun: a rank that leaves early never keeps the others waiting; the job ends and says why once."""

import subprocess

import pytest

from tests.jobs import IS_OPEN_MPI, environment, job, needs_mpirun, python

pytestmark = needs_mpirun

LIMIT = 60.0  # seconds, on a busy machine too; an idle one takes about two

RANK = """
import os, sys, time
rank = int(next(os.environ[name] for name in ("PMI_RANK", "OMPI_COMM_WORLD_RANK") if name in os.environ))
odd = rank == 1
"""

START = """
import parsim as ps

def network():
    net = ps.Network()
    return net, net.create("iaf_psc_exp", 12, I_e=500.0)

net, cells = network()
"""

TWO_RUNS = "sim = ps.Simulation(net, progress=False)\nsim.run(20.0)\n"

# What a rank does, the exit code of the job, and where it is said to have ended.
LEAVING = {
    "fewer runs": (RANK + START + TWO_RUNS + "if not odd: sim.run(20.0)", 1, "has ended after run(20)"),
    "sys.exit": (
        RANK + START + TWO_RUNS + "if odd: sys.exit(3)\nsim.run(20.0)", 3, "has ended with exit code 3 after run(20)"
    ),
    "os._exit": (RANK + START + TWO_RUNS + "if odd: os._exit(0)\nsim.run(20.0)", 1, "has ended after run(20)"),
    "a mistake that one rank catches": (
        RANK + START + TWO_RUNS + """
try:
    sim.run(0.05 if odd else 20.0)
except ps.DescriptionError:
    pass
sim.run(20.0)
""", 1, "has ended after run(20)"),
    "an end before any network": (
        RANK + "import parsim as ps\nif odd: sys.exit()\n" + START + TWO_RUNS, 1, "without a simulation of all ranks"
    ),
    "a simulation of its own": (
        RANK + START + """
from parsim.comm.serial import SerialComm
sim = ps.Simulation(net, progress=False, comm=SerialComm() if odd else None)
sim.run(20.0)
""", 1, "without a simulation of all ranks"),
    "a communicator of its own": (
        RANK + START + """
from mpi4py import MPI
sim = ps.Simulation(net, progress=False, comm=MPI.COMM_SELF if odd else None)
sim.run(20.0)
""", 1, "without a simulation of all ranks"),
    "threads, too": (
        RANK + START + "sim = ps.Simulation(net, threads=2)\nsim.run(20.0)\nif not odd: sim.get(cells, 'V_m')",
        1, "has ended after run(20)"),
}  # fmt: skip


@pytest.mark.parametrize("way", LEAVING)
def test_a_rank_that_ends_early_ends_all(way):
    script, code, where = LEAVING[way]
    ended = job(script=script + "\nif not odd: print('went on')\n", ranks=3, timeout=LIMIT)
    assert ended.code == code, ended.output
    assert "went on" not in ended.output and "Traceback" not in ended.output
    assert ended.output.count("parsim: rank 1 of 3 has ended") == 1
    assert where in ended.output and "while rank 0 is at " in ended.output


def test_a_rank_that_leaves_the_others_in_the_middle_meets_them_no_more():
    ended = job(script=RANK + START + TWO_RUNS + """
comm = sim.comm
if odd:
    def interrupted(*arguments):
        raise KeyboardInterrupt
    sim._ranks[0].laid_out.runner.exchange._heads.exchange_outside = interrupted
    try:
        sim.run(20.0)
    except KeyboardInterrupt:
        print("caught")
    for call in (lambda: sim.run(1.0), lambda: ps.Simulation(network()[0])):
        try:
            call()
        except ps.SimulationError as error:
            print(error)
    sys.exit(4)
sim.run(20.0)
print("went on")
""", ranks=3, timeout=LIMIT)  # fmt: skip
    assert ended.code == 4 and "went on" not in ended.output, ended.output
    assert ended.output.count("caught") == 1
    assert "cannot go on, because it has failed before: KeyboardInterrupt" in ended.output
    assert "this rank has left the others, and cannot meet them again: KeyboardInterrupt" in ended.output
    assert ended.output.count("parsim: rank 1 of 3 has left the others behind: KeyboardInterrupt") == 1


@pytest.mark.parametrize("how", ["sys.exit(0)", "sys.exit(3)", "os._exit(3)", "raise KeyError('only me')"])
def test_under_parsim_run_a_rank_may_end_before_parsim_is_imported(how, tmp_path):
    script = tmp_path / "model.py"
    script.write_text(RANK + f"if odd: {how}\n" + START + TWO_RUNS + "print('went on')")
    ended = job("-m", "parsim.cli.main", "run", script, ranks=3, timeout=LIMIT)
    assert ended.code != 0 and "went on" not in ended.output, ended.output
    if how.startswith("sys"):
        assert ended.output.count("parsim: rank 1 of 3 has ended") == 1
        assert ended.code == (3 if "3" in how else 1)
    assert ended.output.count("KeyError: 'only me'") == how.startswith("raise")


@pytest.mark.parametrize("how", ["sys.exit(0)", "os._exit(0)"])
def test_a_rank_that_ended_before_parsim_was_imported_is_missed_where_mpi_starts(how):
    """The others would wait there for ever."""
    ended = job(
        script=RANK + f"if odd: {how}\n" + START + TWO_RUNS + "print('went on')", ranks=3, timeout=LIMIT
    )
    assert ended.code != 0 and "went on" not in ended.output, ended.output
    assert ended.output.count("parsim: rank 1 of 3 ended before MPI began there, and rank 0 waits") == 1


def test_a_rank_that_comes_late_where_mpi_starts_is_waited_for():
    """For longer than the two looks, after 1.5 and 3.3 s, on which one that is no more would be given up."""
    ended = job(script=RANK + "if odd: time.sleep(5.0)\n" + START + TWO_RUNS + "print('went on')", ranks=3)
    assert ended.code == 0 and ended.output.count("went on") == 3 and "parsim" not in ended.output, (
        ended.output
    )


@pytest.mark.parametrize("arguments", ["", "-"])
def test_a_script_on_standard_input_is_refused(arguments, tmp_path):
    """The launcher gives it to rank 0 alone; the other ranks have nothing to run."""
    if IS_OPEN_MPI:
        pytest.skip("Open MPI's mpirun never tells a program that its input has ended: cat hangs, too")
    script = tmp_path / "model.py"
    script.write_text(START + TWO_RUNS)
    with script.open() as given:
        ended = subprocess.run(
            python(*arguments.split(), ranks=2), stdin=given, capture_output=True, text=True,
            env=environment(), timeout=LIMIT,
        )  # fmt: skip
    assert ended.returncode != 0
    assert ended.stderr.count("parsim: this script comes from standard input") == 1


def test_ranks_may_end_at_different_times(tmp_path):
    """One that has more to do for itself is not disturbed, and every rank may end with a code of its own."""
    ended = job(script=RANK + START + TWO_RUNS + """
if rank == 0:
    time.sleep(2.0)
    print("plotted")
""", ranks=3, timeout=LIMIT)  # fmt: skip
    assert (ended.code, ended.output) == (0, "plotted\n"), ended.output


@pytest.mark.parametrize(("code", "threads"), [(0, False), (0, True), (5, False)])
def test_ranks_may_all_leave_by_os_exit(code, threads):
    """In children of theirs, where nobody is met, too."""
    if threads and IS_OPEN_MPI:
        pytest.skip("to Open MPI's mpirun that is an abort")
    leave = (
        f"threading.Thread(target=os._exit, args=({code},)).start(); time.sleep(9)"
        if threads
        else f"os._exit({code})"
    )
    ended = job(script=RANK + START + TWO_RUNS + f"""
import threading
if os.fork() == 0: os._exit(0)
print("done", flush=True)
{leave}
""", ranks=2, timeout=LIMIT)  # fmt: skip
    assert ended.code == code and ended.output.count("done") == 2, ended.output
    assert ended.output.count("leaves by os._exit(0) in a thread") == 2 * threads


def test_ranks_may_have_communicators_of_their_own():
    ended = job(script=RANK + START + """
from mpi4py import MPI
half = MPI.COMM_WORLD.Split(rank // 2)
sim = ps.Simulation(net, comm=half)
sim.run(20.0)
time.sleep(0.2 * rank)
print(rank, half.rank)
""", ranks=3, timeout=LIMIT)  # fmt: skip
    assert ended.code == 0, ended.output
    assert sorted(ended.output.splitlines()) == ["0 0", "1 1", "2 0"]

"""With a real mpirun: whatever happens on one rank, the job ends soon and says why once."""

import re

import pytest

from tests.jobs import Ended, job, needs_mpirun

pytestmark = needs_mpirun

LIMIT = 60.0  # seconds after which a failed job must be over, on a busy machine too; most take about two

START = """
import os, signal, sys, threading, time
import numpy as np
import parsim as ps
from parsim.comm.world import world

rank = world().rank
net = ps.Network(seed=1)
cells = net.create("iaf_psc_exp", 6, V_m=ps.Uniform(-70.0, -56.0), I_e=450.0)
net.connect(cells, cells, ps.FixedIndegree(2), ps.static_synapse(weight=30.0, delay=1.5))
spikes = net.record_spikes(cells)
"""


def failed(code: str, ranks: int = 2) -> str:
    """What a script says that fails, in time and with an exit code that tells."""
    ended = job(script=START + code + "\nprint('went on')\n", ranks=ranks)
    assert ended.code != 0, ended.output
    assert ended.seconds < LIMIT, ended.output
    assert "went on" not in ended.output
    return ended.output


def succeeded(code: str) -> Ended:
    ended = job(script=START + code, ranks=2)
    assert ended.code == 0, ended.output
    return ended


@pytest.fixture(scope="module", autouse=True)
def a_good_run() -> Ended:
    """It compiles the kernels, too, so that the jobs after it are quick."""
    return succeeded("""
sim = ps.Simulation(net, progress=False)
sim.run(20.0)
if rank == 0:
    print(sim.now, len(spikes) > 0, sim.report().seconds.shape)
""")


def test_a_script_without_failures_ends_well(a_good_run):
    assert a_good_run.output == "20.0 True (2, 9)\n"


@pytest.mark.parametrize("rank", [0, 1])
def test_an_exception_in_the_script_on_one_rank_ends_all(rank):
    output = failed(f"""
sim = ps.Simulation(net)
sim.run(5.0)
if rank == {rank}:
    {{}}["no such key"]
sim.run(5.0)
""")
    assert output.count("KeyError: 'no such key'") == 1 and output.count("Traceback") == 1
    assert ("[rank 1 of 2] Traceback" in output) == (rank == 1)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("gid", [2, 3])
def test_a_state_that_is_no_number_on_one_rank_ends_all(gid, threads):
    output = failed(f"""
source = net.create("spike_generator", spike_times=[7.0, 7.0])
net.connect(source, cells[{gid}], ps.AllToAll(), ps.static_synapse(weight=-1e308, delay=1.0))
sim = ps.Simulation(net, threads={threads})
sim.run(50.0)
""")
    told = re.findall(r"SimulationError: .*", output)
    assert len(told) == 1 and output.count("Traceback") == 1, output
    rank = gid % (2 * threads)
    assert f"gid {gid} (iaf_psc_exp) became -inf between t = 7.5 and 9 ms on rank {rank}." in told[0]
    assert "Look for weights or parameters that are too large, or use a smaller dt." in told[0]


def test_a_failure_on_one_rank_can_be_caught_on_all():
    ended = succeeded("""
source = net.create("spike_generator", spike_times=[7.0, 7.0])
net.connect(source, cells[3], ps.AllToAll(), ps.static_synapse(weight=-1e308, delay=1.0))
sim = ps.Simulation(net)
try:
    sim.run(50.0)
except ps.SimulationError as error:
    sys.stdout.write(f"{sim.comm.allgather_objects('gid 3' in str(error))}\\n")
""")
    assert ended.output == "[True, True]\n" * 2


def test_values_that_cannot_be_held_by_one_rank_end_all():
    output = failed("""
net.create("iaf_psc_exp", 4, tau_m=lambda gids: np.where(gids == 9, -1.0, 10.0))
sim = ps.Simulation(net)
""")
    assert output.count("Traceback") == 1 and len(re.findall(r"BuildError: .*tau_m of .*-1 ms", output)) == 1


@pytest.mark.parametrize("rank", [0, 1])
def test_a_rank_that_is_killed_ends_all(rank):
    output = failed(f"""
sim = ps.Simulation(net, progress=False)

def kill():
    while sim.now < 30.0:
        time.sleep(0.001)
    os.kill(os.getpid(), signal.SIGKILL)

if rank == {rank}:
    threading.Thread(target=kill, daemon=True).start()
sim.run(1e8)
""")
    assert "Traceback" not in output


DIFFERENT_NETWORKS = [
    "net.create('iaf_psc_exp', 3 + rank)",
    "net.create('iaf_psc_exp', 3, V_m=-60.0 - rank)",
    "net.create('iaf_psc_exp', 3, V_m=np.random.default_rng().uniform(-70.0, -60.0, 3))",
    "net.create('spike_generator', 2, spike_times=[[1.0], [2.0 + rank]])",
    "net.connect(cells[rank:2 + rank], cells, ps.AllToAll())",
    "net.connect(cells[[0, 1 + rank]], cells, ps.AllToAll())",
    "net.connect(cells, cells, ps.Lists([0, 1], [rank, 0]))",
    "net.connect(cells, cells, ps.OneToOne(), ps.static_synapse(weight=np.arange(6.0) + rank))",
    "net.record(cells, 'V_m') if rank else None",
]
DIFFERENT_CALLS = [
    "sim.run(10.0 + rank)",
    "sim.run(10.0) if rank else sim.get(cells, 'V_m')",
    "sim.set(cells, V_m=-60.0 - rank)",
    "sim.set(cells, V_m=[-60.0, -61.0, -62.0, -63.0, -64.0, -65.0 - rank])",
    "sim.get(cells, 'V_m' if rank else 'I_e')",
    "sim.connections() if rank else sim.run(1.0)",
]

# Each difference is an error on all ranks alike, so that one job can try them all.
TRY_ALL = """
for difference in {differences!r}:
    net = ps.Network(seed=1)
    cells = net.create("iaf_psc_exp", 6)
    try:
        {act}
    except ps.SimulationError as error:
        heard = world().allgather_objects(str(error))
        if rank == 0:
            print(difference, *heard, sep=" | ")
    else:
        print(difference, "was not noticed")
"""


def test_ranks_that_say_different_networks_get_one_error():
    ended = succeeded(
        TRY_ALL.format(differences=DIFFERENT_NETWORKS, act="exec(difference); ps.Simulation(net)")
    )
    lines = ended.output.splitlines()
    assert [line.split(" | ")[0] for line in lines] == DIFFERENT_NETWORKS
    for line in lines:
        _, first, second = line.split(" | ")
        assert first == second and first.startswith("The ranks have said different networks. Every rank must")


def test_ranks_that_make_different_calls_do_not_wait_for_each_other():
    ended = succeeded(
        TRY_ALL.format(
            differences=DIFFERENT_CALLS, act="sim = ps.Simulation(net); sim.run(1.0); exec(difference)"
        )
    )
    lines = ended.output.splitlines()
    assert [line.split(" | ")[0] for line in lines] == DIFFERENT_CALLS
    for line in lines:
        _, first, second = line.split(" | ")
        assert first == second
        assert re.match(
            r"The ranks call different things: rank 0 is at .*, rank 1 is at .*\. Every rank", first
        )


def test_ranks_that_differ_end_with_one_message():
    output = failed("""
net.create("iaf_psc_exp", V_m=float(rank))
ps.Simulation(net)
""")
    assert output.count("Traceback") == 1
    assert (
        output.count("SimulationError: The ranks have said different networks. Every rank must make the same")
        == 1
    )


BEFORE = "import os\nimport parsim as ps\nnet = ps.Network()\n"


def test_a_mistake_before_any_simulation_is_told_once():
    ended = job(script=BEFORE + "net.create('iaf_psc_alfa', 3)\n", ranks=3)
    assert ended.code != 0 and ended.seconds < LIMIT, ended.output
    assert ended.output.count("Did you mean 'iaf_psc_alpha'?") == 1, ended.output


def test_a_rank_that_fails_before_any_simulation_does_not_leave_the_others_waiting():
    script = (
        BEFORE
        + "assert os.environ.get('PMI_RANK', os.environ.get('OMPI_COMM_WORLD_RANK')) != '1', 'only me'\n"
    )
    ended = job(script=script + "ps.Simulation(net).run(1.0)\n", ranks=3)
    assert ended.code != 0 and ended.seconds < LIMIT, ended.output
    assert ended.output.count("AssertionError: only me") == 1, ended.output

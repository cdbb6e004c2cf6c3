"""Scripts that say `import nest` run as they are, alone and on several ranks."""

import ast
import subprocess
import sys

import pytest

from parsim.cli.main import main
from tests.cli.test_run import MPIRUN
from tests.docs.test_docs import environment

# In the spelling of NEST 2: a list in place of a conn_spec's name, "model" in a syn_spec, statuses by functions.
SCRIPT = """
import numpy
import nest

nest.ResetKernel()
nest.SetKernelStatus({'resolution': 0.05})
cells = nest.Create('hh_psc_alpha_gap', 3)
meter = nest.Create('voltmeter', params={'interval': 0.1})
detector = nest.Create('spike_detector')
nest.SetStatus(cells, {'I_e': 100.})
nest.SetStatus(cells[0], {'V_m': -10.})
nest.Connect(meter, cells, 'all_to_all')
nest.Connect(cells, detector)
nest.Connect(cells, cells, {'rule': 'all_to_all', 'autapses': False}, {'model': 'gap_junction', 'weight': 0.5})
nest.Simulate(30.)
events = nest.GetStatus(meter, 'events')[0]
v = events['V_m'][numpy.where(events['senders'] == 2)]
spikes = nest.GetStatus(detector, 'events')[0]
answer = f'{v.size} {v.sum():.6f} {nest.GetStatus(detector, "n_events")[0]} {spikes["times"].tolist()}'
if nest.Rank() == 0:
    print(answer)
"""


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "script.py"
    path.write_text(SCRIPT)
    return str(path)


def test_a_script_of_nest_2_runs_and_gives_back_the_name(script, capsys):
    before = sys.modules.get("nest")
    assert main(["run", "--nest", script]) == 0
    size, _, n, _ = capsys.readouterr().out.split(maxsplit=3)
    assert (size, int(n) > 0) == ("290", True)  # the last millisecond comes with the next run
    assert sys.modules.get("nest") is before


@pytest.mark.skipif(MPIRUN is None, reason="no mpirun")
def test_two_ranks_give_what_one_gives(script):
    command = [sys.executable, "-m", "parsim.nest", script]
    alone, two = (
        subprocess.run([*before, *command], capture_output=True, text=True, timeout=300, env=environment())
        for before in ([], [MPIRUN, "-n", "2"])
    )
    assert alone.returncode == two.returncode == 0, alone.stderr + two.stderr
    assert alone.stdout == two.stdout != ""


@pytest.mark.skipif(MPIRUN is None, reason="no mpirun")
def test_all_small_scripts_give_on_two_ranks_what_they_give_in_nest():
    """But for those that ask how many processes there are, or threads of all of them."""
    command = [MPIRUN, "-n", "2", sys.executable, "-m", "tests.nest.on_ranks"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=environment())
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "kernel attributes at first",
        "levels and processes",
        "threads of targets",
        "virtual processes of nodes and connections",
        "as a newcomer writes: kernel attributes",
    ]


# Every rank says the same of all nodes, and which virtual processes are its own.
PROCESSES = """
import sys
import nest

nest.ResetKernel()
nest.local_num_threads = 2
cells = nest.Create('iaf_psc_alpha', 13)
drive = nest.Create('dc_generator')
nest.Connect(cells, cells)
own = list(nest.GetLocalVPs())
of_all = [
    nest.NumProcesses(), nest.num_processes, nest.total_num_virtual_procs, cells.vp, cells.thread, cells.local,
    drive.get(['vp', 'local']), nest.GetConnections(cells[:1]).target_thread,
    nest.GetLocalNodeCollection(cells) == cells == nest.GetNodes({'model': 'iaf_psc_alpha'}, local_only=True),
]
with open(f'{sys.argv[1]}/rank_{nest.Rank()}', 'w') as file:
    print(own, of_all, sep=';', file=file)
"""


@pytest.mark.skipif(MPIRUN is None, reason="no mpirun")
@pytest.mark.parametrize("n", [2, 3])
def test_ranks_agree_about_virtual_processes(n, tmp_path):
    """Cells are dealt out to virtual processes in turn, and these to ranks in turn, as in NEST."""
    (tmp_path / "script.py").write_text(PROCESSES)
    script = [sys.executable, "-m", "parsim.nest", str(tmp_path / "script.py"), str(tmp_path)]
    command = [MPIRUN, "-n", str(n), *script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=environment())
    assert done.returncode == 0, done.stderr
    said = [(tmp_path / f"rank_{rank}").read_text().split(";") for rank in range(n)]
    own, of_all = zip(*said, strict=True)
    assert [ast.literal_eval(one) for one in own] == [[rank, rank + n] for rank in range(n)]
    assert len({*of_all}) == 1
    size, attribute, total, vp, thread, local, device, held, is_all = ast.literal_eval(of_all[0])
    assert (size, attribute, total, is_all) == (n, n, 2 * n, True)
    assert vp == tuple(node % (2 * n) for node in range(1, 14))
    assert list(thread) == held == [process // n for process in vp]
    assert local == (True,) * 13
    assert device == {"vp": 0, "local": True}


def test_the_command_says_how_it_is_used(capsys):
    from parsim.nest.__main__ import main as nest_main

    assert nest_main([]) == 2
    assert "python -m parsim.nest script.py" in capsys.readouterr().out
    assert nest_main(["nowhere.py"]) == 1
    assert "nowhere.py" in capsys.readouterr().err

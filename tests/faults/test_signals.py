"""Signals and the wall time: all ranks stop at one edge, what was recorded is kept, and a checkpoint is saved."""

import os
import signal
import subprocess
import time
from functools import partial

import numpy as np
import pytest

import parsim as ps
from parsim.engine.running.interrupts import AGAIN, Interrupts
from parsim.engine.running.wall_time import WallTime
from parsim.io import reading
from parsim.io.checkpoint import read_checkpoint
from tests.jobs import environment, needs_mpirun, parsim_run, python
from tests.signalling import raise_at

SIGNALS = [signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2, signal.SIGXCPU]


@pytest.fixture(autouse=True)
def _nothing_is_handled_yet():
    """Tests in the same process may have run what saves itself, after which signals between runs are handled."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_DFL)


@pytest.fixture
def sends(monkeypatch):
    """`sends(number, 5.0)`: the process gets a signal when a run is at 5 ms or later, once."""

    return partial(raise_at, monkeypatch)


def busy(**options) -> tuple[ps.Network, ps.Population, ps.SpikeRecording]:
    """Cells that fire now and then; spikes go round every 1.5 ms."""
    net = ps.Network(seed=1)
    cells = net.create("iaf_psc_exp", 6, V_m=ps.Uniform(-70.0, -56.0), I_e=450.0)
    net.connect(cells, cells, ps.FixedIndegree(2), ps.static_synapse(weight=30.0, delay=1.5))
    return net, cells, net.record_spikes(cells, **options)


def names(folder, pattern="state*") -> list[str]:
    return sorted(path.name for path in folder.glob(pattern))


def nothing_handled() -> bool:
    return all(signal.getsignal(number) is signal.SIG_DFL for number in SIGNALS)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("number", SIGNALS, ids=lambda n: n.name)
def test_a_signal_saves_at_the_next_edge_and_ends_with_75(sends, number, threads, tmp_path):
    net, cells, spikes = busy()
    whole = ps.Simulation(net, threads=threads)
    whole.run(60.0)
    expected = spikes.times, spikes.gids, whole.get(cells, "V_m")

    net, cells, spikes = busy()
    sim = ps.Simulation(net, threads=threads)
    sends(number, 20.0)
    with pytest.raises(
        ps.Stopped, match=f"{number.name}; stopped at t = 21 ms; .*; saved in .*state-"
    ) as stopped:
        sim.run(60.0, checkpoint_to=tmp_path / "state")
    assert stopped.value.code == 75 and nothing_handled()
    assert sim.now == 21.0 and names(tmp_path) == ["state-000000000210.ckpt"]
    before = expected[0] <= 21.0
    assert np.array_equal(spikes.times, expected[0][before]) and 0 < before.sum() < before.size

    again, cells2, spikes2 = busy()
    second = ps.Simulation(again, threads=3 - threads, restore=tmp_path / "state-000000000210.ckpt")
    sends(number, 1e9)
    second.run(39.0)
    sim.run(39.0)
    for one, its_cells, its_spikes in ((sim, cells, spikes), (second, cells2, spikes2)):
        late = its_spikes.times > 21.0
        assert np.array_equal(its_spikes.times[late], expected[0][~before])
        assert np.array_equal(one.get(its_cells, "V_m"), expected[2])


def coupled() -> ps.Network:
    net = ps.Network(seed=1)
    cells = net.create("hh_psc_alpha_gap", 4, I_e=500.0)
    net.couple(cells, cells, ps.FixedTotalNumber(4), weight=5.0)
    net.connect(cells, cells, ps.FixedIndegree(1), ps.static_synapse(weight=10.0, delay=1.5))
    return net


def resting() -> ps.Network:
    """Nothing happens for a second and more at a time."""
    net = ps.Network(seed=1)
    source = net.create("NetStim", 3, interval=1_500.0, noise=0.5, number=np.inf)
    net.connect(source, net.create("IntFire1", 3), ps.AllToAll(), ps.static_synapse(weight=0.4, delay=1.5))
    return net


@pytest.mark.parametrize("said", [coupled, resting])
def test_cells_that_relax_or_rest_stop_too(said, sends, tmp_path):
    sim = ps.Simulation(said(), threads=2)
    sends(signal.SIGTERM, 20.0)
    with pytest.raises(ps.Stopped) as stopped:
        sim.run(1e5, checkpoint_to=tmp_path / "state")
    assert stopped.value.code == 75 and 20.0 < sim.now < 1e5
    assert round(sim.now * 10) % 15 == 0 and len(names(tmp_path)) == 1


def test_a_signal_while_a_run_builds_what_is_new_stops_it_before_it_moves_far(tmp_path):
    net, cells, _ = busy()
    sim = ps.Simulation(net, progress=False)
    sim.run(6.0)

    def weights(sources, targets):
        signal.raise_signal(signal.SIGUSR2)
        return np.full(targets.size, 10.0)

    net.connect(cells, cells, ps.OneToOne(), ps.static_synapse(weight=weights, delay=1.5))
    with pytest.raises(ps.Stopped) as stopped:
        sim.run(1e7, checkpoint_to=tmp_path / "state")
    assert stopped.value.code == 75 and 6.0 < sim.now < 1e7 and len(names(tmp_path)) == 1


def test_without_a_place_for_checkpoints_the_code_is_that_of_the_signal(sends, tmp_path):
    net, _, spikes = busy()
    net.record_spikes(spikes.cells, to=tmp_path / "spikes.h5")
    sim = ps.Simulation(net)
    sends(signal.SIGTERM, 20.0)
    with pytest.raises(ps.Stopped) as stopped:
        sim.run(60.0)
    assert stopped.value.code == 128 + 15
    assert np.array_equal(reading.read_spikes(tmp_path / "spikes.h5")[0], spikes.times) and len(spikes) > 0


def test_ctrl_c_saves_too_where_checkpoints_are_made(sends, tmp_path):
    sim = ps.Simulation(busy()[0])
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    sends(signal.SIGINT, 20.0)
    try:
        with pytest.raises(KeyboardInterrupt, match="saved in"):
            sim.run(60.0, checkpoint_to=tmp_path / "state")
    finally:
        signal.signal(signal.SIGINT, before)
    assert names(tmp_path) == ["state-000000000210.ckpt"]


def test_a_handler_of_the_script_stays(sends):
    heard = []
    before = signal.signal(signal.SIGUSR1, lambda number, frame: heard.append(number))
    try:
        sim = ps.Simulation(busy()[0])
        sends(signal.SIGUSR1, 20.0)
        sim.run(60.0)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert heard == [signal.SIGUSR1] and sim.now == 60.0


def test_a_signal_that_is_passed_on_twice_counts_once(monkeypatch):
    killed = []
    monkeypatch.setattr(os, "kill", lambda process, number: killed.append(number))
    with Interrupts() as asked:
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
        assert asked.noted == signal.SIGTERM and not killed
        time.sleep(AGAIN + 0.05)
        signal.raise_signal(signal.SIGTERM)
        assert killed == [signal.SIGTERM]
    assert nothing_handled()


# ---- every so often ---------------------------------------------------------------------------------------


def test_checkpoints_are_made_at_edges_and_the_newest_two_stay(tmp_path):
    made = []
    net, cells, _ = busy()
    sim = ps.Simulation(net, progress=False)
    for duration in (22.0, 28.0):
        sim.run(duration, checkpoint_every="5 ms", checkpoint_to=tmp_path / "state")
        made.append(names(tmp_path))
    # Intervals of 15 steps; the multiples of 50 steps are 50, 100, 150, 200, ..., 500.
    assert made == [
        ["state-000000000150.ckpt", "state-000000000210.ckpt"],
        ["state-000000000405.ckpt", "state-000000000450.ckpt"],
    ]
    assert sim.now == 50.0

    whole, same, _ = busy()
    uncut = ps.Simulation(whole, progress=False)
    uncut.run(50.0)
    assert np.array_equal(sim.get(cells, "V_m"), uncut.get(same, "V_m"))


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (dict(checkpoint_every=5.0), "checkpoint_every is given without checkpoint_to"),
        (dict(checkpoint_every=0.0, checkpoint_to="state"), "checkpoint_every is 0 ms; a time above 0"),
        (dict(checkpoint_every="2 mV", checkpoint_to="state"), "a voltage; ms is needed"),
        (dict(checkpoint_to=3), "checkpoint_to is 3; the path of a file is needed"),
        (dict(checkpoint_to="nowhere/state"), "the folder '.*nowhere' does not exist"),
        (dict(walltime=0), "walltime is 0 s; a time above 0"),
        (dict(walltime="2 mV"), "Minutes, hours and days are"),
        (dict(walltime=True), "walltime is True"),
        (dict(walltime=float("nan")), "walltime is NaN"),
        (dict(walltime=[1.0]), r"walltime is \[1\.0\]"),
    ],
    ids=str,
)
def test_what_cannot_be_meant_is_refused_before_anything_moves(options, complaint):
    sim = ps.Simulation(busy()[0], progress=False)
    with pytest.raises(ps.DescriptionError, match=complaint):
        sim.run(10.0, **options)
    assert sim.now == 0.0
    sim.run(10.0)


# ---- the wall time ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "seconds"), [(2, 2.0), ("90 s", 90.0), ("30 min", 1800.0), ("2 h", 7200.0)]
)
def test_a_wall_time_is_seconds_or_a_text(given, seconds):
    assert WallTime(given).seconds == seconds


def test_a_run_stops_before_the_wall_time_is_over(tmp_path):
    net, _, spikes = busy()
    sim = ps.Simulation(net, progress=False)
    sim.run(1.5)  # what is compiled is compiled
    began = time.monotonic()
    with pytest.raises(ps.Stopped, match="the wall time is nearly over; stopped at t = ") as stopped:
        sim.run(1e9, checkpoint_to=tmp_path / "state", walltime=1.0)
    assert time.monotonic() - began < 30.0 and stopped.value.code == 75
    assert 1.5 < sim.now < 1e9 and len(spikes) > 0
    (name,) = names(tmp_path)
    assert read_checkpoint(tmp_path / name)[0]["now"] == round(sim.now / 0.1)


# ---- as users run it --------------------------------------------------------------------------------------

SCRIPT = """
import os, signal, sys, threading, time
import parsim as ps

number, sender, threads, saving = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "saving"
net = ps.Network(seed=1)
cells = net.create("iaf_psc_exp", 6, V_m=ps.Uniform(-70.0, -56.0), I_e=450.0)
net.connect(cells, cells, ps.FixedIndegree(2), ps.static_synapse(weight=30.0, delay=1.5))
net.record_spikes(cells, to="spikes.h5")
sim = ps.Simulation(net, threads=threads, progress=False)

def send():
    while sim.now < 30.0:
        time.sleep(0.001)
    os.kill(os.getpid(), number)

if sender in (-1, sim.comm.rank // threads):
    threading.Thread(target=send, daemon=True).start()
sim.run(1e8, checkpoint_to="state" if saving else None)
print("never stopped")
"""


def run_job(folder, *arguments, ranks: int = 1) -> subprocess.CompletedProcess[str]:
    command = python("-c", SCRIPT, *map(str, arguments), ranks=ranks)
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment(), timeout=300)


@pytest.mark.mpi_skip
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(("saving", "code"), [("saving", 75), ("not", 143)])
def test_a_script_ends_with_the_stated_code_and_one_line(saving, code, threads, tmp_path):
    done = run_job(tmp_path, int(signal.SIGTERM), 0, threads, saving)
    assert done.returncode == code, done
    assert done.stderr.count("SIGTERM; stopped at t = ") == 1 and "Traceback" not in done.stderr
    assert "never stopped" not in done.stdout
    assert len(names(tmp_path)) == (saving == "saving")
    assert reading.read_spikes(tmp_path / "spikes.h5")[0].size > 0


BETWEEN = """
import os, signal, sys, time
import parsim as ps
rank = int(os.environ.get("PMI_RANK", os.environ.get("OMPI_COMM_WORLD_RANK", "0")))
what, when = sys.argv[1:]

def send(place):
    if place == when and rank == 0:
        os.kill(os.getpid(), getattr(signal, what))
        print("went on")

def ones(gids):
    send("build")
    return 450.0 + 0.0 * gids

net = ps.Network(seed=1)
cells = net.create("iaf_psc_exp", 6, V_m=ps.Uniform(-70.0, -56.0), I_e=ones)
net.connect(cells, cells, ps.FixedIndegree(2), ps.static_synapse(weight=30.0, delay=1.5))
net.record_spikes(cells, to="spikes.h5")
sim = ps.Simulation(net, progress=False)
sim.run(30.0, checkpoint_to="state", checkpoint_every=None if when == "unsaved" else 10.0)
send("between")
send("unsaved")
sim.run(30.0, checkpoint_to="state")
print("at the end")
"""


def run_between(folder, what, when, *options, ranks=1):
    (folder / "model.py").write_text(BETWEEN)
    command = parsim_run(*options, "model.py", what, when, ranks=ranks)
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment(), timeout=300)


@pytest.fixture(scope="module")
def unstopped(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    assert run_between(folder, "SIGTERM", "nowhere").returncode == 0
    return reading.read_spikes(folder / "spikes.h5")


@pytest.mark.mpi_skip
@pytest.mark.parametrize("number", SIGNALS, ids=lambda n: n.name)
def test_a_signal_between_runs_ends_a_script_that_can_be_resumed_with_75(number, unstopped, tmp_path):
    stopped = run_between(tmp_path, number.name, "between")
    assert stopped.returncode == 75 and stopped.stdout == "", stopped
    assert stopped.stderr.count(f"{number.name} between runs; exit code 75") == 1
    while_built = run_between(tmp_path, number.name, "build", "--resume")
    assert while_built.returncode == 75 and "went on" not in while_built.stdout, while_built

    gone_on = run_between(tmp_path, number.name, "nowhere", "--resume")
    assert (gone_on.returncode, gone_on.stdout) == (0, "at the end\n"), gone_on
    spikes = reading.read_spikes(tmp_path / "spikes.h5")
    assert all(np.array_equal(*pair) and pair[0].size for pair in zip(spikes, unstopped, strict=True))


@pytest.mark.mpi_skip
@pytest.mark.parametrize("when", ["build", "unsaved"])
def test_a_signal_outside_of_runs_acts_as_ever_where_nothing_is_saved(when, tmp_path):
    ended = run_between(tmp_path, "SIGTERM", when)
    assert ended.returncode == -signal.SIGTERM and "between runs" not in ended.stderr, ended


def test_a_handler_of_the_script_stays_between_runs(tmp_path):
    heard = []
    before = signal.signal(signal.SIGUSR1, lambda number, frame: heard.append(number))
    try:
        sim = ps.Simulation(busy()[0], progress=False)
        sim.run(10.0, checkpoint_to=tmp_path / "state", checkpoint_every=1.0)
        signal.raise_signal(signal.SIGUSR1)
    finally:
        signal.signal(signal.SIGUSR1, before)
        for number in SIGNALS:
            signal.signal(number, signal.SIG_DFL)
    assert heard == [signal.SIGUSR1]


@pytest.mark.mpi_skip
def test_processes_that_a_script_has_forked_end_by_signals_as_ever(tmp_path):
    """A pool of workers ends its own by SIGTERM."""
    (tmp_path / "model.py").write_text(BETWEEN.replace('send("between")', """
import multiprocessing
with multiprocessing.get_context("fork").Pool(2) as pool:
    print(pool.map(abs, [-1, 2]))
child = os.fork()
if child == 0:
    time.sleep(20)
    os._exit(3)
os.kill(child, signal.SIGTERM)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""))  # fmt: skip
    command = parsim_run("model.py", "SIGTERM", "nowhere")
    ended = subprocess.run(
        command, capture_output=True, text=True, cwd=tmp_path, env=environment(), timeout=300
    )
    assert (ended.returncode, ended.stdout) == (0, "[1, 2]\n-15\nat the end\n"), ended
    assert "between runs" not in ended.stderr


class TestUnderMpirun:
    pytestmark = needs_mpirun

    def test_a_signal_to_one_rank_between_runs_ends_all_with_75(self, tmp_path):
        ended = run_between(tmp_path, "SIGTERM", "between", ranks=2)
        assert ended.returncode == 75 and "went on" not in ended.stdout, ended
        assert ended.stderr.count("SIGTERM between runs; exit code 75") == 1
        assert ended.stderr.count("parsim: rank 0 of 2 has ended with exit code 75 after run(30") == 1

    @pytest.mark.parametrize("sender", [0, 1, -1])
    def test_all_ranks_save_once_whoever_gets_the_signal(self, sender, tmp_path):
        done = run_job(tmp_path, int(signal.SIGTERM), sender, 1, "saving", ranks=2)
        assert done.returncode == 75, done
        assert "Traceback" not in done.stderr and "never stopped" not in done.stdout
        (name,) = names(tmp_path)
        about, _ = read_checkpoint(tmp_path / name)
        assert about["now"] >= 300 and about["now"] % 15 == 0

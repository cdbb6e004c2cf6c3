"""Ctrl-C: all ranks stop at the same step, what was recorded is kept, and the run can go on."""

import signal
import threading
from collections.abc import Iterator
from functools import partial

import numpy as np
import pytest

import parsim as ps
from parsim.engine.keeping import recording
from parsim.io import reading
from tests.jobs import job, needs_mpirun
from tests.signalling import raise_at


@pytest.fixture
def at_the_keyboard() -> Iterator[None]:
    """SIGINT raises KeyboardInterrupt, also where the tests themselves run in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def press(at_the_keyboard, monkeypatch):
    """`press(5.0)`: Ctrl-C when a run is at 5 ms or later, once; `press(5.0, 2)`: twice in a row."""

    return partial(raise_at, monkeypatch, signal.SIGINT)


def busy(**options) -> tuple[ps.Network, ps.Population, ps.SpikeRecording, ps.Recording]:
    """Cells that fire now and then; spikes go round every 1.5 ms."""
    net = ps.Network(seed=1)
    cells = net.create("iaf_psc_exp", 6, V_m=ps.Uniform(-70.0, -56.0), I_e=450.0)
    net.connect(cells, cells, ps.FixedIndegree(2), ps.static_synapse(weight=30.0, delay=1.5))
    return net, cells, net.record_spikes(cells, **options), net.record(cells, "V_m", interval=0.4)


@pytest.mark.parametrize("threads", [1, 2])
def test_a_run_stops_at_an_intervals_edge_and_goes_on_as_if_never_stopped(press, threads, tmp_path):
    net, cells, spikes, voltage = busy()
    sim = ps.Simulation(net, threads=threads)
    sim.run(60.0)
    expected = spikes.times, spikes.gids, voltage.values, sim.get(cells, "V_m")

    net, cells, spikes, voltage = busy()
    net.record_spikes(cells, to=tmp_path / "spikes.h5")
    sim = ps.Simulation(net, threads=threads)
    press(20.0)
    with pytest.raises(KeyboardInterrupt, match=r"stopped at t = 21 ms; what was recorded is kept"):
        sim.run(60.0)
    assert sim.now == sim.report().time == 21.0
    before = expected[0] <= 21.0
    assert 0 < before.sum() < before.size
    assert np.array_equal(spikes.times, expected[0][before]) and np.array_equal(
        spikes.gids, expected[1][before]
    )
    assert np.array_equal(voltage.values, expected[2][:52])
    assert np.array_equal(reading.read_spikes(tmp_path / "spikes.h5")[0], spikes.times)
    assert reading.read_window(tmp_path / "spikes.h5") == (0.0, 21.0)

    press(1e9)
    sim.run(39.0)
    for found, wanted in zip(
        (spikes.times, spikes.gids, voltage.values, sim.get(cells, "V_m")), expected, strict=True
    ):
        assert np.array_equal(found, wanted)


@pytest.mark.parametrize("threads", [1, 2])
def test_an_interrupt_is_heeded_in_a_run_that_never_comes_to_an_edge(press, threads):
    """A script that runs in small pieces must not swallow Ctrl-C."""
    net, *_ = busy()
    sim = ps.Simulation(net, threads=threads)
    press(2.0)
    with pytest.raises(KeyboardInterrupt, match=r"stopped at t = 2 ms"):
        for _ in range(50):
            sim.run(0.1)
    press(1e9)
    sim.run(1.0)
    assert sim.now == 3.0


@pytest.mark.parametrize("threads", [1, 2])
def test_a_second_interrupt_does_not_wait(press, threads):
    net, *_ = busy()
    sim = ps.Simulation(net, threads=threads)
    press(20.0, times=2)
    with pytest.raises(KeyboardInterrupt) as error:
        sim.run(60.0)
    assert str(error.value) == ""  # Python's own


def test_an_interrupt_that_is_ignored_stays_ignored(press):
    net, *_ = busy()
    sim = ps.Simulation(net)
    press(20.0)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        sim.run(60.0)
    finally:
        signal.signal(signal.SIGINT, before)
    assert sim.now == 60.0


def test_a_run_in_another_thread_leaves_interrupts_alone(at_the_keyboard):
    net, _, spikes, _ = busy()
    sim = ps.Simulation(net, threads=2)
    runner = threading.Thread(target=sim.run, args=(60.0,))
    runner.start()
    runner.join()
    assert sim.now == 60.0 and len(spikes) > 0


# A thread of the script presses Ctrl-C when the run is under way, on one rank only.
SCRIPT = """
import os, signal, sys, threading, time
import parsim as ps

folder, presses, threads, caught = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "caught"
net = ps.Network(seed=1)
cells = net.create("iaf_psc_exp", 6, V_m=ps.Uniform(-70.0, -56.0), I_e=450.0)
net.connect(cells, cells, ps.FixedIndegree(2), ps.static_synapse(weight=30.0, delay=1.5))
spikes = net.record_spikes(cells)
net.record_spikes(cells, to=os.path.join(folder, "spikes.h5"))
net.record(cells, "V_m", interval=0.3, to=os.path.join(folder, "traces.h5"))
sim = ps.Simulation(net, threads=threads, progress=False)

def press():
    while sim.now < 30.0:
        time.sleep(0.001)
    os.kill(os.getpid(), signal.SIGINT)

if sim.comm.rank // threads == presses:
    threading.Thread(target=press, daemon=True).start()
try:
    sim.run(1e8)
except KeyboardInterrupt as error:
    if not caught:
        raise
    sys.stdout.write(f"rank {sim.comm.rank}: {error}; {sim.now!r} {len(spikes)}\\n")
else:
    print("never stopped")
"""


def check_files(folder, now: float, n: int) -> None:
    """Complete files that end where the run did, at an interval's edge."""
    assert now >= 30.0 and round(now * 10) % 15 == 0
    times, _ = reading.read_spikes(folder / "spikes.h5")
    assert times.size == n > 0 and times.max() <= now
    when, *_ = reading.read_traces(folder / "traces.h5")
    assert when.size == round(now * 10) // 3


@pytest.mark.mpi_skip
@pytest.mark.parametrize("threads", [1, 2])
def test_ctrl_c_stops_a_script(threads, tmp_path):
    code, output, seconds = job(tmp_path, 0, threads, "caught", script=SCRIPT)
    assert code == 0 and seconds < 120.0
    text, numbers = output.split("; what was recorded is kept; ")
    now, n = numbers.split()
    assert text.endswith(f"rank 0: stopped at t = {float(now):g} ms")
    check_files(tmp_path, float(now), int(n))


@pytest.mark.mpi_skip
def test_ctrl_c_ends_a_script_that_does_not_catch_it(tmp_path):
    code, output, _ = job(tmp_path, 0, 1, "raised", script=SCRIPT)
    assert code != 0
    assert "KeyboardInterrupt: stopped at t = " in output and "never stopped" not in output


class TestUnderMpirun:
    pytestmark = needs_mpirun

    @pytest.mark.parametrize("presses", [0, 1])
    def test_all_ranks_stop_at_the_same_edge_when_one_is_interrupted(self, presses, tmp_path):
        code, output, seconds = job(tmp_path, presses, 1, "caught", script=SCRIPT, ranks=2)
        assert code == 0 and seconds < 120.0, output
        lines = sorted(output.splitlines())
        assert [line.split(":")[0] for line in lines] == ["rank 0", "rank 1"]
        now = {line.split()[-2] for line in lines}
        assert len(now) == 1
        n, elsewhere = (int(line.split()[-1]) for line in lines)
        assert elsewhere == 0
        check_files(tmp_path, float(now.pop()), n)

    def test_an_interrupt_that_is_not_caught_is_one_line(self, tmp_path):
        code, output, _ = job(tmp_path, 1, 1, "raised", script=SCRIPT, ranks=2)
        assert code != 0
        assert output.count("parsim: interrupted") == 1
        assert "Traceback" not in output and "never stopped" not in output
        times, _ = reading.read_spikes(tmp_path / "spikes.h5")
        assert times.size > 0


def test_a_run_is_stopped_however_often_what_it_records_is_handed_over(tmp_path, monkeypatch):
    monkeypatch.setattr(recording, "KEPT", 6)  # full long before Python would look otherwise
    net = ps.Network(seed=1)
    cells = net.create("iaf_psc_exp", 6, V_m=ps.Uniform(-70.0, -56.0), I_e=450.0)
    net.connect(cells, cells, ps.FixedIndegree(2), ps.static_synapse(weight=30.0, delay=1.5))
    spikes = net.record_spikes(cells)
    sim = ps.Simulation(net, progress=False)
    with pytest.raises(ps.Stopped, match="the wall time is nearly over"):
        sim.run(1e7, checkpoint_to=tmp_path / "state", walltime=0.5)
    assert sim.now < 1e7 and len(spikes) > 6

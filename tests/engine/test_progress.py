"""The line that says how far a run is: what it says, how often, and where."""

import io

import numpy as np
import pytest

import parsim as ps
from parsim.engine.running import program, progress
from parsim.engine.running.progress import Progress


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now, self.by_call = 100.0, 0.0

    def __call__(self) -> float:
        self.now += self.by_call
        return self.now


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(progress, "perf_counter", made)
    return made


def test_nothing_is_said_for_two_seconds(clock):
    stream = io.StringIO()
    shown = Progress(1000.0, stream)
    for now in range(1, 20):
        clock.now += 0.1
        shown.update(float(now), spikes=now)
    shown.close()
    assert stream.getvalue() == ""


def test_the_line_says_time_share_rest_factor_and_spikes(clock):
    stream = io.StringIO()
    shown = Progress(1000.0, stream)
    clock.now += 5.0
    shown.update(1.5, spikes=3)  # the first interval may have compiled: it does not count
    clock.now += 10.0
    shown.update(251.5, spikes=1234)  # 250 ms in 10 s: 40 s for each second of model time
    assert stream.getvalue() == (
        "parsim: 251.5 of 1000.0 ms (25 %), 0:30 left, real-time factor 40.00, 1234 spikes\n"
    )


def test_minutes_are_written_out(clock):
    assert "12:05 left" in Progress(1000.0).line(500.0, 0, elapsed=725.0, moved=500.0)
    assert "(100 %), 0:00 left" in Progress(1000.0).line(1000.0, 0, elapsed=725.0, moved=500.0)


def test_a_stream_that_is_no_terminal_gets_a_line_each_ten_seconds(clock):
    stream = io.StringIO()
    shown = Progress(1000.0, stream)
    for now in range(400):
        clock.now += 0.125
        shown.update(now + 1.0, spikes=0)
    shown.close()
    lines = stream.getvalue().splitlines()
    assert len(lines) == 5  # after 2, 12, 22, 32 and 42 of 50 seconds
    assert [line.split()[1] for line in lines] == ["16.0", "96.0", "176.0", "256.0", "336.0"]
    assert stream.getvalue().endswith("spikes\n") and "\r" not in stream.getvalue()


def test_a_terminal_gets_one_line_that_is_drawn_anew(clock):
    stream = Terminal()
    shown = Progress(1000.0, stream)
    for now in range(40):
        clock.now += 0.125
        shown.update(now + 1.0, spikes=10_000 - 20 * now)
    before = stream.getvalue()
    shown.close()
    assert stream.getvalue() == before + "\n" and "\n" not in before
    lines = before.split("\r")
    assert lines[0] == "" and len(lines) == 1 + 13  # at 2.0, 2.25, ... 5.0 seconds
    assert all(len(line) >= 78 for line in lines[1:])  # so that a longer line before is covered


def test_a_terminal_is_left_alone_when_nothing_was_said(clock):
    stream = Terminal()
    shown = Progress(1000.0, stream)
    shown.update(1.0, 0)
    shown.close()
    assert stream.getvalue() == ""


def told(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What was said on stderr, but for the line that comes when kernels are compiled."""
    return [line for line in capsys.readouterr().err.splitlines() if "compiling kernels" not in line]


@pytest.mark.parametrize("threads", [1, 2])
def test_a_long_run_shows_its_progress_on_rank_0(clock, capsys, threads, monkeypatch):
    net = ps.Network()
    cells = net.create("iaf_psc_exp", 2, I_e=500.0)
    spikes = net.record_spikes(cells)
    sim = ps.Simulation(net, threads=threads)
    clock.by_call = 1.0
    monkeypatch.setattr(program, "PATIENCE", 0.0)  # Python looks at every edge
    sim.run(30.0)
    lines = told(capsys)
    assert [line.split(" left")[0] for line in lines] == [
        "parsim: 2.0 of 30.0 ms (7 %), 0:28",
        "parsim: 12.0 of 30.0 ms (40 %), 0:18",
        "parsim: 22.0 of 30.0 ms (73 %), 0:08",
    ]
    seen = [int(np.count_nonzero(spikes.times <= t)) for t in (2.0, 12.0, 22.0)]
    assert [line.split(", ")[-1] for line in lines] == [f"{n} spikes" for n in seen]
    assert seen[-1] > 0
    sim.run(15.0)
    assert "of 45.0 ms" in told(capsys)[0]


def test_progress_may_be_changed_and_is_a_flag():
    sim = ps.Simulation(ps.Network(), progress=False)
    sim.progress = True
    assert sim.progress is True
    for other in (1, "no", None, np.ones(2, bool)):
        with pytest.raises(ps.DescriptionError, match=r"progress is .*True or False"):
            sim.progress = other
    assert sim.progress is True


def test_a_short_run_and_one_without_progress_are_silent(clock, capsys):
    net = ps.Network()
    net.create("iaf_psc_exp", 2)
    ps.Simulation(net).run(30.0)
    clock.by_call = 1.0
    ps.Simulation(net, progress=False).run(30.0)
    assert told(capsys) == []

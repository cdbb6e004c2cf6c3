"""Ranks killed at random moments: the job ends, and is resumed until its files are those of a run never killed.

Four kills by default, 20 with PARSIM_LONG=1.
"""

import os
import random
import signal
import subprocess
import time
from pathlib import Path

from parsim.io.reading import read_spikes
from tests.jobs import environment, needs_mpirun, parsim_run
from tests.result_files import contents

KILLS = 20 if os.environ.get("PARSIM_LONG") else 4
RANKS = 2

MODEL = """
import os, time
import parsim as ps
from parsim.comm.world import world

comm = world()
net = ps.Network(seed=9)
cells = net.create("iaf_psc_exp", 60, V_m=ps.Uniform(-70.0, -56.0), I_e=450.0)
net.connect(cells, cells, ps.FixedIndegree(5), ps.static_synapse(weight=30.0, delay=1.5))
net.record_spikes(cells, to="spikes.h5")
net.record(cells[:4], "V_m", interval=0.9, to="traces.h5")
sim = ps.Simulation(net, progress=False)
open(f"started-{comm.rank}", "w").write(str(os.getpid()))
for _ in range(4):
    sim.run(LENGTH, checkpoint_every=50.0, checkpoint_to="state")
"""


def start(folder: Path, ranks: int, *arguments: str) -> "subprocess.Popen[str]":
    for old in folder.glob("started-*"):
        old.unlink()
    command = parsim_run(*arguments, "model.py", ranks=ranks)
    return subprocess.Popen(
        command, cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def finish(job: "subprocess.Popen[str]") -> tuple[int, str]:
    output, _ = job.communicate(timeout=120)
    return job.returncode, output


def process_of(folder: Path, rank: int, job: "subprocess.Popen[str]") -> int:
    """The process of a rank, once it has built its network."""
    file = folder / f"started-{rank}"
    while not (file.exists() and file.read_text()):
        assert job.poll() is None, finish(job)
        time.sleep(0.01)
    return int(file.read_text())


class TestUnderMpirun:
    pytestmark = needs_mpirun

    def test_a_job_that_is_killed_again_and_again_ends_with_the_files_of_one_that_was_not(self, tmp_path):
        whole, parts = tmp_path / "whole", tmp_path / "parts"
        for folder in (whole, parts):
            folder.mkdir()
            (folder / "model.py").write_text(MODEL.replace("LENGTH", str(250.0 * KILLS)))
        began = time.monotonic()
        job = start(whole, 1)
        process_of(whole, 0, job)
        built = time.monotonic()
        code, output = finish(job)
        assert code == 0, output
        running, chance = time.monotonic() - built, random.Random(4)
        assert built - began < 200.0

        kills = 0
        while True:
            ranks = 1 + kills % RANKS
            job = start(parts, ranks, "--resume")
            if kills < KILLS:
                victim = process_of(parts, chance.randrange(ranks), job)
                time.sleep(chance.uniform(0.0, running / KILLS))
                kill(victim)
                kills += 1
            asked = time.monotonic()
            code, output = finish(job)
            if code == 0:
                break
            assert time.monotonic() - asked < 10.0 and "Traceback" not in output, output
            times, _ = read_spikes(parts / "spikes.h5")  # readable whenever it was killed
            assert (times[1:] >= times[:-1]).all()
        assert kills == KILLS
        for name in ("spikes.h5", "traces.h5"):
            assert contents(parts / name) == contents(whole / name)
        assert len(list(parts.glob("state-*"))) == 2  # nothing unfinished is left, either


def kill(process: int) -> None:
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        pass  # it was done already

"""Law "lanes" over forests: unequal cells that hear, are sampled, and do all that mechanisms can, are as in blocks."""

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import parsim as ps
from parsim.shard.cable import forest
from parsim.shard.events import queue
from tests.cable_models import SPREADING

MOD = Path(__file__).parents[1] / "nmodl" / "mod"
NOISE = ps.mechanism(
    "NEURON { POINT_PROCESS Noise RANDOM r RANGE amp, i NONSPECIFIC_CURRENT i } PARAMETER { amp = 0.05 }\n"
    "ASSIGNED { i } BREAKPOINT { SOLVE draw } PROCEDURE draw() { i = amp*random_normal(r) }"
)
KICK = ps.mechanism("NEURON { POINT_PROCESS Kick } ASSIGNED { v } NET_RECEIVE(w) { v = v + w }")
SEES = ps.mechanism(
    "NEURON { POINT_PROCESS Sees RANGE g NONSPECIFIC_CURRENT i } ASSIGNED { v i g } INITIAL { net_send(0, 2) }\n"
    "BREAKPOINT { i = g*v } NET_RECEIVE(w) { if (flag == 2) { WATCH (v > -50) 3 } else { g = g + 0.0005 } }"
)
COUNTS = (1, 3, 1, 2, 1)  # cells of each model
RECORDED = (
    "soma.v", "twig.cai", "twig.ica", "twig.eca", "exc.g", "sat.Ron", "soma.hh.m", "soma.hh.gna", "soma.ina"
)  # fmt: skip


def tree(k: int, scheme: str) -> ps.CableModel:
    """A cell of its own shape that does all that cells of forests may; where there is no detector, a place fires."""
    fires = scheme == "trapezoid"
    soma, dend, twig = SPREADING.sections
    play = ps.played([0.0, 2.0 + k, 9.0], [0.0, 0.1 + 0.05 * k, 0.0])
    return replace(
        SPREADING, name=f"tree{k}", scheme=scheme, params={}, detector=None if fires else SPREADING.detector,
        sections=[soma, replace(dend, nseg=2 + k, L=150.0 + 20.0 * k), replace(twig, nseg=1 + (k + 1) % 3)],
        place=[
            *SPREADING.place[1:], ps.place("clamp", "IClamp", at="soma", delay=0.0, dur=1e9, amp=play),
            ps.place("alarm", ps.mechanism(MOD / "alarm.mod") if fires else SEES, at="soma"),
            ps.place("teacher", ps.mechanism(MOD / "teacher.mod"), at="twig(0.5)"),
            ps.place("noise", NOISE, at=["dend(0.2)", "twig(0.9)"]),
            ps.place("kick", KICK, at="dend(0.9)"),
        ],
    )  # fmt: skip


MODELS = {scheme: [tree(k, scheme) for k in range(len(COUNTS))] for scheme in ("backward_euler", "trapezoid")}


def outcome(scheme, cuts, delay, threads=1, train=(1.03, 2.5, 2.51, 7.0, 11.04)):
    """What is recorded, all states at the end, and spikes."""
    net = ps.Network(seed=5)
    cells = [net.create(model, n) for model, n in zip(MODELS[scheme], COUNTS, strict=True)]
    for some in cells:
        for place, weight in (
            ("exc", 0.01),
            ("sat", 0.003),
            ("teacher", 0.002),
            ("kick", 3.0),
            ("alarm", 1.0),
        ):
            source = net.create("VecStim", spike_times=[train])
            synapse = ps.static_synapse(weight=weight, delay=delay)
            net.connect(source, some.at(place), ps.AllToAll(), synapse)
    everyone = sum(cells[1:], cells[0][:])
    net.connect(everyone, cells[1].at("exc"), ps.AllToAll(), ps.static_synapse(weight=0.001, delay=delay))
    traces = [net.record(some, name, interval=0.1) for some in cells for name in RECORDED]
    traces += [net.record(cells[0], "noise.i", interval=0.025)]
    spikes = net.record_spikes(everyone)
    sim = ps.Simulation(net, dt=0.025, progress=False, threads=threads)
    for t in cuts:
        sim.run(t)
    states = [sim.get(some, v.name) for some in cells for v in some.model.recordables]
    return [*(trace.values for trace in traces), *states, np.array(spikes.times), np.array(spikes.gids)]


def same(some, others):
    for a, b in zip(some, others, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    ("scheme", "delay"), [("backward_euler", 1.0), ("trapezoid", 1.0), ("backward_euler", 0.025)],
    ids=["euler", "trapezoid", "each-step"],
)  # fmt: skip
def test_cells_do_in_a_forest_what_they_do_in_blocks(planted, monkeypatch, scheme, delay):
    together = outcome(scheme, (3.3, 0.025, 8.675), delay)
    assert planted == [8]
    assert together[-1].size >= 8
    monkeypatch.setattr(forest, "FEWEST", 99)
    same(together, outcome(scheme, (12.0,), delay))
    assert planted == [8]


def test_forests_of_other_ranks_change_nothing(planted):
    same(outcome("backward_euler", (12.0,), 1.0, threads=2), outcome("backward_euler", (12.0,), 1.0))
    assert sum(planted[:-1]) <= 8 and planted[-1] == 8


def test_where_more_waits_than_there_is_room_for_room_is_made(planted, monkeypatch):
    """Within half a step of a cut there come more events than a queue has room for."""
    train = [1.03, *(2.29 + 4e-5 * np.arange(200)), 7.0]
    whole = outcome("backward_euler", (9.0,), 1.0, train=train)
    monkeypatch.setattr(queue, "NODES", queue.RESERVE)
    same(whole, outcome("backward_euler", (3.3, 5.7), 1.0, train=train))
    assert planted == [8, 8]


def digest() -> str:
    """Of a short run in which all is done."""
    found = hashlib.sha256()
    for column in outcome("trapezoid", (0.5, 0.3), 0.1):
        found.update(column.tobytes())
    return found.hexdigest()


def test_the_compiler_changes_no_bit():
    code = "from tests.laws.test_forests import digest; print(digest())"
    env = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], env=env, cwd=root, capture_output=True, text=True)
    assert done.stdout.strip() == digest(), done.stderr

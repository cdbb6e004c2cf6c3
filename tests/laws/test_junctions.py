"""The laws with gap junctions, which bind cells on different ranks within an interval."""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import parsim as ps
from tests.cable_models import CABLE, CABLES, EXACT, LINKED, SPREADING
from tests.helpers import ALL_STIMULI, COUPLED_MODELS, couple, outcome, run_small, small_network

SETTINGS = [
    ps.Relaxation(),
    ps.Relaxation(interval=0.7),
    ps.Relaxation(interval=0.3, tolerance=1e-3, order=1),
]
LAG = ps.Relaxation(lag=True)

# Every model with every setting, every stimulus with one model.
CASES = [
    *((model, ps.poisson_generator, r) for model in COUPLED_MODELS for r in SETTINGS),
    *((ps.iaf_psc_exp, s, SETTINGS[0]) for s in ALL_STIMULI if s is not ps.poisson_generator),
    *((CABLE, ps.poisson_generator, r) for r in (SETTINGS[0], SETTINGS[1], LAG)),
    *((model, ps.poisson_generator, SETTINGS[0]) for model in (LINKED, EXACT, SPREADING)),
    (ps.iaf_psc_exp, ps.poisson_generator, LAG),
]


def until(model):
    """How long is run, ms. Cells of sections, whose exchanges take ten times as long, all fire within 10 ms."""
    return 20.0 if model in CABLES else 40.0


def run(model, threads=1, runs=None, stimulus=ps.poisson_generator, relaxation=None, record=None, n=17):
    net, cells, spikes, _ = small_network(model, stimulus, n)
    couple(net, cells)
    if record is not None:
        record(net, cells)
    sim = ps.Simulation(net, dt=0.1, threads=threads, relaxation=relaxation)
    for duration in runs or (until(model),):
        sim.run(duration)
    return outcome(sim, cells, spikes)


@cache
def run_alone(model, stimulus=ps.poisson_generator, relaxation=None):
    """On one rank in one go: what three laws compare with."""
    return run(model, stimulus=stimulus, relaxation=relaxation)


@cache
def run_unjoined(model, stimulus):
    return run_small(model, stimulus, runs=(until(model),))


@pytest.mark.parametrize(("model", "stimulus", "relaxation"), CASES, ids=str)
def test_the_number_of_ranks_changes_nothing(model, stimulus, relaxation):
    alone = run_alone(model, stimulus, relaxation)
    assert alone.times.size > 5
    assert alone != run_unjoined(model, stimulus)
    for ranks in (2, 3, 5):
        assert run(model, ranks, stimulus=stimulus, relaxation=relaxation) == alone


@pytest.mark.parametrize("model", COUPLED_MODELS, ids=str)
def test_every_size_and_more_ranks_than_cells_change_nothing(model):
    for n in (3, 4, 9, 16):
        alone = run(model, runs=(15.0,), n=n)
        for ranks in (2, n + 2):
            assert run(model, ranks, runs=(15.0,), n=n) == alone


@pytest.mark.parametrize(("model", "stimulus", "relaxation"), CASES, ids=str)
def test_cutting_and_recording_change_nothing(model, stimulus, relaxation):
    def much(net, cells):
        for variable in model.recordables if model not in CABLES else (voltage, "twig.cai", "sat.Ron"):
            net.record(cells, getattr(variable, "name", variable), interval=0.1)
        net.record(cells[3:5], voltage, interval=0.7)

    def little(net, cells):
        net.record(cells[:1], voltage, interval=2.0)

    voltage = "V_m" if model not in CABLES else "dend(0.2).v"

    whole, stop = run_alone(model, stimulus, relaxation), until(model)
    for threads, runs, record in (
        (1, (0.1, 0.3, 7.7, 0.0, stop - 8.1), None),
        (2, (13.2, stop - 13.2), None),
        (1, (stop,), much),
        (2, (11.1, stop - 11.1), much),
        (3, (11.1, stop - 11.1), little),
    ):
        assert run(model, threads, runs, stimulus, relaxation, record) == whole


RESTARTS = [(m, r) for m in COUPLED_MODELS for r in SETTINGS]
RESTARTS += [(CABLE, SETTINGS[1]), (CABLE, LAG), (LINKED, SETTINGS[0]), (EXACT, SETTINGS[0])]


@pytest.mark.parametrize(("model", "relaxation"), [*RESTARTS, (ps.iaf_psc_exp, LAG)], ids=str)
def test_a_restored_simulation_goes_on_as_if_never_stopped(model, relaxation, tmp_path):
    def said():
        net, cells, spikes, _ = small_network(model)
        couple(net, cells)
        return net, cells, spikes

    whole = run_alone(model, relaxation=relaxation)
    for saved_on, restored_on, stop in ((1, 3, until(model) / 2.0), (3, 2, 17.3), (2, 1, 0.0)):
        file = tmp_path / f"{saved_on}.h5"
        net, cells, spikes = said()
        first = ps.Simulation(net, dt=0.1, threads=saved_on, relaxation=relaxation)
        first.run(stop)
        first.save(file)
        before = outcome(first, cells, spikes)

        net, cells, spikes = said()
        second = ps.Simulation(net, dt=0.1, threads=restored_on, relaxation=relaxation, restore=file)
        second.run(until(model) - stop)
        after = outcome(second, cells, spikes)
        after.times = np.concatenate([before.times, after.times])
        after.gids = np.concatenate([before.gids, after.gids])
        assert after == whole


@pytest.mark.parametrize("relaxation", [SETTINGS[1], LAG], ids=str)
def test_cells_of_sections_are_set_joined_and_begun_within_an_interval_alike_on_any_number_of_ranks(
    relaxation,
):
    def changed(threads):
        net, cells, spikes, source = small_network(CABLE)
        couple(net, cells)
        sim = ps.Simulation(net, dt=0.1, threads=threads, relaxation=relaxation)
        sim.run(10.3)
        sim.set(cells[::2], v=ps.Uniform(-70.0, -60.0))
        sim.set(cells[1::2], **{"dend.pas.g": 3e-4})
        sim.run(0.2)
        sim.set(source, rate=500.0)
        sim.run(1.1)
        more = net.create(CABLE, 5)
        net.couple(cells.at("twig(0.9)"), more.at("soma"), ps.FixedIndegree(2), weight=ps.Uniform(0.5, 3.0))
        net.connect(cells, more.at("sat"), ps.FixedOutdegree(2), ps.static_synapse(weight=1e-3, delay=0.4))
        sim.run(1.2)
        sim.run(10.0)
        found = outcome(sim, cells, spikes)
        found.states["more"] = sim.get(more, "twig.v")
        return found

    alone = changed(1)
    for ranks in (2, 7):
        assert changed(ranks) == alone


@pytest.mark.parametrize("relaxation", [SETTINGS[0], LAG], ids=str)
def test_a_voltage_that_is_no_number_ends_all_ranks(relaxation):
    for threads in (1, 3):
        net = ps.Network()
        cells = net.create(CABLE, 8)
        net.couple(cells.at("soma"), cells.at("twig(0.9)"), ps.PairwiseBernoulli(0.5), weight=2.0)
        sim = ps.Simulation(net, dt=0.1, threads=threads, relaxation=relaxation)
        sim.run(3.0)
        sim.set(cells[3], amp=1e308)
        with pytest.raises(ps.SimulationError, match=r"the voltage of gid \d \(cable\) became"):
            sim.run(20.0)


@pytest.mark.parametrize("model", COUPLED_MODELS, ids=str)
def test_what_is_set_and_said_inside_an_interval_is_the_same_on_any_number_of_ranks(model, tmp_path):
    def changed(threads, save=None):
        net, cells, spikes, source = small_network(model)
        couple(net, cells)
        sim = ps.Simulation(net, dt=0.1, threads=threads, relaxation=ps.Relaxation(interval=0.7))
        sim.run(10.3)
        sim.set(cells[::2], V_m=ps.Uniform(-70.0, -60.0))
        sim.run(0.2)
        sim.set(source, rate=500.0)
        sim.run(1.1)
        more = net.create(model, 5)
        net.couple(cells, more, ps.FixedIndegree(2), weight=ps.Uniform(0.5, 3.0))
        net.connect(cells, more, ps.FixedOutdegree(2), ps.static_synapse(weight=100.0, delay=0.4))
        sim.run(1.2)
        if save is not None:
            sim.save(save)
        sim.run(10.0)
        found = outcome(sim, cells, spikes)
        found.states["more"] = sim.get(more, "V_m")
        return found

    alone = changed(1)
    for ranks in (2, 3, 7):
        assert changed(ranks) == alone

    changed(2, tmp_path / "grown.h5")
    net, cells, *_ = small_network(model)
    couple(net, cells)
    more = net.create(model, 5)
    net.couple(cells, more, ps.FixedIndegree(2), weight=ps.Uniform(0.5, 3.0))
    net.connect(cells, more, ps.FixedOutdegree(2), ps.static_synapse(weight=100.0, delay=0.4))
    relaxation = ps.Relaxation(interval=0.7)
    again = ps.Simulation(net, dt=0.1, threads=3, relaxation=relaxation, restore=tmp_path / "grown.h5")
    again.run(10.0)
    assert np.array_equal(again.get(cells, "V_m"), alone.states["V_m"])
    assert np.array_equal(again.get(more, "V_m"), alone.states["more"])


@pytest.mark.parametrize("model", COUPLED_MODELS, ids=str)
def test_junctions_elsewhere_and_a_rank_without_any_change_nothing(model):
    """Two groups that know nothing of each other, and on two ranks a pair that sits on one of them."""

    def voltages(threads, others):
        net = ps.Network(seed=4)
        pair = net.create(model, 3, V_m=[-60.0, -70.0, -65.0])  # gids 0 and 2 share a rank of two
        net.couple(pair[0], pair[2], ps.OneToOne(), weight=4.0)
        if others:
            more = net.create(
                model, 300, V_m=-55.5
            )  # beyond a block, so that some blocks are swept, others not
            net.couple(more[:2], more[:2], ps.AllToAll(), weight=8.0)
        sim = ps.Simulation(net, threads=threads)
        sim.run(5.0)
        return sim.get(pair, "V_m")

    alone = voltages(1, False)
    assert abs(alone[0] - alone[2]) < 10.0
    for threads in (2, 5):
        assert np.array_equal(voltages(threads, False), alone)
    beside_others = voltages(1, True)
    # One tolerance for all: who else is there may decide on one more sweep.
    assert np.allclose(beside_others, alone, rtol=0.0, atol=1e-4)
    for threads in (2, 3):
        assert np.array_equal(voltages(threads, True), beside_others)


SCRIPT = """
import hashlib
import parsim as ps
from tests.helpers import COUPLED_MODELS, EXACT, couple, run_small
digest = hashlib.sha256()
for model in (*COUPLED_MODELS, EXACT):
    # Without the compiler cables take 14 s a millisecond.
    found = run_small(model, n=5, runs=(0.7,) if model is EXACT else (6.0,), prepare=couple)
    digest.update(found.times.tobytes() + found.gids.tobytes())
    for name in sorted(found.states):
        digest.update(found.states[name].tobytes())
print(digest.hexdigest())
"""


def test_the_compiler_changes_no_bit():
    def digest(disabled):
        root = Path(__file__).parents[2]
        env = os.environ | {"PYTHONPATH": str(root), "NUMBA_DISABLE_JIT": disabled}
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT], env=env, cwd=root, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    assert digest("1") == digest("0")


def test_two_runs_of_one_network_do_not_know_of_each_other():
    model = COUPLED_MODELS[0]
    assert run(model) == run_alone(model)

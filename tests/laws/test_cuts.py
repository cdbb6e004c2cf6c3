"""Law 2: `run(100)` equals `run(30); run(70)`, and recording, at any rate, changes nothing."""

import pytest

import parsim as ps
from tests.helpers import ALL_CELL_MODELS, LAW_PAIRS, run_small


@pytest.mark.parametrize(("model", "stimulus"), LAW_PAIRS, ids=str)
def test_cutting_a_run_changes_nothing(model, stimulus):
    whole = run_small(model, stimulus)
    assert run_small(model, stimulus, runs=(30.0, 30.0)) == whole
    assert run_small(model, stimulus, runs=(0.1, 0.3, 7.7, 0.0, 51.9)) == whole
    assert run_small(model, stimulus, runs=(33.3, 26.7), threads=2) == whole


@pytest.mark.parametrize("model", [m for m in ALL_CELL_MODELS if m.recordables], ids=str)
@pytest.mark.parametrize("threads", [1, 3])
def test_recording_changes_nothing(model, threads):
    def record_much(net, cells):
        for variable in model.recordables:
            net.record(cells, variable.name, interval=0.1)
        net.record(cells[3:5], "V_m", interval=0.7)
        net.record_spikes(cells[1:2])

    def record_first(net, cells):
        net.record(cells[:1], "V_m", interval=2.0)

    plain = run_small(model, threads=threads)
    assert run_small(model, threads=threads, prepare=record_much) == plain
    assert run_small(model, threads=threads, prepare=record_first, runs=(11.1, 48.9)) == plain


def test_a_recording_between_statements_changes_no_draw_after_it():
    def run(recorded):
        net = ps.Network(seed=2)
        cells = net.create("iaf_psc_exp", 8, V_m=ps.Uniform(-70.0, -60.0))
        if recorded:
            net.record(cells, "V_m", interval=0.1)
        net.connect(cells, cells, ps.FixedIndegree(2), ps.static_synapse(weight=ps.Normal(0.0, 1.0)))
        return ps.Simulation(net).connections()

    assert all((a == b).all() for a, b in zip(run(False), run(True), strict=True))

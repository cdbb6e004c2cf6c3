"""Law 2: `run(100)` equals `run(30); run(70)`, and recording, at any rate, changes nothing."""

import pytest

import parsim as ps
from tests.cable_models import CABLES
from tests.helpers import ALL_CELL_MODELS, EVENT_MODELS, LAW_PAIRS, MIXED_PAIRS, alone, run_small


@pytest.mark.parametrize(("model", "stimulus"), LAW_PAIRS, ids=str)
def test_cutting_a_run_changes_nothing(model, stimulus):
    whole = alone(model, stimulus)
    assert run_small(model, stimulus, runs=(30.0, 30.0)) == whole
    assert run_small(model, stimulus, runs=(0.1, 0.3, 7.7, 0.0, 51.9)) == whole
    assert run_small(model, stimulus, runs=(33.3, 26.7), threads=2) == whole


# Event-driven cells by themselves, some of them in islands, and with clocked ones both ways.
RECORDED = [*((m, ps.poisson_generator) for m in ALL_CELL_MODELS), *((m, ps.NetStim) for m in EVENT_MODELS)]
RECORDED += [*MIXED_PAIRS, *((model, ps.poisson_generator) for model in CABLES)]


@pytest.mark.parametrize(("model", "stimulus"), RECORDED, ids=str)
@pytest.mark.parametrize("threads", [1, 3])
def test_recording_changes_nothing(model, stimulus, threads):
    names = [variable.name for variable in (*model.recordables, *getattr(model, "traces", ()))]

    def record_much(net, cells):
        for name in names:
            net.record(cells, name, interval=0.1)
        for name in names[:1]:
            net.record(cells[3:5], name, interval=0.7)
        for population in net.populations:
            for variable in getattr(population.model, "recordables", ())[:1]:
                net.record(population, variable.name, interval=0.3)
        net.record_spikes(cells[1:2])

    def record_first(net, cells):
        for name in names[:1]:
            net.record(cells[:1], name, interval=2.0)
        net.record_spikes(cells[1:2])

    plain = alone(model, stimulus)
    assert run_small(model, stimulus, threads=threads, prepare=record_much) == plain
    assert run_small(model, stimulus, threads=threads, prepare=record_first, runs=(11.1, 48.9)) == plain


def test_a_recording_between_statements_changes_no_draw_after_it():
    def run(recorded):
        net = ps.Network(seed=2)
        cells = net.create("iaf_psc_exp", 8, V_m=ps.Uniform(-70.0, -60.0))
        if recorded:
            net.record(cells, "V_m", interval=0.1)
        net.connect(cells, cells, ps.FixedIndegree(2), ps.static_synapse(weight=ps.Normal(0.0, 1.0)))
        return ps.Simulation(net).connections().columns()

    assert all((a == b).all() for a, b in zip(run(False), run(True), strict=True))

"""The laws over MPI, against the same network on one rank: mpirun -n 2 python -m pytest --only-mpi tests/mpi."""

from types import SimpleNamespace

import numpy as np
import pytest

import parsim as ps
from parsim.comm.serial import SerialComm
from parsim.comm.world import world
from parsim.engine.agree import together
from tests import rows
from tests.helpers import (
    ALL_CELL_MODELS,
    COUPLED_MODELS,
    EVENT_PAIRS,
    Outcome,
    at_receptor,
    couple,
    outcome,
    small_network,
)

pytestmark = pytest.mark.mpi


def alike(check) -> None:
    """Collective: fail on all ranks when a check fails on one, so that none is left waiting."""
    together(world(), check)


def run(model, comm=None, threads: int = 1, **options) -> SimpleNamespace:
    """A small network on all ranks, or on one; two runs with changes between them."""
    net, cells, spikes, source = small_network(model, **options)
    everywhere = net.record_spikes(cells, everywhere=True)
    variables = [variable.name for variable in model.recordables]
    traces = [net.record(cells[2:9], name, interval=0.3) for name in variables]
    copies = [net.record(cells[2:9], name, interval=0.3, everywhere=True) for name in variables]
    sim = ps.Simulation(net, dt=0.1, comm=comm, threads=threads)
    sim.run(20.3)
    if "V_m" in variables:
        sim.set(cells[::2], V_m=ps.Uniform(-70.0, -60.0))
    sim.set(source, rate=2_500.0)
    late = net.create(model, 5)
    if model.receives:
        late_synapse = ps.static_synapse(weight=100.0, delay=0.4)
        net.connect(cells, at_receptor(late[:], 0), ps.FixedOutdegree(2), late_synapse)
    sim.run(29.7)
    found = outcome(sim, cells, everywhere)
    found.states |= {"late": sim.get(late, variables[0])} if variables else {}
    return SimpleNamespace(
        sim=sim, spikes=spikes, everywhere=everywhere, traces=traces, copies=copies, outcome=found,
        links=sim.connections().columns(everywhere=False), all_links=sim.connections().columns(),
    )  # fmt: skip


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("model", ALL_CELL_MODELS, ids=str)
def test_ranks_over_mpi_change_nothing(model, threads):
    parallel, alone = run(model, threads=threads), run(model, SerialComm())
    size = world().size

    def check() -> None:
        assert parallel.sim.comm.size == size * threads and alone.sim.comm.size == 1
        assert alone.outcome.times.size > 20
        assert parallel.outcome == alone.outcome
        for a, b in zip(parallel.copies, alone.copies, strict=True):
            assert np.array_equal(a.values, b.values) and np.array_equal(a.times, b.times)
            assert np.array_equal(a.gids, b.gids) and a.values.shape == (166, 7)
        for a, b in zip(parallel.all_links, alone.links, strict=True):
            assert np.array_equal(a, b) and a.size > 5

    alike(check)


@pytest.mark.parametrize("threads", [1, 2])
def test_what_is_recorded_is_on_rank_0_and_nowhere_else(threads):
    parallel, alone = run(ps.iaf_psc_exp, threads=threads), run(ps.iaf_psc_exp, SerialComm())

    def check() -> None:
        spikes, trace, report = parallel.spikes, parallel.traces[0], parallel.sim.report()
        if world().rank == 0:
            assert np.array_equal(spikes.times, alone.spikes.times)
            assert np.array_equal(spikes.gids, alone.spikes.gids)
            assert np.array_equal(trace.values, alone.traces[0].values)
            assert np.array_equal(parallel.links.weights, alone.links.weights)
            assert report.seconds.shape == (world().size * threads, 9)
            assert report.memory.shape == (world().size,)
            assert (report.bytes_sent > 0).all() == (world().size * threads > 1)
            assert f"on {world().size * threads} rank" in str(report)
        else:
            assert len(spikes) == spikes.times.size == spikes.gids.size == 0
            assert len(trace) == trace.times.size == trace.gids.size == trace.values.size == 0
            assert all(column.size == 0 for column in parallel.links)
            assert str(report) == "(the report is on rank 0)"
        assert (
            report.spikes == alone.sim.report().spikes
            and report.connections == alone.sim.report().connections
        )

    alike(check)


def test_a_file_is_written_by_rank_0_alone(tmp_path_factory):
    from parsim.io import reading

    folder = world().bcast(str(tmp_path_factory.mktemp("spikes")) if world().rank == 0 else None)
    net, cells, spikes, _ = small_network()
    net.record_spikes(cells, to=f"{folder}/spikes.h5")
    net.record(cells[1:], "V_m", interval=0.7, to=f"{folder}/traces.h5")
    values = net.record(cells[1:], "V_m", interval=0.7)
    sim = ps.Simulation(net, threads=2)
    sim.run(10.3)
    sim.run(20.0)

    def check() -> None:
        if world().rank == 0:
            times, gids = reading.read_spikes(f"{folder}/spikes.h5")
            assert (
                np.array_equal(times, spikes.times) and np.array_equal(gids, spikes.gids) and times.size > 5
            )
            assert np.array_equal(
                reading.read_traces(f"{folder}/traces.h5")[2], values.values.astype(np.float32)
            )
            assert reading.read_provenance(f"{folder}/spikes.h5")["ranks"] == 2 * world().size

    alike(check)


def test_more_ranks_than_cells_over_mpi():
    def small(comm=None, threads=3) -> Outcome:
        net, cells, _, _ = small_network(n=2)
        everywhere = net.record_spikes(cells, everywhere=True)
        sim = ps.Simulation(net, comm=comm, threads=threads)
        sim.run(30.0)
        return outcome(sim, cells, everywhere)

    parallel, alone = small(), small(SerialComm(), 1)

    def check() -> None:
        assert parallel == alone

    alike(check)


@pytest.mark.parametrize(("model", "stimulus"), EVENT_PAIRS, ids=str)
def test_event_driven_cells_over_mpi(model, stimulus):
    def small(comm=None, threads=2):
        net, cells, _, _ = small_network(model, stimulus)
        everywhere = net.record_spikes(cells, everywhere=True)
        sim = ps.Simulation(net, comm=comm, threads=threads)
        sim.run(10.3)
        sim.run(19.7)
        return outcome(sim, cells, everywhere)

    parallel, alone = small(), small(SerialComm(), 1)

    def check() -> None:
        assert alone.times.size > 20
        assert parallel == alone

    alike(check)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("model", COUPLED_MODELS, ids=str)
def test_gap_junctions_over_mpi_change_nothing(model, threads):
    def joined(comm=None, threads=1):
        net, cells, _, source = small_network(model)
        couple(net, cells)
        everywhere = net.record_spikes(cells, everywhere=True)
        sim = ps.Simulation(net, comm=comm, threads=threads, relaxation=ps.Relaxation(interval=0.3))
        sim.run(10.1)
        sim.set(source, rate=2_500.0)
        more = net.create(model, 2)
        net.couple(cells[:3], more, ps.AllToAll(), weight=2.0)
        sim.run(19.9)
        return outcome(sim, cells, everywhere), sim.junctions(everywhere=True), sim.report()

    parallel, alone = joined(threads=threads), joined(SerialComm())
    size = world().size * threads

    def check() -> None:
        assert parallel[0] == alone[0]
        assert all(np.array_equal(a, b) and a.size > 20 for a, b in zip(parallel[1], alone[1], strict=True))
        assert parallel[2].junctions == alone[2].junctions == alone[1].a.size
        assert parallel[2].sweeps == alone[2].sweeps
        if world().rank == 0:
            assert parallel[2].waveforms.shape == (size, 2) and (parallel[2].waveforms > 0).all() == (
                size > 1
            )

    alike(check)


@pytest.mark.parametrize("threads", [1, 2])
def test_connections_are_changed_and_taken_away_alike_over_mpi(threads):
    def run(**where):
        w = rows.world(**where)
        heard = w.net.record_transmissions(w.wears, everywhere=True)
        sampled = w.net.record(w.sim.connections(w.both)[::3], "weight", interval=0.7, everywhere=True)
        for act in (rows.change, rows.cut, rows.change, lambda w: None):
            w.sim.run(7.3)
            act(w)
        recorded = [heard.times, heard.senders, heard.targets, heard.weights, sampled.values, sampled.sources]
        return rows.outcome(w), [np.nan_to_num(column, nan=-1.0).tolist() for column in recorded]

    parallel, alone = run(threads=threads), run(comm=SerialComm())

    def check() -> None:
        assert parallel == alone and len(alone[1][0]) > 20

    alike(check)

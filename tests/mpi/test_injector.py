"""Prescribed spikes over MPI, against one rank: mpirun -n 2 python -m pytest --only-mpi tests/mpi."""

import numpy as np
import pytest

import parsim as ps
from parsim.comm.serial import SerialComm
from parsim.comm.world import world
from parsim.engine.agree import together

pytestmark = pytest.mark.mpi


def run(model, comm=None, threads=1):
    """Several calls of run, with trains set one by one and together, on the grid and not."""
    net = ps.Network()
    trains = [[1.0, 1.05, 3.0001], [2.0], [2.0, 2.0, 9.5], [], [0.1]]
    sources = net.create(model, 5, spike_times=trains, allow_offgrid_times=True)
    exact = net.create(
        model, 2, spike_times=[1.0, 1.05, 8.0001], precise_times=True, spike_multiplicities=[1, 0, 2]
    )
    birds = net.create("parrot_neuron", 3) + net.create("parrot_neuron_ps", 3)
    net.connect(
        sources + exact, birds, ps.PairwiseBernoulli(0.8), ps.static_synapse(delay=ps.Uniform(0.5, 2.0))
    )
    heard = net.record_spikes(birds, everywhere=True)
    sim = ps.Simulation(net, comm=comm, threads=threads)
    sim.run(1.0)
    sim.set(sources[1:4], spike_times=[[1.0001, 5.0], [4.0], [2.2]], shift_now_spikes=True)
    sim.set(exact, allow_offgrid_times=True, precise_times=False)
    sim.run(0.3)
    sim.run(15.0)
    return sim, sources, heard, [train.tolist() for train in sim.get(sources + exact, "spike_times")]


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("model", ["spike_train_injector", "spike_generator"])
def test_prescribed_spikes_are_the_same_over_mpi(model, threads):
    _, _, heard, used = run(model, threads=threads)
    _, _, alone, used_alone = run(model, SerialComm())

    def check() -> None:
        assert alone.times.size > 30
        assert np.array_equal(heard.times, alone.times) and np.array_equal(heard.gids, alone.gids)
        assert used == used_alone
        assert used[1] == [1.1, 5.0] and used[5] == [1.0, 1.1, 8.0]

    together(world(), check)


def test_a_wrong_time_on_one_rank_is_an_error_on_all():
    sim, sources, *_ = run("spike_train_injector")
    with pytest.raises(
        ps.DescriptionError, match=r"spike_times\[3\]\[0\] is 4 ms, which is not in the future"
    ):
        sim.set(sources, spike_times=[[20.0], [20.0], [20.0], [4.0], [20.0]])

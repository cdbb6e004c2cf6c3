"""The collectives over MPI, compared with their definitions: mpirun -n 2 python -m pytest --only-mpi tests/mpi."""

import os
import sys

import numpy as np
import pytest

from parsim.comm.base import AbstractComm
from parsim.comm.serial import SerialComm
from parsim.comm.threads import ThreadTeam
from parsim.comm.world import launcher, world, wrap
from tests.comm.definitions import CHECKS, Check

pytestmark = pytest.mark.mpi


def name_of(check: Check) -> str:
    return check.__name__.removeprefix("check_")


@pytest.fixture(scope="module")
def comm() -> AbstractComm:
    """All ranks, over MPI also when there is only one."""
    from mpi4py import MPI

    return wrap(MPI.COMM_WORLD)


def test_the_world_has_the_ranks_that_were_launched(comm):
    found = launcher(os.environ)
    assert found is not None
    assert (comm.rank, comm.size) == (found.rank, found.size)
    assert (world().rank, world().size) == (comm.rank, comm.size)
    assert world() is comm if comm.size > 1 else isinstance(world(), SerialComm)


def test_an_uncaught_exception_will_end_all_ranks(comm):
    world()
    assert (getattr(sys.excepthook, "__name__", "") == "end_all_ranks") is (comm.size > 1)


@pytest.mark.parametrize("check", CHECKS, ids=name_of)
def test_mpi_keeps_the_definition(check, comm):
    check(comm)


@pytest.mark.parametrize("threads", [2, 3])
@pytest.mark.parametrize("check", CHECKS, ids=name_of)
def test_threads_over_mpi_keep_the_definition(check, threads, comm):
    team = ThreadTeam(comm, threads)
    assert [c.rank for c in team.comms] == [comm.rank * threads + thread for thread in range(threads)]
    team.run(lambda thread: check(team.comms[thread]))


def test_a_communicator_is_duplicated_once(comm):
    from mpi4py import MPI

    assert wrap(MPI.COMM_WORLD) is comm
    alone = wrap(MPI.COMM_SELF)
    assert (alone.rank, alone.size) == (0, 1)
    assert wrap(MPI.COMM_SELF) is alone


def test_messages_of_others_are_not_met(comm):
    from mpi4py import MPI

    request = MPI.COMM_WORLD.Ibarrier()
    assert comm.total(np.array([1])).tolist() == [comm.size]
    request.Wait()


@pytest.mark.mpi(min_size=2)
def test_a_part_of_the_ranks_works_alone(comm):
    from mpi4py import MPI

    half = MPI.COMM_WORLD.Split(comm.rank % 2)
    found = wrap(half).allgather(np.array([comm.rank]))[0]
    assert found.tolist() == list(range(comm.rank % 2, comm.size, 2))

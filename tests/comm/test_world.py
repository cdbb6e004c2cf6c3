"""Which launcher a process was started by, from its environment, and what is said when it does not fit."""

import os
import subprocess
import sys

import pytest

from parsim.comm.serial import SerialComm
from parsim.comm.world import Launcher, check_sizes, launcher, wrap
from parsim.errors import DescriptionError, ParsimError

SLURM_SHELL = {"SLURM_JOB_ID": "7", "SLURM_NTASKS": "4", "SLURM_NPROCS": "4"}

LAUNCHED = {
    "mpich": ({"PMI_SIZE": "4", "PMI_RANK": "2", "MPI_LOCALNRANKS": "4"}, (4, 2, "PMI_SIZE")),
    "open mpi": (
        {"OMPI_COMM_WORLD_SIZE": "3", "OMPI_COMM_WORLD_RANK": "0", "PMIX_RANK": "0"},
        (3, 0, "OMPI_COMM_WORLD_SIZE"),
    ),
    "mvapich": ({"MV2_COMM_WORLD_SIZE": "2", "MV2_COMM_WORLD_RANK": "1"}, (2, 1, "MV2_COMM_WORLD_SIZE")),
    "srun": (
        SLURM_SHELL | {"SLURM_PROCID": "1", "SLURM_STEP_NUM_TASKS": "2"},
        (2, 1, "SLURM_STEP_NUM_TASKS"),
    ),
    "srun with pmix": (
        SLURM_SHELL | {"SLURM_PROCID": "3", "PMIX_RANK": "3"},
        (4, 3, "SLURM_NTASKS"),
    ),
    "mpirun inside an srun step": (
        SLURM_SHELL
        | {"SLURM_PROCID": "0", "SLURM_STEP_NUM_TASKS": "1"}
        | {"OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": "1"},
        (4, 1, "OMPI_COMM_WORLD_SIZE"),
    ),
    "an interactive slurm step": (
        SLURM_SHELL | {"SLURM_PROCID": "0", "SLURM_STEP_NUM_TASKS": "1", "PMIX_RANK": "0"},
        (1, 0, "SLURM_STEP_NUM_TASKS"),
    ),
    "pmix alone": ({"PMIX_RANK": "5"}, (0, 5, "PMIX_RANK")),
    "hydra with a port": ({"MPI_LOCALNRANKS": "2", "MPI_LOCALRANKID": "1"}, (0, 1, "MPI_LOCALRANKID")),
}

SERIAL = {
    "plain python": {"PATH": "/usr/bin", "OMP_NUM_THREADS": "4"},
    "an salloc shell": SLURM_SHELL,
    "an sbatch script": SLURM_SHELL | {"SLURM_PROCID": "0"},
}


@pytest.mark.parametrize("case", LAUNCHED)
def test_a_launcher_is_recognized(case):
    environ, (size, rank, variable) = LAUNCHED[case]
    found = launcher(environ)
    assert found is not None and (found.size, found.rank, found.variable) == (size, rank, variable)


@pytest.mark.parametrize("case", SERIAL)
def test_no_launcher_is_seen_where_there_is_none(case):
    assert launcher(SERIAL[case]) is None


def test_a_variable_that_is_no_number_says_nothing():
    found = launcher({"PMI_SIZE": "", "PMI_RANK": "x"})
    assert found is not None and (found.size, found.rank) == (0, 0)


@pytest.mark.parametrize(("said", "rank", "size"), [(4, 1, 4), (1, 0, 1), (0, 0, 1), (0, 2, 3)])
def test_sizes_that_fit_pass(said, rank, size):
    check_sizes(Launcher("mpirun", said, rank, "PMI_SIZE"), size, "MPICH")
    check_sizes(None, size, "MPICH")


def test_one_rank_seen_of_several_started_is_explained():
    found = Launcher("Open MPI's mpirun", 4, 0, "OMPI_COMM_WORLD_SIZE")
    with pytest.raises(ParsimError) as caught:
        check_sizes(found, 1, "MPICH Version: 5.0.2")
    assert str(caught.value) == (
        "Open MPI's mpirun started 4 ranks (OMPI_COMM_WORLD_SIZE is set), but the MPI library that mpi4py "
        "uses, MPICH Version: 5.0.2, sees only 1: every rank would run the whole network alone. Launcher and "
        "library belong to different MPIs. Use the mpirun of that same MPI, or under Slurm an srun --mpi=... "
        "that it supports; `parsim doctor` shows both. If independent runs are meant, give each simulation "
        "comm=parsim.comm.serial.SerialComm()."
    )


def test_a_launcher_that_gives_no_size_is_held_to_its_rank():
    with pytest.raises(ParsimError, match=r"started at least 3 ranks \(PMIX_RANK is set\)"):
        check_sizes(Launcher("an MPI launcher", 0, 2, "PMIX_RANK"), 1, "MPICH")


def test_a_communicator_of_parsim_is_taken_as_it_is():
    comm = SerialComm()
    assert wrap(comm) is comm


def test_what_is_no_communicator_is_refused():
    with pytest.raises(DescriptionError, match=r"comm is 3; give an mpi4py intracommunicator such as"):
        wrap(3)


# ---- in processes of their own, for the world is found once per process -----------------------------


def python(code: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run code in a fresh process that no launcher has started, with these variables added."""
    inherited = ("PMI", "OMPI_", "MV2_", "SLURM_", "MPI_LOCAL", "MPI4PY")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(inherited)}
    environ["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    return subprocess.run(
        [sys.executable, "-c", code], env=environ | variables, capture_output=True, text=True, timeout=300
    )


SAY_WORLD = """
import sys
from parsim.comm.world import world
comm = world()
print(type(comm).__name__, comm.rank, comm.size, "mpi4py" in sys.modules, world() is comm)
"""

HIDE = "import sys\nsys.modules['mpi4py'] = None\n"


def test_without_a_launcher_the_world_is_serial_and_mpi4py_is_not_imported():
    assert python(SAY_WORLD).stdout.split() == ["SerialComm", "0", "1", "False", "True"]


def test_one_launched_rank_needs_no_mpi():
    found = python(SAY_WORLD, PMI_SIZE="1", PMI_RANK="0")
    assert found.stdout.split() == ["SerialComm", "0", "1", "False", "True"]


def test_an_salloc_shell_stays_serial():
    assert python(SAY_WORLD, **SLURM_SHELL).stdout.split()[:3] == ["SerialComm", "0", "1"]


def test_a_missing_mpi4py_is_named_with_its_cure():
    found = python(HIDE + SAY_WORLD, PMI_SIZE="2", PMI_RANK="0")
    assert found.returncode == 1
    assert (
        "ParsimError: mpirun of MPICH or Intel MPI started this process (PMI_SIZE is set), but the Python "
        'package mpi4py is missing. Use pip install "parsim-snn[mpi]", or load the MPI of your site'
    ) in found.stderr


def test_a_missing_mpi_library_is_named_with_its_cure():
    pytest.importorskip("mpi4py")
    found = python(SAY_WORLD, PMI_SIZE="2", PMI_RANK="0", MPI4PY_LIBMPI="/nowhere/libmpi.so")
    if found.returncode == 0 or "found no MPI library" not in found.stderr:
        pytest.skip("this mpi4py does not choose its library when it starts")
    assert 'Use pip install "parsim-snn[mpi]"' in found.stderr


def test_an_mpirun_of_another_vendor_is_an_error_not_several_copies():
    library = python("from mpi4py import MPI; print(MPI.Get_library_version())")
    if "MPICH" not in library.stdout:
        pytest.skip("stands for Open MPI's mpirun with MPICH's library")
    found = python(SAY_WORLD, OMPI_COMM_WORLD_SIZE="2", OMPI_COMM_WORLD_RANK="0")
    assert found.returncode == 1
    assert "Open MPI's mpirun started 2 ranks (OMPI_COMM_WORLD_SIZE is set)" in found.stderr
    assert "MPICH Version" in found.stderr and "RuntimeWarning" not in found.stderr

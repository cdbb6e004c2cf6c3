"""`parsim doctor` tells what it finds, and names a cure for what is wrong."""

import os
import sys

import pytest

from parsim.cli import doctor
from parsim.cli.doctor import Library, RankPlace
from parsim.cli.main import main
from parsim.comm.world import launcher
from parsim.io.provenance import versions

WELL = Library("4.1.2", "MPICH Version: 5.0.2")

pytestmark = pytest.mark.mpi_skip


@pytest.fixture(autouse=True)
def a_quiet_machine(monkeypatch, tmp_path):
    """No launchers, no library asked, a cache folder of its own."""
    monkeypatch.setenv("PARSIM_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(doctor.shutil, "which", lambda name: None)
    monkeypatch.setattr(doctor, "mpi_library", lambda: WELL)
    monkeypatch.setattr("parsim.jit.interpreted", False)


def report(capsys, code):
    assert main(["doctor"]) == code
    return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]


def test_a_healthy_machine_is_ok(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.delenv("NUMBA_NUM_THREADS", raising=False)
    lines = report(capsys, 0)
    assert lines[-1] == "ok"
    for line in (
        f"numba {versions()['numba']}",
        f"HDF5 {versions()['HDF5']}",
        "mpi4py 4.1.2",
        "MPI library MPICH Version: 5.0.2",
        "ranks 1 (no launcher)",
        "threads NUMBA_NUM_THREADS=not set, OMP_NUM_THREADS=1",
        "kernels 0 compiled",
    ):
        assert line in lines
    assert any(line.startswith(f"cache folder {tmp_path / 'cache'}") for line in lines)
    assert any(line.startswith(f"processors {os.cpu_count()}, this process may use") for line in lines)


def test_a_cache_folder_that_cannot_be_written_to_is_a_problem_with_a_cure(capsys, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("PARSIM_CACHE_DIR", str(tmp_path / "file"))
    lines = report(capsys, 1)
    assert "cannot be written to (Not a directory)" in lines[-1]
    assert "Set PARSIM_CACHE_DIR to a folder of your own" in lines[-1]


def test_interpreted_kernels_are_a_problem(capsys, monkeypatch):
    monkeypatch.setattr("parsim.jit.interpreted", True)
    assert report(capsys, 1)[-1].endswith("unset NUMBA_DISABLE_JIT")


def test_no_mpi_at_all_is_no_problem(capsys, monkeypatch):
    monkeypatch.setattr(doctor, "mpi_library", lambda: Library())
    lines = report(capsys, 0)
    assert any(line.startswith("mpi4py not installed, so one rank only") for line in lines)
    monkeypatch.setattr(doctor, "mpi_library", lambda: Library("4.1.2"))
    assert any(line.startswith("MPI library none found, so one rank only") for line in report(capsys, 0))


# The library, asked in a process of its own


def test_the_library_that_is_here_is_found(monkeypatch):
    pytest.importorskip("mpi4py")
    monkeypatch.undo()
    library = doctor.mpi_library()
    assert library.mpi4py
    assert not library.problem


TALK = "print('mpi4py 4.1', flush=True); print('library Broken MPI', flush=True)\n"


def test_an_mpi_that_hangs_is_given_up(monkeypatch):
    monkeypatch.undo()
    library = doctor.mpi_library(TALK + "import time; time.sleep(60)", patience=1.5)
    assert "MPI (Broken MPI) hangs when it starts" in library.problem


@pytest.mark.parametrize("end", ["import os; os.kill(os.getpid(), 11)", "raise OSError('no network')"])
def test_an_mpi_that_kills_its_process_is_told(monkeypatch, end):
    monkeypatch.undo()
    library = doctor.mpi_library(TALK + end)
    assert "MPI (Broken MPI) cannot start: " in library.problem
    assert "no network" in library.problem or "exit code -11" in library.problem


def test_it_is_asked_away_from_the_launcher(monkeypatch):
    monkeypatch.undo()
    for name in ("PMI_RANK", "OMPI_COMM_WORLD_SIZE", "SLURM_PROCID", "PMIX_NAMESPACE"):
        monkeypatch.setenv(name, "1")
    ask = "import os; print('mpi4py', sorted(n for n in os.environ if n[:4] in ('PMI_', 'OMPI', 'SLUR', 'PMIX')))"
    assert doctor.mpi_library(ask).mpi4py == "[]"


# Launchers

HYDRA = "HYDRA build details:\n    Version:                                 5.0.2\n    CC: gcc\n"
OPEN = "mpirun (Open MPI) 5.0.11\n\nReport bugs to https://www.open-mpi.org/community/help/\n"
INTEL = "Intel(R) MPI Library for Linux* OS, Version 2021.18 Build 20260302\nCopyright 2003-2026, Intel Corporation.\n"


@pytest.mark.parametrize(
    ("text", "line", "family"),
    [
        (HYDRA, "Hydra of MPICH 5.0.2", "MPICH"),
        (OPEN, "mpirun (Open MPI) 5.0.11", "Open MPI"),
        (INTEL, "Intel(R) MPI Library for Linux* OS, Version 2021.18 Build 20260302", "MPICH"),
        ("mpirun (Open RTE) 2.1\n", "mpirun (Open RTE) 2.1", "Open MPI"),
        ("slurm 24.05.2\n", "slurm 24.05.2", ""),
        ("", "says no version", ""),
    ],
)
def test_launchers_are_known_by_their_answers(text, line, family):
    assert doctor.version_line(text) == line
    assert doctor.family(line) == family


def put_on_path(monkeypatch, tmp_path, answers):
    for name, answer in answers.items():
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\ncat <<'EOF'\n{answer}EOF\n")
        program.chmod(0o755)
    monkeypatch.setattr(
        doctor.shutil, "which", lambda name: str(tmp_path / name) if name in answers else None
    )


def test_a_launcher_of_the_librarys_family_is_fine(capsys, monkeypatch, tmp_path):
    put_on_path(monkeypatch, tmp_path, {"mpirun": HYDRA, "mpiexec": INTEL, "srun": "slurm 24.05.2\n"})
    lines = report(capsys, 0)
    assert f"mpirun {tmp_path / 'mpirun'}, Hydra of MPICH 5.0.2" in lines
    assert f"srun {tmp_path / 'srun'}, slurm 24.05.2" in lines


def test_a_launcher_of_another_mpi_is_a_problem(capsys, monkeypatch, tmp_path):
    put_on_path(monkeypatch, tmp_path, {"mpirun": OPEN})
    problem = report(capsys, 1)[-1]
    assert problem.startswith(
        f"Problem: {tmp_path / 'mpirun'} is of Open MPI, but mpi4py uses MPICH Version: 5.0.2"
    )
    assert "Use the mpirun of MPICH" in problem


# Ranks


def test_a_launcher_that_the_library_does_not_see_is_a_problem(capsys, monkeypatch):
    from parsim.errors import ParsimError

    def raises(environ):
        raise ParsimError("Launcher and library belong to different MPIs.")

    monkeypatch.setenv("PMI_SIZE", "2")
    monkeypatch.setenv("PMI_RANK", "0")
    monkeypatch.setattr(doctor, "places", raises)
    assert launcher(os.environ).size == 2
    lines = report(capsys, 1)
    assert "ranks started by mpirun of MPICH or Intel MPI (PMI_SIZE=2)" in lines
    assert lines[-1] == "Problem: Launcher and library belong to different MPIs."


def test_only_rank_0_prints(capsys, monkeypatch):
    monkeypatch.setenv("PMI_SIZE", "2")
    monkeypatch.setenv("PMI_RANK", "1")
    monkeypatch.setattr(doctor, "places", lambda environ: [])
    assert report(capsys, 0) == []


def test_ranks_that_share_a_processor_are_a_problem():
    both = frozenset({0, 1})
    assert doctor.crowded([RankPlace("a", both), RankPlace("a", both)]) == ""
    assert doctor.crowded([RankPlace("a", frozenset({0})), RankPlace("b", frozenset({0}))]) == ""
    assert "3 ranks share 2 processors on a" in doctor.crowded([RankPlace("a", both)] * 3)
    assert "2 ranks share 1 processor on b" in doctor.crowded(
        [RankPlace("a", both), *[RankPlace("b", frozenset({5}))] * 2]
    )


def test_processors_are_told_as_ranges():
    assert doctor._ranges([0, 1, 2, 5, 7, 8]) == "0-2, 5, 7-8"
    assert doctor._ranges([]) == ""


@pytest.mark.skipif(sys.platform != "linux", reason="binding is known on Linux only")
def test_a_bound_process_knows_its_processors():
    assert doctor.own_cpus() == os.sched_getaffinity(0)

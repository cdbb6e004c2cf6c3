"""`parsim doctor`: what parsim finds on this machine, what is wrong with it, and what to do."""

import argparse
import contextlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from parsim.cli.tables import facts
from parsim.errors import ParsimError

PATIENCE = 30.0  # seconds for a program that tells its version

GET_MPI = 'For several ranks: pip install "parsim-snn[mpi]", or on a cluster load its MPI module.'


class Finding(NamedTuple):
    """A line of the report, and what is wrong with it, if anything."""

    name: str
    value: str
    problem: str = ""


class Library(NamedTuple):
    """The MPI library that mpi4py loads; empty texts where there is none."""

    mpi4py: str = ""
    text: str = ""
    problem: str = ""


class RankPlace(NamedTuple):
    """Where a rank runs."""

    host: str
    cpus: frozenset[int]


def add(subparsers: Any) -> None:
    """Declare the subcommand."""
    parser = subparsers.add_parser("doctor", help="check MPI, launcher, binding, threads, caches, HDF5")
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    """Collective under a launcher: rank 0 prints; 1 if something is wrong, else 0."""
    from parsim.comm.world import launcher

    found = launcher(os.environ)
    if found is not None and found.rank > 0:
        with contextlib.suppress(ParsimError):  # rank 0 finds the same and says it
            places(os.environ)
        return 0

    library = mpi_library()
    findings = [*_versions(), *_mpi(library), *_launchers(library), *_ranks(library), *_cpus(), *_cache()]
    print(facts([(finding.name, finding.value) for finding in findings]))
    problems = [finding.problem for finding in findings if finding.problem]
    if not problems:
        print("\nok")
        return 0
    print("\n" + "\n".join(f"Problem: {problem}" for problem in problems))
    return 1


# Versions and files


def _versions() -> list[Finding]:
    from parsim.io.provenance import versions

    found = versions()
    return [
        Finding("parsim", f"{found.pop('parsim')} in {Path(__file__).parents[1]}"),
        Finding("python", f"{found.pop('python')}, {sys.executable}"),
        *(Finding(name, version) for name, version in found.items()),
        Finding("machine", platform.platform()),
    ]


def _cache() -> list[Finding]:
    from parsim.jit import cache_folder, compiled_kernels, foreign_cache, interpreted

    folder = cache_folder()
    kernels = f"{compiled_kernels()} compiled"
    slow = ""
    if interpreted:
        kernels += ", not used: NUMBA_DISABLE_JIT is set"
        slow = "Kernels are interpreted, some hundred times slower. For real runs: unset NUMBA_DISABLE_JIT"
    shut = foreign_cache()
    if not shut and (reason := _unwritable(folder)):
        shut = (
            f"The cache folder '{folder}' cannot be written to ({reason}), so every process compiles for itself. "
            "Set PARSIM_CACHE_DIR to a folder of your own that all ranks see."
        )
    return [Finding("cache folder", str(folder), shut), Finding("kernels", kernels, slow)]


def _unwritable(folder: Path) -> str:
    """Why no file can be made in a folder; an empty text if one can."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return ""
    except OSError as error:
        return error.strerror or str(error)


# MPI. It is asked in a process of its own: a broken one may hang, or end the process that loads it.

_ASK = """
import mpi4py
print("mpi4py", mpi4py.__version__, flush=True)
mpi4py.rc.initialize = False
from mpi4py import MPI
print("library", " ".join(MPI.Get_library_version().strip(chr(0)).splitlines()[0].split()), flush=True)
MPI.Init()
print("works", flush=True)
MPI.Finalize()
"""
_OF_LAUNCHERS = ("PMI", "OMPI_", "PRTE_", "MPI_LOCAL", "MV2_", "HYD", "SLURM_", "I_MPI_HYDRA")


def mpi_library(ask: str = _ASK, patience: float = PATIENCE) -> Library:
    """What mpi4py loads, alone and away from any launcher."""
    alone = {name: value for name, value in os.environ.items() if not name.startswith(_OF_LAUNCHERS)}
    code, out, err = _told([sys.executable, "-c", ask], patience, alone)
    said = {word: rest for word, _, rest in (line.partition(" ") for line in out.splitlines())}
    library = Library(said.get("mpi4py", ""), said.get("library", ""))
    if "works" in said or not library.text:
        return library
    if code is None:
        return library._replace(problem=f"MPI ({library.text}) hangs when it starts. {GET_MPI}")
    last = err.strip().splitlines()[-1] if err.strip() else f"exit code {code}"
    return library._replace(
        problem=f"MPI ({library.text}) cannot start: {last}. "
        "Some clusters allow it only under their launcher (srun, mpirun): try `parsim doctor` there."
    )


def _told(
    command: list[str], patience: float = PATIENCE, environ: Mapping[str, str] | None = None
) -> tuple[int | None, str, str]:
    """Exit code, output and errors of a program; the code is None when patience ran out."""
    try:
        done = subprocess.run(
            command,
            env=environ,
            timeout=patience,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
        )
    except subprocess.TimeoutExpired as late:
        return None, _as_text(late.stdout), _as_text(late.stderr)
    except OSError as error:
        return 127, "", str(error)
    return done.returncode, done.stdout, done.stderr


def _as_text(raw: bytes | str | None) -> str:
    return raw.decode(errors="replace") if isinstance(raw, bytes) else raw or ""


def _mpi(library: Library) -> list[Finding]:
    missing = f"none found, so one rank only. {GET_MPI}"
    if not library.mpi4py:
        return [Finding("mpi4py", f"not installed, so one rank only. {GET_MPI}")]
    return [
        Finding("mpi4py", library.mpi4py),
        Finding("MPI library", library.text or missing, library.problem),
    ]


def family(text: str) -> str:
    """Which MPIs work together: those of one family start each other's programs."""
    if re.search(r"open[ -]?mpi|open rte|prrte", text, re.IGNORECASE):
        return "Open MPI"
    if re.search(r"mpich|hydra|intel|mvapich|cray", text, re.IGNORECASE):
        return "MPICH"
    return ""


def version_line(text: str) -> str:
    """The line of a launcher's answer that names it."""
    if "HYDRA" in text and (version := re.search(r"Version:\s*(\S+)", text)):
        return f"Hydra of MPICH {version[1]}"
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[0] if lines else "says no version"


def _launchers(library: Library) -> list[Finding]:
    findings = []
    for name in ("mpirun", "mpiexec", "srun"):
        path = shutil.which(name)
        if path is None:
            continue
        code, out, err = _told([path, "--version"])
        line = version_line(out or err) if code is not None else "does not answer"
        findings.append(Finding(name, f"{path}, {line}", _mismatch(path, line, library)))
    if findings:
        return findings
    beside = Path(sys.executable).with_name("mpirun")
    where = f"not on PATH; there is one at {beside}" if beside.exists() else "none on PATH"
    return [Finding("launcher", where)]


def _mismatch(path: str, line: str, library: Library) -> str:
    """What is wrong when launcher and library are of different families."""
    here, there = family(line), family(library.text)
    if not here or not there or here == there:
        return ""
    return (
        f"{path} is of {here}, but mpi4py uses {library.text}: it would start copies that know nothing of "
        f"each other. Use the mpirun of {there}, or install mpi4py and {here} into one environment."
    )


# Ranks and processors


def places(environ: Mapping[str, str]) -> list[RankPlace] | None:
    """Collective: where each rank runs; None when no launcher started this process."""
    from parsim.comm.world import launcher, world

    if launcher(environ) is None:
        return None
    everywhere: list[RankPlace] = world().allgather_objects(RankPlace(platform.node(), frozenset(own_cpus())))
    return everywhere


def own_cpus() -> set[int]:
    """The processors that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return set(os.sched_getaffinity(0))
    return set(range(os.cpu_count() or 1))


def _ranks(library: Library) -> list[Finding]:
    from parsim.comm.world import launcher

    found = launcher(os.environ)
    if found is None:
        return [Finding("ranks", "1 (no launcher)")]
    started = f"started by {found.name} ({found.variable}={os.environ[found.variable]})"
    if library.problem:
        return [Finding("ranks", f"not tried, {started}")]
    try:
        where = places(os.environ) or []
    except ParsimError as error:
        return [Finding("ranks", started, str(error))]
    hosts = len({place.host for place in where})
    value = f"{len(where)} on {hosts} host{'s' if hosts > 1 else ''}, {started}"
    return [Finding("ranks", value, crowded(where))]


def crowded(where: list[RankPlace]) -> str:
    """What is wrong when ranks must share processors."""
    for host in sorted({place.host for place in where}):
        cpus = [place.cpus for place in where if place.host == host]
        every = frozenset().union(*cpus)
        if len(cpus) > len(every):
            return (
                f"{len(cpus)} ranks share {len(every)} processor{'s' if len(every) > 1 else ''} on {host}, so each "
                f"exchange waits for the scheduler. Start at most {len(every)} there, or, if there are more "
                "processors, let the launcher use them (for Open MPI: --bind-to none)."
            )
    return ""


def _cpus() -> list[Finding]:
    own = own_cpus()
    bound = f"this process may use {len(own)}: {_ranges(sorted(own))}"
    threads = [
        f"{name}={os.environ.get(name, 'not set')}" for name in ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS")
    ]
    return [
        Finding("processors", f"{os.cpu_count()}, {bound}"),
        Finding("threads", ", ".join(threads)),
    ]


def _ranges(numbers: list[int]) -> str:
    """Whole numbers in ascending order as '0-3, 8'."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)

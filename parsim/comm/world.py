"""Which ranks this process belongs to: all that a launcher started, or just itself.

MPI is not touched unless a launcher has started more than one rank or a communicator is passed in,
so that parsim starts fast, and runs where there is no MPI library.
"""

import atexit
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import cache
from types import ModuleType, TracebackType
from typing import Any, NamedTuple, NoReturn

from parsim.arrays import shown
from parsim.comm.absent import watched
from parsim.comm.base import AbstractComm
from parsim.comm.serial import SerialComm
from parsim.errors import DescriptionError, ParsimError


class Launcher(NamedTuple):
    """Who started this process, as seen in the environment.

    size: the number of ranks it started, 0 when it does not say. variable: what gave it away.
    """

    name: str
    size: int
    rank: int
    variable: str


# The innermost comes first: an mpirun inside a Slurm step inherits the step's variables.
_SIZE_AND_RANK = (
    ("Open MPI's mpirun", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"),
    ("MVAPICH's mpirun", "MV2_COMM_WORLD_SIZE", "MV2_COMM_WORLD_RANK"),
    ("mpirun of MPICH or Intel MPI", "PMI_SIZE", "PMI_RANK"),
    # Of the step, not SLURM_NTASKS: that one is set for plain python in an salloc or sbatch shell too.
    ("srun", "SLURM_STEP_NUM_TASKS", "SLURM_PROCID"),
)


def launcher(environ: Mapping[str, str]) -> Launcher | None:
    """The launcher that these environment variables tell of, None if there is none."""
    for name, its_size, its_rank in _SIZE_AND_RANK:
        if its_size in environ and its_rank in environ:
            return Launcher(name, _number(environ, its_size), _number(environ, its_rank), its_size)

    managed = any(name.startswith(("PMI_", "PMI2_", "PMIX_")) for name in environ)
    if managed and "SLURM_PROCID" in environ and "SLURM_NTASKS" in environ:
        rank = _number(environ, "SLURM_PROCID")
        return Launcher("srun", _number(environ, "SLURM_NTASKS"), rank, "SLURM_NTASKS")

    for variable in ("PMIX_RANK", "MPI_LOCALRANKID"):  # these say who, not how many there are
        if variable in environ:
            return Launcher("an MPI launcher", 0, _number(environ, variable), variable)
    return None


def end_together() -> None:
    """Under a launcher: ranks end together, also before anything parallel was done, with one message.

    A rank that just ended would leave the others waiting for it where MPI starts. So it starts MPI
    first. After an exception, MPI's excepthook then does as for any later one.
    """
    found = launcher(os.environ)
    if found is None or found.size == 1:
        return
    _refuse_standard_input(found)
    before, process = sys.excepthook, os.getpid()

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        with suppress(Exception):
            _mpi(found).install_excepthook()
        (before if sys.excepthook is hook else sys.excepthook)(kind, error, trace)

    met: list[bool] = []

    def meet() -> None:
        if os.getpid() != process or met:  # a child of it, or the second way to the end
            return
        met.append(True)
        started_here = "mpi4py.MPI" not in sys.modules
        with suppress(ParsimError):
            _mpi(found).leave(codes[-1], started_here)

    codes = _exit_codes()
    sys.excepthook = hook
    atexit.register(meet)
    _before_os_exit(meet)


def _exit_codes() -> list[int]:
    """The arguments of `sys.exit`, from now on: at the end, Python does not say which code it is going to end with."""
    codes, leave = [0], sys.exit

    def noted(code: Any = None, /) -> NoReturn:
        codes.append(code if isinstance(code, int) else int(code is not None))
        leave(code)

    sys.exit = noted
    return codes


def _before_os_exit(meet: Callable[[], None]) -> None:
    """`os._exit(0)` passes by `atexit`, and launchers then end the other ranks without a word and with code 0."""
    process = os.getpid()
    leave = os._exit

    def left(status: int) -> NoReturn:
        if status == 0 and os.getpid() == process:
            is_main = threading.current_thread() is threading.main_thread()
            if is_main:
                meet()
            with suppress(Exception):
                mpi = sys.modules["parsim.comm.mpi"]
                mpi.finish() if is_main else mpi.say_that_it_leaves()
        leave(status)

    os._exit = left


def _refuse_standard_input(found: Launcher) -> None:
    """A script that is piped into `python -` reaches rank 0 alone; the others wait for one for ever."""
    piped = (
        sys.argv[:1] in ([""], ["-"]) and getattr(sys.modules["__main__"], "__file__", "<stdin>") == "<stdin>"
    )
    if (
        piped
        and found.name != "srun"
        and not (sys.flags.interactive or sys.stdin is None or sys.stdin.isatty())
    ):
        sys.stderr.write(
            f"parsim: this script comes from standard input, which {found.name} gives to rank 0 alone, while the "
            "others have nothing to run. Save it in a file, and start that: mpirun -n 4 python model.py.\n"
        )
        sys.stderr.flush()
        # Before MPI has started, only for a rank that ends by a signal do launchers end the others, too.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTERM)


def _number(environ: Mapping[str, str], variable: str) -> int:
    try:
        return int(environ[variable])
    except ValueError:
        return 0


def check_sizes(found: Launcher | None, size: int, library: str) -> None:
    """An error when a launcher started several ranks and MPI sees only one: N copies, not N ranks."""
    if found is None or size > 1:
        return
    started = max(found.size, found.rank + 1)
    if started > 1:
        count = started if found.size else f"at least {started}"
        raise ParsimError(
            f"{found.name} started {count} ranks ({found.variable} is set), but the MPI library that mpi4py "
            f"uses, {library}, sees only 1: every rank would run the whole network alone. Launcher and "
            "library belong to different MPIs. Use the mpirun of that same MPI, or under Slurm an "
            "srun --mpi=... that it supports; `parsim doctor` shows both. If independent runs are meant, give "
            "each simulation comm=parsim.comm.serial.SerialComm()."
        )


@cache
def world() -> AbstractComm:
    """Collective, the first time: all ranks that the launcher of this process started, or this one alone."""
    found = launcher(os.environ)
    if found is None or found.size == 1:
        return SerialComm()

    mpi = _mpi(found)
    _check_world(mpi, found)
    comm: AbstractComm = mpi.wrapped(mpi.MPI.COMM_WORLD)
    return comm


def wrap(comm: Any) -> AbstractComm:
    """Collective: `world()` for None, else the communicator given, one of parsim's or of mpi4py's."""
    if comm is None:
        return world()
    if isinstance(comm, AbstractComm):
        return comm

    if any(kind.__module__.startswith("mpi4py") for kind in type(comm).__mro__):
        found = launcher(os.environ)
        mpi = _mpi(found)
        _check_world(mpi, found)
        if mpi.is_communicator(comm):
            return mpi.wrapped(comm)
    raise DescriptionError(
        f"comm is {shown(comm, 80)}; give an mpi4py intracommunicator such as MPI.COMM_WORLD, or nothing."
    )


def _mpi(found: Launcher | None) -> ModuleType:
    """`parsim.comm.mpi`, or an error that says what is missing for it."""
    why = (
        f"{found.name} started this process ({found.variable} is set)"
        if found
        else "A communicator was given"
    )
    site = 'pip install "parsim-snn[mpi]", or load the MPI of your site (module load ...) and use its mpirun'
    try:
        with warnings.catch_warnings(), _watched(found):
            # What mpi4py suspects here, `check_sizes` knows for sure and explains.
            warnings.filterwarnings("ignore", "suspicious MPI execution environment", RuntimeWarning)
            import parsim.comm.mpi as mpi
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("mpi4py"):
            raise
        raise ParsimError(f"{why}, but the Python package mpi4py is missing. Use {site}.") from error
    except (ImportError, RuntimeError) as error:  # mpi4py raises the one or the other, by its version
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ParsimError(f"{why}, but mpi4py found no MPI library ({reason}). Use {site}.") from error
    return mpi


def _watched(found: Launcher | None) -> AbstractContextManager[None]:
    """Where MPI is about to start, among several ranks, somebody looks for those that do not come."""
    variable = next((rank for _, size, rank in _SIZE_AND_RANK if found and size == found.variable), None)
    if found is None or variable is None or found.size < 2 or "mpi4py.MPI" in sys.modules:
        return nullcontext()
    return watched(found.rank, found.size, variable)


def _check_world(mpi: ModuleType, found: Launcher | None) -> None:
    try:
        check_sizes(found, mpi.MPI.COMM_WORLD.Get_size(), mpi.library())
    except ParsimError:
        if found and found.rank > 0:
            time.sleep(0.5)  # every copy finds the same error; let the first one say it
        raise

"""Where MPI starts, each rank waits for all others, and for ever for one that has ended before.

MPI_Init gives no other thread its turn, so a process beside this one looks for ranks of this machine that are no more,
says so, and ends this one by a signal: before MPI has begun, only that makes a launcher end the others. This file is
what that process runs, and imports nothing of parsim.
"""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

LOOK = 1.5  # seconds up to the first look at the other ranks; each takes some ms, so they become rarer
LONG = 30.0  # seconds after which rank 0 says that it waits, though none is known to be gone
ADVICE = (
    "All ranks end here. Begin scripts with import parsim, or start them by parsim run model.py: then an error in any "
    "line, or an early end, ends all ranks with its own message.\n"
)
LOCAL_SIZES = ("MPI_LOCALNRANKS", "OMPI_COMM_WORLD_LOCAL_SIZE", "MV2_COMM_WORLD_LOCAL_SIZE")


@contextmanager
def watched(rank: int, size: int, rank_variable: str) -> Iterator[None]:
    """Within it, a process looks for ranks that are no more; `rank_variable` is where launchers put a rank's number."""
    local = next((os.environ[name] for name in LOCAL_SIZES if name in os.environ), "0")
    if local == "0" and rank > 0:  # nobody can be missed, and rank 0 says that it waits
        yield
        return
    command = [sys.executable, "-I", "-S", __file__, str(rank), str(size), local, rank_variable]
    try:
        beside = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    except (OSError, ValueError, TypeError):  # no more processes may be made, or none that is Python
        yield
        return
    try:
        yield
    finally:
        assert beside.stdin is not None
        beside.stdin.close()  # on which it ends, as it does when this process is no more
        beside.wait()


def main(rank: int, size: int, local: int, variable: str) -> None:
    """Look for ranks that are no more, until the process that has begun this one is done."""
    waiting, began, told = os.getppid(), time.monotonic(), False
    gone: set[int] = set()
    pause = LOOK
    while not select.select([sys.stdin], [], [], pause)[0]:
        pause = min(1.2 * pause, 10.0)
        here = ranks_here(waiting, variable)
        before, gone = gone, absent(here, size, local) if rank in here else set()
        if gone and gone == before:  # seen twice, so that none is taken for gone that has just begun
            if rank == min(here):
                who = named(gone, size, local)
                say(f"parsim: {who} ended before MPI began there, and rank {rank} waits for it. {ADVICE}")
            else:
                time.sleep(LOOK)
            end(waiting)
        elif not told and rank == 0 and time.monotonic() - began > LONG:
            told = True
            say(f"parsim: rank 0 of {size} has waited for {LONG:g} s for other ranks to start MPI.\n")


def ranks_here(process: int, variable: str) -> set[int]:
    """The ranks that the launcher of a process has started on this machine and that are still there."""
    tree, launcher = parents(), process
    while variable in _environ(launcher):  # scripts between the launcher and Python have it, too
        launcher = tree.get(launcher, 0)
    found = [_environ(pid).get(variable, "") for pid, parent in tree.items() if parent == launcher]
    return {int(number) for number in found if number.isdecimal()}


def absent(here: set[int], size: int, local: int) -> set[int]:
    """The ranks that are no more; on several machines it is only known how many they are: -1, -2, ..."""
    if local == size:
        return set(range(size)) - here
    return {-i for i in range(1, local - len(here) + 1)}


def named(gone: set[int], size: int, local: int) -> str:
    """Who has ended."""
    if local != size:
        return f"{len(gone)} of the {local} ranks on {os.uname().nodename}"
    names = ", ".join(str(rank) for rank in sorted(gone)[:5]) + (", ..." if len(gone) > 5 else "")
    return f"rank{'s' if len(gone) > 1 else ''} {names} of {size}"


def say(text: str) -> None:
    """On stderr, in one piece."""
    with suppress(OSError):
        os.write(2, text.encode())


def end(process: int) -> None:
    """By the signal that ends whatever does not handle it, then by the one that nobody can."""
    time.sleep(0.2)  # which a launcher needs to pass on what was said
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(OSError):
            os.kill(process, number)
        if select.select([sys.stdin], [], [], 1.0)[0]:
            break
    sys.exit()


def parents() -> dict[int, int]:
    """The parent of every process that has not ended; empty where the system does not show them so."""
    found = {}
    with suppress(OSError):
        for name in filter(str.isdecimal, os.listdir("/proc")):
            with suppress(OSError), open(f"/proc/{name}/stat") as file:
                state, parent = file.read().rpartition(")")[2].split()[:2]
                if state not in "ZX":
                    found[int(name)] = int(parent)
    return found


def _environ(process: int) -> dict[str, str]:
    """What a process was begun with."""
    try:
        with open(f"/proc/{process}/environ", "rb") as file:
            pairs = [entry.decode(errors="replace").partition("=") for entry in file.read().split(b"\0")]
    except OSError:
        return {}
    return {name: value for name, _, value in pairs}


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])

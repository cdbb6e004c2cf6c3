"""How much memory there is, and sizes for people."""

import contextlib
import os
import resource
from functools import cache
from pathlib import Path

import numpy as np

_CGROUP = "/sys/fs/cgroup/memory.max"


@cache
def machine_memory() -> int:
    """Bytes that this process may have at most: the machine's, or what it is allowed."""
    limits = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    with contextlib.suppress(OSError, ValueError):
        limits.append(int(Path(_CGROUP).read_text()))
    allowed = resource.getrlimit(resource.RLIMIT_AS)[0]
    return min([*limits, allowed] if allowed > 0 else limits)


def keep_what_is_freed() -> None:
    """Let the C library keep memory that is given back, up to 16 MB, for what is asked for next.

    Glibc does so up to twice the size of what was last given back, if that is no more than 32 MB. Else each array of
    128 kB and more comes from the system, page by page: a tenth of the time to draw connections, block after block.
    """
    np.empty(8 << 20, np.uint8)


def readable(size: float) -> str:
    """Bytes for people."""
    units = ["PB", "TB", "GB", "MB", "kB", "bytes"]
    while size >= 1000.0 and len(units) > 1:
        size /= 1000.0
        units.pop()
    return f"{size:.3g} {units[-1]}"

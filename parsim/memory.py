"""How much memory there is, and sizes for people."""

import contextlib
import os
import resource
from functools import cache
from pathlib import Path

_CGROUP = "/sys/fs/cgroup/memory.max"


@cache
def machine_memory() -> int:
    """Bytes that this process may have at most: the machine's, or what it is allowed."""
    limits = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    with contextlib.suppress(OSError, ValueError):
        limits.append(int(Path(_CGROUP).read_text()))
    allowed = resource.getrlimit(resource.RLIMIT_AS)[0]
    return min([*limits, allowed] if allowed > 0 else limits)


def readable(size: float) -> str:
    """Bytes for people."""
    units = ["PB", "TB", "GB", "MB", "kB", "bytes"]
    while size >= 1000.0 and len(units) > 1:
        size /= 1000.0
        units.pop()
    return f"{size:.3g} {units[-1]}"

"""How long kernels take to compile: a line for each, in the file that PARSIM_COMPILE_LOG names."""

import contextlib
import os
import time
from collections.abc import Iterator

_others = [
    0.0
]  # seconds spent on what is compiled within, one for each that is being compiled; under numba's lock


@contextlib.contextmanager
def timed(name: str, key: str) -> Iterator[None]:
    """Note the processor time of this thread, without that of the kernels compiled on the way, and the kernel's key."""
    file = os.environ.get("PARSIM_COMPILE_LOG")
    if not file:
        yield
        return
    began = time.thread_time()
    _others.append(0.0)
    try:
        yield
    finally:
        spent = time.thread_time() - began
        own = spent - _others.pop()
        _others[-1] += spent
        with contextlib.suppress(OSError), open(file, "a") as log:
            log.write(f"{own:.3f} {name} {key[:12] or '-'}\n")

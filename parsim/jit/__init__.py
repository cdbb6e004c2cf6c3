"""The one door to numba: what is written in Python and runs compiled."""

from parsim.jit.kernels import (
    entry,
    entry_point,
    inlined,
    interpreted,
    kernel,
    kernel_over,
    lean_kernel,
    numba_version,
    python_function,
    shared,
    within,
)
from parsim.jit.store import cache_folder, compiled_kernels

__all__ = [
    "cache_folder",
    "compiled_kernels",
    "entry",
    "entry_point",
    "inlined",
    "interpreted",
    "kernel",
    "kernel_over",
    "lean_kernel",
    "numba_version",
    "python_function",
    "shared",
    "within",
]

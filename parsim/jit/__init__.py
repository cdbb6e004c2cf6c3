"""The one door to numba: what is written in Python and runs compiled."""

from parsim.jit.kernels import (
    cache_folder,
    compiled_kernels,
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

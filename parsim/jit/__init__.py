"""The one door to numba: what is written in Python and runs compiled."""

from parsim.jit.atomics import add_one, give_way, seen, sleep, ways_to_wait
from parsim.jit.blocks import Block, opened
from parsim.jit.clocks import clock, seconds
from parsim.jit.failure import belongs_to, told
from parsim.jit.fetching import fetch
from parsim.jit.generated import generated, kept_text
from parsim.jit.hoisted import anew, one_of, put_back, read_once
from parsim.jit.kernels import (
    entry,
    entry_point,
    inlined,
    interpreted,
    is_kernel,
    kernel,
    kernel_over,
    lean_kernel,
    numba_version,
    python_function,
    shared,
    within,
)
from parsim.jit.ops import DONE, FAILED, MEETING, ROOM, Op, Ops, addresses, call, driver, inner, open_inner
from parsim.jit.packing import PACKED, pack
from parsim.jit.pairs import for_two
from parsim.jit.quotients import divided, divides_safely, is_safe_divisor
from parsim.jit.scratch import scratch
from parsim.jit.store import cache_folder, compiled_kernels, foreign_cache
from parsim.jit.vectors import VECTOR, widest

__all__ = [
    "DONE",
    "FAILED",
    "MEETING",
    "PACKED",
    "ROOM",
    "VECTOR",
    "Block",
    "Op",
    "Ops",
    "add_one",
    "addresses",
    "anew",
    "belongs_to",
    "cache_folder",
    "call",
    "clock",
    "compiled_kernels",
    "divided",
    "divides_safely",
    "driver",
    "entry",
    "entry_point",
    "fetch",
    "for_two",
    "foreign_cache",
    "generated",
    "give_way",
    "inlined",
    "inner",
    "interpreted",
    "is_kernel",
    "is_safe_divisor",
    "kept_text",
    "kernel",
    "kernel_over",
    "lean_kernel",
    "numba_version",
    "one_of",
    "open_inner",
    "opened",
    "pack",
    "put_back",
    "python_function",
    "read_once",
    "scratch",
    "seconds",
    "seen",
    "shared",
    "sleep",
    "told",
    "ways_to_wait",
    "widest",
    "within",
]

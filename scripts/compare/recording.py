"""What recording V_m of 100 cells at every step costs, in the network of examples/brunel.py.

Two simulations in one process take turns, 50 ms at a time, so that both see the same machine.
"""

import contextlib
import io
import runpy
import sys
from time import perf_counter

import numpy as np


def simulation(*options: str):  # type: ignore[no-untyped-def]
    sys.argv = ["brunel.py", "--order", "2500", "--time", "50", *options]
    with contextlib.redirect_stdout(io.StringIO()):
        return runpy.run_path("examples/brunel.py")["sim"]


plain, recorded = simulation(), simulation("--voltages", "100")
seconds = np.empty((20, 2))
for turn in seconds:
    for i, sim in enumerate((plain, recorded)):
        began = perf_counter()
        sim.run(50.0)
        turn[i] = perf_counter() - began
ratios = np.sort(seconds[:, 1] / seconds[:, 0])
print(f"recording / not: median {np.median(ratios):.3f}, quartiles {ratios[5]:.3f} and {ratios[14]:.3f}")

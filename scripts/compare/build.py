"""How long building the network of examples/brunel.py takes, first in a process and again.

The first time includes starting the compiler and loading compiled kernels from the cache.
"""

import contextlib
import io
import runpy
import sys

sys.argv = ["brunel.py", "--order", "2500", "--time", "1.5"]
for turn in ("first", "again", "again"):
    with contextlib.redirect_stdout(io.StringIO()):
        ran = runpy.run_path("examples/brunel.py")
    print(f"build, {turn}: {ran['sim'].report().seconds[0, 0]:.3f} s")
    del ran

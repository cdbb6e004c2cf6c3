"""500 cells with 60 gap junctions each, examples/gap_junctions_inhibitory_network.py, in parsim and in NEST in turn.

python scripts/compare/gap_network.py [--nest /path/to/a/python] [--turns 2]

Processor time in us a cell and millisecond of model time, for two conductances of a junction; the first millisecond
is not counted. NEST takes minutes to connect.
"""

import argparse
import contextlib
import io
import re
import runpy
import subprocess
import sys
from pathlib import Path
from time import process_time

HERE = Path(__file__).parent
DURATION, NEST_DURATION, CELLS = 50.0, 30.0, 500


def in_parsim(weight: float) -> tuple[float, float]:
    """Processor time, and sweeps a window."""
    sys.argv = ["network", "--weight", str(weight), "--time", "1"]
    with contextlib.redirect_stdout(io.StringIO()):
        sim = runpy.run_path(str(HERE.parents[1] / "examples/gap_junctions_inhibitory_network.py"))["sim"]
    began = process_time()
    sim.run(DURATION)
    spent, sweeps = process_time() - began, sim.report().sweeps
    return spent * 1e6 / (CELLS * DURATION), sweeps.total / sweeps.windows


def in_nest(python: str, weight: float) -> float:
    """The same by nest_gap_junctions.py."""
    command = [
        python,
        str(HERE / "nest_gap_junctions.py"),
        "--time",
        str(NEST_DURATION),
        "--weight",
        str(weight),
    ]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"([\d.]+) us a cell and ms", said)
    assert found
    return float(found[1])


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--nest", help="a python in which NEST can be imported")
    options.add_argument("--turns", type=int, default=2)
    said = options.parse_args()
    for weight in (0.3, 0.7):
        for _ in range(said.turns):
            spent, sweeps = in_parsim(weight)
            line = f"{weight} nS: parsim {spent:.1f} us, {sweeps:.2f} sweeps"
            if said.nest:
                theirs = in_nest(said.nest, weight)
                line += f", NEST {theirs:.0f} us: {theirs / spent:.1f} times as fast"
            print(line, flush=True)


if __name__ == "__main__":
    main()

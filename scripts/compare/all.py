"""All measurements of docs/performance.md one after another, and a table of what they come to.

python scripts/compare/all.py --nest PYTHON --neuron PYTHON --brian PYTHON [--before TREE] [--out measured.txt]
python scripts/compare/all.py --only two_cells coba ...

Each of these is a python in which that simulator can be imported; what lacks its python is left out. `--before` is
the tree of another version, with which first compilations are compared. What the scripts print goes to the file, under
the name of each measurement; the table is printed at the end. With little else running it takes some 20 minutes.
"""

import argparse
import re
import statistics
import subprocess
import sys
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

COMPARE = "scripts/compare/"
PYTHON = "{python}"


def ours(script: str, *options: str) -> list[str]:
    """A script in this Python."""
    return [PYTHON, script if "/" in script else COMPARE + script, *options]


MPI = ["mpirun", "-n", "2"]
TEN = ("--cells", "10", "--delays", "0.1")
QUIET = ("iaf_psc_alpha", "iaf_cond_exp", "iaf_cond_alpha", "aeif_cond_exp", "aeif_cond_alpha", "izhikevich")
BRUNEL = [
    ours("examples/brunel.py", "--time", "1000"),
    ["{nest}", COMPARE + "nest_brunel.py", "--time", "1000"],
]
COBA = [ours("examples/coba.py"), ["{nest}", COMPARE + "nest_coba.py"]]
RUNS: dict[str, list[list[str]]] = {
    "brunel": BRUNEL * 3,
    "build": [ours("build.py")],
    "spatial": [ours("spatial.py"), ["{nest}", COMPARE + "spatial.py", "--nest"]],
    "small": [ours("small.py", "--nest", "{nest}")],
    "small_threads": [ours("small.py", "--threads", "2", *TEN)],
    "small_processes": [MPI + ours("small.py", *TEN)],
    "coba": [ours("brian2_networks.py", "{brian}", "coba")],
    "cobahh": [ours("brian2_networks.py", "{brian}", "cobahh")],
    "coba_nest": COBA * 2,
    "microcircuit": [ours("microcircuit.py", "--scale", "1", "--time", "300")],
    "events": [ours("neuron_events.py", "{neuron}")],
    "hodgkin_huxley": [ours("hodgkin_huxley.py", "parsim"), ["{nest}", COMPARE + "hodgkin_huxley.py", "nest"]],
    "ranks": [
        ours("examples/brunel.py", "--time", "1000"), ours("examples/brunel.py", "--time", "1000", "--threads", "2"),
        MPI + ours("examples/brunel.py", "--time", "1000"),
    ],
    "two_cells": [ours("two_cells.py", "--nest", "{nest}")],
    "gap_network": [ours("gap_network.py", "--nest", "{nest}")],
    "gap_errors": [
        ["{nest}", COMPARE + "nest_gap_junctions.py", "{folder}/traces.npz"],
        ours("gap_junctions.py", "{folder}/traces.npz"),
    ],
    "memory": [ours("memory.py", kind) for kind in ("constant", "varying", "steps")],
    "stimuli": [ours("stimuli.py")],
    "own_rates": [ours("own_rates.py")],
    "quiet": [ours("quiet.py", *QUIET), ["{nest}", COMPARE + "quiet.py", "--nest", *QUIET]],
    "recording": [ours("recording.py")],
    "first_script": [ours("first_script.py")],
    "compiling": [ours("compiling.py")],
    "compiling_before": [["env", "PYTHONPATH={before}", *ours("compiling.py")]],
    "cable": [ours("cable.py", "{neuron}")],
    "limits": [ours("limits.py", "--scale", "1"), MPI + ours("limits.py")],
}  # fmt: skip


class Row(NamedTuple):
    """A number of the table: the median of what `pattern` finds in the output of a run, or that over another's."""

    case: str
    run: str
    pattern: str
    unit: str
    goal: str  # "<=" or ">=" and a number
    over: tuple[str, str] | None = None  # a run and a pattern


def small(cells: int, delay: float, goal: str) -> Row:
    """A small network against NEST."""
    case = f"{cells} neurons, delay {delay} ms, against NEST"
    return Row(case, "small", rf"\b{cells} cells, delay {delay} ms.*: ([\d.]+) times as fast", "times", goal)


def compiled(case: str, network: str) -> Row:
    """A first compilation against that of another version."""
    pattern = rf"{network}: ([\d.]+) s"
    return Row(
        f"first compilation, {case}",
        "compiling",
        pattern,
        "times that before",
        "<=2",
        ("compiling_before", pattern),
    )


INTERVAL = r"([\d.]+) us an interval"
SIMULATION = r"simulation ([\d.]+) s"
RUN = r"(?m)^run(?:\s+[\d.]+){2}\s+([\d.]+)$"
TABLE = [
    Row("10 neurons, delay 0.1 ms", "small", rf"\b10 cells, delay 0.1 ms: +{INTERVAL}", "us an interval", "<=1.5"),
    *(small(n, delay, f">={goal}") for n, goal in ((10, 1.0), (100, 2.0), (1000, 4.0)) for delay in (0.1, 1.0)),
    Row("two cells and a gap junction, against NEST", "two_cells", r": ([\d.]+) times as fast", "times", ">=1.5"),
    Row("500 cells with 60 junctions, against NEST", "gap_network", r": ([\d.]+) times as fast", "times", ">=22"),
    Row("COBA 4,000, against Brian2's C++", "coba", r": ([\d.]+) times as fast", "times", ">=2"),
    Row("COBA 4,000, against NEST", "coba_nest", SIMULATION, "times", ">=35", ("coba_nest", RUN)),
    Row("COBAHH 4,000, against Brian2's C++", "cobahh", r"parsim \S+ s[^:]*: ([\d.]+) times", "times", ">=1.8"),
    Row("COBAHH 4,000 by exponential Euler", "cobahh", r"by exponential_euler[^:]*: ([\d.]+) times", "times", ">=5"),
    Row("Brunel 12,500, against NEST", "brunel", SIMULATION, "times", ">=15", ("brunel", RUN)),
    Row("IntFire2 1,000 x 100, against NEURON", "events", r"NEURON: events ([\d.]+)", "times", ">=35"),
    Row("microcircuit at scale 1", "microcircuit", r"\(([\d.]+) by the processor\)", "times real time", "<=18"),
    Row("microcircuit at scale 1, building", "microcircuit", r"built in [\d.]+ s \(([\d.]+) s of", "s", "<=25"),
    Row("10 neurons on 2 processes", "small_processes", INTERVAL, "us an interval", "<=8"),
    Row("10 neurons on 2 threads", "small_threads", INTERVAL, "us an interval", "<=5"),
    compiled("iaf_psc_alpha", "iaf_psc_alpha, Poisson, recorders"),
    compiled("events", "IntFire1 and NetStim"),
    compiled("gap junction", "hh_psc_alpha_gap, a gap junction"),
]  # fmt: skip


def run(commands: list[list[str]], places: dict[str, str | None]) -> str | None:
    """What they print, one after another; None when a simulator is not given. What fails says so in its place."""
    said = []
    for command in commands:
        needed = set(re.findall(r"\{(\w+)\}", " ".join(command)))
        if any(places[name] is None for name in needed):
            return None
        words = [word.format(**places) for word in command]
        began = perf_counter()
        ended = subprocess.run(words, capture_output=True, text=True)
        said.append(f"$ {' '.join(words)}\n{ended.stdout}({perf_counter() - began:.1f} s as a whole)\n")
        if ended.returncode:
            said.append(f"FAILED:\n{ended.stderr[-2000:]}\n")
    return "\n".join(said)


def median(output: str | None, pattern: str) -> float | None:
    """Of all numbers that the pattern finds."""
    found = re.findall(pattern, output or "")
    return statistics.median(map(float, found)) if found else None


def told(row: Row, outputs: dict[str, str | None]) -> str:
    """A line of the table."""
    measured = median(outputs.get(row.run), row.pattern)
    if measured is not None and row.over is not None:
        other = median(outputs.get(row.over[0]), row.over[1])
        measured = measured / other if other else None
    relation, goal = row.goal[:2], float(row.goal[2:])
    if measured is None:
        return f"| {row.case} | not measured | {relation} {goal:g} {row.unit} | |"
    reached = measured <= goal if relation == "<=" else measured >= goal
    return f"| {row.case} | {measured:.3g} {row.unit} | {relation} {goal:g} | {'yes' if reached else 'NO'} |"


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for simulator in ("nest", "neuron", "brian"):
        options.add_argument(f"--{simulator}", metavar="PYTHON")
    options.add_argument("--before", metavar="TREE")
    options.add_argument("--only", nargs="+", choices=list(RUNS), default=list(RUNS))
    options.add_argument("--out", type=Path, default=Path("measured.txt"))
    said = options.parse_args()
    folder = said.out.resolve().parent
    places = dict(python=sys.executable, nest=said.nest, neuron=said.neuron, brian=said.brian)
    places |= dict(before=said.before, folder=str(folder))
    outputs: dict[str, str | None] = {}
    with said.out.open("w") as file:
        for name in said.only:
            began = perf_counter()
            outputs[name] = run(RUNS[name], places)
            took = perf_counter() - began
            failed = "" if "FAILED" not in (outputs[name] or "") else ", FAILED"
            print(
                f"{name}: {took:.0f} s{failed}" if outputs[name] else f"{name}: left out",
                file=sys.stderr,
                flush=True,
            )
            file.write(f"==== {name}\n{outputs[name] or 'left out'}\n")
            file.flush()
        lines = ["| case | measured | to reach | reached |", "|---|---|---|---|"]
        lines += [told(row, outputs) for row in TABLE if row.run in said.only]
        file.write("\n".join(["==== table", *lines, ""]))
    print("\n".join(lines))


if __name__ == "__main__":
    main()

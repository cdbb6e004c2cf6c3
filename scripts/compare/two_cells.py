"""Two cells joined by a gap junction, examples/gap_junctions_two_neurons.py, in parsim and in NEST in turn.

python scripts/compare/two_cells.py [--nest /path/to/a/python] [--turns 3]

Processor seconds of a run of 351 ms at dt 0.05 ms, V recorded every 0.1 ms; the least of some in each process. Laying
a simulation out is part of parsim's.
"""

import argparse
import subprocess
import sys
from time import process_time

DURATION, DT = 351.0, 0.05


def in_parsim() -> float:
    """The least of five runs, after one that loads the kernels."""
    import parsim as ps

    def run(duration: float) -> float:
        net = ps.Network()
        cells = net.create("hh_psc_alpha_gap", 2, I_e=100.0)
        net.couple(cells, cells, ps.AllToAll(allow_autapses=False), weight=0.5)
        net.record(cells, "V_m", interval=0.1)
        sim = ps.Simulation(net, dt=DT, progress=False)
        sim.set(cells[0], V_m=-10.0)
        began = process_time()
        sim.run(duration)
        return process_time() - began

    run(1.0)
    return min(run(DURATION) for _ in range(5))


def in_nest() -> float:
    """The least of seven runs."""
    import nest

    def run() -> float:
        nest.ResetKernel()
        nest.verbosity = nest.VerbosityLevel.ERROR
        nest.resolution, nest.local_num_threads = DT, 1
        cells = nest.Create("hh_psc_alpha_gap", 2)
        meter = nest.Create("voltmeter", params={"interval": 0.1})
        cells.I_e, cells[0].V_m = 100.0, -10.0
        nest.Connect(meter, cells, "all_to_all")
        rule = {"rule": "all_to_all", "allow_autapses": False}
        nest.Connect(cells, cells, rule, {"synapse_model": "gap_junction", "weight": 0.5})
        began = process_time()
        nest.Simulate(DURATION)
        return process_time() - began

    return min(run() for _ in range(7))


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--nest", help="a python in which NEST can be imported")
    options.add_argument("--turns", type=int, default=3)
    options.add_argument("--as-nest", action="store_true", help=argparse.SUPPRESS)
    said = options.parse_args()
    if said.as_nest:
        print(in_nest())
        return
    for _ in range(said.turns):
        line, seconds = "parsim ", in_parsim()
        line += f"{seconds:.4f} s"
        if said.nest:
            command = [said.nest, __file__, "--as-nest"]
            ended = subprocess.run(command, capture_output=True, text=True, check=True)
            nests = float(ended.stdout.split()[-1])
            line += f", NEST {nests:.4f} s: {nests / seconds:.2f} times as fast"
        print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())

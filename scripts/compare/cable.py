"""Nanoseconds a compartment and step of cable cells, ours and NEURON's: python cable.py [PYTHON_WITH_NEURON]

256 cells of a soma and 64 branches of two compartments (129), dt 0.025 ms; hh in the soma and pas on branches, or hh
everywhere. Processor time, the best of several runs; NEURON's compartments are counted as ours, without its end nodes.
"""

import subprocess
import sys
import time

CELLS, BRANCHES, STEPS = 256, 64, 400
COMPARTMENTS = 1 + 2 * BRANCHES


def measure(advance, runs: int = 4) -> float:
    """Nanoseconds a compartment and step; the first call is not counted."""
    advance()
    best = float("inf")
    for _ in range(runs):
        begin = time.process_time()
        advance()
        best = min(best, time.process_time() - begin)
    return best / (STEPS * CELLS * COMPARTMENTS) * 1e9


def ours(where: str, lanes: int) -> float:
    """Blocks of `lanes` cells, one after another."""
    from parsim.clock import Clock
    from parsim.models.ions import RESTS
    from parsim.models.section import Section
    from parsim.models.shape import shape_of
    from parsim.nmodl.compiled import mechanism
    from parsim.shard.block import CableBlock, Kind, Planted
    from parsim.shard.outbox import outbox

    sections = [Section("soma", L=20.0, diam=20.0, Ra=100.0)]
    for k in range(BRANCHES):
        parent = "soma" if k == 0 else f"branch{(k - 1) // 2}"
        sections.append(Section(f"branch{k}", L=50.0, diam=1.0, nseg=2, Ra=100.0, parent=parent))
    shape = shape_of(sections)
    soma = list(shape.nodes("soma"))
    rest = [node for section in sections[1:] for node in shape.nodes(section.name)]
    planted = [Planted(mechanism("hh"), soma if where == "soma" else soma + rest)]
    if where == "soma":
        planted.append(Planted(mechanism("pas"), rest, {"g": 1e-4, "e": -65.0}))
    grid, out = Clock(0.025).for_kernels, outbox(1)
    blocks = [CableBlock(shape.tree(lanes), Kind(planted, RESTS), grid) for _ in range(CELLS // lanes)]
    for block in blocks:
        block.volts[:] = -60.0
        block.start(0.0)
        block.settle()

    def advance() -> None:
        for block in blocks:
            block.advance(block.bundles, 0, STEPS, grid, out, 0, None)

    return measure(advance)


def neuron(where: str, tables: int) -> float:
    """The same cells in NEURON, one thread."""
    from neuron import h

    h.load_file("stdrun.hoc")
    cells = []
    for _ in range(CELLS):
        soma = h.Section(name="soma")
        soma.L = soma.diam = 20.0
        branches = [h.Section(name=f"branch{k}") for k in range(BRANCHES)]
        for k, branch in enumerate(branches):
            branch.L, branch.diam, branch.nseg, branch.Ra = 50.0, 1.0, 2, 100.0
            branch.connect(soma if k == 0 else branches[(k - 1) // 2], 1, 0)
            branch.insert("pas" if where == "soma" else "hh")
        soma.insert("hh")
        cells += [soma, *branches]
    h.usetable_hh, h.dt = tables, 0.025
    h.finitialize(-60.0)

    def advance() -> None:
        for _ in range(STEPS):
            h.fadvance()

    return measure(advance, 3)


def main() -> None:
    """A line for each case."""
    if sys.argv[1:2] == ["--neuron"]:
        print(neuron(sys.argv[2], int(sys.argv[3])))
        return
    for where in ("soma", "everywhere"):
        for lanes in (1, 8, 32, 64):
            print(f"hh {where:10s}  parsim, {lanes:2d} lanes   {ours(where, lanes):6.2f} ns", flush=True)
        for tables in (0, 1) if sys.argv[1:] else ():
            command = [sys.argv[1], __file__, "--neuron", where, str(tables)]
            said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            kind = "tables" if tables else "computed"
            print(f"hh {where:10s}  NEURON, {kind:8s}  {float(said.split()[-1]):6.2f} ns", flush=True)


if __name__ == "__main__":
    main()

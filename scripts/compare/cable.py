"""Nanoseconds a compartment and step of cable cells, ours and others': python cable.py [PYTHON_NEURON [PYTHON_ARBOR]]

256 cells of a soma and 64 branches of two compartments (129), dt 0.025 ms; hh in the soma and pas on branches, or hh
everywhere. Then one cell of 1,001 compartments with ten mechanisms, for which NEURON needs `nrnivmodl -coreneuron` of
those in `mod` and in `tests/nmodl/mod`, and to be run where these are. Processor time of runs in turn, the best of
several; NEURON's compartments are counted as ours, without its end nodes. CoreNEURON's is the time of `psolve` less
that of one of two steps.
"""

import subprocess
import sys
import time
from pathlib import Path

from branched import (
    BRANCHES,
    arbor_decor,
    arbor_tree,
    neuron_sections,
    our_sections,
    psolve_seconds,
    recipe,
)

CELLS, STEPS, DT = 256, 400, 0.025
COMPARTMENTS = 1 + 2 * BRANCHES
CASES = ("soma", "everywhere", "ten")
TEN = ("hh", "pas", "nat", "kv", "ih", "im", "nap", "cat", "kca", "cad")
LONG = 100  # branches of ten compartments, of the one cell with all of these
HERE = Path(__file__).parent


def measure(advance, runs: int = 4, compartments: int = CELLS * COMPARTMENTS) -> float:
    """Nanoseconds a compartment and step; the first call is not counted."""
    advance()
    best = float("inf")
    for _ in range(runs):
        begin = time.process_time()
        advance()
        best = min(best, time.process_time() - begin)
    return best / (STEPS * compartments) * 1e9


def counted(where: str) -> int:
    """How many compartments there are."""
    return 1 + 10 * LONG if where == "ten" else CELLS * COMPARTMENTS


def found(name: str):
    """One of the ten: a text of the comparison's or of the tests', or a built-in one."""
    import parsim as ps

    files = (folder / f"{name}.mod" for folder in (HERE / "mod", HERE.parents[1] / "tests" / "nmodl" / "mod"))
    return ps.mechanism(next((file for file in files if file.exists()), name))


def ten_of_ours():
    """A simulation of the one cell."""
    import parsim as ps

    sections = our_sections(LONG, L=250.0, nseg=10)
    inserted = [ps.insert(found(name)) for name in TEN]
    net = ps.Network()
    net.create(ps.CableModel("cell", sections, insert=inserted, v=-60.0))
    return ps.Simulation(net, dt=DT, progress=False)


def ours(where: str, cells: int = CELLS, tables: bool | str = False):
    """A simulation of such cells, with a detector in the soma, and what it takes to build, s."""
    import parsim as ps

    sections = our_sections()
    names = [section.name for section in sections[1:]]
    inserted = [ps.insert("hh", on="soma"), ps.insert("pas", on=names, g=1e-4, e=-65.0)]
    if where == "everywhere":
        inserted = [ps.insert(ps.mechanism("hh", tables=tables))]
    model = ps.CableModel("cell", sections, insert=inserted, detector=ps.detector("soma"), v=-60.0)
    begin = time.process_time()
    net = ps.Network()
    net.record_spikes(net.create(model, cells))
    simulation = ps.Simulation(net, dt=DT, progress=False)
    return simulation, time.process_time() - begin


def parsim(where: str, tables: bool | str = False) -> float:
    """Ours, as a network."""
    if where == "ten":
        begin = time.process_time()
        simulation = ten_of_ours()
        simulation.run(DT)
        print(f"ten mechanisms: {time.process_time() - begin:.2f} s to the first step", flush=True)
        return measure(lambda: simulation.run(STEPS * DT), compartments=1 + 10 * LONG)
    simulation, _ = ours(where, tables=tables)
    return measure(lambda: simulation.run(STEPS * DT))


def ten_of_neuron(h):
    """The one cell in NEURON."""
    soma, branches = neuron_sections(h, LONG, L=250.0, nseg=10)
    for section in (soma, *branches):
        for name in TEN:
            section.insert(name)
    return [soma, *branches]


def neuron_cells(where: str, count: int = CELLS):
    """The same cells in NEURON."""
    from neuron import h

    h.load_file("stdrun.hoc")
    h.dt = DT
    if where == "ten":
        return h, ten_of_neuron(h)
    cells = []
    for _ in range(count):
        soma, branches = neuron_sections(h)
        for branch in branches:
            branch.insert("pas" if where == "soma" else "hh")
        soma.insert("hh")
        cells += [soma, *branches]
    return h, cells


def neuron(where: str, tables: int) -> float:
    """NEURON, one thread."""
    h, _cells = neuron_cells(where)
    h.usetable_hh = tables
    h.finitialize(-60.0)

    def advance() -> None:
        for _ in range(STEPS):
            h.fadvance()

    return measure(advance, 3, counted(where))


def coreneuron(where: str) -> float:
    """CoreNEURON, which keeps tables always."""
    from neuron import coreneuron

    h, _cells = neuron_cells(where)
    coreneuron.enable = True
    coreneuron.verbose = 0
    h.cvode.cache_efficient(1)
    context = h.ParallelContext()
    for gid, cell in enumerate(_cells[:: (LONG if where == "ten" else BRANCHES) + 1]):
        context.set_gid2node(gid, 0)
        context.cell(gid, h.NetCon(cell(0.5)._ref_v, None, sec=cell))
    context.set_maxstep(10)

    steps = (2 * DT, (2 + 4 * STEPS) * DT)
    taken = psolve_seconds(context, lambda: h.finitialize(-60.0), steps)
    return taken / (4 * STEPS * counted(where)) * 1e9


def arbor(where: str) -> float:
    """Arbor, one thread, a control volume for each compartment."""
    simulation, unit = arbor_cells(where, CELLS)
    now = [0.0]

    def advance() -> None:
        now[0] += STEPS * DT
        simulation.run(now[0] * unit, DT * unit)

    return measure(advance)


def arbor_cells(where: str, count: int):
    """A simulation of such cells in Arbor."""
    import arbor as A

    tree, _ = arbor_tree(A)
    decor = arbor_decor(A, -60.0)
    decor = decor.paint("(tag 1)", A.density("hh"))
    decor = decor.paint(
        "(tag 3)", A.density("hh") if where == "everywhere" else A.density("pas/e=-65", g=1e-4)
    )
    cell = A.cable_cell(tree, decor, A.label_dict(), A.cv_policy_every_segment())

    return A.simulation(recipe(A, cell, count), A.context(threads=1)), A.units.ms


def resident() -> int:
    """Bytes that the process has held at most; what `resource` says begins with what its parent has held."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def built(of: str, cells: str) -> str:
    """What it takes another to build cells and take a step, and how much memory."""
    before, begin, n = resident(), time.process_time(), int(cells)
    if of == "neuron":
        h, held = neuron_cells("soma", n)
        h.finitialize(-60.0)
        h.fadvance()
    else:
        held, unit = arbor_cells("soma", n)
        held.run(DT * unit, DT * unit)
    took = time.process_time() - begin
    return f"{took:.1f} s, {(resident() - before) / (n * COMPARTMENTS):.0f} bytes a compartment"


def building(cells: int = 10_000) -> None:
    """What many cells take to build, and how much memory."""
    ours("soma", 32)[0].run(DT)
    before = resident()
    simulation, seconds = ours("soma", cells)
    simulation.run(DT)
    each = (resident() - before) / (cells * COMPARTMENTS)
    print(f"parsim builds {cells} cells in {seconds:.1f} s; {each:.0f} bytes a compartment")


def other(python: str, *call: str) -> str:
    """What a function of this script says in another python."""
    done = subprocess.run([python, __file__, "--of", *call], capture_output=True, text=True)
    return (done.stderr if done.returncode else done.stdout).strip().splitlines()[-1]


def main() -> None:
    """A line for each case."""
    if sys.argv[1:2] == ["--of"]:
        function, where, *more = sys.argv[2:]
        print(globals()[function](where, *(more if function == "built" else map(int, more))))
        return
    others = [("NEURON, computed", 1, "neuron", "0"), ("NEURON, tables", 1, "neuron", "1")]
    others += [("CoreNEURON, tables", 1, "coreneuron"), ("Arbor", 2, "arbor")]
    for where in CASES:
        print(f"{where:12s}  {'parsim':20s} {parsim(where):.2f} ns", flush=True)
        if where == "everywhere":
            print(f"{where:12s}  {'parsim, fine tables':20s} {parsim(where, 'fine'):.2f} ns", flush=True)
        for name, which, function, *more in others:
            if len(sys.argv) > which and not (where == "ten" and which == 2):
                said = other(sys.argv[which], function, where, *more)
                print(f"{where:12s}  {name:20s} {said:.60} ns", flush=True)
    building()
    for which, name in enumerate(("neuron", "arbor"), 1):
        if len(sys.argv) > which:
            print(f"{name} builds 1000 cells in {other(sys.argv[which], 'built', name, '1000')}", flush=True)


if __name__ == "__main__":
    main()

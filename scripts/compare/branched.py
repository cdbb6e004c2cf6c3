"""The cell that is compared, here and in others: a soma and 64 branches of two compartments that fork."""

BRANCHES = 64


def parent_of(k: int) -> str:
    """What branch k grows from."""
    return "soma" if k == 0 else f"branch{(k - 1) // 2}"


def our_sections(branches: int = BRANCHES, **size):
    """Our sections, the soma first; `size` is that of branches where it is another."""
    import parsim as ps

    size = dict(L=50.0, diam=1.0, nseg=2, Ra=100.0) | size
    soma = ps.Section("soma", L=20.0, diam=20.0, Ra=100.0)
    return [soma, *(ps.Section(f"branch{k}", **size, parent=parent_of(k)) for k in range(branches))]


def neuron_sections(h, branches: int = BRANCHES, L: float = 50.0, nseg: int = 2):
    """NEURON's: the soma, and all branches."""
    soma = h.Section(name="soma")
    soma.L, soma.diam, soma.Ra = 20.0, 20.0, 100.0
    grown = [h.Section(name=f"branch{k}") for k in range(branches)]
    for k, branch in enumerate(grown):
        branch.L, branch.diam, branch.nseg, branch.Ra = L, 1.0, nseg, 100.0
        branch.connect(soma if k == 0 else grown[(k - 1) // 2], 1, 0)
    return soma, grown


def arbor_tree(A):
    """Arbor's tree, and the segment of each half of a branch, by (branch, half)."""
    tree, halves, begins = A.segment_tree(), {}, []
    soma = tree.append(A.mnpos, A.mpoint(-10, 0, 0, 10), A.mpoint(10, 0, 0, 10), tag=1)
    for k in range(BRANCHES):
        begin = soma if k == 0 else begins[(k - 1) // 2]
        x = 10.0 + 50.0 * ((k + 1).bit_length() - 1)
        for half in range(2):
            a, b = (A.mpoint(x + 25.0 * p, float(k), 0, 0.5) for p in (half, half + 1))
            begin = halves[k, half] = tree.append(begin, a, b, tag=3)
        begins.append(begin)
    return tree, halves


def arbor_decor(A, v: float):
    """Arbor's cells at rest at v, in mV, with nothing on them yet."""
    u = A.units
    return A.decor().set_property(
        Vm=v * u.mV, cm=0.01 * u.F / u.m2, rL=100.0 * u.Ohm * u.cm, tempK=279.45 * u.Kelvin
    )


def psolve_seconds(context, start, steps: tuple[float, float], runs: int = 3) -> float:
    """What `psolve` takes from the one time to the other, as the difference of two runs, the best of each."""
    import time

    def seconds(until: float) -> float:
        start()
        begin = time.process_time()
        context.psolve(until)
        return time.process_time() - begin

    few, many = (min(seconds(until) for _ in range(runs)) for until in steps)
    return many - few


def recipe(A, cell, count: int, **said):
    """Arbor's recipe of so many of a cell; `said` are functions of a gid, such as `connections_on`."""

    class Recipe(A.recipe):
        def num_cells(self):
            return count

        def cell_kind(self, gid):
            return A.cell_kind.cable

        def cell_description(self, gid):
            return cell

        def global_properties(self, kind):
            return A.neuron_cable_properties()

    for name, function in said.items():
        setattr(Recipe, name, lambda self, gid, function=function: function(gid))
    return Recipe()

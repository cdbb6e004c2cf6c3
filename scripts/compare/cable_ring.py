"""Networks of branched cells, ours and others': python cable_ring.py [PYTHON_OF_NEURON_AND_ARBOR]

256 cells of a soma with hh and 64 branches of two compartments with pas, dt 0.025 ms, events over 5 ms. `ring`: a
synapse each, and 16 spikes that go around. `hundred`: cells are made to fire at 20 Hz, and each hears 100 others at 100
synapses on its branches. Processor seconds a second of model time, the best of several runs of 100 ms; CoreNEURON's is
the time of `psolve` less that of one of two steps. How many spikes there were is said, for all must do the same.
"""

import subprocess
import sys
import time

from branched import (
    BRANCHES,
    arbor_decor,
    arbor_tree,
    neuron_sections,
    our_sections,
    psolve_seconds,
    recipe,
)

CELLS, DT, TIME, DELAY, FIRES, WEAK = 256, 0.025, 100.0, 5.0, 0.03, 2e-6
CASES = {"ring": 1, "hundred": 100}


def wires(synapses: int) -> list[tuple[int, int, int, float]]:
    """Rows (source, target, synapse, weight); synapse 0 is that by which a cell is made to fire."""
    if synapses == 1:
        return [(k, (k + 1) % CELLS, 0, FIRES) for k in range(CELLS)]
    return [((k + 1 + j) % CELLS, k, 1 + j, WEAK) for k in range(CELLS) for j in range(synapses)]


def starts(synapses: int) -> list[tuple[int, float]]:
    """Which cells are made to fire, and when first; where there are 100 synapses, every 50 ms."""
    if synapses == 1:
        return [(k, 1.0) for k in range(0, CELLS, 16)]
    return [(k, 1.0 + 50.0 * k / CELLS) for k in range(CELLS)]


def best_of(advance, runs: int = 3) -> float:
    """Processor seconds a second of model time; the first call is not counted."""
    advance()
    best = float("inf")
    for _ in range(runs):
        begin = time.process_time()
        advance()
        best = min(best, time.process_time() - begin)
    return best / TIME * 1e3


def model(synapses: int):
    """The cell."""
    import parsim as ps

    sections = our_sections()
    names = [section.name for section in sections[1:]]
    at = ["branch0(0.25)"]
    if synapses > 1:
        at += [f"branch{j % BRANCHES}({0.25 + 0.5 * (j // BRANCHES)})" for j in range(synapses)]
    return ps.CableModel(
        "cell", sections, insert=[ps.insert("hh", on="soma"), ps.insert("pas", on=names, g=1e-4, e=-65.0)],
        place=[ps.place("syn", "ExpSyn", at=at, tau=2.0)], detector=ps.detector("soma", threshold=0.0),
    )  # fmt: skip


def parsim(synapses: int, threads: int = 1) -> tuple[float, int]:
    """Ours."""
    import numpy as np

    import parsim as ps

    net = ps.Network()
    cells = net.create(model(synapses), CELLS)
    first = "syn" if synapses == 1 else "syn[0]"
    for gid, t in starts(synapses):
        times = [t] if synapses == 1 else np.arange(t, 1_000.0, 50.0)
        source = net.create("VecStim", spike_times=times)
        net.connect(source, cells[gid].at(first), ps.OneToOne(), ps.static_synapse(weight=FIRES, delay=DELAY))
    rows = wires(synapses)
    for j in sorted({row[2] for row in rows}):
        sources, targets, _, weights = zip(*(row for row in rows if row[2] == j), strict=True)
        at = cells.at(first if j == 0 else f"syn[{j}]")
        synapse = ps.static_synapse(weight=weights[0], delay=DELAY)
        net.connect(cells, at, ps.Lists(sources, targets), synapse)
    spikes = net.record_spikes(cells)
    simulation = ps.Simulation(net, dt=DT, progress=False, threads=threads)
    taken = best_of(lambda: simulation.run(TIME))
    return taken, int((spikes.times <= TIME).sum())


def neuron_cells(h, context, synapses: int):
    """The same cells in NEURON: the synapses of each, and what is to be kept."""
    kept, cells = [], []
    for gid in range(CELLS):
        soma, branches = neuron_sections(h)
        for branch in branches:
            branch.insert("pas")
            for segment in branch:
                segment.pas.g, segment.pas.e = 1e-4, -65.0
        soma.insert("hh")
        places = [branches[0](0.25)]
        if synapses > 1:
            places += [branches[j % BRANCHES](0.25 + 0.5 * (j // BRANCHES)) for j in range(synapses)]
        receiving = [h.ExpSyn(place) for place in places]
        for one in receiving:
            one.tau = 2.0
        context.set_gid2node(gid, 0)
        connection = h.NetCon(soma(0.5)._ref_v, None, sec=soma)
        connection.threshold = 0.0
        context.cell(gid, connection)
        cells.append(receiving)
        kept += [soma, branches, connection]
    return cells, kept


def coreneuron(synapses: int) -> tuple[float, int]:
    """CoreNEURON, which keeps tables always."""
    from neuron import coreneuron, h

    h.load_file("stdrun.hoc")
    context = h.ParallelContext()
    cells, kept = neuron_cells(h, context, synapses)
    for source, target, j, weight in wires(synapses):
        connection = context.gid_connect(source, cells[target][j])
        connection.weight[0], connection.delay = weight, DELAY
        kept.append(connection)
    for gid, t in starts(synapses):
        stimulus = h.NetStim()
        stimulus.start, stimulus.number, stimulus.interval = t, 1 if synapses == 1 else 1e9, 50.0
        connection = h.NetCon(stimulus, cells[gid][0])
        connection.weight[0], connection.delay = FIRES, DELAY
        kept += [stimulus, connection]
    h.dt = DT
    h.cvode.cache_efficient(1)
    coreneuron.enable, coreneuron.verbose = True, 0
    context.set_maxstep(10)
    times, gids = h.Vector(), h.Vector()
    context.spike_record(-1, times, gids)

    def start() -> None:
        times.resize(0)
        h.finitialize(-65.0)

    return psolve_seconds(context, start, (2 * DT, TIME)) / TIME * 1e3, len(times)


def arbor_cell(A, synapses: int):
    """The same cell in Arbor, a control volume for each compartment."""
    tree, halves = arbor_tree(A)
    decor = arbor_decor(A, -65.0)
    decor = decor.paint("(tag 1)", A.density("hh")).paint("(tag 3)", A.density("pas/e=-65", g=1e-4))
    places = [(0, 0)] + ([(j % BRANCHES, j // BRANCHES) for j in range(synapses)] if synapses > 1 else [])
    for j, (branch, half) in enumerate(places):
        at = f"(on-components 0.5 (segment {halves[branch, half]}))"
        decor = decor.place(at, A.synapse("expsyn", tau=2.0), f"syn{j}")
    decor = decor.place("(root)", A.threshold_detector(0.0 * A.units.mV), "detector")
    return A.cable_cell(tree, decor, A.label_dict(), A.cv_policy_every_segment())


def arbor(synapses: int) -> tuple[float, int]:
    """Arbor, one thread."""
    import arbor as A

    u, cell = A.units, arbor_cell(A, synapses)
    onto = [[] for _ in range(CELLS)]
    for source, target, j, weight in wires(synapses):
        onto[target].append(A.connection((source, "detector"), f"syn{j}", weight, DELAY * u.ms))
    begins = dict(starts(synapses))

    def generators(gid):
        if gid not in begins:
            return []
        t = begins[gid] + DELAY
        times = [t] if synapses == 1 else [t + 50.0 * k for k in range(20)]
        every = A.explicit_schedule([one * u.ms for one in times])
        return [A.event_generator("syn0", FIRES, every)]

    said = dict(connections_on=lambda gid: onto[gid], event_generators=generators)
    simulation = A.simulation(recipe(A, cell, CELLS, **said), A.context(threads=1))
    simulation.record(A.spike_recording.all)
    now = [0.0]

    def advance() -> None:
        now[0] += TIME
        simulation.run(now[0] * u.ms, DT * u.ms)

    taken = best_of(advance)
    return taken, int((simulation.spikes()["time"] <= TIME).sum())


def main() -> None:
    """A line for each case and simulator."""
    if sys.argv[1:2] == ["--of"]:
        print(*globals()[sys.argv[2]](int(sys.argv[3])))
        return
    for name, synapses in CASES.items():
        for who, python in (
            ("parsim", sys.executable),
            *((w, sys.argv[1]) for w in ("coreneuron", "arbor") if sys.argv[1:]),
        ):
            command = [python, __file__, "--of", who, str(synapses)]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                print(f"{name:8s} {who:12s} {done.stderr.strip().splitlines()[-1]}", flush=True)
                continue
            taken, spikes = done.stdout.split()[-2:]
            print(
                f"{name:8s} {who:12s} {float(taken):8.2f} s a second, {spikes} spikes in {TIME:g} ms",
                flush=True,
            )


if __name__ == "__main__":
    main()

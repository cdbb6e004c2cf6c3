"""A ring of branched cells: each fires the next over a delay, and the spike goes around, on any number of ranks.

    python examples/cable_ring.py
    mpirun -n 2 python examples/cable_ring.py --cells 512 --time 200 --output spikes.h5

Each cell has a soma with hh and a tree of dendrites with leak alone, 63 branches of two compartments; a synapse stands
on a branch. Spikes are where NEURON has them.
"""

import argparse

import parsim as ps

parser = argparse.ArgumentParser(description="a ring of branched cells")
parser.add_argument("--cells", type=int, default=256)
parser.add_argument("--branches", type=int, default=63)
parser.add_argument("--time", type=float, default=100.0, help="ms")
parser.add_argument("--threads", type=int, default=1, help="ranks as threads of each process")
parser.add_argument("--output", help="an HDF5 file for the spikes")
options = parser.parse_args()

sections = [ps.Section("soma", L=12.6157, diam=12.6157, Ra=100.0)]
for k in range(options.branches):  # each branch has two more at its end
    parent = "soma" if k == 0 else f"dend{(k - 1) // 2}"
    sections.append(ps.Section(f"dend{k}", L=50.0, diam=1.0, nseg=2, Ra=100.0, parent=parent))
dendrites = [section.name for section in sections[1:]]
cell = ps.CableModel(
    "branched", sections,
    insert=[ps.insert("hh", on="soma"), ps.insert("pas", on=dendrites, g=0.0003, e=-65.0)],
    place=[ps.place("syn", "ExpSyn", at="dend0(0.5)", tau=2.0)],
    detector=ps.detector("soma", threshold=0.0),
)  # fmt: skip

net = ps.Network()
ring = net.create(cell, options.cells, name="ring")
everyone = range(options.cells)
following = ps.Lists(everyone, [(k + 1) % options.cells for k in everyone])
net.connect(ring, ring.at("syn"), following, ps.static_synapse(weight=0.02, delay=1.0))
for k in range(0, options.cells, 32):  # a spike begins at every 32nd cell
    begin = net.create("VecStim", spike_times=[0.5])
    net.connect(begin, ring[k].at("syn"), ps.OneToOne(), ps.static_synapse(weight=0.02, delay=0.5))
spikes = net.record_spikes(ring, to=options.output)

sim = ps.Simulation(net, dt=0.025, threads=options.threads)
sim.run(options.time)
if sim.comm.rank == 0:
    print(sim.report())
    print(f"mean rate {sim.report().spikes / net.n_cells / options.time * 1000.0:.2f} Hz")

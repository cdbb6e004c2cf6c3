"""A network of event-driven cells: IntFire1, with delays that are no whole steps, kept going by NetStims.

    python examples/intfire_network.py
    mpirun -n 2 python examples/intfire_network.py --cells 10000 --time 1000 --output spikes.h5

Four fifths of the cells excite, the others inhibit. No cell costs anything while nothing reaches it, and
spikes have exact times, which do not depend on dt.
"""

import argparse

import parsim as ps

parser = argparse.ArgumentParser(description="a network of IntFire1 cells")
parser.add_argument("--cells", type=int, default=10_000)
parser.add_argument("--time", type=float, default=1000.0, help="ms")
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--threads", type=int, default=1, help="ranks as threads of each process")
parser.add_argument("--output", help="an HDF5 file for the spikes")
options = parser.parse_args()

n_exc = 4 * options.cells // 5
n_inh = options.cells - n_exc

net = ps.Network(seed=options.seed)
exc = net.create("IntFire1", n_exc, name="excitatory", refrac=2.0)
inh = net.create("IntFire1", n_inh, name="inhibitory", refrac=2.0)
drive = net.create("NetStim", options.cells, interval=2.5, number=float("inf"), start=0.0, noise=1.0)
delay = ps.Uniform(1.0, 5.0)  # ms, used as drawn
net.connect(drive, exc + inh, ps.OneToOne(), ps.static_synapse(weight=0.3, delay=1.0))
net.connect(
    exc, exc + inh, ps.FixedIndegree(80), ps.static_synapse(weight=ps.Normal(0.02, 0.005), delay=delay)
)
net.connect(
    inh, exc + inh, ps.FixedIndegree(20), ps.static_synapse(weight=ps.Normal(-0.1, 0.02), delay=delay)
)
spikes = net.record_spikes(exc + inh)
if options.output:
    net.record_spikes(exc + inh, to=options.output)

sim = ps.Simulation(net, dt=0.1, threads=options.threads)
sim.run(options.time)
if sim.comm.rank == 0:
    print(sim.report())  # its spikes are also those of the NetStims
    print(f"mean rate {len(spikes) / options.cells / options.time * 1000.0:.2f} Hz")

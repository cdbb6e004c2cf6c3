"""Benchmark 1 of Brette et al. (2007): the network of Vogels and Abbott (2005), cells with synaptic conductances.

    python examples/coba.py
    mpirun -n 2 python examples/coba.py --cells 8000 --time 1000 --output spikes.h5

Four fifths of the cells are excitatory, and each cell hears every other with a probability that makes 80 connections
for each (2 % of 4,000 cells). Some of them are stimulated for 50 ms; then the network goes on firing by itself.
"""

import argparse

import parsim as ps

parser = argparse.ArgumentParser(description="Vogels and Abbott (2005), iaf_cond_exp cells")
parser.add_argument("--cells", type=int, default=4000)
parser.add_argument("--time", type=float, default=1000.0, help="ms")
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--threads", type=int, default=1, help="ranks as threads of each process")
parser.add_argument("--output", help="an HDF5 file for the spikes")
options = parser.parse_args()

# tau_m = C_m / g_L = 20 ms
cell = dict(
    C_m=200.0, g_L=10.0, E_L=-60.0, V_th=-50.0, V_reset=-60.0, t_ref=5.0,
    E_ex=0.0, E_in=-80.0, tau_syn_ex=5.0, tau_syn_in=10.0,
)  # fmt: skip
n_exc = options.cells * 4 // 5
anyone = ps.PairwiseBernoulli(min(1.0, 80.0 / options.cells))

net = ps.Network(seed=options.seed)
exc = net.create("iaf_cond_exp", n_exc, name="excitatory", **cell)
inh = net.create("iaf_cond_exp", options.cells - n_exc, name="inhibitory", **cell)
net.connect(exc, exc + inh, anyone, ps.static_synapse(weight=6.0, delay=0.1))
net.connect(inh, exc + inh, anyone, ps.static_synapse(weight=-67.0, delay=0.1))

# 20 cells in 4,000 fire at about 300 Hz for the first 50 ms; that is enough to set all others going.
stimulated = exc[: max(1, options.cells // 200)]
stimulus = net.create("poisson_generator", rate=300.0, stop=50.0)
net.connect(stimulus, stimulated, ps.AllToAll(), ps.static_synapse(weight=300.0, delay=0.1))
spikes = net.record_spikes(exc + inh, to=options.output)

sim = ps.Simulation(net, dt=0.1, threads=options.threads)
sim.run(options.time)
if sim.comm.rank == 0:
    print(sim.report())
    print(f"mean rate {sim.report().spikes / options.cells / options.time * 1000.0:.2f} Hz")

"""A random network of Hodgkin-Huxley cells: benchmark 3 of Brette et al. (2007).

    python examples/cobahh.py
    mpirun -n 2 python examples/cobahh.py --time 2000 --output spikes.h5

4,000 cells of 20,000 square micrometres, four fifths of them excitatory, two in a hundred pairs connected by
conductances of 6 nS (excitatory) and 67 nS (inhibitory). Nothing drives the network: it starts from random
voltages and conductances and keeps firing by itself.
"""

import argparse

import parsim as ps

parser = argparse.ArgumentParser(description="Brette et al. (2007), benchmark 3")
parser.add_argument("--cells", type=int, default=4000)
parser.add_argument("--time", type=float, default=1000.0, help="ms")
parser.add_argument("--method", choices=("exponential_euler",), help="in place of steps to a tolerance")
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--threads", type=int, default=1, help="ranks as threads of each process")
parser.add_argument("--output", help="an HDF5 file for the spikes")
options = parser.parse_args()

n_exc = options.cells * 4 // 5
cell = dict(
    C_m=200.0, g_L=10.0, g_Na=20_000.0, g_K=6_000.0, E_L=-60.0, E_Na=50.0, E_K=-90.0, V_T=-63.0,
    E_ex=0.0, E_in=-80.0, tau_syn_ex=5.0, tau_syn_in=10.0, t_ref=3.0,
    V_m=ps.Normal(-65.0, 5.0), g_ex=ps.Uniform(10.0, 70.0), g_in=ps.Uniform(0.0, 400.0),
)  # fmt: skip

model = ps.hh_cond_exp_traub(method=options.method) if options.method else ps.hh_cond_exp_traub
net = ps.Network(seed=options.seed)
exc = net.create(model, n_exc, name="excitatory", **cell)
inh = net.create(model, options.cells - n_exc, name="inhibitory", **cell)
rule = ps.PairwiseBernoulli(80.0 / options.cells)  # 80 inputs to each: 2 % of 4,000
net.connect(exc, exc + inh, rule, ps.static_synapse(weight=6.0, delay=0.1))
net.connect(inh, exc + inh, rule, ps.static_synapse(weight=-67.0, delay=0.1))
spikes = net.record_spikes(exc + inh, to=options.output)

sim = ps.Simulation(net, dt=0.1, threads=options.threads)
sim.run(options.time)
if sim.comm.rank == 0:
    print(sim.report())
    print(f"mean rate {sim.report().spikes / options.cells / options.time * 1000.0:.2f} Hz")

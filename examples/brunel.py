"""A balanced random network (Brunel 2000) of iaf_psc_alpha cells.

    python examples/brunel.py
    mpirun -n 2 python examples/brunel.py --order 2500 --time 1000 --output spikes.h5

It has 5 x order cells, four fifths of them excitatory, each with 1,000 excitatory and 250 inhibitory
inputs (a tenth of the cells when there are fewer), and is driven at eta times the rate that would
take the mean potential to threshold. With g = 5 and eta = 2 it fires asynchronously and irregularly.
"""

import argparse

import numpy as np

import parsim as ps

parser = argparse.ArgumentParser(description="Brunel (2000), balanced random network")
parser.add_argument("--order", type=int, default=2500, help="a fifth of the number of cells")
parser.add_argument("--time", type=float, default=1000.0, help="ms")
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--threads", type=int, default=1, help="ranks as threads of each process")
parser.add_argument("--output", help="an HDF5 file for the spikes")
parser.add_argument("--voltages", type=int, default=0, help="record V_m of so many cells at every step")
options = parser.parse_args()

n_exc, n_inh = 4 * options.order, options.order
c_exc, c_inh = min(1000, n_exc // 10), min(250, n_inh // 10)
g, eta, delay = 5.0, 2.0, 1.5
tau_m, tau_syn, C_m, V_th = 20.0, 0.5, 250.0, 20.0
cell = dict(
    C_m=C_m, tau_m=tau_m, tau_syn_ex=tau_syn, tau_syn_in=tau_syn, E_L=0.0, V_reset=0.0, V_m=0.0, V_th=V_th
)

# The weight in pA whose postsynaptic potential v(t) peaks at J = 100 mV / c_exc: 0.1 mV with 1,000 inputs.
t, k = np.linspace(0.0, 20.0, 200_001), 1.0 / tau_syn - 1.0 / tau_m
v = np.e / (tau_syn * C_m * k**2) * (np.exp(-t / tau_m) - (1.0 + k * t) * np.exp(-t / tau_syn))
weight = 100.0 / c_exc / v.max()
threshold_rate = V_th * C_m / (weight * np.e * tau_m * tau_syn)  # spikes per ms

net = ps.Network(seed=options.seed)
exc = net.create("iaf_psc_alpha", n_exc, name="excitatory", **cell)
inh = net.create("iaf_psc_alpha", n_inh, name="inhibitory", **cell)
drive = net.create("poisson_generator", rate=1000.0 * eta * threshold_rate)
net.connect(drive, exc + inh, ps.AllToAll(), ps.static_synapse(weight=weight, delay=delay))
net.connect(exc, exc + inh, ps.FixedIndegree(c_exc), ps.static_synapse(weight=weight, delay=delay))
net.connect(inh, exc + inh, ps.FixedIndegree(c_inh), ps.static_synapse(weight=-g * weight, delay=delay))
spikes = net.record_spikes(exc + inh, to=options.output)
voltages = net.record(exc[: options.voltages], "V_m", interval=0.1)

sim = ps.Simulation(net, dt=0.1, threads=options.threads)
sim.run(options.time)
if sim.comm.rank == 0:
    print(sim.report())
    print(f"mean rate {sim.report().spikes / (n_exc + n_inh) / options.time * 1000.0:.2f} Hz")

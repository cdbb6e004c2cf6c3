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

options = argparse.ArgumentParser(description="Brunel (2000), balanced random network")
options.add_argument("--order", type=int, default=2500, help="a fifth of the number of cells")
options.add_argument("--time", type=float, default=1000.0, help="ms")
options.add_argument("--seed", type=int, default=1)
options.add_argument("--threads", type=int, default=1, help="ranks as threads of each process")
options.add_argument("--output", help="an HDF5 file for the spikes")
options.add_argument("--voltages", type=int, default=0, help="record V_m of so many cells at every step")
options = options.parse_args()

n_exc, n_inh = 4 * options.order, options.order
c_exc, c_inh = min(1000, n_exc // 10), min(250, n_inh // 10)
g, eta, delay = 5.0, 2.0, 1.5
cell = dict(
    C_m=250.0, tau_m=20.0, tau_syn_ex=0.5, tau_syn_in=0.5, t_ref=2.0, E_L=0.0, V_reset=0.0, V_m=0.0, V_th=20.0
)

# The peak current w of a synapse whose postsynaptic potential v(t) peaks at J = 100 mV / c_exc.
t = np.linspace(0.0, 20.0, 200_001)
rate = 1.0 / cell["tau_syn_ex"] - 1.0 / cell["tau_m"]
v = (
    np.e
    / (cell["tau_syn_ex"] * cell["C_m"])
    * np.exp(-t / cell["tau_m"])
    * (1.0 - (1.0 + rate * t) * np.exp(-rate * t))
    / rate**2
)
J = 100.0 / c_exc
weight = J / v.max()
threshold_rate = cell["V_th"] * cell["C_m"] / (weight * np.e * cell["tau_m"] * cell["tau_syn_ex"])  # per ms

net = ps.Network(seed=options.seed)
exc = net.create("iaf_psc_alpha", n_exc, name="excitatory", **cell)
inh = net.create("iaf_psc_alpha", n_inh, name="inhibitory", **cell)
drive = net.create("poisson_generator", rate=1000.0 * eta * threshold_rate)
net.connect(drive, exc + inh, ps.AllToAll(), ps.static_synapse(weight=weight, delay=delay))
net.connect(exc, exc + inh, ps.FixedIndegree(c_exc), ps.static_synapse(weight=weight, delay=delay))
net.connect(inh, exc + inh, ps.FixedIndegree(c_inh), ps.static_synapse(weight=-g * weight, delay=delay))
spikes = net.record_spikes(exc + inh, to=options.output)
if options.voltages:
    net.record(exc[: options.voltages], "V_m", interval=0.1)

sim = ps.Simulation(net, dt=0.1, threads=options.threads)
sim.run(options.time)
if sim.comm.rank == 0:
    print(sim.report())
    print(f"mean rate {sim.report().spikes / (n_exc + n_inh) / options.time * 1000.0:.2f} Hz")

"""A balanced random network whose excitatory connections learn (STDP): how their weights drift apart.

    python examples/stdp_balanced.py
    mpirun -n 2 python examples/stdp_balanced.py --exc 4000 --time 2000 --output spikes.h5

`--exc` excitatory and a quarter as many inhibitory cells (iaf_psc_exp), a tenth of which lead to each cell. Excitatory
connections among excitatory cells begin alike and follow stdp_synapse: pairs of spikes move them between 0 and Wmax, by
steps that hang on the weight (Guetig et al. 2003). Weights are shown as a histogram at the start and at the end.
"""

import argparse

import numpy as np

import parsim as ps

parser = argparse.ArgumentParser(description="A balanced network with spike-timing dependent plasticity")
parser.add_argument("--exc", type=int, default=1000, help="excitatory cells")
parser.add_argument("--time", type=float, default=1000.0, help="ms")
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--threads", type=int, default=1, help="ranks as threads of each process")
parser.add_argument("--output", help="an HDF5 file for the spikes")
options = parser.parse_args()

n_exc, n_inh = options.exc, options.exc // 4
c_exc, c_inh = max(n_exc // 10, 1), max(n_inh // 10, 1)
weight, g, delay = 45.0 * (100.0 / c_exc) ** 0.5, 6.0, 1.5  # pA, -, ms
learning = ps.stdp_synapse(weight=weight, Wmax=2.0 * weight, lambda_=0.05, alpha=1.1, delay=delay)

net = ps.Network(seed=options.seed)
cells = dict(tau_syn_ex=2.0, tau_syn_in=2.0, V_m=ps.Uniform(-70.0, -56.0))
exc = net.create("iaf_psc_exp", n_exc, name="excitatory", tau_minus=30.0, **cells)
inh = net.create("iaf_psc_exp", n_inh, name="inhibitory", **cells)
drive = net.create("poisson_generator", rate=8_000.0)
net.connect(drive, exc + inh, ps.AllToAll(), ps.static_synapse(weight=30.0, delay=delay))
net.connect(exc, exc, ps.FixedIndegree(c_exc), learning)
net.connect(exc, inh, ps.FixedIndegree(c_exc), ps.static_synapse(weight=weight, delay=delay))
net.connect(inh, exc + inh, ps.FixedIndegree(c_inh), ps.static_synapse(weight=-g * weight, delay=delay))
spikes = net.record_spikes(exc + inh, to=options.output)

sim = ps.Simulation(net, dt=0.1, threads=options.threads)
found = sim.connections(exc, exc)


def show(when: str) -> None:
    """The histogram of the weights as they are now."""
    weights = found.get("weight") / weight
    counts, _ = np.histogram(weights, bins=20, range=(0.0, 2.0))
    if sim.comm.rank == 0:
        print(f"weights {when}: mean {weights.mean():.12f}, standard deviation {weights.std():.12f}")
        print(
            "\n".join(f"  {0.1 * k:.1f} {'#' * round(50 * n / counts.max())}" for k, n in enumerate(counts))
        )


show("at the start")
sim.run(options.time)
show("at the end")
if sim.comm.rank == 0:
    print(sim.report())
    print(f"mean rate {sim.report().spikes / (n_exc + n_inh) / options.time * 1000.0:.2f} Hz")

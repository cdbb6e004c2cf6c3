"""The cortical microcircuit of Potjans and Diesmann (2014): four layers under 1 mm^2 of cortex, fired from outside.

    python examples/microcircuit.py --scale 0.1
    mpirun -n 2 python examples/microcircuit.py --scale 1 --time 2000 --output spikes.h5

At scale 1 it has 77,169 cells and 0.3 billion connections, and takes 4.0 GB. At a smaller scale it has that part of the
cells and of the connections of each, which are stronger by the root of it, and the rest of the mean input as a current,
so that mean and variance of what a cell gets stay (van Albada, Helias and Diesmann 2015).

Weights and delays are drawn from truncated normal distributions. The rates that are shown beside are those published
with the model's reference implementation, at full scale.
"""

import argparse

import numpy as np

import parsim as ps

parser = argparse.ArgumentParser(description="Potjans and Diesmann (2014), cortical microcircuit")
parser.add_argument(
    "--scale", type=float, default=0.1, help="part of the cells, and of the connections of each"
)
parser.add_argument("--time", type=float, default=1000.0, help="ms, after the first --settle ms")
parser.add_argument("--settle", type=float, default=200.0, help="ms before rates are counted")
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--threads", type=int, default=1, help="ranks as threads of each process")
parser.add_argument("--output", help="an HDF5 file for the spikes")
options = parser.parse_args()

LAYERS = ("L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I")
CELLS = np.array([20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948])
PROBABILITIES = np.array(  # of a pair to be connected, from columns to rows
    [
        [0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0, 0.0076, 0.0],
        [0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0, 0.0042, 0.0],
        [0.0077, 0.0059, 0.0497, 0.135, 0.0067, 0.0003, 0.0453, 0.0],
        [0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0, 0.1057, 0.0],
        [0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0],
        [0.0548, 0.0269, 0.0257, 0.0022, 0.06, 0.3158, 0.0086, 0.0],
        [0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252],
        [0.0364, 0.001, 0.0034, 0.0005, 0.0277, 0.008, 0.0658, 0.1443],
    ]
)
OUTSIDE = np.array([1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100])  # inputs of a cell from elsewhere
OUTSIDE_RATE = 8.0  # Hz, of each
PUBLISHED = np.array([0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829])  # Hz

C_m, tau_m, tau_syn = 250.0, 10.0, 0.5
cell = dict(
    C_m=C_m, tau_m=tau_m, tau_syn_ex=tau_syn, tau_syn_in=tau_syn, t_ref=2.0, E_L=-65.0, V_th=-50.0, V_reset=-65.0
)  # fmt: skip

# The weight in pA of which an exponential current lifts V_m by 0.15 mV at most: 87.8 pA.
ratio = tau_m / tau_syn
per_pA = (
    tau_syn
    / C_m
    / (1.0 - 1.0 / ratio)
    * (ratio ** (-1.0 / (ratio - 1.0)) - ratio ** (-ratio / (ratio - 1.0)))
)
strength = 0.15 / per_pA
weights = np.where(np.arange(8) % 2 == 0, strength, -4.0 * strength) * np.ones((8, 8))
weights[0, 2] *= 2.0  # from L4E to L23E

# Of all pairs, this many connections leave each unconnected with 1 - its probability.
pairs = np.outer(CELLS, CELLS).astype(float)
connections = np.log1p(-PROBABILITIES) / np.log1p(-1.0 / pairs)

# The mean input that is left out with connections, whose strength grows by less than they become fewer.
root = np.sqrt(options.scale)
inside = (connections / CELLS[:, None] * weights) @ PUBLISHED
current = 1e-3 * tau_syn * (1.0 - root) * (inside + strength * OUTSIDE * OUTSIDE_RATE)

net = ps.Network(seed=options.seed)
layers = [
    net.create(
        "iaf_psc_exp", max(1, round(n * options.scale)), name=name, V_m=ps.Normal(-58.0, 10.0), I_e=i, **cell
    )
    for name, n, i in zip(LAYERS, CELLS, current, strict=True)
]
half_a_step = 0.05  # ms: what is less would be rounded to no delay
for i, target in enumerate(layers):
    noise = net.create("poisson_generator", rate=OUTSIDE_RATE * OUTSIDE[i] * options.scale)
    net.connect(noise, target, ps.AllToAll(), ps.static_synapse(weight=strength / root, delay=1.5))
    for j, source in enumerate(layers):
        n = round(connections[i, j] * len(source) / CELLS[j] * len(target) / CELLS[i])
        if n == 0:
            continue
        excites, mean = weights[i, j] > 0.0, weights[i, j] / root
        weight = ps.Normal(mean, 0.1 * abs(mean))
        weight = weight.redrawn(low=0.0) if excites else weight.redrawn(high=0.0)
        mean = 1.5 if excites else 0.75
        delay = ps.Normal(mean, 0.5 * mean).redrawn(low=half_a_step)
        net.connect(source, target, ps.FixedTotalNumber(n), ps.static_synapse(weight=weight, delay=delay))

everyone = sum(layers[1:], layers[0][:])
spikes = net.record_spikes(everyone)
if options.output:
    net.record_spikes(everyone, to=options.output)

sim = ps.Simulation(net, dt=0.1, threads=options.threads)
sim.run(options.settle)
sim.run(options.time)
if sim.comm.rank == 0:
    print(sim.report())
    fired = np.bincount(spikes.gids[spikes.times > options.settle], minlength=len(everyone))
    for name, layer, published in zip(LAYERS, layers, PUBLISHED, strict=True):
        print(
            f"{name:5} {1e3 * fired[layer.gids].mean() / options.time:6.2f} of {published:.2f} spikes a second"
        )
    print(f"mean rate {1e3 * fired.mean() / options.time:.2f} Hz")

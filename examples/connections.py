"""Connections as data: weights are read, some are changed, and those that learn are recorded.

python examples/connections.py --time 1000
"""

import argparse

import parsim as ps

parser = argparse.ArgumentParser(description="Weights that are read, changed and recorded")
parser.add_argument("--time", type=float, default=1000.0, help="ms")
parser.add_argument("--threads", type=int, default=1, help="ranks as threads of each process")
parser.add_argument("--output", help="an HDF5 file for the spikes")
options = parser.parse_args()

net = ps.Network(seed=1)
cells = net.create("iaf_psc_exp", I_e=ps.Uniform(250.0, 380.0), positions=ps.grid([10, 10]))
inputs = net.create("parrot_neuron", 50)
net.connect(net.create("poisson_generator", rate=30.0), inputs, ps.AllToAll())
learn = ps.stdp_synapse(weight=ps.Normal(60.0, 6.0), Wmax=150.0, lambda_=0.05, delay=1.5)
learning = net.connect(inputs, cells, ps.FixedIndegree(25), learn)
near = net.connect(cells, cells, ps.FixedIndegree(10), ps.static_synapse(weight=20.0, delay=1.5))
spikes = net.record_spikes(cells, to=options.output)
weights = net.record(learning, "weight", interval=options.time / 10)
sim = ps.Simulation(net, threads=options.threads)

# All ranks ask alike, and get the same arrays.
found = sim.connections(learning)
strong = found[found.weights > 65.0]
strong.set(weight=65.0)
sim.connections(near).set(weight=40.0 * ps.exp(-ps.distance / 0.3))
sim.run(options.time / 2)

# The weakest go; what was sent over them arrives.
found = sim.connections(learning)
sim.disconnect(found[found.weights < 50.0])
sim.run(options.time / 2)

if sim.comm.rank == 0:
    print(f"mean rate {1000.0 * len(spikes) / len(cells) / options.time:.1f} Hz")
    print(f"{len(strong)} connections were stronger than 65 pA")
    for time, values in zip(weights.times, weights.values, strict=True):
        left = values[values == values]  # those that are gone are NaN
        print(f"weights at {time:6.1f} ms: {left.size} of {left.mean():.2f} pA, spread {left.std():.2f}")

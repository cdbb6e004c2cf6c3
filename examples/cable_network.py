"""A small cortical network of cells of sections, in a background of point neurons, with gap junctions and plasticity.

    python examples/cable_network.py
    mpirun -n 2 python examples/cable_network.py --cells 400 --time 500 --output spikes.h5

Four fifths are pyramidal cells with an apical dendrite, one fifth are interneurons of one compartment; their synapses
are Exp2Syn. Point neurons, driven by noise, fire at their synapses; interneurons are joined by gap junctions.
"""

import argparse

import parsim as ps

parser = argparse.ArgumentParser(description="a network of cells of sections and point neurons")
parser.add_argument("--cells", type=int, default=100)
parser.add_argument("--time", type=float, default=200.0, help="ms")
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--threads", type=int, default=1, help="ranks as threads of each process")
parser.add_argument("--output", help="an HDF5 file for the spikes")
options = parser.parse_args()

EXC, INH = dict(tau1=0.5, tau2=3.0, e=0.0), dict(tau1=0.5, tau2=8.0, e=-75.0)
pyramid = ps.CableModel(
    "pyramid",
    [
        ps.Section("soma", L=20.0, diam=20.0, Ra=150.0),
        ps.Section("basal", L=150.0, diam=2.0, nseg=3, Ra=150.0, parent="soma(0)"),
        ps.Section("trunk", L=300.0, diam=3.0, nseg=5, Ra=150.0, parent="soma"),
        ps.Section("tuft", L=150.0, diam=1.5, nseg=3, Ra=150.0, parent="trunk"),
    ],
    insert=[ps.insert("hh", on="soma"), ps.insert("pas", on=["basal", "trunk", "tuft"], g=1e-4, e=-65.0)],
    place=[
        ps.place("local", "Exp2Syn", at="basal", **EXC),
        ps.place("far", "Exp2Syn", at="tuft", **EXC),
        ps.place("inh", "Exp2Syn", at="soma", **INH),
    ],
    detector=ps.detector("soma", threshold=-10.0),
)
inter = ps.CableModel(
    "interneuron", [ps.Section("soma", L=15.0, diam=15.0)], insert=[ps.insert("hh")],
    place=[ps.place("exc", "Exp2Syn", at="soma", **EXC), ps.place("inh", "Exp2Syn", at="soma", **INH)],
    detector=ps.detector("soma", threshold=-10.0),
)  # fmt: skip

n_inh = options.cells // 5
net = ps.Network(seed=options.seed)
exc = net.create(pyramid, options.cells - n_inh, v=ps.Uniform(-70.0, -60.0))
inh = net.create(inter, n_inh, v=ps.Uniform(-70.0, -60.0))
background = net.create("iaf_psc_exp", 4 * options.cells, V_m=ps.Uniform(-70.0, -56.0))
noise = net.create("poisson_generator", rate=3_000.0)
net.connect(noise, background, ps.AllToAll(), ps.static_synapse(weight=70.0, delay=0.1))

delay = ps.Uniform(0.8, 2.5)
net.connect(background, exc.at("far"), ps.FixedIndegree(40), ps.static_synapse(weight=8e-4, delay=delay))
net.connect(background, inh.at("exc"), ps.FixedIndegree(20), ps.static_synapse(weight=5e-5, delay=delay))
learning = ps.tsodyks2_synapse(weight=ps.Uniform(5e-4, 1.5e-3), delay=delay, U=0.5, tau_rec=300.0)
net.connect(exc, exc.at("local"), ps.FixedIndegree(8), learning)
net.connect(exc, inh.at("exc"), ps.FixedIndegree(10), ps.static_synapse(weight=4e-4, delay=delay))
net.connect(inh, exc.at("inh"), ps.FixedIndegree(6), ps.static_synapse(weight=6e-4, delay=delay))
net.connect(inh, inh.at("inh"), ps.FixedIndegree(4), ps.static_synapse(weight=1e-3, delay=delay))
net.couple(inh, inh, ps.PairwiseBernoulli(0.2), weight=0.3)
spikes = net.record_spikes(exc + inh, to=options.output)

sim = ps.Simulation(net, dt=0.025, threads=options.threads, relaxation=ps.Relaxation(interval=0.1))
sim.run(options.time)
if sim.comm.rank == 0:
    print(sim.report())
    print(f"mean rate {sim.report().spikes / net.n_cells / options.time * 1000.0:.2f} Hz")

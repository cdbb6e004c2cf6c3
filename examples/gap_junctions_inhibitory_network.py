"""Inhibitory cells joined by gap junctions, which make them fire together (Hahne et al. 2015, second test case).

    python examples/gap_junctions_inhibitory_network.py --weight 0.3     # asynchronous
    python examples/gap_junctions_inhibitory_network.py --weight 0.54    # switching between both
    mpirun -n 2 python examples/gap_junctions_inhibitory_network.py --weight 0.7 --output spikes.h5   # synchronous

500 cells have 60 junctions and 50 inhibitory synapses each, and are driven by Poisson spikes at 500 Hz. What
they do is told by the Fano factor of the number of spikes in a millisecond: 1 if cells know nothing of each
other, 500 times the rate per ms if all fire at once.
"""

import argparse

import numpy as np

import parsim as ps

parser = argparse.ArgumentParser(description="Hahne et al. (2015), second test case")
parser.add_argument("--weight", type=float, default=0.3, help="conductance of a junction, nS")
parser.add_argument("--time", type=float, default=500.0, help="ms")
parser.add_argument("--cells", type=int, default=500)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--threads", type=int, default=1, help="ranks as threads of each process")
parser.add_argument("--output", help="an HDF5 file for the spikes")
options = parser.parse_args()

net = ps.Network(seed=options.seed)
# A tolerance of 1e-3 mV for substeps adds nothing to the error of the waveforms between cells.
cells = net.create("hh_psc_alpha_gap", options.cells, V_m=ps.Uniform(-80.0, -40.0), tolerance=1e-3)
noise = net.create("poisson_generator", rate=500.0)
inhibitory = ps.static_synapse(weight=-50.0, delay=1.0)
net.connect(cells, cells, ps.FixedIndegree(50, allow_autapses=False), inhibitory)
net.connect(noise, cells, ps.AllToAll(), ps.static_synapse(weight=300.0, delay=1.0))
net.couple(cells, cells, ps.FixedTotalNumber(30 * options.cells, allow_autapses=False), weight=options.weight)
spikes = net.record_spikes(cells)
if options.output:
    net.record_spikes(cells, to=options.output)

sim = ps.Simulation(net, dt=0.05, threads=options.threads)
sim.run(options.time)
if sim.comm.rank == 0:
    print(sim.report())
    later = spikes.times[spikes.times > 0.2 * options.time]  # without how it begins
    counts = np.histogram(later, np.arange(0.2 * options.time, options.time + 1e-9))[0]
    fano = counts.var() / counts.mean() if counts.any() else float("nan")
    rate = later.size / options.cells / (0.8 * options.time) * 1000.0
    print(f"{options.weight:g} nS: Fano factor {fano:.1f}, mean rate {rate:.2f} Hz")

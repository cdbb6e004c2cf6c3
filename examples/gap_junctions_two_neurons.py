"""Two cells that fire together because a gap junction joins them: python examples/gap_junctions_two_neurons.py."""

import matplotlib.pyplot as plt

import parsim as ps

net = ps.Network()
cells = net.create("hh_psc_alpha_gap", 2, I_e=100.0)
net.couple(cells, cells, ps.AllToAll(allow_autapses=False), weight=0.5)
voltage = net.record(cells, "V_m", interval=0.1)
sim = ps.Simulation(net, dt=0.05)
sim.set(cells[0], V_m=-10.0)
sim.run(351.0)
if sim.comm.rank == 0:
    plt.plot(voltage.times, voltage.values)
    plt.xlabel("time (ms)")
    plt.ylabel("membrane potential (mV)")
    plt.show()

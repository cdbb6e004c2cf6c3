"""The README's script with 100 cells: what a first user waits for. Time it as a whole process."""

import parsim as ps

net = ps.Network(seed=1)
exc = net.create("iaf_psc_alpha", 80, tau_m=20.0, V_m=ps.Uniform(-70.0, -55.0))
inh = net.create("iaf_psc_alpha", 20, tau_m=20.0)
drive = net.create("poisson_generator", rate=17_000.0)
net.connect(drive, exc + inh, ps.AllToAll(), ps.static_synapse(weight=20.0, delay=1.5))
net.connect(exc, exc + inh, ps.FixedIndegree(10), ps.static_synapse(weight=20.0, delay=1.5))
net.connect(inh, exc + inh, ps.FixedIndegree(3), ps.static_synapse(weight=ps.Normal(-100.0, 5.0), delay=1.5))
spikes = net.record_spikes(exc + inh)
voltage = net.record(exc[:5], "V_m", interval=0.1)
sim = ps.Simulation(net, dt=0.1)
sim.run(1000.0)
print(len(spikes), "spikes,", voltage.values.shape, "samples")

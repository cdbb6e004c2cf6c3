"""Nanoseconds a cell and step that cells without input take, in parsim or in NEST.

python scripts/compare/quiet.py iaf_cond_exp aeif_cond_exp
python scripts/compare/quiet.py --nest iaf_cond_exp aeif_cond_exp     (needs nest-simulator)

With --drive they hear Poisson noise at 9,000 Hz and 1,500 Hz, of the weights given.
"""

import argparse
import time

options = argparse.ArgumentParser()
options.add_argument("models", nargs="+")
options.add_argument("--nest", action="store_true")
options.add_argument("--cells", type=int, default=4000)
options.add_argument("--time", type=float, default=200.0)
options.add_argument("--drive", type=float, nargs=2, metavar="WEIGHT")
options = options.parse_args()


def in_parsim(model):
    """Seconds of a run, and spikes."""
    import parsim as ps

    net = ps.Network(seed=1)
    cells = net.create(model, options.cells)
    for rate, weight in zip((9000.0, 1500.0), options.drive or (), strict=bool(options.drive)):
        noise = net.create("poisson_generator", rate=rate)
        net.connect(noise, cells, ps.AllToAll(), ps.static_synapse(weight=weight, delay=1.0))
    sim = ps.Simulation(net, dt=0.1)
    sim.run(50.0)
    before, began = sim.report().spikes, time.process_time()
    sim.run(options.time)
    return time.process_time() - began, sim.report().spikes - before


def in_nest(model):
    """The same."""
    import nest

    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.ResetKernel()
    nest.resolution = 0.1
    cells, recorder = nest.Create(model, options.cells), nest.Create("spike_recorder")
    nest.Connect(cells, recorder)
    for rate, weight in zip((9000.0, 1500.0), options.drive or (), strict=bool(options.drive)):
        noise = nest.Create("poisson_generator", params={"rate": rate})
        nest.Connect(noise, cells, "all_to_all", {"weight": weight, "delay": 1.0})
    nest.Simulate(50.0)
    before, began = recorder.n_events, time.process_time()
    nest.Simulate(options.time)
    return time.process_time() - began, recorder.n_events - before


for model in options.models:
    seconds, spikes = (in_nest if options.nest else in_parsim)(model)
    nanoseconds = seconds / options.cells / (options.time / 0.1) * 1e9
    print(f"{model}: {nanoseconds:.1f} ns, {spikes / options.cells / options.time * 1000.0:.1f} Hz")

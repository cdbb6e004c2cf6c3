"""Event-driven cells of the NEURON Book, chapter 10: figures 10.11 to 10.13 and 10.15 to 10.17 in one picture.

    python examples/intfire_gallery.py
    python examples/intfire_gallery.py --output gallery.png

Inputs are dotted lines; the times of spikes are printed. The chapter's IntFire2 (10.13) fires at 109.942964701 ms.
"""

import argparse

import parsim as ps

options = argparse.ArgumentParser(description="event-driven cells of the NEURON Book")
options.add_argument("--output", help="a file for the picture, in place of a window")
options.add_argument("--no-picture", action="store_true", help="only print; needs no matplotlib")
options = options.parse_args()

BOOK4 = dict(taue=3.0, taui1=5.0, taui2=10.0, taum=30.0)
FIGURES = (  # name, model, parameters, {time of an input: its weight}, what is drawn, from and to (ms)
    ("10.11", "IntFire1", dict(refrac=0.0), {5: 0.8, 22: 0.8, 25: 0.8}, ("M",), 0, 40),
    ("10.12", "IntFire1", dict(refrac=5.0), dict.fromkeys(range(2, 30, 3), 0.4), ("M",), 0, 35),
    ("10.13", "IntFire2", dict(ib=0.2), {50: 1.4, 100: 1.4}, ("I", "M"), 0, 160),
    ("10.15, excited", "IntFire4", BOOK4, {1: 0.5}, ("E", "M"), 0, 120),
    ("10.15, inhibited", "IntFire4", BOOK4, {1: -0.5}, ("I", "M"), 0, 120),
    ("10.16, too weak", "IntFire4", BOOK4, {5: 0.8}, ("M",), 0, 80),
    ("10.16, inhibited in time", "IntFire4", BOOK4, {5: 0.6, 15: -0.9}, ("M",), 0, 80),
    ("10.16, fires", "IntFire4", BOOK4, {5: 0.7, 14: 0.9}, ("M",), 0, 80),
    ("10.17, magnified", "IntFire4", BOOK4, {5: 0.7, 14: 0.9}, ("M",), 13.5, 15.5),
)

net = ps.Network()
shown = []
for _, model, parameters, inputs, drawn, begin, _ in FIGURES:
    cell = net.create(model, **parameters)
    for time, weight in inputs.items():
        source = net.create("VecStim", spike_times=[float(time)])
        net.connect(source, cell, ps.OneToOne(), ps.static_synapse(weight=weight, delay=0.0))
    traces = [net.record(cell, name, interval=0.01 if begin else 0.1) for name in drawn]
    shown.append((net.record_spikes(cell), traces))

sim = ps.Simulation(net, dt=0.01)  # the spikes are the same with any dt
sim.run(160.0)
if sim.comm.rank == 0:
    for (name, model, *_, end), (spikes, _) in zip(FIGURES, shown, strict=True):
        times = ", ".join(f"{t:.9f}" for t in spikes.times if t < end)
        print(f"{name:<26}{model}  " + (f"fires at {times} ms" if times else "does not fire"))


def draw(axes, figure, spikes, traces):
    """Traces, the inputs dotted, and spikes as asterisks at the threshold."""
    name, model, _, inputs, drawn, begin, end = figure
    for trace, label in zip(traces, drawn, strict=True):
        axes.plot(trace.times, trace.values[:, 0], label=label)
    for time in inputs:
        axes.axvline(time, color="gray", linestyle=":", linewidth=0.8)
    axes.plot(spikes.times, [1.0] * len(spikes), "k*")
    axes.set(title=f"{name} ({model})", xlim=(begin, end), xlabel="time (ms)")
    axes.legend()


if sim.comm.rank == 0 and not options.no_picture:
    import matplotlib.pyplot as plt

    picture, places = plt.subplots(3, 3, figsize=(12, 9), layout="constrained")
    for axes, figure, (spikes, traces) in zip(places.flat, FIGURES, shown, strict=True):
        draw(axes, figure, spikes, traces)
    if options.output:
        picture.savefig(options.output)
    else:
        plt.show()

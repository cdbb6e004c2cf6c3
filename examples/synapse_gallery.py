"""Cells of sections of the NEURON Book, chapter 10: figures 10.2 and 10.8 to 10.10 and example 10.2 in one picture.

    python examples/synapse_gallery.py
    python examples/synapse_gallery.py --output gallery.png

A graded synapse that a POINTER lets follow calcium; a gap junction, by two POINTERs as in the chapter and solved; and
what spikes do at synapses that add up, that are used up, and that saturate. What the traces come to is printed.
"""

import argparse

import parsim as ps

options = argparse.ArgumentParser(description="synapses of the NEURON Book")
options.add_argument("--output", help="a file for the picture, in place of a window")
options.add_argument("--no-picture", action="store_true", help="only print; needs no matplotlib")
options = options.parse_args()

CLAMP = """
NEURON { POINT_PROCESS Cosine  RANGE mean, amplitude, period, i  ELECTRODE_CURRENT i }
UNITS { (mV) = (millivolt) (nA) = (nanoamp) PI = (pi) (1) }
PARAMETER { mean = -50 (mV) amplitude = -20 (mV) period = 400 (ms) }
ASSIGNED { v (mV) i (nA) }
BREAKPOINT { i = (mean + amplitude * cos(2 * PI * t / period) - v) / 0.001 }
"""


def run(net, until):
    """Move a network on, with the chapter's step."""
    ps.Simulation(net, dt=0.025, progress=False).run(until)


def graded():
    """Figure 10.2: calcium of a bouton under a slow voltage clamp, and the cell whose synapse follows it."""
    pre = ps.CableModel(
        "pre", [ps.Section("bouton", L=0.5, diam=1.0)], insert=[ps.insert("cachan"), ps.insert("cdp")], v=-70.0,
        place=[ps.place("clamp", ps.mechanism(CLAMP), at="bouton")],
    )  # fmt: skip
    post = ps.CableModel(
        "post", [ps.Section("soma", L=10.0, diam=3.1831)], insert=[ps.insert("pas", g=1 / 30000, e=-70.0)], v=-70.0,
        place=[ps.place("syn", "GradSyn", at="soma", k=0.2)],
    )  # fmt: skip
    net = ps.Network()
    a, b = net.create(pre), net.create(post)
    net.link(a, "bouton.cai", b.at("syn"), "capre")
    traces = {"presynaptic v": net.record(a, "bouton.v", interval=1.0)}
    traces["postsynaptic v"] = net.record(b, "soma.v", interval=1.0)
    run(net, 800.0)
    return traces


def junction(solved):
    """Example 10.2: two cables, of which one is driven; its far end is joined to the other by 3 MOhm."""

    def cable(name, end):
        halves = [] if solved else [ps.place("gap", "Gap", at=end, r=3.0)]
        return ps.CableModel(
            name, [ps.Section("c", L=1000.0, diam=10.0, nseg=10)], insert=[ps.insert("hh")],
            place=[ps.place("kick", "IClamp", at="c(0.05)", delay=2.0, dur=1.0, amp=0.0), *halves],
        )  # fmt: skip

    net = ps.Network()
    a, b = net.create(cable("a", "c(0.95)"), **{"kick.amp": 5.0}), net.create(cable("b", "c(0.05)"))
    if solved:
        net.couple(a.at("c(0.95)"), b.at("c(0.05)"), ps.OneToOne(), weight=1e3 / 3.0)
    else:
        net.link(b, "c(0.05).v", a.at("gap"), "vgap")
        net.link(a, "c(0.95).v", b.at("gap"), "vgap")
    ends = {"a(0.95)": (a, "c(0.95).v"), "b(0.05)": (b, "c(0.05).v")}
    traces = {name: net.record(cell, v, interval=0.025) for name, (cell, v) in ends.items()}
    run(net, 8.0)
    return traces


def synapse(mechanism, values, streams, until, shown="v"):
    """Figures 10.8 to 10.10: trains of events with their weights (uS) at one synapse of a passive cell."""
    cell = ps.CableModel(
        "cell", [ps.Section("soma", L=20.0, diam=20.0)], insert=[ps.insert("pas", g=1 / 20000, e=-65.0)],
        place=[ps.place("syn", mechanism, at="soma", **values)],
    )  # fmt: skip
    net = ps.Network()
    target = net.create(cell)
    for weight, times in streams:
        source = net.create("VecStim", spike_times=[t - 1.0 for t in times])
        net.connect(source, target.at("syn"), ps.OneToOne(), ps.static_synapse(weight=weight, delay=1.0))
    traces = {
        "v": net.record(target, "soma.v", interval=0.1),
        "g": net.record(target, "syn.g", interval=0.1),
    }
    run(net, until)
    return {shown: traces[shown]}


BURST = [5.0 + 0.5 * k for k in range(9)]
PANELS = (  # name, what is drawn
    ("10.2: a graded synapse", graded()),
    ("example 10.2, two POINTERs", junction(False)),
    ("example 10.2, solved", junction(True)),
    ("10.8: ExpSyn, two streams", synapse(
        "ExpSyn", dict(tau=3.0), [(5e-4, [5.0, 20.0, 22.5, 25.0]), (1e-3, [10.0, 23.0, 40.0])], 60.0)),
    ("10.9: GSyn, each stream by itself", synapse(
        "GSyn", {}, [(3e-5, [5.0, 45.0]), (3e-5, [15.0, 20.0, 25.0, 65.0])], 90.0)),
    ("10.10: AMPA_S, one spike", synapse("AMPA_S", {}, [(1e-3, [5.0])], 40.0, "g")),
    ("10.10: AMPA_S, a burst saturates", synapse("AMPA_S", {}, [(1e-3, BURST)], 40.0, "g")),
)  # fmt: skip

for title, traces in PANELS:
    for name, trace in traces.items():
        unit = "uS" if name == "g" else "mV"
        at = float(trace.times[trace.values[:, 0].argmax()])
        print(f"{title:<34}{name:<15} at most {float(trace.values.max()):.4g} {unit}, at {at:g} ms")

if not options.no_picture:
    import matplotlib.pyplot as plt

    picture, places = plt.subplots(2, 4, figsize=(14, 6), layout="constrained")
    places.flat[-1].axis("off")
    for axes, (title, traces) in zip(places.flat, PANELS, strict=False):
        for name, trace in traces.items():
            axes.plot(trace.times, trace.values[:, 0], label=name)
        axes.set(title=title, xlabel="time (ms)", ylabel="g (uS)" if "g" in traces else "v (mV)")
        if len(traces) > 1:
            axes.margins(y=0.25)
            axes.legend(loc="upper center", ncols=2, fontsize="small", handlelength=1.0, columnspacing=1.0)
    if options.output:
        picture.savefig(options.output)
    else:
        plt.show()

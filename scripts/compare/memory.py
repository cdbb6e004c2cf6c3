"""Resident memory per connection, with one weight and delay for all and with one for each; and of ten million steps.

python scripts/compare/memory.py constant
python scripts/compare/memory.py varying
python scripts/compare/memory.py plastic        weights and a trace that learn, one delay for all
python scripts/compare/memory.py per-target     the same, and a parameter that each target draws
python scripts/compare/memory.py steps          ten cells for 10^7 steps, in a few seconds: nothing grows
"""

import resource
import sys
from dataclasses import replace
from typing import Any

import parsim as ps


def resident() -> float:
    """Bytes that this process holds now."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def network(n: int, degree: int, kind: str) -> ps.Network:
    net = ps.Network(seed=1)
    cells = net.create("iaf_psc_alpha", n)
    net.connect(cells, cells, ps.FixedIndegree(degree), synapse(kind))
    return net


def synapse(kind: str) -> Any:
    if kind == "constant":
        return ps.static_synapse(weight=1.0, delay=1.5)
    if kind == "varying":
        return ps.static_synapse(weight=ps.Normal(1.0, 0.1), delay=ps.Uniform(1.0, 2.0))
    learning = ps.stdp_synapse
    if kind == "plastic":
        return learning(weight=ps.Normal(1.0, 0.1), delay=1.5)
    params = tuple(replace(p, per="target") if p.name == "Wmax" else p for p in learning.params)
    by_target = replace(learning, name="by_target", params=params)
    return by_target(weight=ps.Normal(1.0, 0.1), delay=1.5, Wmax=ps.Uniform(90.0, 110.0))


def through_many_steps() -> None:
    """Ten cells that fire, with nothing recorded: what is held after 10^5 steps, 10^6 and 10^7."""
    net = ps.Network(seed=1)
    cells = net.create("iaf_psc_alpha", 10)
    net.connect(cells, cells, ps.FixedIndegree(5), ps.static_synapse(weight=20.0, delay=0.1))
    noise = net.create("poisson_generator", rate=8000.0)
    net.connect(noise, cells, ps.AllToAll(), ps.static_synapse(weight=50.0, delay=0.1))
    long = ps.Simulation(net, dt=0.1, progress=False)
    for steps in (10**5, 10**6, 10**7):
        long.run(0.1 * steps - long.now)
        spikes = long.report().spikes
        print(f"{steps:>10,} steps: {resident() / 2**20:.1f} MB, {spikes:,} spikes", flush=True)


kind = sys.argv[1]
if kind == "steps":
    through_many_steps()
    sys.exit()
small = ps.Simulation(network(100, 10, kind))  # compiles what is needed
small.run(2.0)
before = resident()
simulation = ps.Simulation(network(12_500, 1_250, kind))
simulation.run(15.0)
n = simulation.report().connections
held = (resident() - before) / n
peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before) / n
print(f"{kind}: {n} connections, {held:.2f} bytes each after a run, {peak:.2f} at the peak while building")

"""Resident memory per connection, with one weight and delay for all and with one for each.

python scripts/compare/memory.py constant
python scripts/compare/memory.py varying
python scripts/compare/memory.py plastic        weights and a trace that learn, one delay for all
python scripts/compare/memory.py per-target     the same, and a parameter that each target draws
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


kind = sys.argv[1]
small = ps.Simulation(network(100, 10, kind))  # compiles what is needed
small.run(2.0)
before = resident()
simulation = ps.Simulation(network(12_500, 1_250, kind))
simulation.run(15.0)
n = simulation.report().connections
held = (resident() - before) / n
peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before) / n
print(f"{kind}: {n} connections, {held:.2f} bytes each after a run, {peak:.2f} at the peak while building")

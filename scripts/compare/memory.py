"""Resident memory per connection, with one weight and delay for all and with one for each.

python scripts/compare/memory.py constant
python scripts/compare/memory.py varying
"""

import resource
import sys

import parsim as ps


def resident() -> float:
    """Bytes that this process holds now."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def network(n: int, degree: int, kind: str) -> ps.Network:
    weight, delay = (1.0, 1.5) if kind == "constant" else (ps.Normal(1.0, 0.1), ps.Uniform(1.0, 2.0))
    net = ps.Network(seed=1)
    cells = net.create("iaf_psc_alpha", n)
    net.connect(cells, cells, ps.FixedIndegree(degree), ps.static_synapse(weight=weight, delay=delay))
    return net


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

"""A rate for each Poisson generator against one for all: python scripts/compare/own_rates.py.

Processor time in ns for each connection and step, in pairs taken in turn, of 3,000 cells with a generator each, and
of 3,000 cells that hear 40 generators.
"""

from time import process_time

import numpy as np

import parsim as ps

CELLS = 3_000


def simulation(rates, generators, rule):
    """Cells with generators of these rates."""
    net = ps.Network()
    cells = net.create("iaf_psc_exp", CELLS)
    source = net.create("poisson_generator", generators, rate=rates)
    net.connect(source, cells, rule, ps.static_synapse(weight=0.001))
    sim = ps.Simulation(net, progress=False)
    sim.run(2.0)
    return sim


own = np.random.default_rng(1)
for mean in (5e3, 5e5):
    for generators, rule, duration in ((CELLS, ps.OneToOne(), 20.0), (40, ps.AllToAll(), 5.0)):
        pair = [
            simulation(rates, generators, rule) for rates in (mean, mean * own.uniform(0.8, 1.2, generators))
        ]
        spent = np.zeros((5, 2))
        for row in spent:
            for i, sim in enumerate(pair):
                began = process_time()
                sim.run(duration)
                row[i] = process_time() - began
        rows = CELLS * (1 if generators == CELLS else generators)
        one, each = np.median(spent, axis=0) * 1e9 / (rows * duration / 0.1)
        print(
            f"{mean:9,.0f} Hz, {type(rule).__name__:8s}: one rate {one:6.2f} ns, a rate each {each:6.2f} ns"
        )

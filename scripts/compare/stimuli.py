"""What stimuli cost to drive, in ns a connection and step: one onto all of 12,500 cells, and one onto each.

python scripts/compare/stimuli.py
"""

import time
from typing import Any

import numpy as np

import parsim as ps
from parsim.clock import Span

N, STEPS = 12_500, 15
changes = np.arange(0.1, 20.0, 1.0)
STIMULI: dict[str, dict[str, Any]] = {
    "poisson_generator": dict(rate=18_000.0),
    "inhomogeneous_poisson_generator": dict(rate_times=changes, rate_values=18_000.0 + changes),
    "spike_generator": dict(spike_times=np.arange(1, 300) * 0.1),
    "pulsepacket_generator": dict(pulse_times=[10.0], activity=100, sdev=3.0),
    "dc_generator": dict(amplitude=1.0),
    "ac_generator": dict(amplitude=1.0, frequency=10.0),
    "step_current_generator": dict(amplitude_times=changes, amplitude_values=changes),
    "noise_generator": dict(std=1.0),
}


def nanoseconds(model: str, n: int, rule: Any) -> float:
    """The least of 12 intervals, in processor time."""
    net = ps.Network()
    cells = net.create("iaf_psc_delta", N)
    net.connect(
        net.create(model, n, **STIMULI[model]), cells, rule, ps.static_synapse(weight=1e-3, delay=1.5)
    )
    net.connect(cells[:1], cells[:1], ps.OneToOne(), ps.static_synapse(delay=1.5))
    sim = ps.Simulation(net)
    sim.run(3.0)
    drive, _ = sim._ranks[0].built.drives[0]
    took = []
    for i in range(12):
        first = 30 + STEPS * (i % 8)
        began = time.thread_time()
        drive.drive(Span(first, first + STEPS, first, np.uint64(0), np.uint64(0)))
        took.append(time.thread_time() - began)
    return min(took) / N / STEPS * 1e9


for name in STIMULI:
    onto_all, onto_each = nanoseconds(name, 1, ps.AllToAll()), nanoseconds(name, N, ps.OneToOne())
    print(f"{name:34s} {onto_all:6.2f} {onto_each:7.2f}")

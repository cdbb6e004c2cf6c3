"""How long it takes to deliver a spike to one target, in ns, for each way to keep weights and delays.

12,500 sources with 1,250 rows each, as a rank of a network of that size has them; 150 spikes in an interval.
"""

import time

import numpy as np

from parsim.jit import entry_point
from parsim.kernels.rows import deliver
from parsim.kernels.sources import every_gid

CELLS, DEGREE, SPIKES = 12_500, 1_250, 150

random = np.random.default_rng(1)
start = np.arange(0, CELLS * DEGREE + 1, DEGREE)
slot = np.concatenate([np.sort(random.integers(0, CELLS, DEGREE)) for _ in range(CELLS)]).astype(np.int32)
weights, delays = random.normal(size=slot.size), random.integers(15, 17, slot.size).astype(np.uint8)
spikes = np.sort(random.integers(0, CELLS, SPIKES)), random.integers(0, 15, SPIKES)
ring = np.zeros((32, 2 * CELLS))

for weight in (np.array(0.1), weights):
    for delay in (np.array(15, np.uint8), delays):
        given = every_gid(0, start), slot, weight, delay, *spikes, 0, ring
        act, seconds = entry_point(deliver, *given), []
        for _ in range(60):
            began = time.process_time()
            act(*given)
            seconds.append(time.process_time() - began)
        kept = [f"{'shared' if column.ndim == 0 else 'one a row'}" for column in (weight, delay)]
        best = min(seconds) / (SPIKES * DEGREE) * 1e9
        print(f"weights {kept[0]}, delays {kept[1]}: {best:.2f} ns an event")

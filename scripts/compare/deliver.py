"""How long it takes to deliver a spike to one target, in ns: for each way to keep weights and delays, and for synapses
that remember something.

12,500 sources with 1,250 rows each, as a rank of a network of that size has them; 150 spikes in an interval of 1.5 ms,
so that a cell fires at 8 Hz; where synapses learn, targets fire as often, and the first 300 ms are left out.
"""

import time
from types import SimpleNamespace

import numpy as np

import parsim as ps
from parsim.clock import Clock
from parsim.jit import entry_point
from parsim.kernels.rows import deliver
from parsim.kernels.sources import every_gid
from parsim.shard.rows.history import TargetHistory, keep_spike
from parsim.shard.rows.passing import Chance
from parsim.shard.rows.transmission import Transmission
from parsim.shard.rows.transmitting import Walk, transmitting

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


def remembering(model, **values):
    """Time intervals of a synapse with a kernel, whose rows share a delay and all parameters but the weight."""
    clock, sources = Clock(0.1), every_gid(0, start)
    said = {p.name: np.asarray(p.default) for p in model.params if not isinstance(p.default, str)} | values
    said["weight"] = np.full(slot.size, 50.0)
    rows = Transmission(model, SimpleNamespace(**said), clock, sources, 0)
    kept = TargetHistory(clock.for_kernels)
    kept.grow(CELLS)
    kept.rates[:] = 1.0 / 20.0, 1.0 / 110.0
    chance = Chance(1, np.asarray(0), np.arange(CELLS), slot, np.zeros((), np.uint8))
    walk = Walk(
        sources,
        slot,
        np.array(15, np.uint8),
        rows.last,
        rows.fired,
        CELLS,
        CELLS,
        False,
        0,
        chance,
        rows.alike,
    )
    loop, act, seconds = transmitting(*rows.kernels()), None, []
    for origin in range(0, 4_500, 15):
        gids, steps = random.integers(0, CELLS, SPIKES), np.sort(origin + random.integers(1, 16, SPIKES))
        history = kept.bundle() if model.history else ()
        for gid, step in zip(gids, steps, strict=True):
            kept.first[gid] += kept.count[gid] - kept.first[gid] == kept.held.shape[1]
            keep_spike(kept.bundle(), gid, 0.1 * step)
        given = (
            walk,
            rows.state,
            rows.params,
            history,
            gids,
            steps,
            np.zeros(SPIKES),
            clock.for_kernels,
            origin,
            ring,
        )
        act = act or entry_point(loop, *given)
        began = time.process_time()
        act(*given)
        seconds.append(time.process_time() - began)
    best = min(seconds[200:]) / (SPIKES * DEGREE) * 1e9
    state = sum(column.nbytes for column in rows.state) / slot.size + slot.itemsize
    print(f"{model.name}: {best:.1f} ns an event, {state:.1f} bytes a row")


remembering(ps.stdp_synapse)
remembering(ps.stdp_triplet_synapse)
remembering(ps.vogels_sprekeler_synapse, Wmax=np.asarray(100.0))
remembering(ps.tsodyks2_synapse, u=np.asarray(0.5))
remembering(ps.bernoulli_synapse, p_transmit=np.asarray(0.5))

"""The networks of gap_cases.py in NEST, and how long it takes for a larger one: needs nest-simulator.

python scripts/compare/nest_gap_junctions.py traces.npz     # voltages of the small networks
python scripts/compare/nest_gap_junctions.py --time 200     # examples/gap_junctions_inhibitory_network.py
"""

import argparse
import time

import nest
import numpy as np
from gap_cases import CASES, DELAY, DT, EVERY, Case

options = argparse.ArgumentParser()
options.add_argument("file", nargs="?")
options.add_argument("--time", type=float, default=200.0)
options.add_argument("--weight", type=float, default=0.3)
options = options.parse_args()


def begin() -> None:
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.resolution = DT
    nest.local_num_threads = 1


def voltages(case: Case) -> np.ndarray:
    """[sample, cell]; the last interval before the end is not recorded."""
    begin()
    cells = nest.Create("hh_psc_alpha_gap", len(case.currents))
    cells.I_e = case.currents
    for cell, v in case.first.items():
        cells[cell].V_m = v
    for a, b, g in case.pairs:
        junction = {"synapse_model": "gap_junction", "weight": g}
        nest.Connect(cells[a], cells[b], {"rule": "one_to_one", "make_symmetric": True}, junction)
    if case.injected is not None:
        cell, amplitude, start, stop = case.injected
        source = nest.Create("dc_generator", params={"amplitude": amplitude, "start": start, "stop": stop})
        nest.Connect(source, cells[cell], syn_spec={"delay": DELAY})
    for a, b, weight, delay in case.synapses:
        nest.Connect(cells[a], cells[b], syn_spec={"weight": weight, "delay": delay})
    meter = nest.Create("multimeter", params={"interval": EVERY, "record_from": ["V_m"]})
    nest.Connect(meter, cells)
    nest.Simulate(case.duration)
    events = meter.events
    n = len(case.currents)
    order = np.lexsort((events["senders"], events["times"]))
    return events["V_m"][order].reshape(-1, n)


def inhibitory_network(weight: float, duration: float) -> None:
    """500 cells with 60 junctions and 50 inhibitory synapses each."""
    begin()
    n, joined, inputs = 500, 60, 50
    cells = nest.Create("hh_psc_alpha_gap", n)
    noise = nest.Create("poisson_generator", params={"rate": 500.0})
    rng = np.random.default_rng(1)
    cells.V_m = rng.uniform(-80.0, -40.0, n)
    nest.Connect(
        cells, cells, {"rule": "fixed_indegree", "indegree": inputs, "allow_autapses": False},
        {"synapse_model": "static_synapse", "weight": -50.0, "delay": 1.0},
    )  # fmt: skip
    nest.Connect(
        noise, cells, "all_to_all", {"synapse_model": "static_synapse", "weight": 300.0, "delay": 1.0}
    )
    a = rng.integers(0, n, n * joined // 2)
    b = (a + rng.integers(1, n, n * joined // 2)) % n
    junction = {"synapse_model": "gap_junction", "weight": weight}
    for i, j in zip(a.tolist(), b.tolist(), strict=True):
        nest.Connect(cells[i], cells[j], {"rule": "one_to_one", "make_symmetric": True}, junction)
    spikes = nest.Create("spike_recorder")
    nest.Connect(cells, spikes)
    with nest.RunManager():
        pass
    began = time.process_time()
    nest.Simulate(duration)
    took = time.process_time() - began
    per_cell = 1e6 * took / (n * duration)
    print(
        f"{weight} nS: {took:.2f} s for {duration:g} ms, {per_cell:.1f} us a cell and ms, {spikes.n_events} spikes"
    )


if options.file:
    np.savez(options.file, **{case.name: voltages(case) for case in CASES})
else:
    inhibitory_network(options.weight, options.time)

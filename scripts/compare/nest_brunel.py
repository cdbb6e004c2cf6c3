"""The network of examples/brunel.py in NEST, for timing against it: needs nest-simulator, which parsim does not.

python scripts/compare/nest_brunel.py --order 2500 --time 1000
"""

import argparse
import time

import nest
import numpy as np

options = argparse.ArgumentParser()
options.add_argument("--order", type=int, default=2500)
options.add_argument("--time", type=float, default=1000.0)
options.add_argument("--seed", type=int, default=1)
options = options.parse_args()

nest.verbosity = nest.VerbosityLevel.ERROR
nest.resolution = 0.1
nest.rng_seed = options.seed
nest.local_num_threads = 1
n_exc, n_inh = 4 * options.order, options.order
c_exc, c_inh = min(1000, n_exc // 10), min(250, n_inh // 10)
g, eta, delay = 5.0, 2.0, 1.5
cell = dict(
    C_m=250.0, tau_m=20.0, tau_syn_ex=0.5, tau_syn_in=0.5, t_ref=2.0, E_L=0.0, V_reset=0.0, V_m=0.0, V_th=20.0
)
t = np.linspace(0.0, 20.0, 200_001)
rate = 1.0 / cell["tau_syn_ex"] - 1.0 / cell["tau_m"]
v = np.e / (cell["tau_syn_ex"] * cell["C_m"]) * np.exp(-t / cell["tau_m"])
v *= (1.0 - (1.0 + rate * t) * np.exp(-rate * t)) / rate**2
weight = 100.0 / c_exc / v.max()
threshold_rate = cell["V_th"] * cell["C_m"] / (weight * np.e * cell["tau_m"] * cell["tau_syn_ex"])

began = time.perf_counter()
exc = nest.Create("iaf_psc_alpha", n_exc, cell)
inh = nest.Create("iaf_psc_alpha", n_inh, cell)
drive = nest.Create("poisson_generator", params={"rate": 1000.0 * eta * threshold_rate})
recorder = nest.Create("spike_recorder")
excite = {"synapse_model": "static_synapse", "weight": weight, "delay": delay}
inhibit = {"synapse_model": "static_synapse", "weight": -g * weight, "delay": delay}
nest.Connect(drive, exc + inh, "all_to_all", excite)
nest.Connect(exc, exc + inh, {"rule": "fixed_indegree", "indegree": c_exc}, excite)
nest.Connect(inh, exc + inh, {"rule": "fixed_indegree", "indegree": c_inh}, inhibit)
nest.Connect(exc + inh, recorder)
with nest.RunManager():  # preparing sorts the connections, which belongs to building
    pass
built = time.perf_counter()
nest.Simulate(options.time)
done = time.perf_counter()
print(f"build {built - began:.3f} s, simulation {done - built:.3f} s, {recorder.n_events} spikes")

"""The network of examples/stdp_balanced.py in NEST, for timing against it: needs nest-simulator, which parsim does not.

python scripts/compare/nest_stdp.py --exc 1000 --time 2000
"""

import argparse
import time

import nest
import numpy as np

options = argparse.ArgumentParser()
options.add_argument("--exc", type=int, default=1000)
options.add_argument("--time", type=float, default=1000.0)
options.add_argument("--seed", type=int, default=1)
options = options.parse_args()

nest.verbosity = nest.VerbosityLevel.ERROR
nest.resolution = 0.1
nest.rng_seed = options.seed
nest.local_num_threads = 1
n_exc, n_inh = options.exc, options.exc // 4
c_exc, c_inh = max(n_exc // 10, 1), max(n_inh // 10, 1)
weight, g, delay = 45.0 * (100.0 / c_exc) ** 0.5, 6.0, 1.5
rule = {"lambda": 0.05, "alpha": 1.1, "Wmax": 2.0 * weight}
nest.CopyModel("stdp_synapse", "learning", {"weight": weight, "delay": delay, **rule})

began = time.process_time()
cells = {"tau_syn_ex": 2.0, "tau_syn_in": 2.0}
exc = nest.Create("iaf_psc_exp", n_exc, {**cells, "tau_minus": 30.0})
inh = nest.Create("iaf_psc_exp", n_inh, cells)
exc.V_m, inh.V_m = nest.random.uniform(-70.0, -56.0), nest.random.uniform(-70.0, -56.0)
drive = nest.Create("poisson_generator", params={"rate": 8_000.0})
recorder = nest.Create("spike_recorder")
excite = {"synapse_model": "static_synapse", "weight": weight, "delay": delay}
nest.Connect(drive, exc + inh, "all_to_all", {**excite, "weight": 30.0})
nest.Connect(exc, exc, {"rule": "fixed_indegree", "indegree": c_exc}, {"synapse_model": "learning"})
nest.Connect(exc, inh, {"rule": "fixed_indegree", "indegree": c_exc}, excite)
nest.Connect(inh, exc + inh, {"rule": "fixed_indegree", "indegree": c_inh}, {**excite, "weight": -g * weight})
nest.Connect(exc + inh, recorder)
with nest.RunManager():  # preparing sorts the connections, which belongs to building
    pass
built = time.process_time()
nest.Simulate(options.time)
done = time.process_time()
weights = np.array(nest.GetConnections(exc, exc).weight) / weight
print(
    f"build {built - began:.3f} s, simulation {done - built:.3f} s of the processor, {recorder.n_events} spikes, "
    f"weights {weights.mean():.4f} +- {weights.std():.4f}"
)

"""The network of examples/coba.py in NEST, for timing against it: needs nest-simulator, which parsim does not.

python scripts/compare/nest_coba.py --cells 4000 --time 1000
"""

import argparse
import time

import nest

options = argparse.ArgumentParser()
options.add_argument("--cells", type=int, default=4000)
options.add_argument("--time", type=float, default=1000.0)
options.add_argument("--seed", type=int, default=1)
options = options.parse_args()

nest.verbosity = nest.VerbosityLevel.ERROR
nest.resolution = 0.1
nest.rng_seed = options.seed
nest.local_num_threads = 1
cell = dict(
    C_m=200.0, g_L=10.0, E_L=-60.0, V_m=-60.0, V_th=-50.0, V_reset=-60.0, t_ref=5.0,
    E_ex=0.0, E_in=-80.0, tau_syn_ex=5.0, tau_syn_in=10.0,
)  # fmt: skip
n_exc = options.cells * 4 // 5
anyone = {"rule": "pairwise_bernoulli", "p": min(1.0, 80.0 / options.cells)}

began = time.perf_counter()
exc = nest.Create("iaf_cond_exp", n_exc, cell)
inh = nest.Create("iaf_cond_exp", options.cells - n_exc, cell)
stimulus = nest.Create("poisson_generator", params={"rate": 300.0, "stop": 50.0})
recorder = nest.Create("spike_recorder")
nest.Connect(exc, exc + inh, anyone, {"weight": 6.0, "delay": 0.1})
nest.Connect(inh, exc + inh, anyone, {"weight": -67.0, "delay": 0.1})
stimulated = exc[: max(1, options.cells // 200)]
nest.Connect(stimulus, stimulated, "all_to_all", {"weight": 300.0, "delay": 0.1})
nest.Connect(exc + inh, recorder)
with nest.RunManager():  # preparing sorts the connections, which belongs to building
    pass
built = time.perf_counter()
nest.Simulate(options.time)
done = time.perf_counter()
rate = recorder.n_events / options.cells / options.time * 1000.0
print(f"build {built - began:.3f} s, simulation {done - built:.3f} s, {rate:.2f} Hz")

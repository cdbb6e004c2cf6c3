"""How long it takes to connect cells by where they are, here and in NEST: processor time, once kernels are loaded.

python scripts/compare/spatial.py [CASE ...]
PYTHON scripts/compare/spatial.py --nest [CASE ...]

PYTHON has nest-simulator. Cells are at random places of a square that wraps, the same number in both.
"""

import argparse
import time
from typing import Any

import numpy as np

CASES = {"bernoulli": "circle of 0.1, p = exp(-(d/0.05)^2/2), weight 2 exp(-d/0.1), delay 0.5 + 10 d",
         "plain": "circle of 0.1, p = 0.3, one weight, one delay",
         "exponential": "circle of 0.1, p = exp(-d/0.05), weight 2 - 10 d",
         "indegree": "circle of 0.1, 100 sources for each target, delay 0.5 + 10 d"}  # fmt: skip

options = argparse.ArgumentParser()
options.add_argument("cases", nargs="*", default=[])
options.add_argument("--nest", action="store_true")
options.add_argument("--cells", type=int, default=20_000)
options.add_argument("--seed", type=int, default=1)
options = options.parse_args()
places = np.random.default_rng(options.seed).uniform(-0.5, 0.5, (options.cells, 2))


def in_parsim(case: str) -> tuple[float, int]:
    """Seconds for connecting, and how many connections there are."""
    import parsim as ps

    net = ps.Network(seed=options.seed)
    cells = net.create(
        "iaf_psc_alpha", options.cells, positions=ps.free(places, extent=[1.0, 1.0], wrap=True)
    )
    d, mask = ps.distance, ps.circle(0.1)
    said: dict[str, tuple[Any, dict[str, Any]]] = {
        "bernoulli": (
            ps.PairwiseBernoulli(ps.exp(-0.5 * (d / 0.05) ** 2), mask=mask),
            {"weight": 2.0 * ps.exp(-d / 0.1), "delay": 0.5 + 10.0 * d},
        ),
        "plain": (ps.PairwiseBernoulli(0.3, mask=mask), {"weight": 1.0, "delay": 1.0}),
        "exponential": (
            ps.PairwiseBernoulli(ps.exp(-d / 0.05), mask=mask),
            {"weight": 2.0 - 10.0 * d, "delay": 1.0},
        ),
    }
    if case not in said:
        said[case] = ps.FixedIndegree(100, mask=mask), {"weight": 1.0, "delay": 0.5 + 10.0 * d}
    began = time.process_time()
    sim = ps.Simulation(net, dt=0.1)
    without = time.process_time() - began
    rule, synapse = said[case]
    began = time.process_time()
    net.connect(cells, cells, rule, ps.static_synapse(**synapse))
    sim = ps.Simulation(net, dt=0.1)
    took = time.process_time() - began - without
    return took, len(sim.connections())


def in_nest(case: str) -> tuple[float, int]:
    """The same."""
    import nest

    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.rng_seed = options.seed
    cells = nest.Create(
        "iaf_psc_alpha", positions=nest.spatial.free(places.tolist(), extent=[1.0, 1.0], edge_wrap=True)
    )
    d = nest.spatial.distance
    rule: dict[str, Any] = {"rule": "pairwise_bernoulli", "mask": {"circular": {"radius": 0.1}}}
    synapse: dict[str, Any] = {"weight": 1.0, "delay": 1.0}
    if case == "bernoulli":
        rule["p"] = nest.spatial_distributions.gaussian(d, std=0.05)
        synapse = {"weight": 2.0 * nest.math.exp(-d / 0.1), "delay": 0.5 + 10.0 * d}
    elif case == "plain":
        rule["p"] = 0.3
    elif case == "exponential":
        rule["p"], synapse["weight"] = nest.math.exp(-d / 0.05), 2.0 - 10.0 * d
    else:
        rule |= {"rule": "fixed_indegree", "indegree": 100}
        synapse["delay"] = 0.5 + 10.0 * d
    began = time.process_time()
    nest.Connect(cells, cells, rule, {"synapse_model": "static_synapse", **synapse})
    return time.process_time() - began, int(nest.num_connections)


if __name__ == "__main__":
    for case in options.cases or CASES:
        run = in_nest if options.nest else in_parsim
        runs = [run(case) for _ in range(3 if options.nest else 5)][1:]
        took, n = min(runs)
        print(f"{case}: {n} connections, {took:.3f} s, {1e9 * took / n:.0f} ns each ({CASES[case]})")

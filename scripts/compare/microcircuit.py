"""The cortical microcircuit of Potjans and Diesmann (2014): how long it takes to build and to run.

python scripts/compare/microcircuit.py --scale 0.1 --time 500
mpirun -n 2 python scripts/compare/microcircuit.py --scale 0.2

At scale 1 it has 77,169 cells and 0.3 billion connections. At a smaller scale there are fewer cells, each with as many
connections as at scale 1, so that rates stay nearly the same. Delays are drawn uniformly about their means.
"""

import argparse
from time import perf_counter, process_time

import numpy as np

import parsim as ps

NAMES = ("L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I")
CELLS = np.array([20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948])
PROBABILITIES = np.array(  # from columns to rows
    [
        [0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0, 0.0076, 0.0],
        [0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0, 0.0042, 0.0],
        [0.0077, 0.0059, 0.0497, 0.135, 0.0067, 0.0003, 0.0453, 0.0],
        [0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0, 0.1057, 0.0],
        [0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0],
        [0.0548, 0.0269, 0.0257, 0.0022, 0.06, 0.3158, 0.0086, 0.0],
        [0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252],
        [0.0364, 0.001, 0.0034, 0.0005, 0.0277, 0.008, 0.0658, 0.1443],
    ]
)
OUTSIDE = np.array([1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100])  # inputs of 8 Hz from elsewhere
WEIGHT = 87.8  # pA, for 0.15 mV

options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
options.add_argument("--scale", type=float, default=0.1)
options.add_argument("--time", type=float, default=500.0, help="ms")
options.add_argument("--threads", type=int, default=1)
options = options.parse_args()

net = ps.Network(seed=1)
cell = dict(
    C_m=250.0, tau_m=10.0, tau_syn_ex=0.5, tau_syn_in=0.5, t_ref=2.0, E_L=-65.0, V_th=-50.0, V_reset=-65.0
)
sizes = np.maximum(1, np.round(CELLS * options.scale)).astype(int)
layers = [
    net.create("iaf_psc_exp", int(n), name=name, V_m=ps.Normal(-58.0, 10.0), **cell)
    for name, n in zip(NAMES, sizes, strict=True)
]
for i, target in enumerate(layers):
    noise = net.create("poisson_generator", rate=8.0 * OUTSIDE[i])
    net.connect(noise, target, ps.AllToAll(), ps.static_synapse(weight=WEIGHT, delay=1.5))
    for j, source in enumerate(layers):
        pairs = float(CELLS[i]) * float(CELLS[j])
        if PROBABILITIES[i, j] == 0.0:
            continue
        total = np.log(1.0 - PROBABILITIES[i, j]) / np.log1p(-1.0 / pairs) * options.scale
        excites = j % 2 == 0
        mean = WEIGHT * (2.0 if (i, j) == (0, 2) else 1.0) if excites else -4.0 * WEIGHT
        delay = ps.Uniform(0.1, 2.9) if excites else ps.Uniform(0.1, 1.4)
        synapse = ps.static_synapse(weight=ps.Normal(mean, 0.1 * abs(mean)), delay=delay)
        net.connect(source, target, ps.FixedTotalNumber(round(total)), synapse)

began, spent = perf_counter(), process_time()
sim = ps.Simulation(net, dt=0.1, progress=False, threads=options.threads)
sim.run(0.1)
built, used = perf_counter() - began, process_time() - spent
began, spent = perf_counter(), process_time()
sim.run(options.time)
run, cpu = perf_counter() - began, process_time() - spent
report = sim.report()
if sim.comm.rank == 0:
    print(report)
    rate = report.spikes / sizes.sum() / report.time * 1e3
    print(f"built in {built:.1f} s ({used:.1f} s of the processor) at scale {options.scale:g}; {rate:.2f} Hz")
    real = run / options.time * 1e3, cpu / options.time * 1e3
    print(f"run {real[0]:.2f} times real time ({real[1]:.2f} by the processor)")

"""Hodgkin-Huxley cells in parsim and in NEST: 4,000 without input, and examples/cobahh.py.

    python scripts/compare/hodgkin_huxley.py parsim
    python scripts/compare/hodgkin_huxley.py nest          needs nest-simulator, which parsim does not

Times are of the process, so that what else the machine does counts less; the best of five pieces.
"""

import argparse
import time

options = argparse.ArgumentParser()
options.add_argument("simulator", choices=("parsim", "nest"))
options.add_argument("--cells", type=int, default=4000)
options.add_argument("--time", type=float, default=100.0, help="ms of each of the five pieces")
options = options.parse_args()
N, DT = options.cells, 0.1

SILENT = {"hh_cond_exp_traub": {"E_L": -67.0}}  # at the default of -60 mV it fires by itself
COBAHH = dict(
    C_m=200.0, g_L=10.0, g_Na=20_000.0, g_K=6_000.0, E_L=-60.0, E_Na=50.0, E_K=-90.0, V_T=-63.0,
    E_ex=0.0, E_in=-80.0, tau_syn_ex=5.0, tau_syn_in=10.0, t_ref=3.0,
)  # fmt: skip


def timed(what, run, spikes):
    """Nanoseconds a cell and step, and the rate."""
    run(options.time)  # what is compiled or settles first
    before, best = spikes(), float("inf")
    for _ in range(5):
        began = time.process_time()
        run(options.time)
        best = min(best, time.process_time() - began)
    rate = (spikes() - before) / N / (5 * options.time) * 1000.0
    print(f"{what}: {best / (options.time / DT) / N * 1e9:.1f} ns a cell and step, {rate:.1f} Hz", flush=True)


def in_parsim():
    import parsim as ps

    for model in ("hh_cond_exp_traub", "hh_psc_alpha", "hh_psc_alpha_gap"):
        for what, values in (("as it is", {}), ("silent", SILENT.get(model, {}))):
            net = ps.Network()
            net.create(model, N, **values)
            sim = ps.Simulation(net, dt=DT)
            timed(f"{model}, {what}", sim.run, lambda sim=sim: sim.report().spikes)

    net = ps.Network(seed=1)
    start = dict(V_m=ps.Normal(-65.0, 5.0), g_ex=ps.Uniform(10.0, 70.0), g_in=ps.Uniform(0.0, 400.0))
    exc = net.create("hh_cond_exp_traub", N * 4 // 5, **COBAHH, **start)
    inh = net.create("hh_cond_exp_traub", N - N * 4 // 5, **COBAHH, **start)
    rule = ps.PairwiseBernoulli(80.0 / N)
    net.connect(exc, exc + inh, rule, ps.static_synapse(weight=6.0, delay=DT))
    net.connect(inh, exc + inh, rule, ps.static_synapse(weight=-67.0, delay=DT))
    sim = ps.Simulation(net, dt=DT)
    timed("cobahh", sim.run, lambda: sim.report().spikes)


def in_nest():
    import nest

    nest.verbosity = nest.VerbosityLevel.ERROR

    def fresh():
        nest.ResetKernel()
        nest.resolution = DT
        nest.local_num_threads = 1

    for model in ("hh_cond_exp_traub", "hh_psc_alpha", "hh_psc_alpha_gap"):
        for what, values in (("as it is", {}), ("silent", SILENT.get(model, {}))):
            fresh()
            recorder = nest.Create("spike_recorder")
            nest.Connect(nest.Create(model, N, values), recorder)
            timed(f"{model}, {what}", nest.Simulate, lambda recorder=recorder: recorder.n_events)

    fresh()
    exc = nest.Create("hh_cond_exp_traub", N * 4 // 5, COBAHH)
    inh = nest.Create("hh_cond_exp_traub", N - N * 4 // 5, COBAHH)
    everyone, recorder = exc + inh, nest.Create("spike_recorder")
    everyone.V_m = nest.random.normal(-65.0, 5.0)  # conductances cannot be set there; they soon grow
    rule = {"rule": "pairwise_bernoulli", "p": 80.0 / N}
    nest.Connect(exc, everyone, rule, {"weight": 6.0, "delay": DT})
    nest.Connect(inh, everyone, rule, {"weight": -67.0, "delay": DT})
    nest.Connect(everyone, recorder)
    timed("cobahh", nest.Simulate, lambda: recorder.n_events)


in_parsim() if options.simulator == "parsim" else in_nest()

"""Benchmarks of Brette et al. (2007) in parsim and in Brian2's C++: seconds of the processor, in turn.

python scripts/compare/brian2_networks.py PYTHON coba        a python in which brian2 can be imported
python scripts/compare/brian2_networks.py PYTHON cobahh      by steps to a tolerance, and by exponential Euler as Brian2

4,000 cells, 80 connections onto each, delays of 0.2 ms, dt 0.1 ms, 1 s of model time from random voltages and
conductances. Brian2 builds a program first, which is not timed; of both, connecting is not either.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from time import process_time

CELLS, WEIGHTS = 4000, (6.0, 67.0)  # nS: excitatory, inhibitory
EQUATIONS = {
    "coba": """
        dv/dt = (10*nS*(-60*mV - v) + ge*(0*mV - v) + gi*(-80*mV - v))/(200*pF) : volt (unless refractory)
        dge/dt = -ge/(5*ms) : siemens
        dgi/dt = -gi/(10*ms) : siemens""",
    "cobahh": """
        dv/dt = (10*nS*(-60*mV - v) + ge*(0*mV - v) + gi*(-80*mV - v) - 20*usiemens*(m*m*m)*h*(v - 50*mV)
                 - 6*usiemens*(n*n*n*n)*(v + 90*mV))/(200*pF) : volt
        dm/dt = am*(1 - m) - bm*m : 1
        dn/dt = an*(1 - n) - bn*n : 1
        dh/dt = ah*(1 - h) - bh*h : 1
        dge/dt = -ge/(5*ms) : siemens
        dgi/dt = -gi/(10*ms) : siemens
        u = v/mV + 63 : 1
        am = 0.32*4/exprel((13 - u)/4)/ms : Hz
        bm = 0.28*5/exprel((u - 40)/5)/ms : Hz
        ah = 0.128*exp((17 - u)/18)/ms : Hz
        bh = 4/(1 + exp((40 - u)/5))/ms : Hz
        an = 0.032*5/exprel((15 - u)/5)/ms : Hz
        bn = 0.5*exp((10 - u)/40)/ms : Hz""",
}


def build_in_brian(network: str, duration: float, delay: float, folder: str) -> None:
    """Write and compile the C++ program of a network; it prints its processor seconds and its spikes."""
    from brian2 import (
        Network,
        NeuronGroup,
        SpikeMonitor,
        Synapses,
        defaultclock,
        device,
        ms,
        mV,
        nS,
        set_device,
    )

    set_device("cpp_standalone", directory=folder, build_on_run=False)
    defaultclock.dt = 0.1 * ms
    hh = network == "cobahh"
    cells = NeuronGroup(
        CELLS, EQUATIONS[network], threshold="v > -20*mV" if hh else "v > -50*mV", reset="" if hh else "v = -60*mV",
        refractory=3 * ms if hh else 5 * ms, method="exponential_euler",
    )  # fmt: skip
    cells.v = "-65*mV + 5*mV*randn()" if hh else "-60*mV + 10*mV*rand()"
    cells.ge, cells.gi = "(10 + 60*rand())*nS", "400*rand()*nS"
    if not hh:
        cells.ge, cells.gi = "(40 + 15*randn())*nS", "(200 + 120*randn())*nS"
    few = CELLS * 4 // 5
    joined = []
    for source, name, weight in ((cells[:few], "ge", WEIGHTS[0]), (cells[few:], "gi", WEIGHTS[1])):
        s = Synapses(source, cells, on_pre=f"{name} += {weight}*nS", delay=delay * ms)
        s.connect(p=80 / CELLS)
        joined.append(s)
    spikes = SpikeMonitor(cells)
    net = Network(cells, *joined, spikes)
    device.insert_code("before_network_run", "std::clock_t began_at = std::clock();")
    device.insert_code(
        "after_network_run",
        'std::cout << "RESULT " << double(std::clock() - began_at)/CLOCKS_PER_SEC << " "'
        f" << brian::_dynamic_array_{spikes.name}_t.size() << std::endl;",
    )
    net.run(duration * ms)
    device.build(run=False, directory=folder)
    assert mV is not None and nS is not None  # they are looked up by name


def in_brian(folder: str) -> tuple[float, int]:
    """Processor seconds and spikes of the program."""
    said = subprocess.run(["./main"], cwd=folder, check=True, capture_output=True, text=True).stdout
    seconds, spikes = next(line for line in said.splitlines() if line.startswith("RESULT")).split()[1:]
    return float(seconds), int(spikes)


def in_parsim(network: str, duration: float, delay: float, method: str | None) -> tuple[float, int]:
    """The same in parsim."""
    import parsim as ps

    cell = dict(
        C_m=200.0, g_L=10.0, E_L=-60.0, E_ex=0.0, E_in=-80.0, tau_syn_ex=5.0, tau_syn_in=10.0,
        g_ex=ps.Uniform(10.0, 70.0), g_in=ps.Uniform(0.0, 400.0),
    )  # fmt: skip
    if network == "cobahh":
        model = ps.hh_cond_exp_traub(method=method) if method else ps.hh_cond_exp_traub
        cell |= dict(g_Na=20_000.0, g_K=6_000.0, E_Na=50.0, E_K=-90.0, V_T=-63.0, t_ref=3.0)
        cell |= dict(V_m=ps.Normal(-65.0, 5.0))
    else:
        model = ps.iaf_cond_exp
        cell |= dict(V_th=-50.0, V_reset=-60.0, t_ref=5.0, V_m=ps.Uniform(-60.0, -50.0))
        cell |= dict(g_ex=ps.Normal(40.0, 15.0), g_in=ps.Normal(200.0, 120.0))
    net = ps.Network(seed=1)
    few = CELLS * 4 // 5
    exc, inh = net.create(model, few, **cell), net.create(model, CELLS - few, **cell)
    rule = ps.PairwiseBernoulli(80.0 / CELLS)
    net.connect(exc, exc + inh, rule, ps.static_synapse(weight=WEIGHTS[0], delay=delay))
    net.connect(inh, exc + inh, rule, ps.static_synapse(weight=-WEIGHTS[1], delay=delay))
    spikes = net.record_spikes(exc + inh)
    sim = ps.Simulation(net, dt=0.1, progress=False)
    sim.run(delay)  # builds
    began = process_time()
    sim.run(duration)
    return process_time() - began, len(spikes.times)


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("python")
    options.add_argument("network", choices=sorted(EQUATIONS))
    options.add_argument("--time", type=float, default=1000.0)
    options.add_argument("--delay", type=float, default=0.2)
    options.add_argument("--pairs", type=int, default=3)
    options.add_argument("--build", help=argparse.SUPPRESS)
    said = options.parse_args()
    if said.build:
        build_in_brian(said.network, said.time, said.delay, said.build)
        return
    methods = (None, "exponential_euler") if said.network == "cobahh" else (None,)
    with tempfile.TemporaryDirectory() as folder:
        program = str(Path(folder) / "program")
        again = [said.network, "--time", str(said.time), "--delay", str(said.delay), "--build", program]
        subprocess.run([said.python, __file__, said.python, *again], check=True, stdout=subprocess.DEVNULL)
        for _ in range(said.pairs):
            brian, spikes = in_brian(program)
            line = f"Brian2 {brian:.3f} s ({spikes / CELLS / said.time * 1e3:.1f} Hz)"
            for method in methods:
                seconds, mine = in_parsim(said.network, said.time, said.delay, method)
                line += f"; parsim{' by ' + method if method else ''} {seconds:.3f} s"
                line += f" ({mine / CELLS / said.time * 1e3:.1f} Hz): {brian / seconds:.2f} times as fast"
            print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())

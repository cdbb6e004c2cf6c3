"""Errors of the networks of gap_cases.py against an exact solution, beside NEST's if its traces are given.

/path/to/nest/python scripts/compare/nest_gap_junctions.py traces.npz
python scripts/compare/gap_junctions.py traces.npz
"""

import sys
from typing import Any

import numpy as np
from gap_cases import CASES, DELAY, DT, EVERY, Case
from gap_exact import exact

import parsim as ps


def said(case: Case) -> tuple[ps.Network, Any]:
    """The network of a case."""
    net = ps.Network()
    cells = net.create("hh_psc_alpha_gap", len(case.currents), I_e=case.currents)
    a, b, g = (np.array(column) for column in zip(*case.pairs, strict=True))
    net.couple(cells, cells, ps.Lists(a, b), weight=g)
    if case.injected is not None:
        cell, amplitude, start, stop = case.injected
        source = net.create("dc_generator", amplitude=amplitude, start=start, stop=stop)
        net.connect(source, cells[cell], ps.OneToOne(), ps.static_synapse(delay=DELAY))
    for source, target, weight, delay in case.synapses:
        synapse = ps.static_synapse(weight=weight, delay=delay)
        net.connect(cells[source], cells[target], ps.OneToOne(), synapse)
    return net, cells


def error(found: Any, expected: Any) -> str:
    """Greatest and root mean square, in mV."""
    off = found - expected[: len(found)]
    return f"{np.abs(off).max():9.3g} {np.sqrt((off**2).mean()):9.3g}"


def main() -> None:
    """One line for each case."""
    traces = np.load(sys.argv[1]) if len(sys.argv) > 1 else {}
    print(f"{'error (mV): max, rms':<34}{'parsim':>15}{'NEST':>20}     sweeps: mean, most")
    for case in CASES:
        net, cells = said(case)
        trace = net.record(cells, "V_m", interval=EVERY)
        sim = ps.Simulation(net, dt=DT, progress=False)
        for cell, v in case.first.items():
            sim.set(cells[cell], V_m=v)
        sim.run(case.duration)
        expected, sweeps = exact(case)[0], sim.report().sweeps
        other = error(traces[case.name], expected) if case.name in traces else ""
        line = f"{case.name:<34}{error(trace.values, expected)} {other:>20}"
        print(f"{line} {sweeps.total / sweeps.windows:8.2f} {sweeps.most}")


if __name__ == "__main__":
    main()

"""A cell model of your own: Izhikevich's (2003) two equations, in a network of 200 cells.

    python examples/own_model.py
    mpirun -n 2 python examples/own_model.py --time 500 --output spikes.h5

A model written in a script is used like one that comes with parsim: units, random values, recording,
any number of ranks and threads. docs/own_models.md says what else a model may do.
"""

import argparse
from typing import NamedTuple

import numpy as np

import parsim as ps


class State(NamedTuple):
    """What a cell remembers from step to step: arrays with one number for each cell."""

    V_m: ps.Floats
    U_m: ps.Floats


class Params(NamedTuple):
    """What `advance` reads and never writes: arrays, made by `prepare`."""

    a: ps.Floats
    b: ps.Floats
    c: ps.Floats
    d: ps.Floats
    I_e: ps.Floats
    dt: ps.Floats


def prepare(p, clock):
    """From what the user gave, p.a and so on with one number for each cell, to what `advance` needs."""
    return Params(p.a, p.b, p.c, p.d, p.I_e, dt=np.array([clock.dt]))


@ps.kernel  # compiled by numba
def advance(s, p, inputs, span, out):
    """All cells through the steps of a span: dv/dt = 0.04 v^2 + 5 v + 140 - u + I, du/dt = a (b v - u)."""
    rows = inputs.current.shape[0]  # 1 as long as no stimulus sends a current
    for k in range(span.first, span.stop):
        arrived = inputs.spikes[k - span.origin, 0]  # sums of weights, one for each cell
        current = inputs.current[(k - span.origin) % rows]
        for i in range(span.begin, span.end):  # no branch in here: the processor takes several cells at once
            v, u = s.V_m[i], s.U_m[i]
            drive = p.I_e[i] + current[i]
            s.V_m[i] = v + p.dt[0] * (0.04 * v * v + 5.0 * v + 140.0 - u + drive) + arrived[i]
            s.U_m[i] = u + p.dt[0] * p.a[i] * (p.b[i] * v - u)
        for i in range(span.begin, span.end):
            if s.V_m[i] >= 30.0:
                s.V_m[i] = p.c[i]
                s.U_m[i] += p.d[i]
                ps.emit(out, i, k + 1)  # a spike at the end of this step


izhikevich = ps.CellModel(
    "izhikevich",
    params=(
        ps.Param("a", 0.02, "", "rate of recovery", above=0.0),
        ps.Param("b", 0.2, "", "how much recovery follows the potential"),
        ps.Param("c", -65.0, "mV", "potential after a spike", at_most=29.0),
        ps.Param("d", 8.0, "", "what a spike adds to recovery"),
        ps.Param("I_e", 0.0, "pA", "constant input"),
    ),
    state=State,
    recordables=(
        ps.Variable("V_m", "mV", "membrane potential", initial=-65.0),
        ps.Variable("U_m", "", "recovery", initial=lambda p: -65.0 * p.b),
    ),
    ports=("all",),  # one door for all spikes; ("ex", "in") would sort them by the sign of their weight
    weight_unit="mV",
    prepare=prepare,
    advance=advance,
)
fast_spiking = izhikevich.with_defaults(a=0.1, d=2.0)  # a variant


def main() -> None:
    """150 regular spiking cells excite, 50 fast spiking ones inhibit; noise keeps them going."""
    options = argparse.ArgumentParser(description="a model of one's own")
    options.add_argument("--time", type=float, default=500.0, help="ms")
    options.add_argument("--threads", type=int, default=1, help="ranks as threads of each process")
    options.add_argument("--output", help="an HDF5 file for the spikes")
    options = options.parse_args()

    net = ps.Network(seed=1)
    exc = net.create(izhikevich, 150, name="regular", c=ps.Uniform(-65.0, -55.0), I_e="3 pA")
    inh = net.create(fast_spiking, 50, name="fast", I_e="3 pA")
    cells = exc + inh
    noise = net.create("poisson_generator", rate="2 kHz")
    net.connect(noise, cells, ps.AllToAll(), ps.static_synapse(weight=1.0))
    net.connect(exc, cells, ps.FixedIndegree(20), ps.static_synapse(weight=ps.Uniform(0.0, 1.0), delay=1.5))
    net.connect(inh, cells, ps.FixedIndegree(10), ps.static_synapse(weight=-2.0, delay=0.8))
    spikes, voltage = net.record_spikes(cells), net.record(exc[0], "V_m", interval=0.5)
    if options.output:
        net.record_spikes(cells, to=options.output)

    sim = ps.Simulation(net, dt=0.1, threads=options.threads)
    sim.run(options.time)
    if sim.comm.rank == 0:  # all that was recorded is there
        for name, part in (("regular", exc), ("fast", inh)):
            n = np.isin(spikes.gids, part.gids).sum()
            print(
                f"{name:<8} {len(part):>4} cells  {n:>6} spikes  {n / len(part) / options.time * 1e3:6.2f} Hz"
            )
        print(f"V_m of cell 0 between {voltage.values.min():.1f} and {voltage.values.max():.1f} mV")


if __name__ == "__main__":
    main()

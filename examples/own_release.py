"""Short-term depression by chance: each connection has a few vesicles, which spikes release and time brings back.

python examples/own_release.py
"""

import argparse
from typing import NamedTuple

import parsim as ps
from parsim.own import exp

parser = argparse.ArgumentParser(description="Stochastic release of vesicles")
parser.add_argument("--time", type=float, default=500.0, help="ms")
parser.add_argument("--threads", type=int, default=1, help="ranks as threads of each process")
parser.add_argument("--output", help="an HDF5 file for the spikes")
options = parser.parse_args()


class State(NamedTuple):
    ready: ps.Floats  # vesicles


class Params(NamedTuple):
    weight: ps.Floats
    p_release: ps.Floats
    tau: ps.Floats


def prepare(p, clock):
    return Params(p.weight, p.p_release, p.tau)


@ps.kernel
def transmit(s, p, r, spike):
    filled = 1.0 - exp((spike.last - spike.time) / ps.at_row(p.tau, r)) if spike.has_fired else 1.0
    ready = int(s.ready[r])
    for k in range(5 - ready):  # each of five places is filled again, or releases, by a draw of its own
        ready += ps.draw(spike, r, k) < filled
    released = 0
    for k in range(ready):
        released += ps.draw(spike, r, 5 + k) < ps.at_row(p.p_release, r)
    s.ready[r] = ready - released
    return released * ps.at_row(p.weight, r) if released > 0 else float("nan")


weight, delay = ps.Param("weight", 1.0), ps.Param("delay", 1.0, "ms", at_least=0.0)
chance = ps.Param("p_release", 0.3, at_least=0.0, at_most=1.0)
tau = ps.Param("tau", 100.0, "ms", "in which an empty place is filled", above=0.0)
parts = dict(state=State, recordables=(ps.Variable("ready"),), prepare=prepare, transmit=transmit)
releasing = ps.SynapseModel("releasing", params=(weight, delay, chance, tau), **parts)

net = ps.Network(seed=1)
cells = net.create("iaf_psc_exp", 100, I_e=ps.Uniform(350.0, 450.0), V_m=ps.Uniform(-70.0, -56.0))
net.connect(cells, cells, ps.FixedIndegree(10), releasing(weight=ps.Uniform(10.0, 20.0), delay=1.5))
spikes = net.record_spikes(cells, to=options.output)
sim = ps.Simulation(net, threads=options.threads)
sim.run(options.time)
if sim.comm.rank == 0:
    print(f"mean rate {1000.0 * len(spikes) / len(cells) / options.time:.1f} Hz")

"""A synapse with a rule of its own: it grows with time and shrinks when its target fires, so that all fire alike.

python examples/own_synapse.py --time 2000
"""

import argparse
from typing import NamedTuple

import parsim as ps

parser = argparse.ArgumentParser(description="Connections that bring their targets to a rate")
parser.add_argument("--time", type=float, default=2000.0, help="ms")
parser.add_argument("--threads", type=int, default=1, help="ranks as threads of each process")
parser.add_argument("--output", help="an HDF5 file for the spikes")
options = parser.parse_args()


class State(NamedTuple):
    weight: ps.Floats
    seen: ps.Floats  # up to when the connection has grown, ms


class Params(NamedTuple):
    rise: ps.Floats
    part: ps.Floats


def prepare(p, clock):
    return Params(p.rise, p.part)


@ps.kernel
def hear(s, p, r, echo):
    grown = s.weight[r] + ps.at_row(p.rise, r) * (echo.time - s.seen[r])
    s.weight[r], s.seen[r] = grown * (1.0 - ps.at_row(p.part, r)), echo.time


@ps.kernel
def transmit(s, p, r, spike, target):
    return s.weight[r] + ps.at_row(p.rise, r) * (spike.time - s.seen[r])


weight, delay = ps.Param("weight", 1.0), ps.Param("delay", 1.0, "ms", at_least=0.0)
rise = ps.Param("rise", 0.1, "", "growth in a ms", at_least=0.0)
part = ps.Param("part", 0.05, "", "lost when the target fires", at_least=0.0, at_most=1.0)
states = ps.Variable("weight", initial="weight"), ps.Variable("seen", "ms")
parts = dict(recordables=states, prepare=prepare, hear=hear, transmit=transmit, history=True)
even = ps.SynapseModel("even", (weight, delay, rise, part), State, **parts)

net = ps.Network(seed=1)
sources = net.create("parrot_neuron", 50)
cells = net.create("iaf_psc_exp", 20, I_e=ps.Uniform(0.0, 350.0))
net.connect(net.create("poisson_generator", rate=80.0), sources, ps.AllToAll())
net.connect(sources, cells, ps.AllToAll(), even(weight=10.0, delay=1.5))
spikes = net.record_spikes(cells, to=options.output)
sim = ps.Simulation(net, threads=options.threads)
sim.run(options.time)
if sim.comm.rank == 0:
    print(f"mean rate {1000.0 * len(spikes) / len(cells) / options.time:.1f} Hz")

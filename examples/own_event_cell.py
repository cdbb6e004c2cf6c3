"""An event-driven cell of your own: a pacemaker that fires every `period` ms, and later the more it is inhibited.

    python examples/own_event_cell.py
    mpirun -n 2 python examples/own_event_cell.py --cells 200 --time 500 --output spikes.h5

docs/own_models.md says what else such a model may do.
"""

import argparse
from typing import NamedTuple

import parsim as ps


class State(NamedTuple):
    next: ps.Floats  # when the cell will fire, in ms


class Params(NamedTuple):
    period: ps.Floats


@ps.kernel
def start(s, p, e, q):
    """Called once for each cell: the first of its self-events, which have flag 1."""
    s.next[e.cell] = e.t + p.period[e.cell]
    ps.net_move(q, e, s.next[e.cell])


@ps.kernel
def receive(s, p, c, e, q):
    """A self-event fires the cell; an input puts the spike off by its weight in ms, or brings it forward to now."""
    if e.flag == 1:
        ps.net_event(q, e, e.t)
        s.next[e.cell] = e.t + p.period[e.cell]
    else:
        s.next[e.cell] = max(e.t, s.next[e.cell] + e.weight)
    ps.net_move(q, e, s.next[e.cell])


pacemaker = ps.EventModel(
    "pacemaker",
    params=(ps.Param("period", 20.0, "ms", "from spike to spike", above=0.0),),
    state=State,
    recordables=(ps.Variable("next", "ms", "when it will fire"),),
    prepare=lambda p: Params(p.period),
    start=start,
    receive=receive,
    weight_unit="ms",
)


def main() -> None:
    """Pacemakers of different periods that put each other off."""
    options = argparse.ArgumentParser(description="an event-driven cell of one's own")
    options.add_argument("--cells", type=int, default=200)
    options.add_argument("--time", type=float, default=500.0, help="ms")
    options.add_argument("--threads", type=int, default=1, help="ranks as threads of each process")
    options.add_argument("--output", help="an HDF5 file for the spikes")
    options = options.parse_args()

    net = ps.Network(seed=1)
    cells = net.create(pacemaker, options.cells, period=ps.Uniform(15.0, 25.0))
    synapse = ps.static_synapse(weight="0.2 ms", delay=ps.Uniform(1.0, 4.0))
    net.connect(cells, cells, ps.FixedIndegree(10), synapse)
    spikes = net.record_spikes(cells, to=options.output)
    sim = ps.Simulation(net, threads=options.threads)
    sim.run(options.time)
    if sim.comm.rank == 0:
        print(f"mean rate {sim.report().spikes / options.cells / options.time * 1e3:.2f} Hz")
        if not options.output:
            print("the first spikes at", spikes.times[:3], "ms")


if __name__ == "__main__":
    main()

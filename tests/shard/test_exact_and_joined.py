"""Cells that hear exact times and are joined by gap junctions: a run may end within a window, and inputs after it."""

from typing import NamedTuple

import numpy as np
import pytest

import parsim as ps
from parsim.clock import heard_by, last_time_of, step_of, time_of
from parsim.shard.outbox import emit_at

C, V_TH = 100.0, 15.0  # pF, mV


class State(NamedTuple):
    V_m: ps.Floats


class Params(NamedTuple):
    decay: ps.Floats
    dt: ps.Floats


def prepare(p, clock):
    return Params(1.0 - clock.dt / p.tau, np.full(p.tau.size, clock.dt))


@ps.kernel
def coupled(s, p, inputs, gap, span, out):
    """Events act where their step begins, and what flows through junctions is that of its beginning."""
    events, grid = inputs.events, inputs.grid
    heard = heard_by(grid, span.first, span.origin)
    for i in range(span.begin, span.end):
        e, last = events.start[i], events.start[i + 1]
        while e < last and events.time[e] <= heard:
            e += 1
        for k in range(span.first, span.stop):
            row, v = k - gap.first, s.V_m[i]
            while e < last and events.time[e] <= last_time_of(grid, k + 1):
                v += events.weight[e]
                if v >= V_TH:
                    v = 0.0
                    step = max(step_of(grid, events.time[e]), k + 1)
                    emit_at(out, i, step, time_of(grid, step) - events.time[e])
                e += 1
            end = p.decay[i] * v + p.dt[i] / C * (gap.drive[row, 0, i] - gap.g[i] * v)
            for j in range(3):
                gap.wave[row, j, i] = v + (0.5 * j) * (end - v)
                gap.wave[row, 3 + j, i] = (end - v) / p.dt[i]
            s.V_m[i] = end


@ps.kernel
def advance(s, p, inputs, span, out):
    """No network here is without junctions."""


exact_and_joined = ps.CellModel(
    "exact_and_joined", params=(ps.Param("tau", 10.0, "ms", above=0.0),), state=State, prepare=prepare,
    recordables=(ps.Variable("V_m", "mV"),), ports=("all",), advance=advance, coupled=coupled, precise=True,
    takes_current=False, weight_unit="mV",
)  # fmt: skip


def run(cuts, threads=1):
    net = ps.Network(seed=2)
    cells = net.create(exact_and_joined, 7, tau=ps.Uniform(8.0, 12.0))
    noise = net.create("poisson_generator", rate=2_000.0)
    train = net.create("spike_generator", spike_times=np.arange(0.33, 20.0, 0.47), precise_times=True)
    net.connect(noise, cells, ps.AllToAll(), ps.static_synapse(weight=1.0, delay=0.4))
    net.connect(train, cells[::2], ps.AllToAll(), ps.static_synapse(weight=2.0, delay=0.3))
    net.connect(cells, cells, ps.FixedIndegree(2), ps.static_synapse(weight=1.5, delay=ps.Uniform(1.0, 2.0)))
    net.couple(cells, cells, ps.AllToAll(), weight=ps.Uniform(5.0, 15.0))
    spikes = net.record_spikes(cells)
    sim = ps.Simulation(net, dt=0.1, threads=threads, relaxation=ps.Relaxation(interval=0.5), progress=False)
    for duration in cuts:
        sim.run(duration)
    return spikes.times.tolist(), spikes.gids.tolist(), sim.get(cells, "V_m").tolist()


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("cuts", [[15.0], [3.3, 0.1, 0.1, 8.2, 3.3]], ids=str)
def test_a_run_may_end_within_a_window(cuts, threads):
    expected = run([15.0])
    assert len(expected[0]) > 15
    assert run(cuts, threads) == expected

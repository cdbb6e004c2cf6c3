"""What goes wrong while the network moves: who, when, on which rank, and what is kept."""

from typing import NamedTuple

import numpy as np
import pytest

import parsim as ps
from tests.mistakes.made import assert_says, refuses_to_go_on, syn

# ---- while the network moves ----------------------------------------------------------------------


class MovingState(NamedTuple):
    x: ps.Floats


class Moving(NamedTuple):
    burst: ps.Floats
    growth: ps.Floats


@ps.kernel
def move(s, p, inputs, span, out):
    for k in range(span.first, span.stop):
        for i in range(span.begin, span.end):
            s.x[i] = s.x[i] * p.growth[i]
            for _ in range(int(p.burst[i])):
                ps.emit(out, i, k + 1)


moving = ps.CellModel(
    "moving",
    params=(
        ps.Param("burst", 0.0, text="spikes in each step"),
        ps.Param("growth", 1.0, text="of x in each step"),
    ),
    state=MovingState,
    recordables=(ps.Variable("x", initial=1.0),),
    prepare=lambda p, clock: Moving(p.burst, p.growth),
    advance=move,
)


# Without the compiler numpy warns of such numbers before the check finds them.
overflowing = pytest.mark.filterwarnings("ignore::RuntimeWarning")


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_an_outbox_that_overflows_names_the_cell_the_time_and_the_rank(threads: int) -> None:
    net = ps.Network()
    net.create(moving, 8, burst=[0.0, 0.0, 0.0, 0.0, 0.0, 7_000.0, 0.0, 0.0])
    sim = ps.Simulation(net, dt=0.1, threads=threads)
    with pytest.raises(ps.SimulationError) as caught:
        sim.run(5.0)
    text = (
        "moving emitted more spikes in one interval than the outbox holds (65536): first lost was one of gid 5 at "
        f"t = 1 ms on rank {5 % threads}. Lower the rate of what drives it, or shorten the smallest delay."
    )
    assert str(caught.value).endswith(text)
    if threads == 1:
        assert_says(caught.value, text)
    refuses_to_go_on(sim, text)


@overflowing
@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("growth", [1e200, -1e200])
def test_a_state_that_is_not_finite_names_the_cell_the_time_and_the_rank(growth: float, threads: int) -> None:
    net = ps.Network()
    net.create(moving, 8, growth=lambda gids: np.where(gids == 4, growth, 1.0))
    sim = ps.Simulation(net, dt=0.1, threads=threads)
    sim.run(0.1)
    with pytest.raises(ps.SimulationError) as caught:
        sim.run(5.0)
    text = (
        f"between t = 0 and 1 ms on rank {4 % threads}. Look for weights or parameters that are too large, or use a "
        "smaller dt."
    )
    assert "x of gid 4 (moving) became inf " in str(caught.value)
    assert str(caught.value).endswith(text)
    refuses_to_go_on(sim, text)


@overflowing
def test_an_enormous_weight_is_found_in_the_states() -> None:
    net = ps.Network()
    cells = net.create("iaf_psc_alpha", 3)
    source = net.create("spike_generator", spike_times=[1.0, 1.1, 1.2])
    net.connect(source, cells[1], ps.AllToAll(), syn(weight=1e308, delay=1.0))
    sim = ps.Simulation(net, dt=0.1)
    with pytest.raises(ps.SimulationError) as caught:
        sim.run(10.0)
    text = (
        "I_syn_ex of gid 1 (iaf_psc_alpha) became inf between t = 2 and 3 ms on rank 0. Look for weights or "
        "parameters that "
        "are too large, or use a smaller dt."
    )
    assert_says(caught.value, text)
    refuses_to_go_on(sim, text)


def test_too_many_spikes_for_an_outbox_are_found_in_built_in_models() -> None:
    net = ps.Network()
    parrot = net.create("parrot_neuron")
    source = net.create("spike_generator", spike_times=[1.0], spike_multiplicities=[70_000])
    net.connect(source, parrot, ps.AllToAll(), syn(delay=1.0))
    sim = ps.Simulation(net, dt=0.1)
    with pytest.raises(ps.SimulationError) as caught:
        sim.run(5.0)
    assert_says(
        caught.value,
        (
            "parrot_neuron emitted more spikes in one interval than the outbox holds (65536): first lost was one of "
            "gid 0 at t = 2 ms on rank 0.",
        ),
    )


@overflowing
def test_what_was_recorded_before_a_failure_is_kept() -> None:
    net = ps.Network()
    cells = net.create(moving, 1, growth=1e200)
    x = net.record(cells, "x", interval=0.1)
    sim = ps.Simulation(net, dt=0.1)
    sim.run(0.1)
    with pytest.raises(ps.SimulationError):
        sim.run(5.0)
    assert x.values.tolist() == [[1e200]]

"""What cannot be built: one error on any number of ranks, and what becomes of the simulation."""

import numpy as np
import pytest

import parsim as ps
from tests.mistakes.made import assert_says, ran, refuses_to_go_on, syn

# ---- a simulation that cannot be built ------------------------------------------------------------


def bad_values(net: ps.Network) -> ps.Population:
    return net.create("iaf_psc_alpha", 30, tau_m=ps.Normal(10.0, 20.0))


def bad_function(net: ps.Network) -> ps.Population:
    return net.create("iaf_psc_alpha", 30, tau_m=lambda gids: np.ones(max(gids.size, 2) + 1))


def bad_delays(net: ps.Network) -> ps.Population:
    cells = net.create("iaf_psc_alpha", 30)
    net.connect(cells, cells, ps.FixedIndegree(5), syn(delay=ps.Normal(0.1, 1.0)))
    return cells


BAD = [
    (bad_values, r"tau_m of gid \d+ \(iaf_psc_alpha\) is -\S+ ms; it must be greater than 0 ms"),
    (bad_function, r"the function for tau_m of iaf_psc_alpha returns has shape \(\d+,\) for \d+ gids"),
    (bad_delays, r"delay \S+ ms of <30 of iaf_psc_alpha> -> <30 of iaf_psc_alpha> is less than one step"),
]


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize(("say", "text"), BAD, ids=["values", "function", "delays"])
def test_what_cannot_be_held_is_one_build_error_on_any_number_of_ranks(say, text, threads) -> None:
    net = ps.Network(seed=3)
    say(net)
    with pytest.raises(ps.BuildError, match=text):
        ps.Simulation(net, threads=threads)


def test_a_bad_value_on_one_rank_alone_ends_all() -> None:
    net = ps.Network()
    net.create("iaf_psc_alpha", 3, tau_m=lambda gids: np.where(gids == 1, -1.0, 10.0))
    with pytest.raises(ps.BuildError, match=r"tau_m of gid 1 \(iaf_psc_alpha\) is -1 ms"):
        ps.Simulation(net, threads=3)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_a_set_that_fails_on_one_rank_changes_nothing_on_any(threads: int) -> None:
    net = ps.Network()
    cells = net.create("iaf_psc_alpha", 7)
    sim = ps.Simulation(net, threads=threads)
    with pytest.raises(ps.BuildError, match=r"tau_m of iaf_psc_alpha is -1 ms"):
        sim.set(cells, V_m=-60.0, tau_m=lambda gids: np.where(gids == 4, -1.0, 20.0))
    assert sim.get(cells, "V_m").tolist() == [-70.0] * 7
    assert sim.get(cells, "tau_m").tolist() == [10.0] * 7
    sim.run(1.0)


def test_a_simulation_that_cannot_be_built_leaves_the_one_before_it_alone() -> None:
    world = ran()
    voltage = world.net.record(world.exc[:2], "V_m", interval=1.0)
    world.sim.run(5.0)
    bad_values(world.net)
    with pytest.raises(ps.BuildError):
        ps.Simulation(world.net)
    assert voltage.times.tolist() == [21.0, 22.0, 23.0, 24.0, 25.0]
    assert voltage.values.shape == (5, 2)


def test_what_was_said_after_a_run_and_cannot_be_held_ends_the_simulation() -> None:
    world = ran()
    bad_values(world.net)
    with pytest.raises(ps.BuildError, match="tau_m of gid"):
        world.sim.run(1.0)
    for go_on in (lambda: world.sim.run(1.0), lambda: world.sim.get(world.exc, "V_m")):
        with pytest.raises(ps.SimulationError) as caught:
            go_on()
        assert_says(
            caught.value, ("this simulation cannot go on, because it has failed before: tau_m of gid ",)
        )


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_cells_that_are_held_cannot_be_joined_by_a_delay_below_a_step(threads: int) -> None:
    net = ps.Network()
    fire = net.create("IntFire1", 2)
    sim = ps.Simulation(net, dt=0.1, threads=threads)
    sim.run(0.5)
    net.connect(fire[:1], fire[1:], ps.OneToOne(), syn(delay=0.05))
    with pytest.raises(ps.BuildError) as caught:
        sim.run(1.0)
    text = (
        "cells 0 and 1, which are held already, would be joined by delays of less than one step. Connect them before "
        "the simulation is made, or use delays of at least dt."
    )
    assert text in str(caught.value)


def test_more_connections_than_events_can_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parsim.engine.built.MOST_ROWS", 8)
    net = ps.Network()
    fire = net.create("IntFire1", 3)
    net.connect(fire, fire, ps.AllToAll(), syn(delay=1.0))
    with pytest.raises(ps.BuildError, match=r"hold 9 connections onto IntFire1 cells; it can hold 8\. Use"):
        ps.Simulation(net)
    monkeypatch.setattr("parsim.engine.built.MOST_ROWS", 9)
    ps.Simulation(net)


@pytest.mark.parametrize("threads", [1, 3])
def test_a_loop_without_delay_that_never_ends_is_an_error_that_names_its_cells(threads: int) -> None:
    net = ps.Network()
    fire = net.create("IntFire1", 3, refrac=0.0)
    begin = net.create("VecStim", 1, spike_times=[[2.0]])
    net.connect(begin, fire[:1], ps.OneToOne(), syn(weight=1.1, delay=1.0))
    net.connect(fire, fire, ps.Lists([0, 1, 2], [1, 2, 0]), syn(weight=1.1, delay=0.0))
    sim = ps.Simulation(net, dt=0.1, threads=threads)
    with pytest.raises(ps.SimulationError) as caught:
        sim.run(5.0)
    text = "Look for a loop of connections without delay among gids 0, 1, 2, and give one of them a delay."
    assert text in str(caught.value) and "at t = 3 ms" in str(caught.value)
    refuses_to_go_on(sim, text)

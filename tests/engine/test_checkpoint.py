"""A checkpoint holds the state of all ranks by gid, whoever held it, and nothing that is made again."""

import numpy as np
import pytest

import parsim as ps
from parsim.io.checkpoint import read_checkpoint


def network() -> tuple[ps.Network, ps.Population, ps.Population]:
    """Cells on the grid and event-driven ones, with spikes and events on their way at 7.3 ms."""
    net = ps.Network(seed=5)
    cells = net.create("iaf_psc_exp", 9, V_m=ps.Uniform(-70.0, -56.0), I_e=ps.Uniform(400.0, 600.0))
    events = net.create("IntFire1", 4, tau=ps.Uniform(5.0, 20.0))
    noise = net.create("poisson_generator", rate=8_000.0)
    random = ps.static_synapse(weight=ps.Normal(40.0, 5.0), delay=ps.Uniform(1.5, 4.0))
    net.connect(cells, cells, ps.FixedIndegree(3), random)
    net.connect(cells, events, ps.FixedIndegree(2), ps.static_synapse(weight=0.6, delay=2.5))
    net.connect(noise, cells, ps.AllToAll(), ps.static_synapse(weight=60.0, delay=2.0))
    return net, cells, events


def saved(path, threads, since=None, until=7.3):
    """A run on so many ranks, restored from `since`; its file, and what the simulation says."""
    net, cells, events = network()
    spikes = net.record_spikes(cells + events)
    sim = ps.Simulation(net, dt=0.1, threads=threads, progress=False, **({"restore": since} if since else {}))
    sim.run(until - sim.now)
    sim.save(path)
    values = {
        "V_m": sim.get(cells, "V_m"),
        "I_syn_ex": sim.get(cells, "I_syn_ex"),
        "parameter tau": sim.get(events, "tau"),
    }
    return *read_checkpoint(path), values, len(spikes.times)


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    path = tmp_path_factory.mktemp("alone") / "state"
    return path, *saved(path, 1)


def by_gid(arrays):
    """The columns of each folder in order of the gids that they are of; ranks put theirs one after another."""
    found = {}
    for name, values in arrays.items():
        gids = arrays.get(f"{name.rpartition('/')[0]}/gid")
        order = np.argsort(values if gids is None else gids, kind="stable")
        found[name] = values[order].tobytes()
    return found


def test_states_and_parameters_stand_by_gid(alone):
    _, about, arrays, values, spikes = alone
    assert spikes > 5
    for name, of in values.items():
        (column,) = (held for key, held in by_gid(arrays).items() if key.endswith(f"/{name}"))
        assert column == of.tobytes()
    assert about["models"] == ["iaf_psc_exp", "IntFire1"]
    assert (about["now"], about["spikes"], about["dt"]) == (73, spikes, 0.1)


def test_connections_are_not_in_it_for_they_are_drawn_again(alone):
    _, _, arrays, _, _ = alone
    assert max(len(values) for values in arrays.values()) == 9  # cells; there are 27 rows between these


@pytest.mark.parametrize("threads", [2, 3, 20])
def test_any_number_of_ranks_writes_the_same(threads, alone, tmp_path):
    _, about, arrays, _, _ = alone
    again, found, _, _ = saved(tmp_path / "state", threads)
    assert {**again, "written": 0} == {**about, "written": 0}
    assert by_gid(found) == by_gid(arrays)


@pytest.mark.parametrize("threads", [1, 3])
def test_a_restored_simulation_writes_what_it_was_restored_from(threads, alone, tmp_path):
    path, about, arrays, _, _ = alone
    again, found, _, _ = saved(tmp_path / "state", threads, since=path)
    # Intervals, of 15 steps, are counted from the edge before.
    assert (about["anchor"], again["anchor"]) == (0, 60)
    assert {**again, "written": 0, "anchor": 0} == {**about, "written": 0}
    assert by_gid(found) == by_gid(arrays)

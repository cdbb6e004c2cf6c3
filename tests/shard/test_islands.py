"""Event-driven cells in groups and islands, against a plain simulator with one heap."""

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from parsim.jit.dispatcher import Kernel
from parsim.models.events.int_fire1 import IntFire1
from parsim.models.events.int_fire2 import IntFire2
from parsim.models.events.int_fire3 import IntFire3
from parsim.models.events.int_fire4 import IntFire4
from parsim.models.events.net_stim import NetStim
from parsim.models.events.vec_stim import VecStim
from tests import reference
from tests.event_driver import Driver
from tests.reference import Connection, Reference

MODELS = {model.name: model for model in (IntFire1, IntFire2, IntFire3, IntFire4, NetStim, VecStim)}
STOP = 20.0

# On a grid of 1/4 ms many events coincide; dt is 1/8 ms, so offsets from the grid are exact. A
# refractory period ends loops of IntFire1 without delay; the others fire some time after an input.
times = st.lists(st.integers(0, 100).map(lambda k: k / 4.0), min_size=3, max_size=12).map(sorted)
parameters = {
    "IntFire1": st.fixed_dictionaries({"tau": st.sampled_from([5.0, 10.0]), "refrac": st.sampled_from([0.5, 2.0])}),
    "IntFire2": st.fixed_dictionaries(
        {"taum": st.sampled_from([3.0, 10.0]), "taus": st.just(20.0), "ib": st.sampled_from([0.0, 0.3, 1.4])}
    ),
    "IntFire3": st.fixed_dictionaries(
        {"taue": st.just(3.0), "taum": st.sampled_from([2.0, 30.0]), "ib": st.sampled_from([0.0, 1.3, -0.5])}
    ),
    "IntFire4": st.fixed_dictionaries({"taue": st.just(3.0), "taum": st.sampled_from([7.0, 30.0])}),
    "NetStim": st.fixed_dictionaries(
        {
            "interval": st.sampled_from([1.0, 3.0]),
            "number": st.sampled_from([1.0, 4.0, np.inf]),
            "start": st.sampled_from([-1.0, 0.0, 0.25, 2.5]),
            "noise": st.sampled_from([0.0, 0.5, 1.0]),
        }
    ),
    "VecStim": st.fixed_dictionaries({"spike_times": times}),
}  # fmt: skip


@st.composite
def networks(draw):
    """Some cells of each model, and connections with delays from none to many steps."""
    kinds = [*MODELS, *draw(st.lists(st.sampled_from(list(MODELS)), max_size=6))]
    cells = [(name, draw(parameters[name])) for name in kinds]
    receiving = [gid for gid, name in enumerate(kinds) if name != "VecStim"]
    connection = st.builds(
        Connection,
        st.integers(0, len(kinds) - 1),
        st.sampled_from(receiving),
        st.sampled_from([0.25, 0.5, 0.9, 1.1, 2.0, -0.4, -1.0]),
        st.sampled_from([0.0, 0.0, 0.01, 0.0625, 0.125, 0.25, 0.3, 1.0, 2.5]),
    )
    connections = draw(st.lists(connection, min_size=5, max_size=30))
    return cells, connections


def driver(network, **how):
    cells, connections = network
    return Driver([(MODELS[name], values) for name, values in cells], connections, **how)


def expected(network):
    cells, connections = network
    simulator = Reference([getattr(reference, name)(**values) for name, values in cells], connections, STOP)
    try:
        spikes = simulator.run()
    except reference.Endless:
        assume(False)
    assume(not simulator.doubtful)
    return spikes


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(networks(), st.integers(1, 3))
def test_networks_of_all_models_fire_as_in_a_plain_simulator(network, threads):
    right, found = expected(network), driver(network, threads=threads).run(STOP)
    assert [gid for _, gid in sorted(right, key=rounded)] == [gid for _, gid in sorted(found, key=rounded)]
    # Both solve closed forms to about 1e-13 ms.
    times, right_times = (np.array([t for t, _ in sorted(s, key=rounded)]) for s in (found, right))
    assert np.abs(times - right_times).max(initial=0.0) < 1e-9


def rounded(spike):
    """Spikes at one instant by gid, though rounding may have put one before the other."""
    return round(spike[0], 7), spike[1]


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(networks(), st.lists(st.floats(0.0, STOP), max_size=5).map(sorted))
def test_it_does_not_matter_which_cells_share_an_island_nor_where_a_run_is_cut(network, cuts):
    expected(network)
    alone = driver(network).run(STOP)
    assert driver(network, together=True).run(STOP) == alone
    assert driver(network, threads=2).run(STOP, cuts) == alone


@pytest.mark.parametrize("threads", [1, 2])
def test_what_is_fired_at_the_beginning_arrives_in_time(threads):
    """Delays of one step and of the whole first interval: the last spike is at the very end of a run."""
    cells = [(VecStim, {"spike_times": [0.0]}), (IntFire1, {}), (IntFire1, {})]
    chain = Driver(cells, [Connection(0, 1, 2.0, 0.125), Connection(1, 2, 2.0, 0.125)], threads=threads)
    assert chain.run(0.125) == [(0.0, 0), (0.125, 1)]
    assert chain.run(0.25) == [(0.0, 0), (0.125, 1), (0.25, 2)]
    assert chain.sim.report().spikes == 3


def test_no_code_belongs_to_the_models_that_share_an_island(monkeypatch):
    """Islands of two models each, then of all three: no function is compiled, or loaded, for more types."""

    def run(*models):
        cells = [(model, {}) for model in models for _ in range(2)]
        loop = [Connection(k, (k + 1) % len(cells), 0.4, 0.05) for k in range(len(cells))]
        Driver(cells, loop, inputs=[(0, 1.0, 2.0)]).run(5.0)

    run(IntFire1, IntFire2)
    run(IntFire2, IntFire4)
    new, add = [], Kernel.add_overload
    monkeypatch.setattr(Kernel, "add_overload", lambda of, found: (new.append(of.name), add(of, found)))
    run(IntFire4, IntFire2, IntFire1)
    assert new == []

"""Traces of cells' spikes, which connections that learn read, recorded and read by users."""

import numpy as np
import pytest

import parsim as ps
from tests.cable_models import CABLE

T, EVERY = 60.0, 0.5
FAST, SLOW = "Kminus", "Kminus_triplet"


class Traced:
    """Cells of every kind that fire, some in islands; connections that learn lead to some of them alone."""

    def __init__(self, every: float = EVERY) -> None:
        net = self.net = ps.Network(seed=4)
        noise = net.create("poisson_generator", rate=3_000.0)
        self.steps = net.create("iaf_psc_exp", 5, tau_minus=ps.Uniform(5.0, 30.0), tau_minus_triplet=50.0)
        self.exact = net.create("iaf_psc_exp_ps", 4, tau_minus=9.0)
        self.events = net.create("IntFire1", 5, refrac=1.3, tau_minus=15.0)
        self.cables = net.create(CABLE, 3, amp=ps.Uniform(0.2, 0.4), tau_minus=ps.Uniform(10.0, 30.0))
        pulses = net.create(
            "VecStim", 5, spike_times=[np.cumsum(np.full(9, 5.1 + 0.3 * i)) for i in range(5)]
        )
        net.connect(noise, self.steps + self.exact, ps.AllToAll(), ps.static_synapse(weight=140.0, delay=0.5))
        net.connect(pulses, self.events, ps.OneToOne(), ps.static_synapse(weight=1.2, delay=0.7))
        net.connect(
            self.events[:2], self.events[1:3], ps.OneToOne(), ps.static_synapse(weight=0.3, delay=0.05)
        )
        net.connect(self.steps, self.exact[:1], ps.AllToAll(), ps.stdp_synapse(weight=1.0, delay=0.8))
        self.kinds = {"steps": self.steps, "exact": self.exact, "events": self.events, "cables": self.cables}
        self.spikes = net.record_spikes(self.steps + self.exact + self.events + self.cables)
        self.said = {
            (kind, name): net.record(cells, name, interval=every)
            for kind, cells in self.kinds.items()
            for name in (FAST, SLOW)
        }

    def simulation(self, **options):
        return ps.Simulation(self.net, progress=False, **options)

    def values(self):
        return {which: said.values for which, said in self.said.items()}


def differ(found, expected):
    return [which for which in expected if not np.array_equal(found[which], expected[which])]


@pytest.fixture(scope="module")
def whole():
    net = Traced()
    sim = net.simulation()
    sim.run(T)
    return net, sim


@pytest.mark.parametrize("kind", ["steps", "exact", "events", "cables"])
@pytest.mark.parametrize(("name", "tau"), [(FAST, "tau_minus"), (SLOW, "tau_minus_triplet")])
def test_a_trace_is_the_sum_of_exponentials_over_the_spikes_so_far(whole, kind, name, tau):
    net, sim = whole
    said, taus = net.said[kind, name], sim.get(net.kinds[kind], tau)
    for column, (gid, rate) in enumerate(zip(net.kinds[kind].gids, 1.0 / taus, strict=True)):
        fired = net.spikes.times[net.spikes.gids == gid]
        assert fired.size > 2
        since = said.times[:, None] - fired[None, :]
        expected = np.where(since >= 0.0, np.exp(-np.maximum(since, 0.0) * rate), 0.0).sum(axis=1)
        # Spike by spike each factor is right to two units in the last place.
        np.testing.assert_allclose(said.values[:, column], expected, rtol=1e-13, atol=0.0)


def test_what_is_read_is_what_is_recorded_also_within_an_interval(whole):
    net, _ = whole
    again = Traced()
    sim = again.simulation(threads=2)
    for duration in (10.0, 0.5, 3.5, 20.0):  # intervals last 0.7 ms: to the end of one, once, and into others
        sim.run(duration)
        row = round(sim.now / EVERY) - 1
        for (kind, name), said in net.said.items():
            assert np.array_equal(sim.get(again.kinds[kind], name), said.values[row])


def test_ranks_cuts_and_how_often_it_is_looked_change_nothing(whole):
    net, _ = whole
    for every, threads, runs in ((EVERY, 2, (T,)), (EVERY, 3, (0.3, 29.4, 30.3)), (0.1, 2, (T,))):
        other = Traced(every)
        sim = other.simulation(threads=threads)
        for duration in runs:
            sim.run(duration)
        seldom = round(EVERY / every)
        found = {which: values[seldom - 1 :: seldom] for which, values in other.values().items()}
        assert differ(found, net.values()) == []


def test_they_go_on_from_a_checkpoint_and_begin_anew_after_a_reset(whole, tmp_path):
    net, _ = whole
    first, second = Traced(), Traced()
    sim = first.simulation(threads=2)
    sim.run(20.3)
    sim.save(tmp_path / "state.h5")
    again = second.simulation(threads=3, restore=tmp_path / "state.h5")
    again.run(T - 20.3)
    found = {
        which: np.concatenate([a, b])
        for (which, a), b in zip(first.values().items(), second.values().values(), strict=True)
    }
    assert differ(found, net.values()) == []
    sim.reset()
    sim.run(T)
    assert differ(first.values(), net.values()) == []


def test_what_nothing_asks_for_is_not_kept_and_no_trace_can_be_set():
    net = ps.Network()
    cells, noise = net.create("iaf_psc_exp", 2), net.create("poisson_generator")
    sim = ps.Simulation(net, progress=False)
    with pytest.raises(
        ps.DescriptionError, match=r"Kminus of iaf_psc_exp is not kept.*net.record\(cells, 'Kminus'\)"
    ):
        sim.get(cells, FAST)
    with pytest.raises(ps.DescriptionError, match="no parameter 'Kminus'"):
        sim.set(cells, Kminus=1.0)
    with pytest.raises(ps.DescriptionError, match="Did you mean 'Kminus_triplet'"):
        net.record(cells, "Kminus_triple")
    with pytest.raises(ps.DescriptionError):
        sim.get(noise, FAST)
    net.record(cells, FAST)
    sim.run(1.0)
    assert sim.get(cells, FAST).tolist() == [0.0, 0.0]

"""What no machine can hold is refused, with the number, before anything is drawn or allocated."""

import time

import numpy as np
import pytest

import parsim as ps
from parsim.assembly import room


def connected(n: int, rule: object, model: str = "iaf_psc_exp", **synapse: object) -> ps.Network:
    net = ps.Network()
    cells = net.create(model, n)
    net.connect(cells, cells, rule, ps.static_synapse(**synapse))
    return net


@pytest.mark.parametrize(
    ("n", "rule", "rows"),
    [
        (10**6, ps.AllToAll(), "1,000,000,000,000"),
        (10**6, ps.PairwiseBernoulli(0.5), "500,000,000,000"),
        (10**6, ps.PairwiseBernoulli(1, allow_autapses=False), "1,000,000,000,000"),
        (10**6, ps.SymmetricPairwiseBernoulli(0.5), "500,000,000,000"),
        (10**5, ps.PairwisePoisson(1000.0), "10,000,000,000,000"),
        (2, ps.PairwisePoisson(1e300), "4e+300"),
        (10**4, ps.FixedIndegree(10**9), "10,000,000,000,000"),
        (10**4, ps.FixedOutdegree(10**9), "10,000,000,000,000"),
        (10, ps.FixedTotalNumber(10**13), "10,000,000,000,000"),
    ],
    ids=str,
)
def test_a_rule_that_expects_more_connections_than_memory_holds_is_refused_at_once(n, rule, rows):
    began = time.process_time()
    with pytest.raises(
        ps.BuildError, match=f"is expected to make {rows.replace('+', '.')} connections.*this machine has"
    ):
        ps.Simulation(connected(n, rule), progress=False)
    assert time.process_time() - began < 5.0


def test_a_rule_that_tosses_a_coin_for_each_of_too_many_pairs_is_refused():
    with pytest.raises(
        ps.BuildError, match="1,000 connections, and 1,000,000,000,000 random numbers would be drawn"
    ):
        ps.Simulation(connected(10**6, ps.SymmetricPairwiseBernoulli(1e-9)), progress=False)


def test_junctions_of_too_many_pairs_are_refused():
    net = ps.Network()
    cells = net.create("iaf_psc_exp", 10**6)
    net.couple(cells, cells, ps.AllToAll())
    with pytest.raises(ps.BuildError, match="1,000,000,000,000 junctions"):
        ps.Simulation(net, progress=False)


def test_the_bound_is_that_of_the_machine(monkeypatch):
    monkeypatch.setattr(room, "machine_memory", lambda: 40_000)  # 100 x 100 rows of 4 bytes, and some more
    with pytest.raises(
        ps.BuildError, match=r"10,000 connections. These take at least 42.8 kB; this machine has 40 kB"
    ):
        ps.Simulation(connected(100, ps.AllToAll()), progress=False)
    ps.Simulation(connected(90, ps.AllToAll()), progress=False)


def test_more_cells_or_stimuli_than_memory_holds_are_refused():
    with pytest.raises(
        ps.DescriptionError, match="n is 9223372036854775808; it must be at most 1099511627775"
    ):
        ps.Network().create("iaf_psc_exp", 2**63)
    for stimuli in ("poisson_generator", "spike_train_injector", "VecStim"):
        with pytest.raises(ps.DescriptionError, match=f"as many of {stimuli} would take"):
            ps.Network().create(stimuli, 2**39)
    net = ps.Network()
    net.create("iaf_psc_exp", 2**39)
    with pytest.raises(ps.BuildError, match=r"would take at least 1\d\d TB on each rank"):
        ps.Simulation(net, progress=False)


def test_what_is_shared_by_large_selections_is_counted_without_writing_them_down():
    net = ps.Network()
    cells = net.create("iaf_psc_exp", 2**31 + 5)
    began = time.process_time()
    net.connect(cells[:-10], cells[10:], ps.FixedIndegree(2, allow_autapses=False, allow_multapses=False))
    with pytest.raises(
        ps.DescriptionError, match="are 2,147,483,653 sources; a statement can have 2,147,483,647"
    ):
        net.connect(cells, cells[:5], ps.AllToAll())
    assert time.process_time() - began < 1.0


@pytest.mark.parametrize("model", ["iaf_psc_exp", "IntFire1"])
@pytest.mark.parametrize("delay", [1e9, 1e12, 1e20, 1e300])
def test_a_delay_of_too_many_steps_is_refused_when_there_is_a_step(model, delay):
    with pytest.raises(
        ps.DescriptionError, match=r"delay .* steps \(dt = 0.1 ms\); at most 2,147,483,647 can be held"
    ):
        ps.Simulation(connected(2, ps.OneToOne(), model, delay=delay), progress=False)


@pytest.mark.parametrize("model", ["iaf_psc_exp", "IntFire1"])
def test_a_random_delay_of_too_many_steps_is_refused_when_drawn(model):
    for delay in (ps.Uniform(2e8, 1e10), ps.Uniform(1e19, 1e20), lambda s, t: s + 1e12):
        with pytest.raises(ps.BuildError, match="at most 2,147,483,647 can be held"):
            ps.Simulation(connected(20, ps.AllToAll(), model, delay=delay), progress=False)


def test_a_random_delay_of_a_stimulus_is_bounded_too():
    net = ps.Network()
    noise, cells = net.create("poisson_generator", rate=10.0), net.create("iaf_psc_exp", 2)
    net.connect(noise, cells, ps.AllToAll(), ps.static_synapse(delay=ps.Uniform(1e9, 1e12)))
    with pytest.raises(ps.BuildError, match="at most 2,147,483,647 can be held"):
        ps.Simulation(net, progress=False)


def test_a_delay_for_which_there_is_no_room_is_refused():
    with pytest.raises(ps.BuildError, match=r"the longest delay is 1,000,000,000 steps .* would take 56 TB"):
        ps.Simulation(connected(2000, ps.OneToOne(), delay=1e8), progress=False)


def test_a_long_delay_that_all_share_is_kept_and_exchanged_often_enough():
    net = ps.Network()
    source = net.create("spike_train_injector", spike_times=[1.0])
    parrot = net.create("parrot_neuron")
    net.connect(source, parrot, ps.AllToAll(), ps.static_synapse(delay=10_000.0))  # 100,000 steps
    heard = net.record_spikes(parrot)
    sim = ps.Simulation(net, dt=0.1, progress=False)
    assert sim.interval == 6553.6
    sim.run(10_002.0)
    assert heard.times.tolist() == [10_001.0]


@pytest.mark.parametrize("ms", [1e15, 9.3e17, 1e18, 1e300])  # 2^53 steps are 9.007e14 ms
@pytest.mark.parametrize(
    ("model", "values"),
    [
        ("iaf_psc_exp", {"t_ref": None}),
        ("hh_psc_alpha", {"t_ref": None}),
        ("iaf_psc_alpha_ps", {"t_ref": None}),
        ("spike_generator", {"spike_times": [None]}),
        ("spike_train_injector", {"spike_times": [None]}),
        ("step_current_generator", {"amplitude_times": [None], "amplitude_values": [1.0]}),
        ("pulsepacket_generator", {"pulse_times": [None], "activity": 3.0, "sdev": 1.0}),
        ("pulsepacket_generator", {"pulse_times": [1.0], "activity": 3.0, "sdev": None}),
        ("poisson_generator", {"start": None}),
        ("poisson_generator", {"stop": None}),
        ("noise_generator", {"dt": None}),
    ],
    ids=lambda x: x if isinstance(x, str) else next(k for k, v in x.items() if None in np.atleast_1d(v)),
)
def test_times_of_more_steps_than_can_be_counted_are_refused(model, values, ms):
    given = {
        name: [ms if v is None else v for v in value]
        if isinstance(value, list)
        else ms
        if value is None
        else value
        for name, value in values.items()
    }
    net = ps.Network()
    net.create(model, 2, **given)
    with pytest.raises(ps.ParsimError, match=r"cannot be counted in steps of dt = 0.1 ms"):
        ps.Simulation(net, progress=False)


def test_events_of_event_driven_cells_that_never_come_hang_nothing():
    net = ps.Network()
    net.create("NetStim", 2, start=1e300)
    net.create("VecStim", 2, spike_times=[1.0, 1e300])
    sim = ps.Simulation(net, progress=False)
    sim.run(10.0)
    assert sim.now == 10.0


@pytest.mark.parametrize(
    "dt", [1e300, 2.0**32, 1e-320, float("nan"), float("inf"), 0, -0.1, True, [0.1], "0.1"]
)
def test_a_time_step_that_cannot_be_is_refused(dt):
    with pytest.raises(ps.DescriptionError, match="dt"):
        ps.Simulation(ps.Network(), dt=dt)


def test_no_run_goes_beyond_the_last_step_that_can_be_counted():
    sim = ps.Simulation(ps.Network(), dt=1.0, progress=False)
    with pytest.raises(ps.DescriptionError, match=r"duration 1e.16 ms cannot be counted"):
        sim.run(1e16)
    assert sim.now == 0.0

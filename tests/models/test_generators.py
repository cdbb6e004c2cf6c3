"""When generators act, what setting them does, and what they refuse; dt is 0.1 ms."""

import numpy as np
import pytest

import parsim as ps

# A membrane that forgets nothing: 250 pA move it by 0.1 mV a step of 0.1 ms.
INTEGRATOR = dict(tau_m=1e15, C_m=250.0, E_L=0.0, V_m=0.0, V_th=1e9, V_reset=0.0)


def current(model, said, runs=(8.0,), later=(), delay=1.0, threads=1):
    """The current (pA) in each step, by the sample at its end, and the simulation and its stimulus."""
    net = ps.Network()
    cells = net.create("iaf_psc_delta", 3, **INTEGRATOR)
    source = net.create(model, **said)
    net.connect(source, cells, ps.AllToAll(), ps.static_synapse(delay=delay))
    voltage = net.record(cells, "V_m", interval=0.1)
    sim = ps.Simulation(net, threads=threads)
    for i, duration in enumerate(runs):
        if i:
            sim.set(source, **later[i - 1])
        sim.run(duration)
    assert model == "noise_generator" or np.array_equal(voltage.values[:, 0], voltage.values[:, 2])
    return np.round(np.diff(np.concatenate([[0.0], voltage.values[:, 0]])) * 2500, 6), sim, source


def changes(values):
    """Samples from which on the current is another, and what it is."""
    at = np.flatnonzero(np.diff(np.concatenate([[0.0], values])))
    return [(int(i + 1), float(values[i]) + 0.0) for i in at]


STEPS = dict(amplitude_times=[1.0, 2.0, 3.0], amplitude_values=[100.0, 200.0, -50.0])


@pytest.mark.parametrize(
    ("said", "expected"),
    [  # with a delay of 10 steps; as NEST does
        (STEPS, [(21, 100.0), (31, 200.0), (41, -50.0)]),
        (dict(amplitude_times=[0.1, 2.0], amplitude_values=[100.0, 200.0]), [(12, 100.0), (31, 200.0)]),
        (STEPS | dict(start=1.5, stop=2.5), [(26, 100.0), (31, 200.0), (36, 0.0)]),
        (STEPS | dict(origin=2.0, stop=2.0), [(31, 200.0), (41, -50.0), (51, 0.0)]),
        (dict(amplitude_times=[1.04], amplitude_values=[5.0], allow_offgrid_times=True), [(22, 5.0)]),
    ],
)
def test_a_current_changes_when_it_is_told_to(said, expected):
    for threads in (1, 2):
        assert changes(current("step_current_generator", said, threads=threads)[0]) == expected


def test_what_is_in_force_stays_until_the_first_of_new_times():
    new = dict(amplitude_times=[7.0], amplitude_values=[50.0])
    values, sim, source = current("step_current_generator", STEPS, (2.5, 7.5), (new,))
    assert changes(values) == [(21, 100.0), (31, 200.0), (81, 50.0)]  # that of 3.0 is never sent
    assert sim.get(source, "amplitude_times")[0].tolist() == [2.0, 7.0]
    assert sim.get(source, "amplitude_values")[0].tolist() == [200.0, 50.0]
    values, sim, source = current("step_current_generator", STEPS, (0.5, 9.5), (new,))
    assert changes(values) == [(81, 50.0)]  # nothing was in force


def test_the_phase_is_that_at_zero_whenever_a_sine_begins():
    said = dict(amplitude=100.0, offset=10.0, frequency=50.0, phase=30.0)
    for window in ({}, {"start": 2.0}, {"start": 1.0, "stop": 5.0}):
        values, _, _ = current("ac_generator", said | window)
        on = np.flatnonzero(values) + 1
        assert on[0] == round(10 * window.get("start", 0.1)) + 11
        assert on[-1] == (60 if "stop" in window else 80)
        wave = 10.0 + 100.0 * np.sin(2 * np.pi * 50.0 * (on - 11) * 1e-4 + np.pi / 6)
        assert np.abs(values[on - 1] - wave).max() < 1e-5


def test_noise_is_held_for_dt_from_the_first_step_on():
    noise = dict(mean=5.0, std=10.0, dt=0.5)
    starts = [at for at, _ in changes(current("noise_generator", noise)[0])]
    assert starts == list(range(12, 81, 5))
    starts = [at for at, _ in changes(current("noise_generator", noise | dict(start=1.2, stop=3.0))[0][:60])]
    assert starts == [23, 28, 33, 38, 41]


def test_a_new_mean_changes_no_draw_of_the_noise():
    def run(later):
        net = ps.Network()
        cells = net.create("iaf_psc_delta", 2, **INTEGRATOR)
        source = net.create("noise_generator", mean=5.0, std=10.0)
        net.connect(source, cells, ps.AllToAll())
        voltage = net.record(cells, "V_m", interval=0.1)
        sim = ps.Simulation(net)
        sim.run(3.3)
        sim.set(source, **later)
        sim.run(7.0)
        values = np.diff(voltage.values, axis=0) * 2500.0
        assert np.abs(values[20:, 0] - values[20:, 1]).max() > 1.0
        return values

    same, other = run({"mean": 5.0}), run({"mean": 8.0})
    difference = np.round(other - same, 6)
    assert set(difference[:43].ravel()) == {0.0} and set(difference[46:].ravel()) == {3.0}


def heard(model, said, run=12.0, n=1):
    net = ps.Network()
    birds = net.create("parrot_neuron", n)
    net.connect(net.create(model, **said), birds, ps.AllToAll(), ps.static_synapse(delay=1.0))
    spikes = net.record_spikes(birds)
    ps.Simulation(net).run(run)
    return spikes.times


def test_a_packet_without_spread_comes_at_the_end_of_the_step_after_its_time():
    """As NEST does, for which the spikes of a step come at its end."""
    assert heard("pulsepacket_generator", dict(pulse_times=[5.0, 7.03, 7.05], activity=2)).tolist() == (
        [6.1] * 2 + [8.2] * 4
    )
    said = dict(pulse_times=[9.0, 3.0, 5.0, 7.0], activity=1, start=5.0, stop=7.0)
    assert heard("pulsepacket_generator", said).tolist() == [6.1]


@pytest.mark.parametrize(
    ("said", "first", "last"),
    [
        (dict(rate_times=[1.0, 3.0], rate_values=[1e6, 0.0]), 10, 29),
        (dict(rate_times=[0.1], rate_values=[1e6], start=1.0, stop=3.0), 12, 31),
        (dict(rate_times=[0.1], rate_values=[1e6], origin=2.0, stop=3.0), 22, 51),
    ],
)
def test_rates_hold_from_their_time_on_within_the_window(said, first, last):
    steps = np.unique(np.rint((heard("inhomogeneous_poisson_generator", said, 8.0) - 1.0) * 10))
    assert np.array_equal(steps, np.arange(first, last + 1))


def test_a_rate_stays_in_force_until_the_first_of_new_times():
    net = ps.Network()
    birds = net.create("parrot_neuron", 50)
    source = net.create("inhomogeneous_poisson_generator", rate_times=[1.0], rate_values=[1e4])
    net.connect(source, birds, ps.AllToAll(), ps.static_synapse(delay=1.0))
    spikes = net.record_spikes(birds)
    sim = ps.Simulation(net)
    sim.run(4.0)
    sim.set(source, rate_times=[6.0], rate_values=[0.0])
    sim.run(6.0)
    counts = np.bincount(np.rint(spikes.times * 10).astype(int), minlength=100)
    assert (counts[20:70] > 10).all() and not counts[70:].any()


def test_a_constant_rate_gives_what_a_poisson_generator_gives_where_it_is_on():
    """The same draws: the kernels differ in how they look up the table only."""
    found = []
    for model, said in (
        ("poisson_generator", dict(rate=5e3)),
        ("inhomogeneous_poisson_generator", dict(rate_times=[0.1], rate_values=[5e3])),
    ):
        net = ps.Network()
        birds = net.create("parrot_neuron", 40)
        net.connect(net.create(model, **said), birds, ps.AllToAll(), ps.static_synapse(delay=1.0))
        found.append(net.record_spikes(birds))
        ps.Simulation(net).run(20.0)
    later = found[0].times > 1.2
    assert np.array_equal(found[0].times[later], found[1].times[found[1].times > 1.2])
    assert found[0].times.size > 3_000


STEP, RATE, NOISE, PULSE = (
    "step_current_generator", "inhomogeneous_poisson_generator", "noise_generator", "pulsepacket_generator",
)  # fmt: skip
REFUSED = [
    (STEP, dict(amplitude_times=[1.0]), "amplitude_times has 1 times and amplitude_values 0 values; give one value"),
    (STEP, dict(amplitude_times=[1.0, 1.0], amplitude_values=[1.0, 2.0]), "amplitude_times has 1 ms twice"),
    (STEP, dict(amplitude_times=[2.0, 1.0], amplitude_values=[1.0, 2.0]), "amplitude_times go back from 2 to 1 ms"),
    (STEP, dict(amplitude_times=[0.0], amplitude_values=[1.0]), r"amplitude_times\[0\] is 0 ms, .* not in the future"),
    (STEP, dict(amplitude_times=[1.05], amplitude_values=[1.0]), r"amplitude_times\[0\] is 1.05 ms, .* not within"),
    (STEP, dict(amplitude_times=[1.01, 1.02], amplitude_values=[1.0, 2.0], allow_offgrid_times=True),
     "amplitude_times 1.01 and 1.02 ms are both used at 1.1 ms; give one of them"),
    (RATE, dict(rate_times=[1.0], rate_values=[-1.0]), "rate_values has -1 Hz; rates of at least 0 Hz are needed"),
    (RATE, dict(rate_times=[1.0], rate_values=[1e12]), r"a mean of 1e\+08 spikes per step"),
    (NOISE, dict(std=1.0, std_mod=2.0), "std_mod is 2 pA and std is 1 pA; std_mod must not be greater"),
    (NOISE, dict(dt=0.25), "dt 0.25 ms is not a multiple"),
    (PULSE, dict(activity=1.5), "activity is 1.5; a whole number of spikes is needed"),
    (PULSE, dict(pulse_times=[-1.0]), "pulse_times has -1 ms; times of at least 0 ms are needed"),
]  # fmt: skip


@pytest.mark.parametrize(("model", "said", "text"), REFUSED)
def test_what_cannot_be_is_refused(model, said, text):
    net = ps.Network()
    cell = net.create("parrot_neuron")
    net.connect(cell, cell, ps.AllToAll())
    with pytest.raises(ps.DescriptionError, match=f"^{model}: .*{text}"):
        net.create(model, **said)
        ps.Simulation(net)


def test_times_and_values_are_set_together_and_in_the_future():
    _, sim, source = current("step_current_generator", STEPS)
    with pytest.raises(
        ps.DescriptionError, match="amplitude_times and amplitude_values belong together; give both"
    ):
        sim.set(source, amplitude_times=[10.0, 11.0, 12.0])
    with pytest.raises(
        ps.DescriptionError, match=r"amplitude_times\[0\] is 8 ms, which is not in the future"
    ):
        sim.set(source, amplitude_times=[8.0], amplitude_values=[1.0])
    assert sim.get(source, "amplitude_times")[0].tolist() == [1.0, 2.0, 3.0]


def arrived(rates, rule, threads=1, duration=3.7, **more):
    """Spikes that each of 20 cells has heard from generators of these rates (Hz), all of weight 1."""
    net = ps.Network(seed=3)
    cells = net.create("iaf_psc_delta", 20, tau_m=1e15, E_L=0.0, V_m=0.0, V_th=1e9, V_reset=0.0)
    source = net.create("poisson_generator", len(rates), rate=rates, **more)
    net.connect(source, cells, rule, ps.static_synapse(weight=1.0, delay=0.3))
    sim = ps.Simulation(net, threads=threads)
    sim.run(1.5)
    sim.run(duration - 1.5)
    return np.round(sim.get(cells, "V_m")).tolist()


@pytest.mark.parametrize("window", [{}, dict(start=0.5, stop=2.3)])
def test_a_generator_among_others_of_other_rates_sends_what_it_sends_among_its_like(window):
    """From no spikes to 30 a step; each target draws its own, so what those of a rate send is known from their like."""
    rates = np.array([0.0, 800.0, 5e3, 4e4, 3e5])
    each = np.repeat(rates, 4)
    alike = [arrived(np.full(20, rate), ps.OneToOne(), **window) for rate in rates]
    expected = [alike[i // 4][i] for i in range(20)]
    assert (
        arrived(each, ps.OneToOne(), **window)
        == arrived(each, ps.OneToOne(), threads=3, **window)
        == expected
    )
    assert expected[0] == 0.0 and expected[19] > 300.0


def test_generators_of_several_rates_onto_all_cells_add_up_to_what_each_sends():
    """Three trains a target, told apart by their lanes: with one of them silent, its share is missing."""
    rates = np.array([2e3, 9e3, 4e4])
    whole = np.array(arrived(rates, ps.AllToAll()))
    parts = [
        whole - arrived(np.where(np.arange(3) == g, 0.0, rates), ps.AllToAll(), threads=2) for g in range(3)
    ]
    assert np.array_equal(sum(parts), whole) and (np.array(parts).mean(axis=1) > 3.7 * rates * 0.8e-3).all()


@pytest.mark.parametrize(
    "said",
    [
        ("poisson_generator", dict(rate=9_000.0)),
        (
            "inhomogeneous_poisson_generator",
            dict(rate_times=[0.4, 3.0], rate_values=[9_000.0, 4_000.0]),
        ),
    ],
)
def test_no_count_depends_on_how_long_an_interval_is_or_where_runs_are_cut(said):
    """The numbers of two steps are drawn at once; an interval may end between them."""
    found = []
    for smallest, runs in ((0.1, [6.0]), (0.3, [0.4, 1.7, 3.9]), (1.5, [6.0]), (1.5, [0.1, 0.1, 5.8])):
        net = ps.Network(seed=3)
        cells, others = net.create("parrot_neuron", 20), net.create("parrot_neuron", 2)
        net.connect(net.create(said[0], **said[1]), cells, ps.AllToAll(), ps.static_synapse(delay=1.5))
        net.connect(others, others, ps.AllToAll(), ps.static_synapse(delay=smallest))
        spikes, sim = net.record_spikes(cells), ps.Simulation(net)
        for duration in runs:
            sim.run(duration)
        found.append((spikes.times.tolist(), spikes.gids.tolist()))
    assert len(found[0][0]) > 100 and all(other == found[0] for other in found[1:])

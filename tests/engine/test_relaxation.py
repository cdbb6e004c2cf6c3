import logging

import numpy as np
import pytest

import parsim as ps
from parsim.network.network import Network

TIGHT = ps.Relaxation(tolerance=1e-12)


def passive(net: Network, n: int, **values):
    """Membranes that never fire: C_m 250 pF, tau_m 10 ms, E_L -70 mV."""
    return net.create("iaf_psc_exp", n, V_th=1e6, **values)


@pytest.mark.parametrize("settings", [TIGHT, ps.Relaxation(interval=1.0, tolerance=1e-12)], ids=str)
@pytest.mark.parametrize("threads", [1, 2])
def test_two_passive_cells_come_together_as_the_equations_say(threads, settings):
    net = ps.Network()
    cells = passive(net, 2, V_m=[-60.0, -75.0])
    net.couple(cells, cells, ps.AllToAll(), weight=20.0)
    trace = net.record(cells, "V_m", interval=0.1)
    ps.Simulation(net, dt=0.1, threads=threads, relaxation=settings).run(20.0)

    # Mean and difference decay on their own: the latter with 1/tau_m + 2 g/C_m.
    t = trace.times
    mean = -70.0 + 2.5 * np.exp(-t / 10.0)
    half = 7.5 * np.exp(-t * (0.1 + 2 * 20.0 / 250.0))
    # A cubic in half a step of 0.05 ms errs by (0.05 * 0.26)^4 / 384 of 15 mV: 1e-9 mV.
    assert np.abs(trace.values - np.stack([mean + half, mean - half], axis=1)).max() < 1e-9


@pytest.mark.parametrize(("order", "power"), [(3, 4), (1, 2)])
def test_the_error_shrinks_with_a_power_of_the_step(order, power):
    def error(dt):
        net = ps.Network()
        cells = passive(net, 2, V_m=[-60.0, -75.0])
        net.couple(cells, cells, ps.AllToAll(), weight=100.0)
        sim = ps.Simulation(net, dt=dt, relaxation=ps.Relaxation(tolerance=1e-13, order=order))
        sim.run(1.0)
        return abs(np.diff(sim.get(cells, "V_m"))[0] + 15.0 * np.exp(-(0.1 + 2 * 100.0 / 250.0)))

    # Sixteen or four times less for half the step, and somewhat less or more as the step is not small.
    assert 0.8 * 2**power < error(0.25) / error(0.125) < 1.25 * 2**power


def test_a_current_that_is_switched_inside_an_interval_is_seen_by_every_sweep():
    net = ps.Network()
    cells = passive(net, 2)
    source = net.create("dc_generator", amplitude=100.0, start=1.3, stop=3.8)
    net.connect(source, cells[0], ps.OneToOne(), ps.static_synapse(delay=0.1))
    net.couple(cells, cells, ps.AllToAll(), weight=50.0)
    trace = net.record(cells, "V_m", interval=0.1)
    ps.Simulation(net, dt=0.1, relaxation=ps.Relaxation(interval=1.0, tolerance=1e-12)).run(8.0)

    single = ps.Network()
    alone = passive(single, 1)
    source = single.create("dc_generator", amplitude=100.0, start=1.3, stop=3.8)
    single.connect(source, alone, ps.OneToOne(), ps.static_synapse(delay=0.1))
    mean = single.record(alone, "V_m", interval=0.1)
    ps.Simulation(single, dt=0.1).run(8.0)
    # The two together are one membrane with twice the current at rest: half of it each.
    assert np.abs(trace.values.mean(axis=1) + 70.0 - (mean.values[:, 0] + 70.0) / 2).max() < 1e-10

    on = np.flatnonzero(np.diff(mean.values[:, 0]) > 1e-9)[0] + 1
    tau = 1.0 / (0.1 + 2 * 50.0 / 250.0)
    t = trace.times[on : on + 20] - trace.times[on - 1]
    difference = trace.values[on : on + 20, 0] - trace.values[on : on + 20, 1]
    assert np.abs(difference - 100.0 / 250.0 * tau * -np.expm1(-t / tau)).max() < 1e-8


def test_more_sweeps_than_allowed_are_told_once_with_interval_residue_and_pair(caplog):
    net = ps.Network()
    cells = passive(net, 4, V_m=[-60.0, -70.0, -70.0, -80.0])
    net.couple(cells[:1], cells[3:], ps.OneToOne(), weight=400.0)
    net.couple(cells[1:3], cells[1:3], ps.AllToAll(), weight=1.0)
    sim = ps.Simulation(net, relaxation=ps.Relaxation(interval=1.0, tolerance=1e-9, iterations=3))
    with caplog.at_level(logging.WARNING, "parsim"):
        sim.run(10.0)
    assert len(caplog.records) == 1
    text = caplog.text
    assert "did not converge between t = 0 and 1 ms: after 3 sweeps" in text and "tolerance 1e-09 mV" in text
    assert "between gids 0 and 3" in text and "only counted" in text
    report = sim.report()
    assert report.sweeps.unconverged > 5 and "of them not converged" in str(report)


@pytest.mark.parametrize("threads", [1, 3])
def test_strict_makes_it_an_error(threads):
    net = ps.Network()
    cells = passive(net, 2, V_m=[-60.0, -70.0])
    net.couple(cells, cells, ps.AllToAll(), weight=400.0)
    settings = ps.Relaxation(interval=1.0, tolerance=1e-9, iterations=2, strict=True)
    sim = ps.Simulation(net, threads=threads, relaxation=settings)
    with pytest.raises(
        ps.SimulationError, match=r"did not converge .* between gids 0 and 1.*greater tolerance"
    ):
        sim.run(5.0)


def test_a_voltage_that_explodes_ends_the_run_with_its_gid():
    net = ps.Network()
    cells = passive(net, 2, V_m=[-60.0, 1e300])
    net.couple(cells, cells, ps.AllToAll(), weight=1e12)
    with pytest.raises(ps.SimulationError, match=r"V_m of gid \d"):
        ps.Simulation(net, threads=2).run(5.0)


def test_the_report_tells_how_it_went():
    net = ps.Network()
    cells = passive(net, 3, V_m=[-60.0, -70.0, -65.0])
    net.couple(cells, cells, ps.AllToAll(), weight=2.0)
    sim = ps.Simulation(net, threads=2, relaxation=ps.Relaxation(interval=0.5))
    sim.run(4.0)
    report = sim.report()
    assert report.junctions == 3 and report.sweeps.windows == 8
    assert 8 <= report.sweeps.total <= 8 * report.sweeps.most and report.sweeps.residue <= 1e-5
    # One first guess and the sweeps: cells 0 and 2 go one way, cell 1 the other; six numbers a step.
    calls = report.sweeps.total + 1
    assert report.waveforms.tolist() == [[calls, calls * 2 * 5 * 48.0], [calls, calls * 5 * 48.0]]
    assert "3 gap junctions: 8 intervals in" in str(report)
    assert (report.seconds[:, report.NAMES.index("relax")] > 0).all() and (report.seconds >= 0.0).all()


def test_a_network_without_junctions_has_nothing_to_tell():
    net = ps.Network()
    passive(net, 3)
    sim = ps.Simulation(net)
    sim.run(2.0)
    assert sim.report().junctions == 0 and "gap junctions" not in str(sim.report())


@ps.kernel
def rectifying(dv):
    return 1.0 if dv > 0.0 else 0.0


@ps.kernel
def voltage_dependent(dv):
    return 1.0 / (1.0 + (dv / 10.0) ** 2)


def test_a_rectifying_junction_conducts_from_its_first_side_to_its_second_alone():
    def after(first, second):
        net = ps.Network()
        a, b = passive(net, 1, V_m=first), passive(net, 1, V_m=second)
        net.couple(a, b, ps.OneToOne(), weight=20.0, junction=rectifying)
        sim = ps.Simulation(net, relaxation=TIGHT)
        sim.run(2.0)
        return sim.get(a + b, "V_m")

    open_, shut = after(-60.0, -75.0), after(-75.0, -60.0)
    mean, half = -70.0 + 2.5 * np.exp(-0.2), 7.5 * np.exp(-2.0 * (0.1 + 40.0 / 250.0))
    assert np.abs(open_ - [mean + half, mean - half]).max() < 1e-6
    assert np.abs(shut - (-70.0 + np.array([-5.0, 10.0]) * np.exp(-0.2))).max() < 1e-9


@pytest.mark.parametrize("threads", [1, 2])
def test_a_voltage_dependent_junction_follows_its_equation(threads):
    integrate = pytest.importorskip("scipy.integrate")

    def rates(t, v):
        dv = v[0] - v[1]
        current = 50.0 * dv / (1.0 + (dv / 10.0) ** 2) / 250.0
        return [-(v[0] + 70.0) / 10.0 - current, -(v[1] + 70.0) / 10.0 + current]

    expected = integrate.solve_ivp(rates, (0.0, 10.0), [-50.0, -80.0], rtol=1e-12, atol=1e-12).y[:, -1]
    net = ps.Network()
    cells = passive(net, 2, V_m=[-50.0, -80.0])
    net.couple(cells[:1], cells[1:], ps.OneToOne(), weight=50.0, junction=voltage_dependent)
    sim = ps.Simulation(net, dt=0.1, threads=threads, relaxation=TIGHT)
    sim.run(10.0)
    # The current is a cubic between nodes, and its slope a difference over 1e-3 mV.
    assert np.abs(sim.get(cells, "V_m") - expected).max() < 1e-6


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (dict(interval=0.0), r"interval is 0.0 ms; a positive multiple of dt"),
        (dict(tolerance=0.0), r"tolerance is 0.0 mV; it must be a number above 0"),
        (dict(iterations=1), r"iterations is 1; it must be at least 2"),
        (dict(order=2), r"order is 2; polynomials of order 3 and 1"),
    ],
    ids=str,
)
def test_settings_that_make_no_sense_are_refused(options, message):
    with pytest.raises(ps.DescriptionError, match=message):
        ps.Relaxation(**options)


def test_an_interval_that_is_not_on_the_grid_is_refused():
    with pytest.raises(ps.DescriptionError, match=r"interval of Relaxation 0.25 ms is not a multiple of dt"):
        ps.Simulation(ps.Network(), dt=0.1, relaxation=ps.Relaxation(interval=0.25))
    with pytest.raises(ps.DescriptionError, match=r"relaxation is 0.1; give Relaxation"):
        ps.Simulation(ps.Network(), relaxation=0.1)


def chain(n, g, strict=False, threads=1):
    """Leaky cells of 250 pF and 25 nS in a chain of junctions, from -70 to -60 mV apart, after 5 ms; the simulation."""
    net = ps.Network()
    cells = net.create("iaf_psc_exp", n, E_L=np.linspace(-70.0, -60.0, n), V_th=0.0)
    net.couple(cells[:-1], cells[1:], ps.OneToOne(), weight=g)
    sim = ps.Simulation(net, threads=threads, relaxation=ps.Relaxation(strict=strict))
    sim.run(5.0)
    return sim, sim.get(cells, "V_m")


def test_junctions_that_cells_follow_within_a_step_have_converged_only_when_voltages_are_right():
    """Two cells: their mean stays, and half their difference decays at (1 + 2 g / 25 nS) / 10 ms, from 5 mV."""
    for g in (1e3, 1e4):  # g dt / C of 0.4 and 4
        sim, v = chain(2, g, strict=True, threads=2)
        rate = 1.0 + 2.0 * g / 25.0
        exact = 5.0 * (1.0 / rate + (1.0 - 1.0 / rate) * np.exp(-rate * 0.5))
        assert np.abs(v - (-65.0 + np.array([-exact, exact]))).max() < 1e-4
        assert sim.report().sweeps.unconverged == 0


@pytest.mark.parametrize("n", [2, 5])
@pytest.mark.parametrize("g", [2e4, 5e4, 3e5, 1e6])
def test_junctions_too_strong_for_the_step_are_never_called_settled(n, g, caplog):
    sim, _ = chain(n, g)
    assert sim.report().sweeps.unconverged == sim.report().sweeps.windows == 50
    strength = f"{(2 if n > 2 else 1) * g * 0.1 / 250.0:.3g}"
    assert f"junctions are strong: g t / C is {strength}" in caplog.text and caplog.text.count("strong") == 1
    with pytest.raises(ps.SimulationError, match=r"gap junctions did not converge.*strong.*smaller dt"):
        chain(n, g, strict=True)


@pytest.mark.parametrize("threads", [1, 2])
def test_windows_are_shorter_where_junctions_are_strong_and_steps_are_not(threads):
    """g t / C of 40 in 1 ms, 0.4 in a step of 0.01 ms: the longest of at most 2 are 5 steps."""

    def after(settings):
        net = ps.Network()
        cells = passive(net, 2, V_m=[-60.0, -75.0])
        net.couple(cells, cells, ps.AllToAll(), weight=1e4)
        sim = ps.Simulation(net, dt=0.01, threads=threads, relaxation=settings)
        sim.run(0.5)
        sim.run(1.5)
        return sim.get(cells, "V_m"), sim.report().sweeps

    v, sweeps = after(ps.Relaxation(interval=1.0, tolerance=1e-7, strict=True))
    assert sweeps.windows == 40 and sweeps.unconverged == 0
    mean = -70.0 + 2.5 * np.exp(-0.2)  # the difference is gone
    assert np.abs(v - mean).max() < 40 * 1e-7  # what each may leave
    single, alone = after(ps.Relaxation(interval=0.01, tolerance=1e-7, strict=True))
    assert alone.windows == 200 and np.abs(single - mean).max() < 200 * 1e-7


def test_one_sweep_is_enough_where_the_first_change_says_so():
    def after(tolerance):
        net = ps.Network()
        cells = net.create("hh_psc_alpha_gap", 2, I_e=[100.0, 90.0])
        net.couple(cells, cells, ps.AllToAll(), weight=0.5)
        sim = ps.Simulation(net, dt=0.05, relaxation=ps.Relaxation(tolerance=tolerance))
        sim.run(60.0)
        return sim.get(cells, "V_m"), sim.report().sweeps

    (v, few), (exact, many) = after(1e-5), after(1e-10)
    assert few.total < 1.4 * few.windows and many.total > 1.8 * many.windows
    assert np.abs(v - exact).max() < 1e-3  # of spikes of 100 mV and their shift


def test_sweeps_that_change_nothing_any_more_are_not_made_however_strong_junctions_are():
    sim, _ = chain(2, 1e6)
    assert sim.report().sweeps.total < 5 * sim.report().sweeps.windows


@pytest.mark.parametrize("n", [2, 5])
@pytest.mark.parametrize("g", [2e4, 5e4, 3e5, 1e6])
def test_voltages_come_right_with_the_strongest_junctions_where_nothing_changes(n, g):
    """g dt / C of 8 to 800. The chain begins 10 mV apart, has come together at once, and stays so."""
    _, v = chain(n, g)
    rest = np.linspace(-70.0, -60.0, n)
    laplacian = np.diag(np.r_[1.0, np.full(n - 2, 2.0), 1.0]) - np.eye(n, k=1) - np.eye(n, k=-1)
    values, vectors = np.linalg.eigh(g / 250.0 * laplacian + np.eye(n) / 10.0)
    final = vectors @ (vectors.T @ rest / values) / 10.0
    exact = final + vectors @ (np.exp(-5.0 * values) * (vectors.T @ (rest - final)))
    # Sweeps end when they change less than 1e-5 mV, and those of five cells change a fifth of what is left.
    assert np.abs(v - exact).max() < 1e-4


@pytest.mark.parametrize("g", [2e4, 3e5])
def test_voltages_stay_between_those_of_neighbours_however_strong_junctions_are(g):
    net = ps.Network()
    cells = passive(net, 5, V_m=[-55.0, -70.0, -70.0, -70.0, -70.0])
    net.couple(cells[:-1], cells[1:], ps.OneToOne(), weight=g)
    trace = net.record(cells, "V_m", interval=0.1)
    ps.Simulation(net, threads=2).run(5.0)
    assert -70.0 <= trace.values.min() and trace.values.max() <= -55.0
    spread = np.ptp(trace.values, axis=1)
    assert spread[-1] < spread[0] < 15.0

"""Cells that draw whether they fire: rates and intervals in closed form, at a hazard that stands still."""

import numpy as np
import pytest

import parsim as ps

HAZARD = 0.1  # 1/ms
N, T = 500, 2000.0


def intervals(model: str, **values: float | bool) -> np.ndarray:
    """Those of 500 cells in 2 s, in ms."""
    net = ps.Network(seed=9)
    cells = net.create(model, N, **values)
    spikes = net.record_spikes(cells)
    ps.Simulation(net, dt=0.1).run(T)
    order = np.lexsort((spikes.times, spikes.gids))
    gids, times = spikes.gids[order], spikes.times[order]
    return np.diff(times)[np.diff(gids) == 0]


# In a step of 0.1 ms a cell fires with 1 - exp(-0.01): a geometric number of steps, of mean 0.1/(1 - exp(-0.01)) =
# 10.05 ms and deviation 10.0 ms, after the dead time, which is rounded up where it is drawn (+0.05 ms). The standard
# error of the mean of 66,000 intervals is 0.04 ms, and long ones do not end within 2 s. NEST's (500 cells, 2 s) had
# means of 14.99, 15.07 and 9.96 ms, deviations of 9.96, 10.37 and 9.94 ms.
@pytest.mark.parametrize(
    ("values", "mean", "deviation", "least"),
    [
        (dict(dead_time=5.0), 15.05, 10.0, 5.1),
        (
            dict(dead_time=5.0, dead_time_random=True, dead_time_shape=3),
            15.1,
            np.sqrt(100.0 + 25.0 / 3.0),
            0.1,
        ),
        (dict(dead_time=0.0), 10.0, 10.0, 0.0),
    ],
    ids=["dead", "dead_at_random", "poisson"],
)
def test_a_point_process_has_the_intervals_of_its_hazard_and_dead_time(values, mean, deviation, least):
    found = intervals("pp_psc_delta", c_1=0.0, c_2=1e3 * HAZARD, c_3=0.0, **values)
    assert abs(found.mean() - mean) < 0.2 and abs(found.std() - deviation) < 0.2
    assert least - 1e-9 <= found.min() < least + 1.0


@pytest.mark.parametrize("model", ["gif_psc_exp", "gif_cond_exp"])
def test_a_generalized_cell_at_its_threshold_fires_at_lambda_0_between_refractory_periods(model):
    """The same with t_ref = 4 ms: 14.05 ms; intervals begin with a step."""
    found = intervals(model, V_reset=-70.0, V_T_star=-70.0, lambda_0=1e3 * HAZARD)
    assert abs(found.mean() - 14.05) < 0.2 and abs(found.std() - 10.0) < 0.2
    assert abs(found.min() - 4.1) < 1e-6


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (dict(tau_sfa=[5.0, 6.0], q_sfa=[1.0]), "tau_sfa has 2 elements and q_sfa has 1; they need as many"),
        (dict(tau_stc=[0.0], q_stc=[1.0]), "tau_stc has 0 ms; time constants above 0"),
        (dict(tau_stc=[5.0] * 11, q_stc=[1.0] * 11), "tau_stc has 11 elements; a cell can have up to 10"),
    ],
    ids=["lengths", "tau", "too_many"],
)
def test_lists_that_do_not_fit_are_refused_at_the_call(values, said):
    net = ps.Network()
    with pytest.raises(ps.DescriptionError, match=said):
        net.create("gif_psc_exp", 2, **values)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (dict(asc_decay=[0.1]), "lists of currents after spikes differ in length"),
        (dict(adapting_threshold=True), "adapting_threshold needs spike_dependent_threshold"),
        (dict(V_reset=-40.0), "V_reset must be below V_th"),
    ],
    ids=["lengths", "flags", "reset"],
)
def test_values_of_generalized_leaky_cells_that_contradict_each_other_are_refused(values, said):
    net = ps.Network()
    with pytest.raises(ps.DescriptionError, match=said):
        net.create("glif_psc", 2, **values)

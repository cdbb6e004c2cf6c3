"""What is set and read between short runs by one rank is what the long way gives, to the last bit."""

import numpy as np
import pytest

import parsim as ps
from parsim.engine.running import direct

MODELS = [ps.iaf_psc_alpha, ps.hh_psc_alpha, ps.aeif_cond_exp]


def story(model, threads, **changed):
    """Voltages of three cells that are changed between runs of one step; two threads go the long way."""
    net = ps.Network(seed=3)
    cells = net.create(model, 3, I_e=ps.Uniform(100.0, 900.0))
    net.connect(cells, cells, ps.AllToAll(), ps.stdp_synapse(weight=20.0, delay=1.0))
    simulation = ps.Simulation(net, 0.1, threads=threads, progress=False)
    seen = []
    for i in range(60):
        simulation.set(cells[1], V_m=-60.0 + i % 3)
        simulation.set(cells[::2], I_e=500.0 + 7.0 * i, **changed)
        simulation.set(cells, I_e=np.array([300.0, 10.0 * i, 900.0]))
        simulation.run(0.1 if i % 2 else 0.7)
        seen += [*simulation.get(cells, "V_m"), *simulation.get(cells[1:], "I_e"), simulation.spikes]
    return seen


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_one_rank_that_sees_all_changes_what_two_do(model):
    assert story(model, 1, C_m=150.0, tau_minus=30.0) == story(model, 2, C_m=150.0, tau_minus=30.0)


@pytest.fixture
def one():
    net = ps.Network(seed=1)
    cells = net.create(ps.iaf_psc_alpha, 4)
    return ps.Simulation(net, 0.1, progress=False), cells


def test_what_is_handed_on_is_written_into_the_arrays_that_are_there(one):
    simulation, cells = one
    simulation.run(0.1)
    group = simulation._ranks[0].built.groups[ps.iaf_psc_alpha]
    before = group.params
    simulation.set(cells[2], V_th=-50.0, C_m=200.0)
    assert group.params is before
    assert before.V_th.tolist() == [-55.0, -55.0, -50.0, -55.0]


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"C_m": -1.0}, "greater than 0"),
        ({"V_th": -80.0}, "V_reset"),
        ({"V_m": np.nan}, "NaN"),
        ({"Vm": 1.0}, "V_m"),
    ],
    ids=["bound", "contradiction", "nan", "name"],
)
def test_what_is_wrong_is_said_as_ever_and_changes_nothing(one, values, complaint):
    simulation, cells = one
    with pytest.raises(ps.ParsimError, match=complaint):
        simulation.set(cells, I_e=5.0, **values)
    assert simulation.get(cells, "I_e").tolist() == [0.0] * 4


def test_a_parameter_of_which_something_is_made_is_not_handed_on(one):
    simulation, _ = one
    rank = simulation._ranks[0]
    group = rank.built.groups[ps.iaf_psc_alpha]
    found = [p.name for p in group.model.params if direct._is_handed_on(group, p.name, rank.clock)]
    assert "V_th" in found and "C_m" not in found and "I_e" not in found


def test_what_was_read_is_not_what_is_held(one):
    simulation, cells = one
    simulation.get(cells, "V_m")[:] = 0.0
    assert simulation.get(cells, "V_m").tolist() == [-70.0] * 4

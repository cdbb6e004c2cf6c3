"""What is set and read between short runs by one rank is what the long way gives, to the last bit."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import pytest

import parsim as ps
from parsim.engine.running.derived import recipes

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
        simulation.set(cells[::-1], I_e=np.array([300.0, 10.0 * i, 900.0]))
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


def found(group, clock, *names):
    """Which fields are written where these parameters are set, None where all is derived."""
    known = recipes(group, dict.fromkeys(names), clock)
    return None if known is None else [sorted(one.writes) for one in known]


def test_what_little_arithmetic_makes_of_a_parameter_is_found(one):
    simulation, _ = one
    rank = simulation._ranks[0]
    group, clock = rank.built.groups[ps.iaf_psc_alpha], rank.clock
    assert found(group, clock, "V_th") == [["V_th"]]
    assert found(group, clock, "I_e") == [["drive"]]
    assert found(group, clock, "I_e", "V_th") == [["drive"], ["V_th"]]
    assert found(group, clock, "I_e", "C_m") is None
    assert found(group, clock, "t_ref") is None


class Pair(NamedTuple):
    a: object
    b: object
    both: object


def test_parameters_that_meet_in_one_field_are_derived_together():
    values = SimpleNamespace(a=np.array([2.0, 3.0]), b=np.array([5.0, 7.0]))
    group = Group(values, lambda p, _: Pair(p.a, 2.0 * p.b, p.a * p.b - 1.0))
    assert found(group, None, "a") is None  # b itself is not given to kernels
    group = Group(values, lambda p, _: Pair(p.a, p.b, p.a / p.b - 1.0))
    ((a,), (b,)) = recipes(group, {"a": 0}, None), recipes(group, {"b": 0}, None)
    assert a.writes["both"](group.params, slice(1, 2), 9.0).tolist() == [9.0 / 7.0 - 1.0]
    assert b.writes["both"](group.params, slice(0, 1), 4.0).tolist() == [-0.5]
    assert recipes(group, {"a": 0, "b": 0}, None) is None


@pytest.mark.parametrize(
    "derive",
    [
        lambda p: Pair(p.a, p.b, p.a if p.a > 1.0 else p.b),
        lambda p: Pair(p.a, p.b, np.where(p.a > 1.0, p.a, p.b)),
        lambda p: Pair(p.a, p.b, np.maximum(p.a, 1.0)),
        lambda p: Pair(p.a, p.b, p.a + np.exp(p.b)),
        lambda p: Pair(p.a, p.b, float(p.a)),
        lambda p: Pair(p.a, p.b, p.a.sum()),
        lambda p: Pair(p.a, p.b, p.a * p.b[:1]),
        lambda p: Pair(p.a, p.b, np.asarray(p.a)),
    ],
    ids=["branch", "where", "function", "made", "number", "sum", "shared", "array"],
)
def test_what_is_more_than_arithmetic_of_columns_is_derived(derive):
    values = SimpleNamespace(a=np.array([2.0, 3.0]), b=np.array([5.0, 7.0]))
    full = SimpleNamespace(a=values.a, b=values.b)
    group = Group(full, lambda p, _: derive(p), params=Pair(values.a, values.b, np.zeros(2)))
    assert found(group, None, "a") is None


class Group:
    """As much of a group as is asked."""

    def __init__(self, values, derived, params=None):
        self.values, self.derived, self.gids = values, derived, np.arange(2)
        self.params = derived(values, None) if params is None else params


def test_what_was_read_is_not_what_is_held(one):
    simulation, cells = one
    simulation.get(cells, "V_m")[:] = 0.0
    assert simulation.get(cells, "V_m").tolist() == [-70.0] * 4

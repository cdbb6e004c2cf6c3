"""Values said, drawn and set go through one validator; functions of a model that fail are named."""

from typing import NamedTuple

import numpy as np
import pytest

import parsim as ps
from parsim.arrays import Floats


class State(NamedTuple):
    v: Floats


class Params(NamedTuple):
    rate: Floats


def prepare(p, clock):
    if (p.tau == 13.0).any():
        raise ZeroDivisionError("no tau of 13")
    return Params(clock.dt / p.tau)


@ps.kernel
def advance(s, p, inputs, span, out):
    for i in range(span.begin, span.end):
        s.v[i] += p.rate[i]


@ps.reads("low", "high")
def check(p):
    assert not hasattr(p, "tau")
    wrong = np.flatnonzero(p.low > p.high)
    return f"low {p.low[wrong[0]]:g} is above high {p.high[wrong[0]]:g}." if wrong.size else None


def leaking(**more):
    params = (
        ps.Param("tau", 10.0, "ms", above=0.0), ps.Param("low", -1.0, "mV"), ps.Param("high", 1.0, "mV"),
    )  # fmt: skip
    given = (
        dict(params=params, state=State, prepare=prepare, advance=advance, ports=("all",), check=check) | more
    )
    return ps.CellModel("leaking", **given)


def test_what_check_reads_is_checked_at_the_call_whatever_else_is_drawn():
    net = ps.Network()
    with pytest.raises(ps.DescriptionError, match=r"leaking: low 2 is above high 1\."):
        net.create(leaking(), 3, tau=ps.Uniform(5.0, 10.0), low=2.0)
    with pytest.raises(ps.DescriptionError, match=r"leaking: low 3 is above high 1\."):
        net.create(leaking(), 3, low=[0.0, 1.0, 3.0])  # of each, beside one for all
    net.create(leaking(), 3, low=ps.Uniform(2.0, 3.0))
    with pytest.raises(ps.BuildError, match=r"leaking: low 2\.\d+ is above high 1\."):
        ps.Simulation(net)


def test_a_check_that_reads_what_it_does_not_declare_is_named():
    @ps.reads("low")
    def careless(p):
        return None if p.low[0] < p.high[0] else "no"

    with pytest.raises(ps.DescriptionError, match=r"check of leaking raised AttributeError: .*'high'"):
        ps.Network().create(leaking(check=careless), 2)


def test_new_defaults_must_not_contradict_each_other():
    with pytest.raises(ps.DescriptionError, match=r"leaking: low 5 is above high 1\."):
        leaking().with_defaults(low=5.0)
    with pytest.raises(ps.DescriptionError, match="V_reset must be below V_th"):
        ps.iaf_psc_exp.with_defaults(V_reset=-50.0)
    assert leaking().with_defaults(low=5.0, high=6.0).params[1].default == 5.0
    assert ps.IntFire2.with_defaults(taum=5.0).params[1].default == 5.0
    with pytest.raises(ps.DescriptionError, match="IntFire2: taum < taus does not hold: taum = 50 ms"):
        ps.IntFire2.with_defaults(taum=50.0)
    leaking().with_defaults(low=ps.Uniform(0.0, 5.0))  # is known when it is drawn


@pytest.mark.parametrize("threads", [1, 2])
def test_a_prepare_that_fails_when_something_is_set_is_named_and_nothing_is_done(threads):
    net = ps.Network()
    cells = net.create(leaking(), 4)
    sim = ps.Simulation(net, threads=threads)
    sim.run(1.0)
    with pytest.raises(
        ps.BuildError,
        match="prepare of leaking, for the new tau, low, raised ZeroDivisionError: no tau of 13",
    ):
        sim.set(cells[1:3], tau=[20.0, 13.0], low=-2.0)
    assert sim.get(cells, "tau").tolist() == [10.0] * 4 and sim.get(cells, "low").tolist() == [-1.0] * 4
    sim.run(1.0)
    sim.set(cells, tau=20.0)
    sim.run(1.0)


def test_what_is_set_is_checked_against_what_stays():
    net = ps.Network()
    cells = net.create(leaking(), 4)
    sim = ps.Simulation(net)
    with pytest.raises(ps.ParsimError, match=r"leaking: low 2 is above high 1\."):
        sim.set(cells, low=2.0)


def test_a_prepare_of_a_stimulus_that_fails_is_named():
    def failing(p, clock):
        raise KeyError("rate")

    @ps.kernel
    def drive(params, rows, span, key, page):
        pass

    mine = ps.StimulusModel("mine", params=(ps.Param("rate", 1.0, "Hz"),), prepare=failing, drive=drive)
    net = ps.Network()
    net.create(mine, 2)
    with pytest.raises(ps.ParsimError, match="prepare of mine raised KeyError: 'rate'"):
        ps.Simulation(net)


def test_what_is_set_in_several_populations_of_a_model_holds_in_all_of_them():
    model = leaking(recordables=(ps.Variable("v", "mV"),))
    net = ps.Network()
    one, two = net.create(model, 4), net.create(model, 3)
    sim = ps.Simulation(net, dt=0.5, threads=2)
    sim.run(1.0)
    sim.set(one[1:3] + two[::2], tau=[5.0, 5.0, 2.0, 2.5], v=[1.0, 2.0, 3.0, 4.0])
    assert sim.get(one + two, "tau").tolist() == [10.0, 5.0, 5.0, 10.0, 2.0, 10.0, 2.5]
    before = sim.get(one + two, "v")
    assert before[[1, 2, 4, 6]].tolist() == [1.0, 2.0, 3.0, 4.0]
    sim.run(0.5)
    moved = sim.get(one + two, "v") - before
    assert moved.tolist() == pytest.approx([0.05, 0.1, 0.1, 0.05, 0.25, 0.05, 0.2])

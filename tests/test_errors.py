"""What is said to mistakes: one error at the call that names the thing, the value, what is allowed, the fix."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import parsim as ps
from tests.mistakes.made import Mistake, assert_says, ran, said, syn
from tests.mistakes.of_networks import CHOICES, CONNECTIONS
from tests.mistakes.of_times import DELAYS, EVENT_DRIVEN, TIME
from tests.mistakes.of_values import MODELS, NAMES, TRAINS, VALUES

MISTAKES = [*MODELS, *NAMES, *VALUES, *TRAINS, *CHOICES, *CONNECTIONS, *DELAYS, *TIME, *EVENT_DRIVEN]


def shown(world: SimpleNamespace) -> list[Any]:
    """All that a statement which fails must leave as it was."""
    net, sim = world.net, world.sim
    seen = [net.digest, net.n_cells, net._n_stimuli, net._serial, net.timeline]
    seen += [list(net.populations), list(net.projections), list(net.recordings)]
    if sim is not None:
        names = [p.name for p in ps.iaf_psc_alpha.params] + [v.name for v in ps.iaf_psc_alpha.recordables]
        seen += [sim.now, *(sim.get(world.exc, name).tolist() for name in names)]
        seen += [sim.get(world.drive, name).tolist() for name in ("rate", "start", "stop")]
        seen += [sim.get(world.spikes, name).tolist() for name in ("start", "stop", "origin")]
    return seen


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name.replace(" ", "-"))
def test_a_mistake_is_one_error_at_the_call_and_nothing_is_done(mistake: Mistake, tmp_path: Any) -> None:
    world = mistake.given(str(tmp_path))
    world.four, world.one, world.none = world.exc[:4], world.exc[:1], world.exc[:0]
    world.five, world.both, world.strange = 5, [world.exc, world.inh], said().exc
    mistake.before(world)
    before = shown(world)

    with pytest.raises(Exception) as caught:
        mistake.act(world)

    assert type(caught.value) is mistake.error
    text = mistake.text
    assert_says(caught.value, text.replace("FOLDER", world.folder) if isinstance(text, str) else text)
    assert shown(world) == before
    if world.sim is not None:
        world.sim.run(1.0)  # as if nothing had been said


def test_no_mistake_stands_in_the_table_twice() -> None:
    names = [mistake.name for mistake in MISTAKES]
    assert len(set(names)) == len(names)


# ---- mistakes that Python itself refuses, or that are none ----------------------------------------


def test_members_that_are_not_there_are_index_errors() -> None:
    exc = said().exc
    with pytest.raises(IndexError, match=r"<10 of exc> has no member 10\."):
        exc[10]
    with pytest.raises(
        IndexError, match=r"1\.5 is no index; give a number, a slice, a mask or a list of numbers\."
    ):
        exc[1.5]
    with pytest.raises(
        IndexError, match=r"a mask of shape \(2,\) does not fit <10 of exc>; give 10 values\."
    ):
        exc[np.array([True, False])]


def test_a_wrong_argument_of_a_rule_is_named() -> None:
    with pytest.raises(TypeError, match="indegre'"):
        ps.FixedIndegree(indegre=5)  # type: ignore[call-arg]


def test_what_functions_of_the_user_raise_is_one_error_that_names_them_and_leads_to_their_line() -> None:
    def broken(*gids: Any) -> Any:
        raise ZeroDivisionError("mine")

    net = ps.Network()
    cells = net.create("iaf_psc_alpha", 3, V_m=broken)
    with pytest.raises(ps.BuildError) as caught:
        ps.Simulation(net)
    assert str(caught.value) == "the function broken for V_m of iaf_psc_alpha raised ZeroDivisionError: mine"
    assert isinstance(caught.value.__cause__, ZeroDivisionError)

    net = ps.Network()
    cells = net.create("iaf_psc_alpha", 3)
    net.connect(cells, cells, ps.AllToAll(), syn(weight=broken))
    with pytest.raises(
        ps.BuildError, match=r"the function broken for weight of <3 of iaf_psc_alpha> -> .* raised"
    ):
        ps.Simulation(net)


def test_times_are_in_the_future_when_their_origin_says_so() -> None:
    world = ran()
    parrot = world.net.create("parrot_neuron")
    late = world.net.create("spike_generator", spike_times=[5.0], origin=20.0)
    world.net.connect(late, parrot, ps.AllToAll(), syn(delay=1.0))
    heard = world.net.record_spikes(parrot)
    world.sim.run(10.0)
    assert heard.times.tolist() == [26.0]


def test_autapses_matter_only_where_sources_are_targets() -> None:
    world = said()
    world.net.connect(world.exc, world.inh, ps.FixedIndegree(10, allow_autapses=False, allow_multapses=False))
    world.net.connect(world.exc[:1], world.inh, ps.FixedIndegree(3, allow_autapses=False))
    assert ps.Simulation(world.net).connections().sources.size == 52

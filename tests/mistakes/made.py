"""Mistakes: what is wrong, in which world, and what is said to it."""

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pytest

import parsim as ps
from parsim.models.catalogue import ALL_MODELS

syn = ps.static_synapse
BUILT_IN = f"`parsim models` lists the {len(ALL_MODELS)} that are built in."
ALPHA_HAS = (
    "It has: C_m, E_L, I_e, I_syn_ex, I_syn_in, V_m, V_min, V_reset, V_th, t_ref, tau_m, "
    "tau_minus, tau_minus_triplet, tau_syn_ex, tau_syn_in."
)
RULES = (
    "Give one of OneToOne, AllToAll, FixedIndegree, FixedOutdegree, FixedTotalNumber, PairwiseBernoulli, "
    "SymmetricPairwiseBernoulli, PairwisePoisson, Lists."
)
NEWER = (
    "a newer Simulation has taken this network over, with its recordings. Use that one, or make a network for "
    "each simulation."
)
OTHER = "belongs to another network. Use what this one's create has returned."


class Matrix:
    """A sparse matrix as scipy's are: rows, columns and data by `tocoo`."""

    def __init__(self, row: list[int], col: list[int], data: list[float]) -> None:
        self.row, self.col, self.data = np.array(row), np.array(col), np.array(data)

    def tocoo(self) -> "Matrix":
        return self


def said(folder: str = "") -> SimpleNamespace:
    """Some cells and stimuli, connected to nothing."""
    net = ps.Network(seed=1)
    return SimpleNamespace(
        net=net,
        exc=net.create("iaf_psc_alpha", 10, name="exc"),
        inh=net.create("iaf_psc_alpha", 4, name="inh"),
        drive=net.create("poisson_generator", rate=100.0, name="drive"),
        spikes=net.create("spike_generator", spike_times=[5.0, 25.0], name="spikes"),
        sim=None,
        folder=folder,
    )


def ran(folder: str = "") -> SimpleNamespace:
    """The same, connected and run for 20 ms at dt = 0.1 ms."""
    world = said(folder)
    for source in (world.exc, world.drive, world.spikes):
        world.net.connect(source, world.inh, ps.AllToAll(), syn(delay=1.5))
    world.sim = ps.Simulation(world.net, dt=0.1)
    world.sim.run(20.0)
    return world


def simulated(w: SimpleNamespace) -> None:
    ps.Simulation(w.net, dt=0.1)


@dataclass
class Mistake:
    """`act` is wrong in the world that `given` makes and `before` goes on with.

    `text` is the whole message, or a tuple of its start and phrases in it; FOLDER stands for a folder.
    """

    name: str
    act: Callable[[SimpleNamespace], Any]
    text: str | tuple[str, ...]
    error: type[Exception] = ps.DescriptionError
    given: Callable[[str], SimpleNamespace] = said
    before: Callable[[SimpleNamespace], Any] = lambda w: None


def created(name: str, text: Any, /, model: Any = "iaf_psc_alpha", n: Any = 1, **values: Any) -> Mistake:
    """A mistake in `create`."""
    return Mistake(name, lambda w: w.net.create(model, n, **values), text)


def connected(
    name: str, text: Any, rule: Any, synapse: Any = None, source: str = "exc", target: str = "inh"
) -> Mistake:
    """A mistake in `connect`."""
    return Mistake(name, lambda w: w.net.connect(getattr(w, source), getattr(w, target), rule, synapse), text)


def built(name: str, text: Any, before: Any, error: Any = ps.DescriptionError) -> Mistake:
    """A mistake that is one with a time step only, or with numbers drawn."""
    return Mistake(name, simulated, text, error, before=before)


def later(name: str, text: Any, act: Any, error: Any = ps.DescriptionError, before: Any = None) -> Mistake:
    """A mistake after a run."""
    return Mistake(name, act, text, error, given=ran, before=before or (lambda w: None))


def made(name: str, text: Any, act: Callable[[], Any]) -> Mistake:
    """A mistake without a network."""
    return Mistake(name, lambda w: act(), text)


class State(NamedTuple):
    x: ps.Floats


def model_with(**changes: Any) -> ps.CellModel:
    """A cell model whose author has made a mistake."""
    right: dict[str, Any] = {
        "name": "mine", "params": (ps.Param("a", 1.0),), "state": State,
        "prepare": lambda values, clock: None, "advance": lambda *given: None,
        "recordables": (ps.Variable("x"),),
    }  # fmt: skip
    return ps.CellModel(**{**right, **changes})


def assert_says(error: Exception, text: str | tuple[str, ...]) -> None:
    """The whole text, or its start and phrases; and no second exception to be read before it."""
    if isinstance(text, str):
        assert str(error) == text
    else:
        assert str(error).startswith(text[0])
        for phrase in text[1:]:
            assert phrase in str(error)
    assert "".join(traceback.format_exception(error)).count("Traceback (most recent call last)") == 1


def refuses_to_go_on(sim: ps.Simulation, reason: str) -> None:
    with pytest.raises(ps.SimulationError) as caught:
        sim.run(1.0)
    assert str(caught.value).startswith("this simulation cannot go on, because it has failed before: ")
    assert reason in str(caught.value)

"""What is said to mistakes: one error at the call that names the thing, the value, what is allowed, the fix."""

import os
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pytest

import parsim as ps
from parsim.jit import kernel
from parsim.models.catalogue import ALL_MODELS

syn = ps.static_synapse
BUILT_IN = f"Built in are: {', '.join(sorted(model.name for model in ALL_MODELS))}."
ALPHA_HAS = (
    "It has: C_m, E_L, I_e, I_syn_ex, I_syn_in, V_m, V_min, V_reset, V_th, t_ref, tau_m, "
    "tau_syn_ex, tau_syn_in."
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


# ---- the table -----------------------------------------------------------------------------------


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


MODELS = [
    created("unknown model", f"there is no model 'iaf_psc_alfa'. Did you mean 'iaf_psc_alpha'? {BUILT_IN}",
            "iaf_psc_alfa"),
    created("model of another simulator", f"there is no model 'IF_curr_exp'. Did you mean 'iaf_psc_exp'? {BUILT_IN}",
            "IF_curr_exp"),
    created("model with no near name", f"there is no model 'zzz'. {BUILT_IN}", "zzz"),
    created("recorder as a model",
            ("there is no model 'spike_recorder'. Spikes are recorded with Network.record_spikes(cells).", BUILT_IN),
            "spike_recorder"),
    created("voltmeter as a model",
            ("there is no model 'voltmeter'. States are recorded with Network.record(cells, \"V_m\").", BUILT_IN),
            "voltmeter"),
    created("number as a model", "5 is no model. Give a name or a model of cells or stimuli.", 5),
    created("synapse as a model",
            "static_synapse is a synapse model; use it in connect. Give a name or a model of cells or stimuli.", syn),
    created("name that is no text", "name is 5; a text is needed.", name=5),
    made("no port", "mine has ports (); at least one name is needed.", lambda: model_with(ports=())),
    made("two ports of one name", "mine has two ports that are both called 'a'; rename one.",
         lambda: model_with(ports=("a", "b", "a"))),
    made("several receptors at exact times",
         "mine hears exact times and has ports ('a', 'b', 'c'); an event carries the sign of its weight alone, so one "
         'port or ("ex", "in") is needed.', lambda: model_with(ports=("a", "b", "c"), precise=True)),
    made("recordable that is no state", "mine declares the state 'y', which is no field of State. It has: x.",
         lambda: model_with(recordables=(ps.Variable("y"),))),
    made("parameter and state of one name", "mine has a parameter and a state that are both called 'x'; rename one.",
         lambda: model_with(params=(ps.Param("x", 1.0),))),
    made("state that starts at no parameter",
         "mine starts x at the parameter 'aa', which it has not. Did you mean 'a'? It has: a.",
         lambda: model_with(recordables=(ps.Variable("x", initial="aa"),))),
    made("unknown default", f"iaf_psc_alpha has no parameter 'zzz'. {ALPHA_HAS}",
         lambda: ps.iaf_psc_alpha.with_defaults(zzz=1.0)),
    made("default out of bounds", "tau_m of iaf_psc_alpha is -1 ms; it must be greater than 0 ms.",
         lambda: ps.iaf_psc_alpha.with_defaults(tau_m=-1.0)),
]  # fmt: skip

NAMES = [
    created("unknown parameter",
            f"iaf_psc_alpha has no parameter 'V_thres'. Did you mean 'V_th' (spike threshold, mV)? {ALPHA_HAS}",
            V_thres=-50.0),
    created("parameter of PyNN",
            f"iaf_psc_alpha has no parameter 'tau_refrac'. Did you mean 't_ref' (duration of the refractory period, "
            f"ms)? {ALPHA_HAS}", tau_refrac=2.0),
    created("parameter in another unit elsewhere",
            f"iaf_psc_alpha has no parameter 'cm'. Did you mean 'C_m' (capacitance of the membrane, pF)? {ALPHA_HAS}",
            cm=0.25),
    created("parameter of Brian",
            f"iaf_psc_alpha has no parameter 'v'. Did you mean 'V_m' (membrane potential, mV)? {ALPHA_HAS}", v=-65.0),
    created("parameter with no near name", f"iaf_psc_alpha has no parameter 'gnabar'. {ALPHA_HAS}", gnabar=0.1),
    created("parameter of a model without", "parrot_neuron has no parameter 'V_m'. It has: none.", "parrot_neuron",
            V_m=-65.0),
    created("unknown parameter of a stimulus",
            "poisson_generator has no parameter 'frequency'. Did you mean 'rate' (mean rate, Hz)? It has: origin, "
            "rate, start, stop.", "poisson_generator", frequency=10.0),
    made("unknown synapse parameter",
         "static_synapse has no parameter 'wieght'. Did you mean 'weight' (added at the target: pA, nS or mV, as its "
         "model says)? It has: delay, weight.", lambda: syn(wieght=2.0)),
    made("synapse parameter of NEST", "static_synapse has no parameter 'receptor_type'. It has: delay, weight.",
         lambda: syn(receptor_type=1)),
    later("set of an unknown name",
          f"iaf_psc_alpha has no parameter 'V_mm'. Did you mean 'V_m' (membrane potential, mV)? {ALPHA_HAS}",
          lambda w: w.sim.set(w.exc, V_m=-60.0, V_mm=-65.0)),
    later("get of an unknown name",
          f"iaf_psc_alpha has no parameter 'taum'. Did you mean 'tau_m' (time constant of the membrane, ms)? "
          f"{ALPHA_HAS}", lambda w: w.sim.get(w.exc, "taum")),
    later("get of a number", f"iaf_psc_alpha has no parameter '5'. {ALPHA_HAS}", lambda w: w.sim.get(w.exc, 5)),
]  # fmt: skip

VALUES = [
    created("wrong unit", 'V_m of iaf_psc_alpha is "-65 ms", a time; mV is needed. Write e.g. "-65 mV".',
            V_m="-65 ms"),
    created("unit left out", 'V_m of iaf_psc_alpha is "-65", without a unit; mV is needed. Write e.g. "-65 mV".',
            V_m="-65"),
    created("unknown unit",
            "V_m of iaf_psc_alpha is \"-65 mv\", and 'mv' is no unit that parsim knows. Did you mean 'mV'? "
            'Units of voltage are V, mV, uV. Write e.g. "-65 mV".', V_m="-65 mv"),
    created("wrong unit in a distribution",
            'mean of V_m of iaf_psc_alpha is "-65 ms", a time; mV is needed. Write e.g. "-65 mV".',
            V_m=ps.Normal("-65 ms", "1 mV")),
    created("text instead of a number",
            'I_e of iaf_psc_alpha is "lots", which is not a number with a unit. Write e.g. "100 pA".', I_e="lots"),
    created("text in a list",
            'I_e of iaf_psc_alpha[1] is "x", which is not a number with a unit. Write e.g. "100 pA".', n=2,
            I_e=[1.0, "x"]),
    created("nothing as a value", ("V_m of iaf_psc_alpha is None; a number, a list, a distribution",), V_m=None),
    created("NaN as a state", "V_m of iaf_psc_alpha is NaN. Give a number.", V_m=np.nan),
    created("NaN as a parameter", "tau_m of iaf_psc_alpha is NaN. Give a number.", tau_m=np.nan),
    created("NaN as a rate", "rate of poisson_generator is NaN. Give a number.", "poisson_generator", rate=np.nan),
    created("NaN in an array", "V_m of iaf_psc_alpha is NaN (first at index 1). Give a number.", n=3,
            V_m=np.array([-65.0, np.nan, np.nan])),
    created("NaN in a list of trains", "spike_times of spike_generator, list 1 is NaN (first at index 0). Give "
                                       "a number.",
            "spike_generator", 2, spike_times=[[1.0], [np.nan, 2.0]]),
    made("NaN in a distribution", "Normal(nan, 1.0): mean is nan; a finite number is needed.",
         lambda: ps.Normal(np.nan, 1.0)),
    made("limits in the wrong order", "Uniform(2.0, 1.0): low must not exceed high. Write Uniform(low, high).",
         lambda: ps.Uniform(2.0, 1.0)),
    made("negative spread", "Normal(0.0, -1.0): std must be at least 0.", lambda: ps.Normal(0.0, -1.0)),
    created("infinite parameter", "tau_m[1] of iaf_psc_alpha is inf; a finite number is needed.", n=2,
            tau_m=[10.0, np.inf]),
    created("infinite state", "V_m of iaf_psc_alpha is -inf; a finite number is needed.", V_m=-np.inf),
    created("array of the wrong length",
            "V_m of iaf_psc_alpha has 3 values; 10 are needed, or one number for all.", n=10, V_m=[-65.0,
-64.0, -63.0]),
    created("array of the wrong shape",
            "V_m of iaf_psc_alpha is an array of shape (2, 2); one number or a list of them is needed.", n=2,
            V_m=np.zeros((2, 2))),
    created("ragged list", "V_m of iaf_psc_alpha is [[1, 2], [3]], whose lists differ in length.", n=2,
            V_m=[[1, 2], [3]]),
    created("class of a distribution", "V_m of iaf_psc_alpha is the class Uniform; call it with its arguments.",
            V_m=ps.Uniform),
    created("function of two arguments",
            "the function for V_m of iaf_psc_alpha cannot be called as f(gids): missing a required argument: 'b'.",
            V_m=lambda a, b: a),
    created("negative count", "n is -1; it must be at least 0.", n=-1),
    created("fractional count", "n is 2.5; a whole number of at least 0 is needed.", n=2.5),
    created("float as a count", "n is 10000.0; a whole number of at least 0 is needed. Write 10000.", n=1e4),
    created("text as a count", "n is '10'; a whole number of at least 0 is needed.", n="10"),
    created("negative time constant", "tau_m of iaf_psc_alpha is -10 ms; it must be greater than 0 ms.", tau_m=-10.0),
    created("time constant zero", "tau_m[1] of iaf_psc_alpha is 0 ms; it must be greater than 0 ms.", n=3,
            tau_m=[10.0, 0.0, 10.0]),
    created("time constant zero with a unit", "tau_m of iaf_psc_alpha is 0 ms; it must be greater than 0 ms.",
            tau_m="0 s"),
    created("negative rate", "rate of poisson_generator is -1 Hz; it must be at least 0 Hz.", "poisson_generator",
            rate=-1.0),
    created("flag that is none", "refractory_input of iaf_psc_delta is 2; use True or False.", "iaf_psc_delta",
            refractory_input=2),
    created("reset above threshold",
            "iaf_psc_alpha: V_reset is -50 mV and V_th is -55 mV; V_reset must be below V_th.", V_reset=-50.0),
    created("reset above threshold where other values are random",
            "iaf_psc_alpha: V_reset is -55 mV and V_th is -55 mV; V_reset must be below V_th.", V_reset=-55.0,
            C_m=ps.Uniform(200.0, 300.0)),
    created("stop before start", "poisson_generator: start is 5 ms and stop is 2 ms; stop must not be before start.",
            "poisson_generator", start=5.0, stop=2.0),
    built("start off the grid",
          "poisson_generator: origin + start 0.05 ms is not a multiple of dt = 0.1 ms. Nearest are 0.0 and 0.1 ms; "
          "use one of them or another dt.", lambda w: w.net.create("poisson_generator", start=0.05)),
    later("start off the grid after a run",
          "poisson_generator: origin + start 30.05 ms is not a multiple of dt = 0.1 ms. Nearest are 30.0 and "
          "30.1 ms; "
          "use one of them or another dt.", lambda w: w.net.create("poisson_generator", start=30.05)),
    built("rate too high",
          "poisson_generator: a mean of 1e+08 spikes per step is asked for; it must be between 0 and 1e+06. Use "
          "a lower "
          "rate or a smaller dt.", lambda w: w.net.create("poisson_generator", rate=1e12)),
    built("random values out of bounds",
          ("tau_m of gid ", " (iaf_psc_alpha) is -", " ms; it must be greater than 0 ms. It comes from "
                                                     "Normal(10.0, 20.0)."),
          lambda w: w.net.create("iaf_psc_alpha", 20, tau_m=ps.Normal(10.0, 20.0)), ps.BuildError),
    built("random rate out of bounds",
          ("rate of stimulus ", " (poisson_generator) is -", " Hz; it must be at least 0 Hz. It comes from "
                                                             "Uniform(-2.0, -1.0)."),
          lambda w: w.net.create("poisson_generator", rate=ps.Uniform(-2.0, -1.0)), ps.BuildError),
    built("random states that are infinite",
          ("V_m of gid ", " (iaf_psc_alpha) is inf; a finite number is needed. It comes from LogNormal(800.0, 0.0)."),
          lambda w: w.net.create("iaf_psc_alpha", 2, V_m=ps.LogNormal(800.0, 0.0)), ps.BuildError),
    built("random reset above threshold", ("iaf_psc_alpha: V_reset is -", " and V_th is -55 mV; V_reset must be "
                                                                          "below V_th."),
          lambda w: w.net.create("iaf_psc_alpha", 2, V_reset=ps.Uniform(-50.0, -40.0)), ps.BuildError),
    built("function that gives too few",
          "what the function for tau_m of iaf_psc_alpha returns has shape (3,) for 20 gids; return one number or "
          "20 numbers.", lambda w: w.net.create("iaf_psc_alpha", 20, tau_m=lambda gids: np.ones(3)), ps.BuildError),
    built("function that gives NaN",
          "what the function for V_m of iaf_psc_alpha returns is NaN (first at index 2). Give a number.",
          lambda w: w.net.create("iaf_psc_alpha", 3, V_m=lambda gids: np.where(gids > 15, np.nan, -60.0)),
          ps.BuildError),
    later("set out of bounds", "tau_m of iaf_psc_alpha is 0 ms; it must be greater than 0 ms.",
          lambda w: w.sim.set(w.exc, V_m=-60.0, tau_m=0.0)),
    later("set to NaN", "tau_m of iaf_psc_alpha is NaN (first at index 9). Give a number.",
          lambda w: w.sim.set(w.exc, V_m=-60.0, tau_m=[10.0] * 9 + [np.nan])),
    later("set of a wrong length", "tau_m of iaf_psc_alpha has 2 values; 10 are needed, or one number for all.",
          lambda w: w.sim.set(w.exc, V_m=-60.0, tau_m=[10.0, 20.0])),
    later("set in a wrong unit", 'tau_m of iaf_psc_alpha is "10 mV", a voltage; ms is needed. Write e.g. "20 ms".',
          lambda w: w.sim.set(w.exc, V_m=-60.0, tau_m="10 mV")),
    later("set against what stays",
          "iaf_psc_alpha: V_reset is -50 mV and V_th is -55 mV; V_reset must be below V_th.",
          lambda w: w.sim.set(w.exc + w.inh, V_m=-60.0, V_reset=-50.0), ps.BuildError),
    later("set to random values out of bounds",
          ("tau_m of iaf_psc_alpha is -", " ms; it must be greater than 0 ms."),
          lambda w: w.sim.set(w.exc + w.inh, V_m=-60.0, tau_m=ps.Normal(1.0, 20.0)), ps.BuildError),
    later("set to a function that gives too few",
          ("what the function for tau_m of iaf_psc_alpha returns has shape (3,) for 10 gids; return one number or 10",),
          lambda w: w.sim.set(w.exc, V_m=-60.0, tau_m=lambda gids: np.ones(3)), ps.BuildError),
    later("set of stop before start",
          "poisson_generator: start is 50 ms and stop is 40 ms; stop must not be before start.",
          lambda w: w.sim.set(w.drive, rate=5.0, start=50.0, stop=40.0)),
    later("set of a start off the grid",
          ("poisson_generator: origin + start 30.05 ms is not a multiple of dt = 0.1 ms. Nearest are 30.0 and "
           "30.1 ms",),
          lambda w: w.sim.set(w.drive, rate=5.0, start=30.05)),
    later("set of a rate too high", ("poisson_generator: a mean of 1e+08 spikes per step is asked for",),
          lambda w: w.sim.set(w.drive, start=50.0, rate=1e12)),
]  # fmt: skip

IN_THE_PAST = "which is not in the future (now 20 ms). Give times later than 20 ms."
OFF_GRID = (
    "spike_generator: spike_times[{}] is {} ms, which is not within 0.0005 ms of a step (dt = 0.1 ms). Nearest are "
    "{} and {} ms: use one of them, or allow_offgrid_times=True to round up, or precise_times=True to keep it."
)
TRAINS = [
    created("spike time 0",
            "spike_generator: spike_times[0] is 0 ms, which is not in the future (now 0 ms). Give times later "
            "than 0 ms.",
            "spike_generator", spike_times=[0.0, 1.0]),
    created("negative spike time",
            "spike_generator: spike_times[0] is -1 ms, which is not in the future (now 0 ms). Give times "
            "later than "
            "0 ms.", "spike_generator", spike_times=[-1.0, 1.0]),
    created("spike time before 0 by its origin",
            "spike_generator: spike_times[0] is 5 ms after origin = -10 ms, which is not in the future (now 0 ms). "
            "Give times later than 10 ms.", "spike_generator", spike_times=[5.0], origin=-10.0),
    created("unsorted spike times", "spike_generator: spike_times go back from 2 to 1 ms; sort them.",
            "spike_generator", spike_times=[2.0, 1.0]),
    created("spike weights too few",
            "spike_generator: spike_weights has 2 values for 3 spike_times; give one for each, or none.",
            "spike_generator", spike_times=[1.0, 2.0, 3.0], spike_weights=[1.0, 2.0]),
    created("fraction of a spike",
            "spike_generator: spike_multiplicities has 1.5; whole numbers of at least 0 are needed.",
"spike_generator",
            spike_times=[1.0], spike_multiplicities=[1.5]),
    created("infinite spike time",
            "spike_times of spike_generator is [1.0, inf]; a flat list of finite numbers is needed.",
"spike_generator",
            spike_times=[1.0, np.inf]),
    created("number as spike times",
            "spike_times of spike_generator is 5.0; a list of numbers is needed, or a list of 1 lists.",
            "spike_generator", spike_times=5.0),
    created("trains too few", "spike_times of spike_generator has 2 lists; 3 are needed, or one flat list for all.",
            "spike_generator", 3, spike_times=[[1.0], [2.0, 3.0]]),
    built("spike time off the grid", OFF_GRID.format(1, 1.05, "1.0", 1.1),
          lambda w: w.net.create("spike_generator", spike_times=[1.0, 1.05])),
    later("spike time off the grid after a run", OFF_GRID.format(0, 21.05, "21.0", 21.1),
          lambda w: w.net.create("spike_generator", spike_times=[21.05])),
    later("spike time in the past", f"spike_generator: spike_times[0] is 5 ms, {IN_THE_PAST}",
          lambda w: w.net.create("spike_generator", spike_times=[5.0, 30.0])),
    later("spike time now", f"spike_generator: spike_times[0] is 20 ms, {IN_THE_PAST}",
          lambda w: w.net.create("spike_generator", spike_times=[20.0])),
    later("spike time in the past of one of two", f"spike_generator: spike_times[1][0] is 5 ms, {IN_THE_PAST}",
          lambda w: w.net.create("spike_generator", 2, spike_times=[[21.0], [5.0, 30.0]])),
    later("unsorted spike times after a run", "spike_generator: spike_times go back from 22 to 21 ms; sort them.",
          lambda w: w.net.create("spike_generator", spike_times=[22.0, 21.0])),
    later("set of a spike time in the past", f"spike_generator: spike_times[0] is 5 ms, {IN_THE_PAST}",
          lambda w: w.sim.set(w.spikes, start=1.0, spike_times=[5.0, 30.0])),
    later("set of a spike time now", f"spike_generator: spike_times[0] is 20 ms, {IN_THE_PAST}",
          lambda w: w.sim.set(w.spikes, start=1.0, spike_times=[20.0])),
    later("set of spike times off the grid", OFF_GRID.format(0, 30.05, "30.0", 30.1),
          lambda w: w.sim.set(w.spikes, start=1.0, spike_times=[30.05])),
    later("set of unsorted spike times", "spike_generator: spike_times go back from 31 to 30 ms; sort them.",
          lambda w: w.sim.set(w.spikes, start=1.0, spike_times=[31.0, 30.0])),
    created("spike time between steps of a spike train injector, of one of two",
            "spike_train_injector: spike_times[1][0] is -0.05 ms, which is not in the future (now 0 ms). Give times "
            "later than 0 ms.", "spike_train_injector", 2, spike_times=[[1.0], [-0.05]]),
    later("spike time that is rounded to now",
          ("spike_train_injector: spike_times[0] is 20.0004 ms, which is rounded to 20 ms and so not in the future "
           "(now 20 ms): it would not be sent. Give a later time, or precise_times=True to keep it, or "
           "shift_now_spikes=True",),
          lambda w: w.net.create("spike_train_injector", spike_times=[20.0004])),
    later("flags that would lose a spike",
          ("spike_generator: spike_times[0] is 20.0004 ms, which is rounded to 20 ms and so not in the future",),
          lambda w: w.sim.set(w.exact, precise_times=False),
          before=lambda w: w.__dict__.update(
              exact=w.net.create("spike_generator", spike_times=[20.0004], precise_times=True))),
    later("rates set without their times",
          "inhomogeneous_poisson_generator: rate_times and rate_values belong together; give both, "
          "also if one stays as it was.", lambda w: w.sim.set(w.rates, rate_values=[5.0]),
          before=lambda w: w.__dict__.update(
              rates=w.net.create("inhomogeneous_poisson_generator", rate_times=[30.0], rate_values=[1.0]))),
    later("set of spike weights that do not fit the times",
          "spike_generator: spike_weights has 3 values for 2 spike_times; give one for each, or none.",
          lambda w: w.sim.set(w.spikes, start=1.0, spike_weights=[1.0, 2.0, 3.0])),
]  # fmt: skip

CHOICES = [
    connected("connection to a number",
              "target is 5 (int); a population or a part of one is needed, as Network.create returns it.",
              ps.AllToAll(), target="five"),
    connected("connection from a list",
              ("source is [<exc: 10 iaf_psc_alpha", "(list); a population or a part of one is needed, as "
                                                    "Network.create "
               "returns it. Join populations with +."), ps.AllToAll(), source="both"),
    connected("connection to stimuli",
              "<1 of drive> are stimuli (poisson_generator), which receive nothing. Connect them as sources; "
              "recordings "
              "are made with Network.record and Network.record_spikes.", ps.AllToAll(), target="drive"),
    connected("connection to cells of another network", f"target <10 of exc> {OTHER}", ps.AllToAll(),
              target="strange"),
    connected("connection from cells of another network", f"source <10 of exc> {OTHER}", ps.AllToAll(),
              source="strange"),
    Mistake("current into a parrot", lambda w: w.net.connect(w.dc, w.parrot, ps.AllToAll()),
            "parrot_neuron takes no current, so dc_generator cannot drive it. Drive it with spikes, or another "
            "model.",
            before=lambda w: w.__dict__.update(dc=w.net.create("dc_generator"),
                                               parrot=w.net.create("parrot_neuron"))),
    Mistake("cells and stimuli in one selection", lambda w: w.exc + w.drive,
            "<10 of exc> are cells and <1 of drive> are stimuli; cells and stimuli cannot stand in one selection."),
    Mistake("cells of two networks in one selection", lambda w: w.exc + said().inh,
            "<10 of exc> and <4 of inh> belong to different networks."),
    Mistake("one cell twice", lambda w: w.exc + w.exc[3],
            "gid 3 stands more than once in <11 of exc + exc>; name each member once."),
    Mistake("recording of stimuli", lambda w: w.net.record_spikes(w.drive),
            "<1 of drive> are stimuli, which cannot be recorded; record a parrot_neuron they drive."),
    Mistake("trace of stimuli", lambda w: w.net.record(w.drive, "rate"),
            "<1 of drive> are stimuli, which cannot be recorded; record a parrot_neuron they drive."),
    Mistake("recording of a number", lambda w: w.net.record_spikes(5),
            "cells is 5 (int); a population or a part of one is needed, as Network.create returns it."),
    Mistake("recording of cells of another network", lambda w: w.net.record_spikes(said().exc), f"<10 of exc> "
                                                                                                f"{OTHER}"),
    Mistake("unknown recordable", lambda w: w.net.record(w.exc, "V_mm"),
            "iaf_psc_alpha has no recordable 'V_mm'. Did you mean 'V_m' (membrane potential, mV)? It has: I_syn_ex, "
            "I_syn_in, V_m."),
    Mistake("recordable of Brian", lambda w: w.net.record(w.exc, "v"),
            "iaf_psc_alpha has no recordable 'v'. Did you mean 'V_m' (membrane potential, mV)? It has: I_syn_ex, "
            "I_syn_in, V_m."),
    Mistake("parameter as a recordable", lambda w: w.net.record(w.exc, "tau_m"),
            "iaf_psc_alpha has no recordable 'tau_m'. It is a parameter: read it with Simulation.get. It has: "
            "I_syn_ex, "
            "I_syn_in, V_m."),
    Mistake("spikes as a recordable", lambda w: w.net.record(w.exc, "spikes"),
            "iaf_psc_alpha has no recordable 'spikes'. Spikes are recorded with Network.record_spikes. It has: "
            "I_syn_ex, "
            "I_syn_in, V_m."),
    Mistake("two recordables", lambda w: w.net.record(w.exc, ["V_m", "I_syn_ex"]),
            "the variable to record is ['V_m', 'I_syn_ex']; one name is needed. Call record once for each."),
    Mistake("interval zero", lambda w: w.net.record(w.exc, "V_m", interval=0.0),
            "interval is 0 ms; a positive multiple of dt is needed."),
    Mistake("interval NaN", lambda w: w.net.record(w.exc, "V_m", interval=np.nan), "interval is NaN. Give a number."),
    Mistake("interval that is a list", lambda w: w.net.record(w.exc, "V_m", interval=[1.0, 2.0]),
            "interval is [1.0, 2.0]; one number in ms is needed."),
    built("interval off the grid",
          "interval 0.25 ms is not a multiple of dt = 0.1 ms. Nearest are 0.2 and 0.3 ms; use one of them or "
          "another dt.",
          lambda w: w.net.record(w.exc, "V_m", interval=0.25)),
    built("interval below a step", "interval 0.05 ms is less than one step (dt = 0.1 ms). Use a multiple of 0.1 ms.",
          lambda w: w.net.record(w.exc, "V_m", interval=0.05)),
    later("interval off the grid after a run",
          "interval 0.25 ms is not a multiple of dt = 0.1 ms. Nearest are 0.2 and 0.3 ms; use one of them or "
          "another dt.",
          lambda w: w.net.record(w.exc, "V_m", interval=0.25)),
    Mistake("one file for two recordings", lambda w: w.net.record(w.exc, "V_m", to=os.path.join(w.folder, "a.h5")),
            "FOLDER/a.h5 is written by another recording; give each a file of its own.",
            before=lambda w: w.net.record_spikes(w.exc, to=os.path.join(w.folder, "a.h5"))),
    Mistake("file in no folder", lambda w: w.net.record_spikes(w.exc, to=os.path.join(w.folder, "no", "a.h5")),
            "the folder FOLDER/no does not exist; make it first."),
    Mistake("folder as a file", lambda w: w.net.record_spikes(w.exc, to=w.folder),
            "FOLDER is a folder; give the path of a file in it."),
    Mistake("number as a file", lambda w: w.net.record_spikes(w.exc, to=5), "to is 5; the path of a file is needed."),
    later("get of a number of cells",
          "cells is 0 (int); a population or a part of one is needed, as Network.create returns it.",
          lambda w: w.sim.get(0, "V_m")),
    later("get from another network",
          "<10 of exc> belongs to another network. Use what create of sim.network has returned.",
          lambda w: w.sim.get(said().exc, "V_m")),
    later("set in another network",
          "<10 of exc> belongs to another network. Use what create of sim.network has returned.",
          lambda w: w.sim.set(said().exc, V_m=-60.0)),
    later("connections to stimuli", "<1 of drive> are stimuli, which are no targets. Give them as the source.",
          lambda w: w.sim.connections(w.exc, w.drive)),
]  # fmt: skip

CONNECTIONS = [
    connected("class of a rule", "the rule is the class AllToAll; call it: AllToAll(...).", ps.AllToAll),
    connected("name of a rule",
              f"the rule is 'fixed_indegre', which is no rule. Did you mean FixedIndegree(...)? {RULES}",
                                                                                          "fixed_indegre"),
    connected("dictionary as a rule", f"the rule is {{'rule': 'all_to_all'}}, which is no rule. {RULES}",
              {"rule": "all_to_all"}),
    connected("synapse as a rule",
              "the rule is static_synapse(weight=1.0), a synapse. Write connect(source, target, rule, synapse).",
              syn(weight=1.0)),
    connected("name of a synapse",
              "the synapse is 'static_synapse', which is none. Give one such as static_synapse(weight=20.0, "
              "delay=1.5).",
              ps.AllToAll(), "static_synapse"),
    connected("weight as a synapse",
              "the synapse is 20.0, which is none. Give one such as static_synapse(weight=20.0, delay=1.5).",
              ps.AllToAll(), 20.0),
    connected("pairs of unequal sizes",
              "OneToOne joins 10 sources to 4 targets; it needs as many of one as of the other. Use AllToAll() "
              "or slice "
              "the populations.", ps.OneToOne()),
    connected("symmetric between different cells",
              "SymmetricPairwiseBernoulli needs the same cells as sources and as targets; these are <4 of exc> and "
              "<4 of inh>. Use PairwiseBernoulli.", ps.SymmetricPairwiseBernoulli(0.1), source="four"),
    connected("indegree above the population",
              "indegree is 11, but there are only 10 sources and allow_multapses is False. Use at most 10, or "
              "allow_multapses=True.", ps.FixedIndegree(11, allow_multapses=False)),
    connected("indegree above the population without the cell itself",
              "indegree is 10, but there are only 9 sources that are not the cell itself and allow_multapses is "
              "False. "
              "Use at most 9, or allow_multapses=True.",
              ps.FixedIndegree(10, allow_autapses=False, allow_multapses=False), target="exc"),
    connected("indegree with the cell itself alone",
              "FixedIndegree(indegree=1) has only the cell itself to draw from. Use allow_autapses=True or more "
              "cells.",
              ps.FixedIndegree(1, allow_autapses=False), source="one", target="one"),
    connected("indegree from nobody", "FixedIndegree(indegree=1) has no sources to draw from: the selection is "
                                      "empty.",
              ps.FixedIndegree(1), source="none"),
    connected("outdegree above the population",
              "outdegree is 5, but there are only 4 targets and allow_multapses is False. Use at most 4, or "
              "allow_multapses=True.", ps.FixedOutdegree(5, allow_multapses=False)),
    connected("more connections than pairs",
              "n is 41, but there are only 40 pairs and allow_multapses is False. Use at most 40, or "
              "allow_multapses=True.", ps.FixedTotalNumber(41, allow_multapses=False)),
    made("negative indegree", "indegree is -1; it must be at least 0.", lambda: ps.FixedIndegree(-1)),
    made("fractional indegree", "indegree is 2.5; a whole number of at least 0 is needed.",
         lambda: ps.FixedIndegree(2.5)),
    made("negative outdegree", "outdegree is -1; it must be at least 0.", lambda: ps.FixedOutdegree(-1)),
    made("negative number of connections", "n is -1; it must be at least 0.", lambda: ps.FixedTotalNumber(-1)),
    made("probability above 1", "p is 1.5; a probability from 0 to 1 is needed.", lambda: ps.PairwiseBernoulli(1.5)),
    made("probability NaN", "p is nan; a probability from 0 to 1 is needed.", lambda: ps.PairwiseBernoulli(np.nan)),
    made("probability as text", "p is '0.1'; a probability from 0 to 1 is needed.",
         lambda: ps.SymmetricPairwiseBernoulli("0.1")),
    made("negative mean", "mean is -1; a number of at least 0 is needed.", lambda: ps.PairwisePoisson(-1)),
    connected("place of a source that is none",
              "sources[1] of Lists is 10; there are 10 sources, so positions from 0 to 9 are allowed (positions "
              "in the "
              "selection, not gids).", ps.Lists([0, 10], [0, 1])),
    connected("place of a target that is none",
              "targets[1] of Lists is -1; there are 4 targets, so positions from 0 to 3 are allowed (positions "
              "in the "
              "selection, not gids).", ps.Lists([0, 1], [0, -1])),
    connected("matrix larger than the population",
              ("sources[1] of Lists is 12; there are 10 sources", "positions from 0 to 9 are allowed"),
              ps.Lists(Matrix([0, 12], [0, 1], [1.0, 1.0]))),
    made("lists of unequal length",
         "Lists has sources of shape (1,) and targets of shape (2,); give two flat arrays of the same length.",
         lambda: ps.Lists([0], [0, 1])),
    made("fractional place", "sources of Lists is [0.5]; whole numbers are needed.", lambda: ps.Lists([0.5], [0])),
    made("list without targets", "Lists needs sources and targets, or a sparse matrix [source, target].",
         lambda: ps.Lists([0, 1])),
    made("NaN in a matrix", "weight of Lists is NaN (first at index 0). Give a number.",
         lambda: ps.Lists(Matrix([0], [0], [np.nan]))),
    connected("weight given twice",
              "weight is given twice: by the sparse matrix of Lists and by the synapse. Leave the synapse's out.",
              ps.Lists(Matrix([0], [0], [1.0])), syn(weight=2.0)),
    connected("weight NaN", "weight is NaN. Give a number.", ps.AllToAll(), syn(weight=np.nan)),
    connected("weight NaN in an array", "weight is NaN (first at index 12). Give a number.", ps.AllToAll(),
              syn(weight=np.where(np.arange(40) == 12, np.nan, 1.0).reshape(4, 10))),
    connected("weight infinite", "weight of static_synapse is inf; a finite number is needed.", ps.AllToAll(),
              syn(weight=np.inf)),
    connected("weight in a wrong unit", 'weight is "20 mV", a voltage; pA is needed. Write e.g. "100 pA".',
              ps.AllToAll(), syn(weight="20 mV")),
    connected("weight as text", 'weight is "a lot", which is not a number with a unit. Write e.g. "100 pA".',
              ps.AllToAll(), syn(weight="a lot")),
    Mistake("weight with a unit to models of two units",
            lambda w: w.net.connect(w.exc, w.exc + w.delta, ps.AllToAll(), syn(weight="20 pA")),
            "weight is 20 pA, but the targets take weights in pA and mV. Connect to one model at a time.",
            before=lambda w: w.__dict__.update(delta=w.net.create("iaf_psc_delta"))),
    connected("weights as [source, target]",
              "weight has shape (10, 4); AllToAll(allow_autapses=True) needs one number or an array of shape "
              "(4, 10).",
              ps.AllToAll(), syn(weight=np.ones((10, 4)))),
    connected("weights too few for an indegree",
              "weight has shape (3,); FixedIndegree(indegree=3, allow_autapses=True, allow_multapses=True) needs one "
              "number or an array of shape (4, 3).", ps.FixedIndegree(3), syn(weight=np.ones(3))),
    connected("weights for a rule that takes none",
              "weight is an array of shape (4,), but PairwiseBernoulli does not say how many connections there "
              "will be. "
              "Give a number, a distribution or a function of (source gids, target gids).", ps.PairwiseBernoulli(0.1),
              syn(weight=np.ones(4))),
    connected("weights in ragged lists", "weight is [[1], [1, 2]], whose lists differ in length.",
              ps.FixedIndegree(2),
              syn(weight=[[1], [1, 2]])),
    connected("weights by a function of one argument",
              "the function for weight cannot be called as f(source gids, target gids): too many positional "
              "arguments.",
              ps.AllToAll(), syn(weight=lambda gids: gids)),
    built("weights by a function that gives too few",
          "what the function for weight of <10 of exc> -> <4 of inh> returns has shape (3,) for 40 connections; "
          "return "
          "one number or 40 numbers.",
          lambda w: w.net.connect(w.exc, w.inh, ps.AllToAll(), syn(weight=lambda s, t: np.ones(3))), ps.BuildError),
    built("weights by a function that gives NaN",
          "what the function for weight of <10 of exc> -> <4 of inh> returns is NaN (first at index 0). Give a "
          "number.",
          lambda w: w.net.connect(w.exc, w.inh, ps.AllToAll(), syn(weight=lambda s, t: s * np.nan)), ps.BuildError),
]  # fmt: skip

TOO_SHORT = (
    "delay {} ms of <{} of exc> -> <4 of inh> is less than one step (dt = 0.1 ms). Use a delay of at least 0.1 "
    "ms or a "
    "smaller dt."
)
BETWEEN = (
    "delay of <{} of exc> -> <4 of inh>: 1.05 ms is not a multiple of dt = 0.1 ms. Nearest are 1.0 and 1.1 ms; "
    "use one "
    "of them or another dt."
)
DELAYS = [
    connected("delay negative", "delay of static_synapse is -1 ms; it must be greater than 0 ms.", ps.AllToAll(),
              syn(delay=-1.0)),
    connected("delay zero", "delay of static_synapse is 0 ms; it must be greater than 0 ms.", ps.AllToAll(),
              syn(delay=0.0)),
    connected("delay negative in an array", "delay[2] of static_synapse is -1 ms; it must be greater than 0 ms.",
              ps.OneToOne(), syn(delay=[1.0, 1.0, -1.0, 1.0]), source="four"),
    connected("delay NaN", "delay is NaN. Give a number.", ps.AllToAll(), syn(delay=np.nan)),
    connected("delay infinite", "delay of static_synapse is inf; a finite number is needed.", ps.AllToAll(),
              syn(delay=np.inf)),
    connected("delay in a wrong unit", 'delay is "1 mV", a voltage; ms is needed. Write e.g. "20 ms".', ps.AllToAll(),
              syn(delay="1 mV")),
    built("delay below a step", TOO_SHORT.format(0.01, 10),
          lambda w: w.net.connect(w.exc, w.inh, ps.AllToAll(), syn(delay=0.01))),
    built("delay off the grid", BETWEEN.format(10),
          lambda w: w.net.connect(w.exc, w.inh, ps.AllToAll(), syn(delay=1.05))),
    built("delay below a step in an array", TOO_SHORT.format(0.05, 4),
          lambda w: w.net.connect(w.four, w.inh, ps.OneToOne(), syn(delay=[1.0, 0.05, 1.0, 1.0]))),
    built("delay off the grid in an array", BETWEEN.format(4),
          lambda w: w.net.connect(w.four, w.inh, ps.OneToOne(), syn(delay=[1.0, 1.05, 1.0, 1.0]))),
    built("random delay below a step",
          ("delay ", " ms of <10 of exc> -> <4 of inh> is less than one step (dt = 0.1 ms). Use delays of at least"),
          lambda w: w.net.connect(w.exc, w.inh, ps.AllToAll(), syn(delay=ps.Normal(0.1, 1.0))), ps.BuildError),
    built("delay of a stimulus off the grid",
          ("delay of <1 of drive> -> <4 of inh>: 1.05 ms is not a multiple of dt = 0.1 ms.",),
          lambda w: w.net.connect(w.drive, w.inh, ps.AllToAll(), syn(delay=1.05))),
    later("delay below a step after a run", TOO_SHORT.format(0.01, 10),
          lambda w: w.net.connect(w.exc, w.inh, ps.AllToAll(), syn(delay=0.01))),
    later("delay off the grid after a run", BETWEEN.format(10),
          lambda w: w.net.connect(w.exc, w.inh, ps.AllToAll(), syn(delay=1.05))),
    later("delay off the grid in an array after a run", BETWEEN.format(4),
          lambda w: w.net.connect(w.four, w.inh, ps.OneToOne(), syn(delay=[1.0, 1.05, 1.0, 1.0]))),
]  # fmt: skip

TIME = [
    made("seed too large", "seed is 4294967296; it must be less than 2^32 = 4294967296.",
         lambda: ps.Network(seed=2**32)),
    made("seed negative", "seed is -1; it must be at least 0.", lambda: ps.Network(seed=-1)),
    made("seed fractional", "seed is 1.5; a whole number of at least 0 is needed.", lambda: ps.Network(seed=1.5)),
    made("simulation of a number", "the network is 5; a parsim Network is needed.", lambda: ps.Simulation(5)),
    Mistake("simulation of cells", lambda w: ps.Simulation(w.exc), ("the network is <exc: 10", "a parsim "
                                                                                               "Network is needed.")),
    Mistake("dt zero", lambda w: ps.Simulation(w.net, dt=0.0), "dt is 0.0 ms; it must be a positive number."),
    Mistake("dt negative", lambda w: ps.Simulation(w.net, dt=-0.1), "dt is -0.1 ms; it must be a positive number."),
    Mistake("dt NaN", lambda w: ps.Simulation(w.net, dt=np.nan), "dt is NaN. Give a number."),
    Mistake("dt in a wrong unit", lambda w: ps.Simulation(w.net, dt="0.1 mV"),
            'dt is "0.1 mV", a voltage; ms is needed. Write e.g. "20 ms".'),
    Mistake("dt that is no fraction", lambda w: ps.Simulation(w.net, dt=np.pi),
            "dt is 3.141592653589793 ms, which is not a fraction with a denominator of at most 10^6. Use a step "
            "such as "
            "0.1, 0.025 or 1/64 ms."),
    Mistake("no threads", lambda w: ps.Simulation(w.net, threads=0), "threads is 0; it must be at least 1."),
    Mistake("half a thread", lambda w: ps.Simulation(w.net, threads=1.5),
            "threads is 1.5; a whole number of at least 1 is needed."),
    later("dt assigned",
          "dt cannot be changed to 0.2 ms: it is 0.1 ms since the simulation was made. Make a new "
          "Simulation(network, "
          "dt=...), which starts from the beginning.", lambda w: setattr(w.sim, "dt", 0.2)),
    later("another dt that the delays do not fit",
          ("delay of <10 of exc> -> <4 of inh>: 1.5 ms is not a multiple of dt = 0.2 ms. Nearest are 1.4 and "
           "1.6 ms",),
          lambda w: ps.Simulation(w.net, dt=0.2)),
    later("run of a fraction of a step",
          "duration 10.03 ms is not a multiple of dt = 0.1 ms. Nearest are 10.0 and 10.1 ms; use one of them or "
          "another "
          "dt.", lambda w: w.sim.run(10.03)),
    later("run of a negative time", "duration is -1 ms; a multiple of dt of at least 0 is needed.",
          lambda w: w.sim.run(-1.0)),
    later("run of NaN", "duration is NaN. Give a number.", lambda w: w.sim.run(np.nan)),
    later("run for ever", "duration is inf ms; a multiple of dt of at least 0 is needed.",
          lambda w: w.sim.run(np.inf)),
    later("run of more steps than can be counted",
          "duration 1e+300 ms cannot be counted in steps of dt = 0.1 ms. Give a time below 9.0072e+14 ms.",
          lambda w: w.sim.run(1e300)),
    later("run of nothing", "duration is None; one number in ms is needed.", lambda w: w.sim.run(None)),
    later("run of a distribution", "duration is Uniform(low=1.0, high=2.0); one number in ms is needed.",
          lambda w: w.sim.run(ps.Uniform(1.0, 2.0))),
    later("run of an older simulation", NEWER, lambda w: w.old.run(1.0),
          before=lambda w: w.__dict__.update(old=w.sim, sim=ps.Simulation(w.net))),
    later("set of an older simulation", NEWER, lambda w: w.old.set(w.exc, V_m=-60.0),
          before=lambda w: w.__dict__.update(old=w.sim, sim=ps.Simulation(w.net))),
    later("get of an older simulation", NEWER, lambda w: w.old.get(w.exc, "V_m"),
          before=lambda w: w.__dict__.update(old=w.sim, sim=ps.Simulation(w.net))),
]  # fmt: skip


def with_event_driven(w: SimpleNamespace) -> None:
    w.fire = w.net.create("IntFire1", 2, name="fire")


class Open(NamedTuple):
    open: ps.Floats


@kernel
def open_for_good(s, p, c, e, q):
    c.open[e.row] = 1.0


def with_connection_states(w: SimpleNamespace) -> None:
    with_event_driven(w)
    opening = ps.EventModel(
        "opening", params=(ps.Param("a", 1.0),), state=Open, recordables=(), connection=Open,
        prepare=lambda p: Open(p.a), receive=open_for_good,
    )  # fmt: skip
    w.opening, w.spikes = w.net.create(opening, 2), w.net.create("spike_generator", spike_times=[1.0])


def sub_step(w: SimpleNamespace) -> None:
    with_event_driven(w)
    w.net.connect(w.exc[:2], w.fire, ps.OneToOne(), syn(delay=0.05))


EVENT_DRIVEN = [
    Mistake("negative delay between event-driven cells",
            lambda w: w.net.connect(w.fire, w.fire, ps.OneToOne(), syn(delay=-1.0)),
            "delay of static_synapse is -1 ms; it must be at least 0 ms.", before=with_event_driven),
    Mistake("current onto event-driven cells",
            lambda w: w.net.connect(w.dc, w.fire, ps.AllToAll(), syn(delay=1.0)),
            "IntFire1 takes no current, so dc_generator cannot drive it. Drive it with spikes, or another model.",
            before=lambda w: (with_event_driven(w), w.__dict__.update(dc=w.net.create("dc_generator")))),
    Mistake("stimulus onto cells whose connections have a state",
            lambda w: w.net.connect(w.spikes, w.fire + w.opening, ps.AllToAll()),
            "connections onto opening have a state, but spike_generator sends over none. Drive a parrot_neuron_ps with "
            "it and connect that, or use NetStim or VecStim.", before=with_connection_states),
    Mistake("unknown trace", lambda w: w.net.record(w.fire, "V_m", interval=1.0),
            "IntFire1 has no recordable 'V_m'. It has: M, m.", before=with_event_driven),
    built("delay below a step from clocked onto event-driven cells",
          "delay 0.05 ms of <2 of exc> -> <2 of fire> is less than one step (dt = 0.1 ms); only event-driven cells "
          "reach each other within a step. Use a delay of at least 0.1 ms or a smaller dt.", sub_step, ps.BuildError),
    created("time constants of IntFire2",
            "IntFire2: taum < taus does not hold: taum = 20 ms, taus = 20 ms. The synaptic current must decay more "
            "slowly than the membrane; make taus greater or taum smaller.", "IntFire2", taum=20.0, taus=20.0),
    created("time constants of IntFire3", ("IntFire3: taue < taui does not hold: taue = 12 ms, taui = 10 ms.",),
            "IntFire3", taue=12.0),
    created("time constants of IntFire4", ("IntFire4: taue < taui2 does not hold: taue = 30 ms, taui2 = 20 ms.",),
            "IntFire4", taue=30.0),
]  # fmt: skip

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


def assert_says(error: Exception, text: str | tuple[str, ...]) -> None:
    """The whole text, or its start and phrases; and no second exception to be read before it."""
    if isinstance(text, str):
        assert str(error) == text
    else:
        assert str(error).startswith(text[0])
        for phrase in text[1:]:
            assert phrase in str(error)
    assert "".join(traceback.format_exception(error)).count("Traceback (most recent call last)") == 1


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


# ---- a simulation that cannot be built ------------------------------------------------------------


def bad_values(net: ps.Network) -> ps.Population:
    return net.create("iaf_psc_alpha", 30, tau_m=ps.Normal(10.0, 20.0))


def bad_function(net: ps.Network) -> ps.Population:
    return net.create("iaf_psc_alpha", 30, tau_m=lambda gids: np.ones(max(gids.size, 2) + 1))


def bad_delays(net: ps.Network) -> ps.Population:
    cells = net.create("iaf_psc_alpha", 30)
    net.connect(cells, cells, ps.FixedIndegree(5), syn(delay=ps.Normal(0.1, 1.0)))
    return cells


BAD = [
    (bad_values, r"tau_m of gid \d+ \(iaf_psc_alpha\) is -\S+ ms; it must be greater than 0 ms"),
    (bad_function, r"the function for tau_m of iaf_psc_alpha returns has shape \(\d+,\) for \d+ gids"),
    (bad_delays, r"delay \S+ ms of <30 of iaf_psc_alpha> -> <30 of iaf_psc_alpha> is less than one step"),
]


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize(("say", "text"), BAD, ids=["values", "function", "delays"])
def test_what_cannot_be_held_is_one_build_error_on_any_number_of_ranks(say, text, threads) -> None:
    net = ps.Network(seed=3)
    say(net)
    with pytest.raises(ps.BuildError, match=text):
        ps.Simulation(net, threads=threads)


def test_a_bad_value_on_one_rank_alone_ends_all() -> None:
    net = ps.Network()
    net.create("iaf_psc_alpha", 3, tau_m=lambda gids: np.where(gids == 1, -1.0, 10.0))
    with pytest.raises(ps.BuildError, match=r"tau_m of gid 1 \(iaf_psc_alpha\) is -1 ms"):
        ps.Simulation(net, threads=3)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_a_set_that_fails_on_one_rank_changes_nothing_on_any(threads: int) -> None:
    net = ps.Network()
    cells = net.create("iaf_psc_alpha", 7)
    sim = ps.Simulation(net, threads=threads)
    with pytest.raises(ps.BuildError, match=r"tau_m of iaf_psc_alpha is -1 ms"):
        sim.set(cells, V_m=-60.0, tau_m=lambda gids: np.where(gids == 4, -1.0, 20.0))
    assert sim.get(cells, "V_m").tolist() == [-70.0] * 7
    assert sim.get(cells, "tau_m").tolist() == [10.0] * 7
    sim.run(1.0)


def test_a_simulation_that_cannot_be_built_leaves_the_one_before_it_alone() -> None:
    world = ran()
    voltage = world.net.record(world.exc[:2], "V_m", interval=1.0)
    world.sim.run(5.0)
    bad_values(world.net)
    with pytest.raises(ps.BuildError):
        ps.Simulation(world.net)
    assert voltage.times.tolist() == [21.0, 22.0, 23.0, 24.0, 25.0]
    assert voltage.values.shape == (5, 2)


def test_what_was_said_after_a_run_and_cannot_be_held_ends_the_simulation() -> None:
    world = ran()
    bad_values(world.net)
    with pytest.raises(ps.BuildError, match="tau_m of gid"):
        world.sim.run(1.0)
    for go_on in (lambda: world.sim.run(1.0), lambda: world.sim.get(world.exc, "V_m")):
        with pytest.raises(ps.SimulationError) as caught:
            go_on()
        assert_says(
            caught.value, ("this simulation cannot go on, because it has failed before: tau_m of gid ",)
        )


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_cells_that_are_held_cannot_be_joined_by_a_delay_below_a_step(threads: int) -> None:
    net = ps.Network()
    fire = net.create("IntFire1", 2)
    sim = ps.Simulation(net, dt=0.1, threads=threads)
    sim.run(0.5)
    net.connect(fire[:1], fire[1:], ps.OneToOne(), syn(delay=0.05))
    with pytest.raises(ps.BuildError) as caught:
        sim.run(1.0)
    text = (
        "cells 0 and 1, which are held already, would be joined by delays of less than one step. Connect them before "
        "the simulation is made, or use delays of at least dt."
    )
    assert text in str(caught.value)


def test_more_connections_than_events_can_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parsim.engine.shard.MOST_ROWS", 8)
    net = ps.Network()
    fire = net.create("IntFire1", 3)
    net.connect(fire, fire, ps.AllToAll(), syn(delay=1.0))
    with pytest.raises(ps.BuildError, match=r"hold 9 connections onto IntFire1 cells; it can hold 8\. Use"):
        ps.Simulation(net)
    monkeypatch.setattr("parsim.engine.shard.MOST_ROWS", 9)
    ps.Simulation(net)


@pytest.mark.parametrize("threads", [1, 3])
def test_a_loop_without_delay_that_never_ends_is_an_error_that_names_its_cells(threads: int) -> None:
    net = ps.Network()
    fire = net.create("IntFire1", 3, refrac=0.0)
    begin = net.create("VecStim", 1, spike_times=[[2.0]])
    net.connect(begin, fire[:1], ps.OneToOne(), syn(weight=1.1, delay=1.0))
    net.connect(fire, fire, ps.Lists([0, 1, 2], [1, 2, 0]), syn(weight=1.1, delay=0.0))
    sim = ps.Simulation(net, dt=0.1, threads=threads)
    with pytest.raises(ps.SimulationError) as caught:
        sim.run(5.0)
    text = "Look for a loop of connections without delay among gids 0, 1, 2, and give one of them a delay."
    assert text in str(caught.value) and "at t = 3 ms" in str(caught.value)
    refuses_to_go_on(sim, text)


# ---- while the network moves ----------------------------------------------------------------------


class MovingState(NamedTuple):
    x: ps.Floats


class Moving(NamedTuple):
    burst: ps.Floats
    growth: ps.Floats


@ps.kernel
def move(s, p, inputs, span, out):  # type: ignore[no-untyped-def]
    for k in range(span.first, span.stop):
        for i in range(span.begin, span.end):
            s.x[i] = s.x[i] * p.growth[i]
            for _ in range(int(p.burst[i])):
                ps.emit(out, i, k + 1)


moving = ps.CellModel(
    "moving",
    params=(
        ps.Param("burst", 0.0, text="spikes in each step"),
        ps.Param("growth", 1.0, text="of x in each step"),
    ),
    state=MovingState,
    recordables=(ps.Variable("x", initial=1.0),),
    prepare=lambda p, clock: Moving(p.burst, p.growth),
    advance=move,
)


# Without the compiler numpy warns of such numbers before the check finds them.
overflowing = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def refuses_to_go_on(sim: ps.Simulation, reason: str) -> None:
    with pytest.raises(ps.SimulationError) as caught:
        sim.run(1.0)
    assert str(caught.value).startswith("this simulation cannot go on, because it has failed before: ")
    assert reason in str(caught.value)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_an_outbox_that_overflows_names_the_cell_the_time_and_the_rank(threads: int) -> None:
    net = ps.Network()
    net.create(moving, 8, burst=[0.0, 0.0, 0.0, 0.0, 0.0, 7_000.0, 0.0, 0.0])
    sim = ps.Simulation(net, dt=0.1, threads=threads)
    with pytest.raises(ps.SimulationError) as caught:
        sim.run(5.0)
    text = (
        "moving emitted more spikes in one interval than the outbox holds (65536): first lost was one of gid 5 at "
        f"t = 1 ms on rank {5 % threads}. Lower the rate of what drives it, or shorten the smallest delay."
    )
    assert str(caught.value).endswith(text)
    if threads == 1:
        assert_says(caught.value, text)
    refuses_to_go_on(sim, text)


@overflowing
@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("growth", [1e200, -1e200])
def test_a_state_that_is_not_finite_names_the_cell_the_time_and_the_rank(growth: float, threads: int) -> None:
    net = ps.Network()
    net.create(moving, 8, growth=lambda gids: np.where(gids == 4, growth, 1.0))
    sim = ps.Simulation(net, dt=0.1, threads=threads)
    sim.run(0.1)
    with pytest.raises(ps.SimulationError) as caught:
        sim.run(5.0)
    text = (
        f"between t = 0 and 1 ms on rank {4 % threads}. Look for weights or parameters that are too large, or use a "
        "smaller dt."
    )
    assert "x of gid 4 (moving) became inf " in str(caught.value)
    assert str(caught.value).endswith(text)
    refuses_to_go_on(sim, text)


@overflowing
def test_an_enormous_weight_is_found_in_the_states() -> None:
    net = ps.Network()
    cells = net.create("iaf_psc_alpha", 3)
    source = net.create("spike_generator", spike_times=[1.0, 1.1, 1.2])
    net.connect(source, cells[1], ps.AllToAll(), syn(weight=1e308, delay=1.0))
    sim = ps.Simulation(net, dt=0.1)
    with pytest.raises(ps.SimulationError) as caught:
        sim.run(10.0)
    text = (
        "I_syn_ex of gid 1 (iaf_psc_alpha) became inf between t = 2 and 3 ms on rank 0. Look for weights or "
        "parameters that "
        "are too large, or use a smaller dt."
    )
    assert_says(caught.value, text)
    refuses_to_go_on(sim, text)


def test_too_many_spikes_for_an_outbox_are_found_in_built_in_models() -> None:
    net = ps.Network()
    parrot = net.create("parrot_neuron")
    source = net.create("spike_generator", spike_times=[1.0], spike_multiplicities=[70_000])
    net.connect(source, parrot, ps.AllToAll(), syn(delay=1.0))
    sim = ps.Simulation(net, dt=0.1)
    with pytest.raises(ps.SimulationError) as caught:
        sim.run(5.0)
    assert_says(
        caught.value,
        (
            "parrot_neuron emitted more spikes in one interval than the outbox holds (65536): first lost was one of "
            "gid 0 at t = 2 ms on rank 0.",
        ),
    )


@overflowing
def test_what_was_recorded_before_a_failure_is_kept() -> None:
    net = ps.Network()
    cells = net.create(moving, 1, growth=1e200)
    x = net.record(cells, "x", interval=0.1)
    sim = ps.Simulation(net, dt=0.1)
    sim.run(0.1)
    with pytest.raises(ps.SimulationError):
        sim.run(5.0)
    assert x.values.tolist() == [[1e200]]

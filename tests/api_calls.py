"""Calls of the public API that are right as they stand, for `api_fuzz` to make wrong."""

import contextlib
import io
import os
import random
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, NamedTuple

import parsim as ps
from parsim.cli.main import main
from tests.odd_things import State


class Call(NamedTuple):
    """A call that is right as it stands: `act(world, *arguments)`; one or two of its arguments are made odd."""

    name: str
    act: Callable[..., Any]
    arguments: tuple[Callable[[SimpleNamespace], Any], ...]


def call(name: str, act: Callable[..., Any], *arguments: Any) -> Call:
    """Arguments are given as they are, or as functions of the world where they must be of it."""
    return Call(
        name,
        act,
        tuple(a if callable(a) and getattr(a, "of_world", False) else (lambda w, a=a: a) for a in arguments),
    )


def of(f: Callable[[SimpleNamespace], Any]) -> Callable[[SimpleNamespace], Any]:
    """Mark an argument that belongs to the world."""
    f.of_world = True  # type: ignore[attr-defined]
    return f


CELLS, NOISE, GAP, EVENTS = (of(lambda w, n=n: getattr(w, n)) for n in ("cells", "noise", "gap", "events"))
NEW_FILE = of(lambda w: os.path.join(w.folder, f"file{random.getrandbits(40)}.h5"))


def creating(model: str, *names: str) -> Call:
    """`create` of a model, with values for these names."""
    return call(
        f"create({model}, {', '.join(names)})",
        lambda w, m, n, *values: w.net.create(m, n, **dict(zip(names, values, strict=True))),
        model,
        2,
        *({"spike_times": [1.0, 2.0]}.get(name, 1.0) for name in names),
    )


def idle(*given: Any) -> None:
    """A function that does nothing."""


CALLS = [
    call("Network", lambda w, seed: ps.Network(seed=seed), 1),
    call("create", lambda w, m, n, name: w.net.create(m, n, name=name), "iaf_psc_exp", 2, "some"),
    creating("iaf_psc_exp", "V_m", "tau_m"),
    creating("iaf_psc_exp", "t_ref", "I_e"),
    creating("iaf_psc_delta", "refractory_input"),
    creating("poisson_generator", "rate", "start", "stop"),
    creating("spike_generator", "spike_times", "precise_times"),
    creating("VecStim", "spike_times"),
    creating("NetStim", "start", "interval", "number"),
    creating("noise_generator", "std", "dt"),
    creating("spike_train_injector", "spike_times"),
    creating("IntFire2", "taum"),
    creating("izhikevich", "V_m", "a"),
    call(
        "connect",
        lambda w, a, b, rule, s: w.net.connect(a, b, rule, s),
        CELLS,
        CELLS,
        ps.OneToOne(),
        ps.static_synapse(),
    ),
    call(
        "connect noise",
        lambda w, a, b, rule, s: w.net.connect(a, b, rule, s),
        NOISE,
        CELLS,
        ps.AllToAll(),
        ps.static_synapse(),
    ),
    call(
        "connect events",
        lambda w, a, b, wt, d: w.net.connect(a, b, ps.OneToOne(), ps.static_synapse(weight=wt, delay=d)),
        EVENTS,
        EVENTS,
        1.0,
        1.0,
    ),
    call(
        "connect weight",
        lambda w, wt, d: w.net.connect(
            w.cells, w.cells, ps.AllToAll(), ps.static_synapse(weight=wt, delay=d)
        ),
        1.0,
        1.5,
    ),
    call(
        "connect pairs",
        lambda w, wt, d: w.net.connect(
            w.cells, w.cells, ps.PairwiseBernoulli(0.5), ps.static_synapse(weight=wt, delay=d)
        ),
        1.0,
        1.5,
    ),
    call(
        "couple",
        lambda w, a, b, rule, wt, j: w.net.couple(a, b, rule, wt, junction=j),
        GAP,
        GAP,
        ps.AllToAll(),
        1.0,
        None,
    ),
    call("couple delay", lambda w, d: w.net.couple(w.gap, w.gap, ps.AllToAll(), delay=d), None),
    call(
        "record_spikes", lambda w, c, to, e: w.net.record_spikes(c, to=to, everywhere=e), CELLS, None, False
    ),
    call("record_spikes to", lambda w, c, to: w.net.record_spikes(c, to=to), CELLS, NEW_FILE),
    call(
        "record", lambda w, c, v, i, e: w.net.record(c, v, interval=i, everywhere=e), CELLS, "V_m", 1.0, False
    ),
    call("OneToOne", lambda w, a: ps.OneToOne(a), True),
    call("AllToAll", lambda w, a: ps.AllToAll(a), True),
    call("FixedIndegree", lambda w, *a: ps.FixedIndegree(*a), 2, True, True),
    call("FixedOutdegree", lambda w, *a: ps.FixedOutdegree(*a), 2, True, True),
    call("FixedTotalNumber", lambda w, *a: ps.FixedTotalNumber(*a), 2, True, True),
    call("PairwiseBernoulli", lambda w, *a: ps.PairwiseBernoulli(*a), 0.5, True),
    call("SymmetricPairwiseBernoulli", lambda w, p: ps.SymmetricPairwiseBernoulli(p), 0.5),
    call("PairwisePoisson", lambda w, *a: ps.PairwisePoisson(*a), 0.5, True),
    call("Lists", lambda w, a, b: ps.Lists(a, b), [0, 1], [1, 2]),
    call("Lists of one", lambda w, a: ps.Lists(a), [0, 1]),
    call("connect indegree", lambda w, k: w.net.connect(w.cells, w.cells, ps.FixedIndegree(k)), 2),
    call("connect lists", lambda w, a, b: w.net.connect(w.cells, w.cells, ps.Lists(a, b)), [0, 1], [1, 2]),
    call("Uniform", lambda w, *a: ps.Uniform(*a), 0.0, 1.0),
    call("Normal", lambda w, *a: ps.Normal(*a), 0.0, 1.0),
    call("LogNormal", lambda w, *a: ps.LogNormal(*a), 0.0, 1.0),
    call("Exponential", lambda w, a: ps.Exponential(a), 1.0),
    call("UniformInt", lambda w, *a: ps.UniformInt(*a), 0, 3),
    call("grid", lambda w, a, b, c, d: ps.grid(a, extent=b, center=c, wrap=d), [2, 3], 1.0, 0.0, True),
    call("free", lambda w, a, b, c: ps.free(a, extent=b, wrap=c), [[0.1, 0.2]], 1.0, True),
    call("positions", lambda w, a: w.net.create("iaf_psc_exp", positions=a), ps.grid([2, 2])),
    call("circle", lambda w, a, b: ps.circle(a, anchor=b), 0.1, [0.0, 0.0]),
    call("doughnut", lambda w, *a: ps.doughnut(*a), 0.1, 0.2),
    call("rectangle", lambda w, a, b, c: ps.rectangle(a, b, angle=c), [0, 0], [1, 1], 3.0),
    call("ellipse", lambda w, *a: ps.ellipse(*a), 0.2, 0.1),
    call(
        "mask",
        lambda w, a: w.net.connect(w.cells, w.cells, ps.PairwiseBernoulli(0.5, mask=a)),
        ps.circle(0.1),
    ),
    call("redrawn", lambda w, *a: ps.Uniform(0.0, 1.0).redrawn(*a), 0.2, 0.8),
    call("clipped", lambda w, *a: ps.Uniform(0.0, 1.0).clipped(*a), 0.2, 0.8),
    call("sum of values", lambda w, a: ps.Uniform(0.0, 1.0) + a, 1.0),
    call("where", lambda w, *a: ps.where(ps.Uniform(0.0, 1.0) < 0.5, *a), 1.0, 2.0),
    call("Relaxation", lambda w, *a: ps.Relaxation(*a), None, 1e-5, 30, 3, False),
    call("static_synapse", lambda w, a, b: ps.static_synapse(weight=a, delay=b), 1.0, 1.0),
    call("cell defaults", lambda w, a, b: ps.iaf_psc_exp.with_defaults(V_m=a, tau_m=b), -60.0, 10.0),
    call(
        "stimulus defaults",
        lambda w, a, b: ps.spike_generator.with_defaults(spike_times=a, precise_times=b),
        [1.0],
        True,
    ),
    call("synapse defaults", lambda w, a, b: ps.static_synapse.with_defaults(weight=a, delay=b), 1.0, 1.0),
    call("create of defaults", lambda w, a: w.net.create(ps.iaf_psc_exp.with_defaults(V_m=a), 4), -60.0),
    call("index", lambda w, k: w.cells[k], 0),
    call("index of a selection", lambda w, k: (w.cells[1:] + w.cells[:1])[k], 0),
    call("index twice", lambda w, a, b: w.cells[a][b], slice(0, 3), [1]),
    call("sum", lambda w, a: w.cells + a, of(lambda w: w.gap)),
    call("sum from the right", lambda w, a: a + w.cells, of(lambda w: w.gap)),
    call(
        "Simulation",
        lambda w, net, dt, threads, progress: ps.Simulation(net, dt, threads=threads, progress=progress),
        of(lambda w: w.other),
        0.1,
        1,
        False,
    ),
    call(
        "Simulation restore",
        lambda w, r, x: ps.Simulation(w.other, restore=r, relaxation=x, progress=False),
        None,
        None,
    ),
    call("Simulation provenance", lambda w, p: ps.Simulation(w.other, provenance=p, progress=False), True),
    call("Simulation comm", lambda w, c: ps.Simulation(w.other, comm=c, progress=False), None),
    call("run", lambda w, t: w.sim.run(t), 0.3),
    call(
        "run with checkpoints",
        lambda w, every, to, wall: w.sim.run(0.1, checkpoint_every=every, checkpoint_to=to, walltime=wall),
        None,
        NEW_FILE,
        None,
    ),
    call("reset", lambda w, keep: w.sim.reset(keep=keep), ()),
    call("get", lambda w, c, name: w.sim.get(c, name), CELLS, "V_m"),
    call("get a list", lambda w, c, name: w.sim.get(c, name), of(lambda w: w.trains), "spike_times"),
    call("set", lambda w, c, v: w.sim.set(c, V_m=v), CELLS, -60.0),
    call("set two", lambda w, c, v, t: w.sim.set(c, V_m=v, tau_m=t), CELLS, -60.0, 10.0),
    call("set noise", lambda w, c, v, t: w.sim.set(c, rate=v, stop=t), NOISE, 5.0, 100.0),
    call("set trains", lambda w, v, t: w.sim.set(w.trains, spike_times=v, precise_times=t), [50.0], True),
    call(
        "set by name",
        lambda w, name, v: w.sim.set(w.cells, **({name: v} if isinstance(name, str) else {"V_m": name})),
        "V_m",
        -60.0,
    ),
    call(
        "connections", lambda w, a, b, s: w.sim.connections(a, b, synapse=s), CELLS, CELLS, "static_synapse"
    ),
    call("get rows", lambda w, name, e: w.sim.connections().get(name, everywhere=e), "weight", False),
    call("set rows", lambda w, v, d: w.sim.connections().set(weight=v, delay=d), 2.0, 1.5),
    call("record rows", lambda w, v, i: w.net.record(w.sim.connections()[:2], v, interval=i), "weight", 1.0),
    call("transmissions", lambda w, e: w.net.record_transmissions(w.sim.connections(), everywhere=e), False),
    call("disconnect", lambda w, found: w.sim.disconnect(found), of(lambda w: w.sim.connections()[:1])),
    call("to_scipy", lambda w, name: w.sim.connections().to_scipy(name), "weight"),
    call("some rows", lambda w, key: w.sim.connections()[key], slice(0, 2)),
    call("junctions", lambda w, e: w.sim.junctions(everywhere=e), False),
    call("save", lambda w, p: w.sim.save(p), NEW_FILE),
    call("sim.progress", lambda w, v: setattr(w.sim, "progress", v), False),
    call("at", lambda w, name: w.cells.at(name), "ex"),
    call(
        "connect at a receptor",
        lambda w, at, name, weight: w.net.connect(
            w.cells, w.ports.at(at), ps.AllToAll(), ps.static_synapse(weight=weight, receptor=name)
        ),
        "fast",
        "fast",
        1.0,
    ),
    call("record at a receptor", lambda w, at, what: w.net.record(w.ports.at(at), what), "fast", "I_syn"),
    call("get at a receptor", lambda w, at, what: w.sim.get(w.ports.at(at), what), "fast", "tau_syn"),
    call("set at a receptor", lambda w, at, v: w.sim.set(w.ports.at(at), tau_syn=v), "fast", 3.0),
    call(
        "with_receptors",
        lambda w, one, tau: ps.iaf_psc_exp_multisynapse.with_receptors(a=one, b=dict(tau_syn=tau)),
        dict(tau_syn=2.0),
        3.0,
    ),
    call("with_receptors of others", lambda w, one: ps.iaf_psc_exp.with_receptors(a=one), dict(tau_syn=2.0)),
    call("mechanism", lambda w, a: ps.mechanism(a), "no.mod"),
    call("parsim mechanism", lambda w, a: command("mechanism", a), "no.mod"),
    call("sim.dt", lambda w, v: setattr(w.sim, "dt", v), 0.1),
    call("Param", lambda w, *a: ps.Param(*a), "a", 1.0, "mV", "text", None, 0.0, None, "number", False),
    call("Variable", lambda w, *a: ps.Variable(*a), "x", "mV", "text", 0.0, None, None, None),
    call("Trace", lambda w, *a: ps.Trace(*a), "x", "mV", "text", idle),
    call(
        "CellModel",
        lambda w, *a: ps.CellModel(*a),
        "m",
        (ps.Param("a", 1.0),),
        State,
        idle,
        idle,
        (ps.Variable("x"),),
        ("ex", "in"),
        idle,
        True,
    ),
    call(
        "EventModel",
        lambda w, *a: ps.EventModel(*a),
        "m",
        (),
        State,
        idle,
        idle,
        idle,
        idle,
        idle,
        (ps.Variable("x"),),
        (ps.Trace("y", "", "", idle),),
    ),
    call("StimulusModel", lambda w, *a: ps.StimulusModel(*a), "m", (), idle, idle, "spikes", None),
    call("SynapseModel", lambda w, *a: ps.SynapseModel(*a), "m", (), "", ""),
    call(
        "create of an own model",
        lambda w, m: w.net.create(m, 2),
        of(lambda w: ps.CellModel("m", (), State, idle, idle)),
    ),
    call("recordable", lambda w, n: ps.iaf_psc_exp.recordable(n), "V_m"),
    call("parsim", lambda w, *a: command(*a), "info", of(lambda w: w.folder)),
    call("parsim models", lambda w, a: command("models", a), "iaf_psc_exp"),
    call(
        "parsim plot",
        lambda w, a, b, c: command("plot", "raster", a, "--from", b, "--cells", c),
        of(lambda w: w.folder),
        "1",
        "3",
    ),
    call("parsim run", lambda w, a: command("run", a), "no.py"),
]


def command(*words: Any) -> Any:
    """The command line with these words, which a shell gives as text."""
    argv = [w if isinstance(w, str) else f"{type(w)}" for w in words]
    argv = [w for w in argv if "\0" not in w and not (argv[0] == "run" and os.path.lexists(w))]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            return main(argv)
        except SystemExit as end:  # argparse's way to say no
            return end.code

"""Mistakes in delays and times, and with event-driven cells."""

from types import SimpleNamespace

import numpy as np

import parsim as ps
from tests.mistakes.made import NEWER, Mistake, built, connected, created, later, made, syn

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


def sub_step(w: SimpleNamespace) -> None:
    with_event_driven(w)
    w.net.connect(w.exc[:2], w.fire, ps.OneToOne(), ps.stdp_synapse(weight=1.0, delay=0.05))


EVENT_DRIVEN = [
    Mistake("negative delay between event-driven cells",
            lambda w: w.net.connect(w.fire, w.fire, ps.OneToOne(), syn(delay=-1.0)),
            "delay of static_synapse is -1 ms; it must be at least 0 ms.", before=with_event_driven),
    Mistake("current onto event-driven cells",
            lambda w: w.net.connect(w.dc, w.fire, ps.AllToAll(), syn(delay=1.0)),
            "IntFire1 takes no current, so dc_generator cannot drive it. Drive it with spikes, or another model.",
            before=lambda w: (with_event_driven(w), w.__dict__.update(dc=w.net.create("dc_generator")))),
    Mistake("unknown trace", lambda w: w.net.record(w.fire, "V_m", interval=1.0),
            "IntFire1 has no recordable 'V_m'. It has: Kminus, Kminus_triplet, M, m.", before=with_event_driven),
    built("delay below a step from clocked cells by a synapse that learns",
          "delay 0.05 ms of <2 of exc> -> <2 of fire> is less than one step (dt = 0.1 ms); stdp_synapse is so fast "
          "between event-driven cells alone. Use a delay of at least 0.1 ms or a smaller dt.", sub_step, ps.BuildError),
    created("time constants of IntFire2",
            "IntFire2: taum < taus does not hold: taum = 20 ms, taus = 20 ms. The synaptic current must decay more "
            "slowly than the membrane; make taus greater or taum smaller.", "IntFire2", taum=20.0, taus=20.0),
    created("time constants of IntFire3", ("IntFire3: taue < taui does not hold: taue = 12 ms, taui = 10 ms.",),
            "IntFire3", taue=12.0),
    created("time constants of IntFire4", ("IntFire4: taue < taui2 does not hold: taue = 30 ms, taui2 = 20 ms.",),
            "IntFire4", taue=30.0),
]  # fmt: skip

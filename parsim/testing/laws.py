"""The laws that every model keeps: each says what breaks it, in words, or nothing.

`whole` is what the small network comes to on one rank in one go.
"""

import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Callable
from typing import NamedTuple

from parsim.engine.simulation import Simulation
from parsim.errors import ParsimError
from parsim.testing.networks import Said, Small
from parsim.testing.outcome import Outcome, difference, outcome

TIME = 60.0  # ms
SHORT = 12.0  # ms, with the compiler off


class Law(NamedTuple):
    """`broken(small, whole)` says how; `look` where to look then."""

    name: str
    says: str
    broken: Callable[[Small, Outcome], str]
    look: str


def run(said: Said, *runs: float, threads: int = 1) -> Outcome:
    """What it comes to."""
    sim = Simulation(said.net, dt=0.1, threads=threads, progress=False)
    for time in runs:
        sim.run(time)
    return found(sim, said)


def found(sim: Simulation, said: Said) -> Outcome:
    """What it has come to so far, with what connections remember."""
    so_far = outcome(sim, said.cells, said.spikes)
    if said.synapse is not None and said.synapse.transmit is not None:
        rows = sim.connections(said.cells, said.cells, synapse=said.synapse)
        so_far.states |= {f"{v.name} of connections": rows.get(v.name) for v in said.synapse.recordables}
    return so_far


def of_ranks(small: Small, whole: Outcome) -> str:
    """Law 1."""
    for ranks in (2, 3, 5):
        if apart := difference(whole, run(small.say(), TIME, threads=ranks)):
            return f"on {ranks} ranks, {apart} as on one"
    return ""


def of_cuts(small: Small, whole: Outcome) -> str:
    """Law 2."""
    for runs in (
        (57.3, 2.7),
        (0.1, 0.3, 7.7, 0.0, 51.4, 0.5),
    ):  # short before the end, by which cells may forget
        if apart := difference(whole, run(small.say(), *runs)):
            return f"after calls of run({'), run('.join(f'{t:g}' for t in runs)}), {apart} as after run({TIME:g})"
    said = small.say()
    for variable in said.cells.models[0].recordables:
        said.net.record(said.cells, variable.name, interval=0.1)
    if apart := difference(whole, run(said, TIME)):
        return f"where states are recorded at every step, {apart} as without"
    return ""


def of_restart(small: Small, whole: Outcome) -> str:
    """Law 3."""
    with tempfile.TemporaryDirectory() as folder:
        for saved_on, restored_on, stop in ((1, 3, 30.0), (3, 1, 57.1)):
            file, said = os.path.join(folder, f"{saved_on}.h5"), small.say()
            first = Simulation(said.net, dt=0.1, threads=saved_on, progress=False)
            first.run(stop)
            first.save(file)
            before, said = found(first, said), small.say()
            second = Simulation(said.net, dt=0.1, threads=restored_on, restore=file, progress=False)
            second.run(TIME - stop)
            if apart := difference(whole, found(second, said).after(before)):
                return f"from a checkpoint at {stop:g} ms, {apart} as without a stop"
    return ""


def of_neighbours(small: Small, whole: Outcome) -> str:
    """Law 4."""
    for others, threads in ((1, 1), (7, 1), (19, 3)):
        if apart := difference(whole, run(small.say(others=others), TIME, threads=threads)):
            return f"beside {others} more of the model, {apart} as without these"
    return ""


def of_interpreter(small: Small, whole: Outcome) -> str:
    """Law 5, of few cells and a short time: in another process, which must find the model by name."""
    try:
        script = pickle.dumps(small)
        pickle.loads(script)
    except Exception as error:
        raise NotChecked(f"the model cannot be sent to another process ({error})") from None
    if b"__main__" in script:
        raise NotChecked(
            "the model is in a script, which another process would run; put it in a module of its own"
        )
    environment = os.environ | {
        "NUMBA_DISABLE_JIT": "1",
        "PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
    }
    command = [sys.executable, "-m", "parsim.testing.interpreted"]
    done = subprocess.run(command, input=script, env=environment, capture_output=True)
    if done.returncode:
        return f"in Python it cannot be run: {done.stderr.decode(errors='replace').strip().splitlines()[-1]}"
    plain: Outcome = pickle.loads(done.stdout)
    if apart := difference(few(small), plain):
        return f"with the compiler off, {apart} as with it"
    return ""


def few(small: Small) -> Outcome:
    """What a few cells come to."""
    return run(small.say(n=5), SHORT)


def of_alone(small: Small, whole: Outcome) -> str:
    """Law 6."""
    one, two = small.say(), small.say()
    sims = [Simulation(said.net, dt=0.1, threads=n, progress=False) for n, said in ((1, one), (2, two))]
    for _ in range(6):
        for sim in sims:
            sim.run(TIME / 6.0)
    for sim, said in zip(sims, (one, two), strict=True):
        if apart := difference(whole, found(sim, said)):
            return f"in one process with another simulation, {apart} as alone"
    return ""


def of_reset(small: Small, whole: Outcome) -> str:
    """Law 8."""
    said = small.say()
    sim = Simulation(said.net, dt=0.1, threads=2, progress=False)
    sim.run(23.4)
    sim.reset()
    sim.run(TIME)
    if apart := difference(whole, found(sim, said)):
        return f"after reset, {apart} as in a new simulation"
    return ""


class NotChecked(ParsimError):
    """Why a law could not be looked at."""


OWN = "A kernel may read and write a cell or connection at its own index alone, whatever part of them it is called for."
KEPT = (
    "What is remembered must be a field of the state: a kernel changes neither parameters nor arrays that it has "
    "captured, and prepare gives the same for the same values."
)
LAWS = (
    Law("ranks", "any number of ranks gives the same", of_ranks, OWN),
    Law("cuts", "one call of run is as good as several", of_cuts, "What a step does may depend on the state and on the "
        "number of the step, and not on where a call begins or ends."),
    Law("restart", "what is restored goes on as if never stopped", of_restart, KEPT),
    Law("neighbours", "cells do the same beside others", of_neighbours, OWN),
    Law("interpreter", "kernels give the same with the compiler off", of_interpreter, "Whole numbers have 64 bits when "
        "compiled and no end in Python, // and % of numbers below 0 are best avoided, and functions come from parsim."),
    Law("alone", "two simulations do not know of each other", of_alone, KEPT),
    Law("reset", "after reset a simulation is a new one", of_reset, KEPT),
)  # fmt: skip

"""Calls of the public API with odd arguments: `python -m tests.api_fuzz CALLS SEED` prints each that ended wrongly.

A call ends in a result or in a `ParsimError`, and when it was refused nothing has changed. Runs with the
compiler off, on a few cells, so that a call costs milliseconds.
"""

import contextlib
import datetime
import logging
import os
import random
import signal
import sys
import tempfile
import traceback
from types import SimpleNamespace
from typing import Any

import numpy as np

import parsim as ps
from tests.api_calls import CALLS, Call
from tests.odd_things import odd_things

PATIENCE = 20  # seconds for one call


# ---- worlds, and what of them may not change ------------------------------------------------------


def world(folder: str) -> SimpleNamespace:
    """A small network with a simulation that has run for a while."""
    net, w = ps.Network(seed=2), SimpleNamespace(folder=folder)
    w.net, w.cells = net, net.create("iaf_psc_exp", 4, name="cells")
    w.gap, w.events = net.create("hh_psc_alpha_gap", 2), net.create("IntFire1", 2)
    several = ps.iaf_psc_exp_multisynapse.with_receptors(fast=dict(tau_syn=2.0), slow=dict(tau_syn=9.0))
    w.ports = net.create(several, 2)
    w.noise, w.trains = (
        net.create("poisson_generator", 2, rate=10.0),
        net.create("spike_generator", 2, spike_times=[40.0]),
    )
    net.connect(w.noise, w.cells, ps.AllToAll())
    net.connect(w.cells, w.cells, ps.OneToOne(), ps.static_synapse(delay=1.5))
    w.spikes = net.record_spikes(w.cells)
    w.sim = ps.Simulation(net, progress=False)
    w.sim.run(0.2)
    w.other = ps.Network()
    w.other.create("iaf_psc_exp", 2)
    return w


def kept(w: SimpleNamespace) -> Any:
    """What a refused call may not change."""
    nets = [(n.digest, n.n_cells, n._serial, len(n.populations), len(n.recordings)) for n in (w.net, w.other)]
    rank = w.sim._ranks[0]
    columns = [c for group in rank.built.groups.values() for c in group.arrays().values()]
    stimuli = [v for source in rank.built.sources.values() for v in vars(source.values).values()]
    state = [
        np.asarray(c).tobytes() if isinstance(c, np.ndarray) else [x.tobytes() for x in c]
        for c in (*columns, *stimuli)
    ]
    return nets, rank.now, w.sim.now, state, len(w.spikes)


class Hung(BaseException):
    """A call took too long."""


def tried(one: Call, w: SimpleNamespace, rng: random.Random) -> tuple[str, bool]:
    """What is wrong with how a call with odd arguments ended, if anything; and was it refused?"""
    arguments = [argument(w) for argument in one.arguments]
    for at in rng.sample(range(len(arguments)), min(len(arguments), rng.choice((1, 1, 1, 2)))):
        arguments[at] = odd_things(w, rng)
    if one.name == "run" and not short(arguments[0]):
        return "", False
    before = kept(w)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE)
    try:
        one.act(w, *arguments)
    except ps.ParsimError as error:
        signal.setitimer(signal.ITIMER_REAL, 0)
        after = kept(w)
        if after[:1] != before[:1] or (
            after != before and not w.sim._crew.failed
        ):  # half built: it says so from then on
            return f"{one.name}({told(arguments)}) was refused, but changed something: {error}", True
        if not str(error) or len(str(error)) > 1500:
            return (
                f"{one.name}({told(arguments)}) has an error of {len(str(error))} letters: {error!s:.300}",
                True,
            )
        return "", True
    except ps.Stopped:  # a wall time that was over
        return "", False
    except BaseException as error:
        signal.setitimer(signal.ITIMER_REAL, 0)
        where = traceback.extract_tb(error.__traceback__)[-1]
        return (
            f"{one.name}({told(arguments)}): {type(error).__name__}: {error!s:.200} in {where.filename}:{where.lineno}",
            True,
        )
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return "", False


def short(duration: Any) -> bool:
    """Is it no run that could last?"""
    try:
        number = (
            float(duration) if not isinstance(duration, (str, datetime.timedelta, np.timedelta64)) else 1.0
        )
    except Exception:
        return True
    return not 1.0 < number < 1e17 and duration != "1 s" and duration != "20 ms"


def told(arguments: list[Any]) -> str:
    """Arguments as text, whatever they do."""
    found = []
    for one in arguments:
        try:
            found.append(f"{one!r:.60}")
        except Exception:
            found.append(f"a {type(one).__name__}")
    return ", ".join(found)


def hang(*given: Any) -> None:
    raise Hung(f"not over after {PATIENCE} s")


def fuzz(calls: int, seed: int, folder: str) -> tuple[int, list[str]]:
    """So many calls: how many were refused, and those that ended wrongly."""
    rng, wrong, w = random.Random(seed), [], world(folder)
    signal.signal(signal.SIGALRM, hang)
    accepted, all_refused = 0, 0
    for i in range(calls):
        one = CALLS[i % len(CALLS)]
        with contextlib.suppress(ps.ParsimError):
            w.sim.junctions()  # builds what was said
        complaint, refused = tried(one, w, rng)
        accepted += not refused
        all_refused += refused
        if complaint:
            wrong.append(complaint)
        if complaint or accepted > 8 or w.sim._crew.failed:
            w, accepted = world(folder), 0
    return all_refused, wrong


if __name__ == "__main__":
    logging.getLogger("parsim").setLevel(logging.ERROR)  # a run that is stopped by its wall time says so
    with tempfile.TemporaryDirectory() as there:
        os.chdir(there)
        n_refused, found = fuzz(int(sys.argv[1]), int(sys.argv[2]), there)
    print(f"{int(sys.argv[1]):,} calls, {n_refused:,} refused, {len(found)} ended wrongly")
    print(*dict.fromkeys(found), sep="\n")
    sys.exit(bool(found))

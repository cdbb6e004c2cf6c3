"""Ranks that say different things are told so at once, on all ranks alike, and what differs is named."""
# ruff: noqa: E501, NPY002  one way to differ a line, and bad habits

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import parsim as ps
from tests.jobs import job, needs_mpirun

# Two ranks run this for each way to differ, in one job; `rank` is 0 or 1.
TRY_ALL = """
import os, sys, time
from typing import NamedTuple
import numpy as np
import parsim as ps
from parsim.comm.world import world

rank = world().rank
class State(NamedTuple):
    x: ps.Floats

class Mine(NamedTuple):
    pass

def cell(growth):
    @ps.kernel
    def advance(s, p, inputs, span, out):
        for i in range(span.begin, span.end):
            s.x[i] += growth
    return ps.CellModel(
        "mine", params=(), state=State, recordables=(ps.Variable("x"),), advance=advance,
        prepare=lambda p, clock: Mine(),
    )

for way, (said, called) in {ways!r}.items():
    net = ps.Network(seed=1)
    cells = net.create("iaf_psc_exp", 12, I_e=500.0)
    gaps = net.create("hh_psc_alpha_gap", 4)
    began = time.monotonic()
    try:
        exec(said)
        sim = eval(called[0]) if called and called[0].startswith("ps.Simulation") else ps.Simulation(net)
        sim.run(1.0)
        for call in called:
            exec(call)
    except ps.ParsimError as error:
        heard = world().allgather_objects(f"{{type(error).__name__}}: {{error}}")
    else:
        heard = world().allgather_objects("nothing")
    if rank == 0:
        print(way, *heard, round(time.monotonic() - began, 3), sep=" | ")
"""

# What is said, what is called after a run of a millisecond or in place of Simulation(net), and what the error names.
SAID: dict[str, tuple[str, str]] = {
    "seed": ("net = ps.Network(seed=1 + rank); net.create('iaf_psc_exp', 2)", "statement 0: rank 0 has said Network(seed=1), rank 1 Network(seed=2)"),
    "sizes": ("net.create('iaf_psc_exp', 3 + rank)", "create(model='iaf_psc_exp', n=3), rank 1 create(model='iaf_psc_exp', n=4)"),
    "models": ("net.create('iaf_psc_exp' if rank else 'iaf_psc_alpha')", "create(model='iaf_psc_alpha', n=1), rank 1"),
    "numbers": ("net.create('iaf_psc_exp', 3, V_m=-60.0 - rank)", "V_m=-60.0), rank 1 create(model='iaf_psc_exp', n=3, V_m=-61.0)"),
    "random arrays": ("net.create('iaf_psc_exp', 3, V_m=np.random.default_rng().uniform(-70.0, -60.0, 3))", "statement 3: rank 0 has said create("),
    "one element": ("net.create('iaf_psc_exp', 30, V_m=[-60.0] * 15 + [-60.0 - rank] + [-60.0] * 14)", "statement 3 (V_m): rank 0 has said create("),
    "distributions": ("net.create('iaf_psc_exp', 3, V_m=ps.Uniform(-60.0, -50.0 + rank))", "V_m=Uniform(-60.0, -50.0)), rank 1"),
    "kinds of values": ("net.create('iaf_psc_exp', 3, V_m=ps.Normal(-60.0, 1.0) if rank else ps.Uniform(-60.0, 1.0))", "V_m=Uniform("),
    "spike times": ("net.create('spike_generator', 2, spike_times=[[1.0], [2.0 + rank]])", "spike_times"),
    "names": ("net.create('iaf_psc_exp', 3, name='excitatory' if rank else 'inhibitory')", "statement 3 (name)"),
    "kernels": ("net.create(cell(0.5 + rank), 3)", "statement 3 (code)"),
    "one more population": ("net.create('iaf_psc_exp') if rank else None", "rank 0 has said nothing more, rank 1 create("),
    "sources": ("net.connect(cells[rank:2 + rank], cells, ps.AllToAll())", "statement 3 (source)"),
    "targets": ("net.connect(cells, cells[[0, 1 + rank]], ps.AllToAll())", "statement 3 (target)"),
    "rules": ("net.connect(cells, cells, ps.FixedIndegree(2 + rank))", "rule=FixedIndegree(indegree=2"),
    "kinds of rules": ("net.connect(cells, cells, ps.AllToAll() if rank else ps.OneToOne())", "rule=OneToOne("),
    "lists": ("net.connect(cells, cells, ps.Lists([0, 1], [rank, 0]))", "statement 3 (rule)"),
    "weights": ("net.connect(cells, cells, ps.OneToOne(), ps.static_synapse(weight=np.arange(12.0) + rank))", "weight=[ 0.,  1.,  2., ...,  9., 10., 11.]"),
    "delays": ("net.connect(cells, cells, ps.OneToOne(), ps.static_synapse(delay=1.0 + rank))", "delay=1.0), rank 1"),
    "order": ("a, b = (cells, gaps) if rank else (gaps, cells); net.connect(cells, a, ps.AllToAll()); net.connect(cells, b, ps.AllToAll())", "statement 3"),
    "conductances": ("net.couple(gaps, gaps, ps.AllToAll(), weight=1.0 + rank)", "statement 3: rank 0 has said couple("),
    "junctions": ("net.couple(gaps, gaps, ps.AllToAll(), junction=(lambda dv: 1.0) if rank else (lambda dv: float(dv > 0)))", "junction"),
    "recordings": ("net.record(cells, 'V_m') if rank else None", "rank 0 has said nothing more, rank 1 record("),
    "variables": ("net.record(gaps, 'V_m' if rank else 'Act_m')", "variable='Act_m'"),
    "intervals of recording": ("net.record(cells, 'V_m', interval=1.0 + rank)", "interval=1.0"),
    "everywhere": ("net.record_spikes(cells, everywhere=bool(rank))", "everywhere=False), rank 1"),
    "files": ("net.record_spikes(cells, to=f'spikes-{rank}.h5')", "to='spikes-0.h5'"),
    "a function that draws": ("net.connect(cells, cells, ps.AllToAll(), ps.static_synapse(weight=lambda s, t: np.random.normal(100.0, 50.0, s.size)))", "when asked again"),
    "a function that draws by rank": ("net.connect(cells, cells, ps.AllToAll(), ps.static_synapse(weight=lambda s, t: (s + t) * 1.0 + np.random.default_rng(rank).normal()))", "is the function for weight of "),
    "a function of the rank": ("net.connect(cells, cells, ps.FixedIndegree(2), ps.static_synapse(weight=lambda s, t: s * 0.0 + 100.0 * rank))", "gives 0 for connection of gid"),
    "a delay of the rank": ("net.connect(cells, cells, ps.FixedIndegree(2), ps.static_synapse(delay=lambda s, t: s * 0.0 + 1.0 + rank))", "is the function for delay of "),
    "a parameter of the rank": ("net.create('iaf_psc_exp', 5, tau_m=lambda gids: gids * 1.0 + rank)", "is the function for tau_m of <iaf_psc_exp: 5"),
    "one value of the rank": ("net.create('iaf_psc_exp', 500, tau_m=lambda gids: 10.0 + rank * (gids == 400))", "gives 10 for gid 400 on rank 0 and 11 on rank 1"),
    "a process's number": ("net.create('iaf_psc_exp', 5, I_e=lambda gids: gids + float(os.getpid()))", "is the function for I_e"),
    "a stimulus of the rank": ("net.create('poisson_generator', 5, rate=lambda ids: ids * 10.0 + rank)", "for stimulus 0 on rank 0"),
    "a conductance of the rank": ("net.couple(gaps, gaps, ps.AllToAll(), weight=lambda a, b: 1.0 + rank + a * b)", "is the function for weight of "),
    "a function by place": ("net.create('iaf_psc_exp', 5, I_e=lambda gids: np.arange(gids.size) * 10.0)", "when asked again"),
}  # fmt: skip
CALLED: dict[str, tuple[str, str]] = {
    "steps": ("ps.Simulation(net, dt=0.1 + 0.1 * rank)", "rank 0 is at Simulation(dt=0.1), rank 1 is at Simulation(dt=0.2)"),
    "threads": ("ps.Simulation(net, threads=1 + rank)", "rank 1 is at Simulation(dt=0.1, threads=2)"),
    "restore": ("ps.Simulation(net, restore='none' if rank else None)", "Simulation(dt=0.1, restore='none')"),
    "relaxation": ("ps.Simulation(net, relaxation=ps.Relaxation(interval=0.4) if rank else None)", "relaxation=Relaxation(interval=0.4"),
    "progress": ("ps.Simulation(net, progress=rank == 0)", "rank 1 is at Simulation(dt=0.1, progress=False)"),
    "no network": ("ps.Simulation(net if rank else None)", "the network itself"),
    "a mistake of one rank": ("ps.Simulation(net, threads=-rank)", "threads=-1"),
    "durations": ("sim.run(10.0 + rank)", "rank 0 is at run(10), rank 1 is at run(11)"),
    "checkpoints": ("sim.run(10.0, checkpoint_to='a' if rank else 'b')", "checkpoint_to='b'"),
    "calls": ("sim.run(10.0) if rank else sim.get(cells, 'V_m')", "rank 1 is at run(10)"),
    "set to": ("sim.set(cells, V_m=-60.0 - rank)", "set("),
    "set one of": ("sim.set(cells, V_m=[-60.0] * 11 + [-65.0 - rank])", "set("),
    "set by the rank": ("sim.set(cells, I_e=lambda gids: gids * 1.0 + rank)", "is the function for I_e"),
    "get of": ("sim.get(cells, 'V_m' if rank else 'I_e')", "'I_e')"),
    "get from": ("sim.get(cells[rank:2 + rank], 'V_m')", "<2 of iaf_psc_exp>"),
    "connections of": ("sim.connections(cells if rank else None)", "connections("),
    "connections where": ("sim.connections().get('weight', everywhere=bool(rank))", "everywhere=True"),
    "set of connections": ("sim.connections().set(weight=2.0 + rank)", "set(weight)"),
    "set by functions": ("net.connect(cells, cells, ps.OneToOne()); sim.connections().set(weight=lambda s, t: s + 0.5 * rank)", "is the function for weight"),
    "taken away": ("net.connect(cells, cells, ps.OneToOne()); found = sim.connections(); sim.disconnect(found) if rank else found.get('weight')", "disconnect()"),
    "some connections": ("net.connect(cells, cells, ps.OneToOne()); sim.connections()[rank:]", "[12 of them, numbered"),
    "read of connections": ("sim.connections().get('delay' if rank else 'weight')", "get('delay'"),
    "names of files": ("sim.save(f'state-{rank}.h5')", "save("),
    "said after a run": ("net.create('iaf_psc_exp', 1 + rank); sim.run(1.0)", "statement 3"),
}  # fmt: skip
WAYS = {way: (said, ()) for way, (said, _) in SAID.items()} | {
    way: ("", (call,)) for way, (call, _) in CALLED.items()
}


@pytest.mark.mpi_skip
@needs_mpirun[1]
def test_ranks_that_differ_in_any_of_many_ways_are_told_so():
    ended = job(script=TRY_ALL.format(ways=WAYS), ranks=2, timeout=120.0)
    assert ended.code == 0, ended.output
    lines = [line for line in ended.output.splitlines() if " | " in line]  # others may tell of compiling
    told = {way: heard for way, *heard in (line.split(" | ") for line in lines)}
    assert set(told) == set(WAYS), ended.output
    for way, (_, named) in {**SAID, **CALLED}.items():
        first, second, _ = told[way]
        assert first == second or first.startswith("BuildError"), (way, first, second)
        assert named in first, (way, first)


def network(**values: Any) -> tuple[ps.Network, Any]:
    net = ps.Network(seed=2)
    return net, net.create("iaf_psc_exp", 20, **values)


STATEFUL: list[Callable[..., Any]] = [
    lambda *gids: np.random.normal(100.0, 50.0, gids[0].size),
    lambda *gids: np.random.default_rng(5).normal(100.0, 50.0, gids[0].size),
    lambda *gids: np.arange(gids[0].size) * 10.0,
    lambda *gids: gids[0] / gids[0].sum(),
]


@pytest.mark.parametrize("function", STATEFUL)
def test_a_function_of_more_than_gids_is_refused_on_one_rank_too(function):
    net, cells = network()
    net.connect(cells, cells, ps.AllToAll(), ps.static_synapse(weight=function))
    with pytest.raises(
        ps.BuildError, match=r"function <lambda> for weight of .* when asked again: .* depend on gids alone"
    ):
        ps.Simulation(net)
    net, cells = network(I_e=function)
    with pytest.raises(
        ps.BuildError, match=r"function <lambda> for I_e of iaf_psc_exp gives .* when asked again"
    ):
        ps.Simulation(net)
    net, cells = network()
    sim = ps.Simulation(net)
    with pytest.raises(
        ps.BuildError, match=r"function <lambda> for I_e of iaf_psc_exp gives .* when asked again"
    ):
        sim.set(cells, I_e=function)
    assert sim.get(cells, "I_e").tolist() == [0.0] * 20


def test_a_function_with_rounding_errors_of_its_own_is_not_refused():
    """What the last bit is may depend on how many are asked for, as in products of matrices."""
    there = np.random.default_rng(1).normal(size=(20, 3))
    net, cells = network(I_e=lambda gids: 400.0 + (there[gids] @ there.T).sum(axis=1))
    distance = lambda s, t: np.exp(-np.linalg.norm(there[s] - there[t], axis=1))  # noqa: E731
    net.connect(cells, cells, ps.AllToAll(), ps.static_synapse(weight=distance))
    ps.Simulation(net, threads=3).run(5.0)


def described(weight: Any = 1.0, rule: Any = None, n: int = 20, **junction: Any) -> ps.Network:
    net = ps.Network(seed=2)
    cells = net.create("iaf_psc_exp", n, I_e=lambda gids: 300.0 + gids)
    net.connect(cells, cells, rule or ps.FixedIndegree(5), ps.static_synapse(weight=weight))
    if junction:
        gaps = net.create("hh_psc_alpha_gap", 4)
        net.couple(gaps, gaps, ps.AllToAll(), **junction)
    return net


OTHERS = {
    "a size": (dict(), dict(n=21), "First to differ is statement 1: it was create(model='iaf_psc_exp', n=20, I_e=function <lambda>), here it is create(model='iaf_psc_exp', n=21"),
    "a rule": (dict(), dict(rule=ps.FixedIndegree(6)), "statement 2: it was connect(.*indegree=5.*), here it is .*indegree=6"),
    "a number": (dict(), dict(weight=2.0), "statement 2: it was .*weight=1.0.*, here it is .*weight=2.0"),
    "an array": (dict(rule=ps.OneToOne(), weight=np.arange(20.0)), dict(rule=ps.OneToOne(), weight=np.r_[:10, 11, 11:20]), "statement 2: .*, with other values"),
    "a function": (dict(weight=lambda s, t: s + t), dict(weight=lambda s, t: s + 1.01 * t), "the function for weight of .* does not give the values that it gave then"),
    "fewer statements": (dict(weight=1.0, **{"junction": None}), dict(), "it was create(.*), here it is nothing more"),
    "a junction": (dict(junction=lambda dv: 1.0), dict(junction=lambda dv: 0.5), "statement 4: .*couple"),
}  # fmt: skip


@pytest.mark.parametrize("way", OTHERS)
def test_a_checkpoint_of_another_network_names_what_differs_first(way, tmp_path):
    saved, here, named = OTHERS[way]
    sim = ps.Simulation(described(**saved))
    sim.run(1.0)
    sim.save(tmp_path / "state.h5")
    with pytest.raises(ps.DescriptionError) as caught:
        ps.Simulation(described(**here), restore=tmp_path / "state.h5")
    pattern = named.replace("(", r"\(").replace(")", r"\)")
    assert "was saved from another network. " in str(caught.value)
    caught.match(pattern)
    assert ps.Simulation(described(**saved), restore=tmp_path / "state.h5", threads=2).now == 1.0


def test_a_checkpoint_that_was_solved_otherwise_is_refused(tmp_path):
    sim = ps.Simulation(described(junction=None), relaxation=ps.Relaxation(interval=0.4))
    sim.run(1.0)
    sim.save(tmp_path / "state.h5")
    with pytest.raises(
        ps.DescriptionError, match=r"saved with relaxation=Relaxation\(interval=0.4.*here it is"
    ):
        ps.Simulation(described(junction=None), restore=tmp_path / "state.h5")


@pytest.mark.parametrize(
    ("saved", "here"),
    [
        (ps.FixedIndegree(5), ps.FixedIndegree(np.int64(5))),
        (ps.PairwiseBernoulli(1), ps.PairwiseBernoulli(1.0)),
        (ps.PairwiseBernoulli(0.25), ps.PairwiseBernoulli(np.float64(0.25))),
    ],
)
def test_equal_numbers_make_equal_rules(saved: Any, here: Any, tmp_path: Path) -> None:
    sim = ps.Simulation(described(rule=saved))
    sim.save(tmp_path / "state.h5")
    assert ps.Simulation(described(rule=here), restore=tmp_path / "state.h5").now == 0.0

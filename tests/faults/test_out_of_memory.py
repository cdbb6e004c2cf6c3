"""Memory that runs out while a network is built, on any rank, is a BuildError, and the simulation does not go on."""

import pytest

import parsim as ps
from parsim.engine.built import Built
from tests.jobs import job

LIMITED = """
import resource
import parsim as ps
net = ps.Network(seed=1)
cells = net.create("iaf_psc_exp", 20_000)
sim = ps.Simulation(net, progress=False)
sim.run(1.0)
held = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
{announce}
net.connect(cells, cells, ps.{rule}, ps.static_synapse(weight=ps.Normal(1.0, 0.1), delay=ps.Uniform(1.0, 3.0)))
for act in (sim.run, sim.run):
    try:
        act(1.0)
        print("went on")
    except ps.ParsimError as error:
        print(type(error).__name__, str(error)[:60])
"""
LIMIT = "resource.setrlimit(resource.RLIMIT_AS, (held + 300_000_000, -1))"


@pytest.mark.parametrize("threads", [1, 2])
def test_memory_that_runs_out_in_a_build_is_a_build_error(threads, monkeypatch):
    net = ps.Network()
    cells = net.create("iaf_psc_exp", 4)
    sim = ps.Simulation(net, threads=threads, progress=False)
    net.connect(cells, cells, ps.AllToAll())

    def short(*_):
        raise MemoryError("Unable to allocate 3 GiB")

    monkeypatch.setattr(Built, "grow", short)
    with pytest.raises(
        ps.BuildError, match=r"memory ran out .*\(Unable to allocate 3 GiB\).* machine has .*B\. Make"
    ):
        sim.run(1.0)
    monkeypatch.undo()
    with pytest.raises(ps.SimulationError, match="failed before: memory ran out"):
        sim.run(1.0)


@pytest.mark.parametrize("rule", ["FixedIndegree(2000)", "FixedTotalNumber(40_000_000)"])
def test_a_process_with_a_limit_on_its_memory_says_so(rule):
    """The limit is set late, so that nothing can be foreseen: what is there in total is known before."""
    ended = job(script=LIMITED.format(rule=rule, announce=LIMIT))
    first, second = ended.output.splitlines()
    assert ended.code == 0
    assert first.startswith("BuildError memory ran out while the network was built")
    assert second.startswith("SimulationError this simulation cannot go on")

"""A model written in a user's own script, that of examples/own_model.py, is treated like a built-in one."""

import importlib.util
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import parsim as ps
from parsim.io import reading
from tests.helpers import outcome

SCRIPT = Path(__file__).parents[2] / "examples" / "own_model.py"


@pytest.fixture(scope="module")
def own():
    """The script as a module, as a user would import it from a notebook."""
    spec = importlib.util.spec_from_file_location("own_model", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules["own_model"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["own_model"]


def run(own, n: int = 17, threads: int = 1, runs=(60.0,), record=False):
    """A network of two variants, with every kind of input."""
    net = ps.Network(seed=3)
    exc = net.create(own.izhikevich, n - n // 3, V_m=ps.Uniform(-70.0, -60.0), I_e=ps.Normal(6.0, 1.0))
    inh = net.create(own.fast_spiking, n // 3, I_e=5.0)
    cells = exc + inh
    noise, current = net.create("poisson_generator", rate=1_000.0), net.create("dc_generator", amplitude=2.0)
    net.connect(noise, cells, ps.AllToAll(), ps.static_synapse(weight=1.0))
    net.connect(current, cells[::2], ps.AllToAll(), ps.static_synapse(delay=0.3))
    net.connect(cells, cells, ps.FixedIndegree(3), ps.static_synapse(weight=ps.Normal(0.0, 2.0), delay=1.2))
    if record:
        net.record(cells, "U_m", interval=0.1)
    spikes = net.record_spikes(cells)
    sim = ps.Simulation(net, threads=threads)
    for duration in runs:
        sim.run(duration)
    found = outcome(sim, exc[:], spikes)
    return found if n < 3 else (found, sim.get(inh, "V_m").tolist(), sim.get(cells, "U_m").tolist())


def test_the_model_takes_less_than_60_lines():
    text = SCRIPT.read_text()
    model = text[text.index("class State") : text.index("fast_spiking")]
    assert sum(bool(line.strip()) for line in model.splitlines()) < 60


def test_it_keeps_the_laws(own):
    alone = run(own)
    assert alone[0].times.size > 30
    assert run(own, threads=2) == alone and run(own, threads=3) == alone
    assert run(own, runs=(0.3, 20.0, 39.7)) == alone
    assert run(own, threads=2, record=True) == alone


@pytest.mark.parametrize("n", [1, 2, 3, 9])
def test_it_keeps_the_law_of_ranks_at_small_sizes(own, n):
    assert run(own, n=n, threads=3) == run(own, n=n)


def test_it_does_what_its_equations_say(own):
    """Against the same equations in plain Python, step by step, over some spikes."""
    net = ps.Network()
    cell = net.create(own.izhikevich, I_e=10.0)
    voltage, spikes = net.record(cell, "V_m", interval=0.1), net.record_spikes(cell)
    ps.Simulation(net).run(100.0)
    v, u, expected, fired = -65.0, -13.0, [], []
    for step in range(1, 1001):
        v, u = v + 0.1 * (0.04 * v * v + 5.0 * v + 140.0 - u + 10.0), u + 0.1 * 0.02 * (0.2 * v - u)
        if v >= 30.0:
            v, u = -65.0, u + 8.0
            fired.append(step / 10)
        expected.append(v)
    assert len(fired) > 2 and spikes.times.tolist() == fired
    assert voltage.values[:, 0] == pytest.approx(expected, rel=1e-12)


def test_its_states_can_be_recorded_read_and_set(own, tmp_path):
    net = ps.Network()
    cells = net.create(own.izhikevich, 3, b=[0.2, 0.25, 0.1])
    potential = net.record(cells, "V_m", interval=0.5)
    recovery = net.record(cells, "U_m", interval=0.5, to=tmp_path / "recovery.h5")
    sim = ps.Simulation(net, threads=2)
    assert sim.get(cells, "V_m").tolist() == [-65.0] * 3  # initial values: a number,
    assert sim.get(cells, "U_m").tolist() == [-13.0, -16.25, -6.5]  # and a function of the parameters
    sim.set(cells[1], V_m="-0.06 V", b=0.2)
    assert sim.get(cells, "V_m").tolist() == [-65.0, -60.0, -65.0]
    sim.run(2.0)
    assert potential.unit == "mV" and potential.values.shape == (4, 3) and len(recovery) == 0
    _, gids, values, name, _ = reading.read_traces(tmp_path / "recovery.h5")
    assert name == "U_m" and gids.tolist() == [0, 1, 2]
    assert np.array_equal(values[-1], sim.get(cells, "U_m").astype(np.float32))
    about = reading.read_provenance(tmp_path / "recovery.h5")
    assert about["populations"][0]["model"] == "izhikevich"


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (dict(e=1.0), "izhikevich has no parameter 'e'"),
        (dict(I_E=1.0), "izhikevich has no parameter 'I_E'. Did you mean 'I_e'"),
        (dict(a=0.0), "a of izhikevich is 0; it must be greater than 0"),
        (dict(c=40.0), "c of izhikevich is 40 mV; it must be at most 29 mV"),
        (dict(c="40 pA"), 'is "40 pA", a current; mV is needed'),
        (dict(d=[1.0, 2.0]), "d of izhikevich has 2 values; 3 are needed"),
        (dict(b=np.nan), "b of izhikevich is NaN"),
        (dict(a=ps.Uniform(-1.0, 0.0)), "it must be greater than 0"),
    ],
)
def test_its_parameters_are_checked(own, values, text):
    net = ps.Network()
    with pytest.raises(ps.ParsimError) as error:
        net.create(own.izhikevich, 3, **values)
        ps.Simulation(net)
    assert text in str(error.value)


def test_its_recordables_are_checked(own):
    net = ps.Network()
    cells = net.create(own.izhikevich, 3)
    with pytest.raises(ps.DescriptionError, match=r"no recordable 'u_m'.*Did you mean 'U_m'"):
        net.record(cells, "u_m")
    with pytest.raises(ps.DescriptionError, match=r"declares the state 'W', which is no field of State"):
        ps.CellModel(
            "wrong", params=(), state=own.State, recordables=(ps.Variable("W"),),
            prepare=own.prepare, advance=own.advance,
        )  # fmt: skip


def test_a_variant_has_other_defaults_and_is_a_model_of_its_own(own):
    net = ps.Network()
    plain, fast = net.create(own.izhikevich, 2), net.create(own.fast_spiking, 2, d=[3.0, 4.0])
    sim = ps.Simulation(net)
    assert sim.get(plain + fast, "a").tolist() == [0.02, 0.02, 0.1, 0.1]
    assert sim.get(plain + fast, "d").tolist() == [8.0, 8.0, 3.0, 4.0]
    assert own.izhikevich.with_defaults(V_m=-70.0).recordables[0].initial == -70.0
    with pytest.raises(ps.DescriptionError, match="no parameter 'A'"):
        own.izhikevich.with_defaults(A=1.0)
    with pytest.raises(ps.DescriptionError, match="a of izhikevich is -1; it must be greater than 0"):
        own.izhikevich.with_defaults(a=-1.0)


def test_it_lives_with_built_in_models(own):
    net = ps.Network()
    cells = net.create("iaf_psc_alpha", 3, I_e=500.0) + net.create(own.izhikevich, 4)
    net.connect(
        cells, cells, ps.AllToAll(), ps.static_synapse(weight=lambda source, target: 20.0 + 0.0 * source)
    )
    spikes = net.record_spikes(cells)
    sim = ps.Simulation(net, threads=2)
    sim.run(40.0)
    assert set(spikes.gids.tolist()) == set(range(7))
    assert sim.get(cells, "V_m").size == 7 and sim.connections().sources.size == 49


def test_whole_numbers_of_a_state_are_whole_numbers():
    state = ps.iaf_psc_alpha.new_state(SimpleNamespace(E_L=np.zeros(3)), 3)
    assert state.free.dtype == np.int64 and state.V_m.dtype == np.float64

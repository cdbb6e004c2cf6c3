"""What a synapse cannot be is refused where it is said."""

import subprocess
import sys
from dataclasses import replace
from typing import NamedTuple

import pytest

import parsim as ps
from parsim.jit import told
from tests.cable_models import CABLE
from tests.jobs import environment
from tests.plasticity.listener import listener


def connect(synapse, target="iaf_psc_exp", **values):
    """One statement, and the simulation of it."""
    net = ps.Network()
    net.connect(net.create("parrot_neuron", 3), net.create(target, 2, **values), ps.AllToAll(), synapse())
    return ps.Simulation(net)


@ps.kernel
def transmit(s, p, r, spike, target):
    return s.weight[r] * spike.tme


@ps.kernel
def misspelt(s, p, r, spike, target):
    return s.weight[r] * strength  # noqa: F821


NAMES = ("params", "state", "recordables", "prepare", "hear", "leave")


def own(**parts):
    """stdp_synapse with other parts."""
    model = ps.stdp_synapse
    given = {name: getattr(model, name) for name in NAMES}
    return ps.SynapseModel("own", **({"transmit": model.transmit, "history": True} | given | parts))


@pytest.mark.parametrize(
    ("act", "text"),
    [
        (lambda: ps.stdp_synapse(weight=-1.0),
         "stdp_synapse: weight is -1 and Wmax 100. They must have the same sign, and Wmax not be 0"),
        (lambda: ps.stdp_triplet_synapse(weight=ps.Uniform(-2.0, 1.0)), "They must have the same sign"),
        (lambda: ps.vogels_sprekeler_synapse(Wmax=0.0), "and Wmax 0."),
        (lambda: ps.stdp_pl_synapse_hom(weight=-1.0), "weight of stdp_pl_synapse_hom is -1; it must be at least 0"),
        (lambda: ps.tsodyks_synapse(U=1.5), "U of tsodyks_synapse is 1.5; it must be at most 1"),
        (lambda: ps.tsodyks_synapse(x=0.7, y=0.5), "x is 0.7 and y 0.5; these parts of all resources are at most 1"),
        (lambda: ps.tsodyks2_synapse(U=-0.1), "U of tsodyks2_synapse is -0.1; it must be at least 0"),
        (lambda: ps.tsodyks2_synapse(tau_rec=0.0), "tau_rec of tsodyks2_synapse is 0 ms; it must be greater than 0"),
        (lambda: ps.quantal_stp_synapse(n=2.5), "n is 2.5 and a 2.5; these are whole numbers of sites"),
        (lambda: ps.quantal_stp_synapse(n=2, a=1.5), "n is 2 and a 1.5; these are whole numbers of sites"),
        (lambda: ps.stdp_facetshw_synapse_hom(weight=120.0), "weight is 120 and Wmax 100. Weights have 16"),
        (lambda: ps.stdp_facetshw_synapse_hom(weight=-2.0), "weight is -2 and Wmax 100. Weights have 16"),
        (lambda: ps.facetshw_tables(lookuptable_0=[1, 2])(), "lookuptable_0 is [1, 2]; 16 whole numbers"),
        (lambda: ps.facetshw_tables(configbit_1=[0, 0.5, 1, 0])(), "4 whole numbers are needed, at least 0"),
        (lambda: ps.facetshw_tables(lookup=[1])(), "there is no table 'lookup'. There are: lookuptable_0"),
        (lambda: ps.facetshw_tables(ps.stdp_synapse)(), "stdp_synapse has no tables. Give"),
        (lambda: ps.bernoulli_synapse(p_transmit=ps.Uniform(0.5, 1.5)), "p_transmit[0] of bernoulli_synapse"),
        (lambda: ps.stdp_synapse(lamda=0.1), "stdp_synapse has no parameter 'lamda'. Did you mean 'lambda_'"),
        (lambda: ps.stdp_synapse(tau_minus=30.0), "stdp_synapse has no parameter 'tau_minus'"),
        (lambda: own(history=False)(), "own hears spikes of its target; that takes transmit, prepare and history=True"),
        (lambda: own(sign="Wmx")(), "own takes the sign of its parameter 'Wmx', which it has not."),
        (lambda: own(prepare=lambda p, clock: 3.0)(), "prepare of own gives 3.0; a NamedTuple of arrays is needed."),
        (lambda: own(prepare=lambda p, clock: p.tau)(), "prepare of own raised AttributeError"),
        (lambda: own(check=lambda p: "no good")(), "own: no good"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(act, text):
    with pytest.raises(ps.ParsimError) as error:
        connect(act)
    assert text in str(error.value)


@pytest.mark.parametrize("delay", [0.05, ps.Uniform(0.05, 0.07)], ids=["said", "drawn"])
def test_what_feels_a_transmitter_takes_a_step_at_least(delay):
    net = ps.Network()
    source, cells = net.create("NetStim", 3), net.create("IntFire1", 2)
    transmitter = ps.VolumeTransmitter(cells, delay=1.0)
    net.connect(source, cells, ps.AllToAll(), ps.stdp_dopamine_synapse(delay=delay, vt=transmitter))
    with pytest.raises(ps.ParsimError, match=r"is less than one step .* that feel a volume transmitter"):
        ps.Simulation(net, dt=0.1)


def test_a_keyword_of_python_may_stand_in_a_dict():
    assert ps.stdp_synapse(**{"lambda": 0.2}).values.keys() == {"lambda_"}


def test_what_a_time_constant_of_a_target_cannot_be_is_refused():
    with pytest.raises(
        ps.DescriptionError, match="tau_minus of iaf_psc_exp is 0 ms; it must be greater than 0"
    ):
        connect(ps.stdp_synapse, tau_minus=0.0)


class Odd(NamedTuple):
    heard: ps.Floats
    tau_minus: ps.Floats


def test_cells_of_sections_without_a_detector_give_no_history():
    with pytest.raises(
        ps.DescriptionError, match="cable has not the parameters tau_minus and tau_minus_triplet"
    ):
        connect(lambda: ps.stdp_synapse(receptor="sat"), replace(CABLE, params={}, detector=None))


def test_a_target_that_has_states_of_these_names_gives_no_history():
    states = ps.Variable("heard"), ps.Variable("tau_minus")
    parts = dict(state=Odd, prepare=listener.prepare, advance=listener.advance, ports=("told", "other"))
    odd = ps.CellModel("odd", params=(), recordables=states, **parts)
    with pytest.raises(
        ps.DescriptionError, match="stdp_synapse asks when its target has fired, but odd has not"
    ):
        connect(lambda: ps.stdp_synapse(receptor="other"), odd)


@pytest.mark.parametrize(
    ("kernel", "text"),
    [(transmit, "The kernel transmit of own cannot be compiled: Spike has no field 'tme'"),
     (misspelt, "The kernel misspelt of own cannot be compiled")],
)  # fmt: skip
@pytest.mark.parametrize("threads", [1, 2])
def test_a_kernel_that_cannot_be_compiled_is_named_with_its_line(kernel, text, threads):
    net = ps.Network()
    net.connect(
        net.create("parrot_neuron", 3), net.create("iaf_psc_exp", 2), ps.AllToAll(), own(transmit=kernel)()
    )
    sim = ps.Simulation(net, threads=threads)
    with pytest.raises(ps.ParsimError) as error:
        sim.run(10.0)
    assert text in str(error.value) and "test_refused.py, line " in str(error.value)
    assert str(error.value).count("\n") == 0


OUTSIDE = """
import dataclasses
import parsim as ps

@ps.kernel
def transmit(s, p, r, spike, target):
    place = r + 1000
    return s.weight[place]

net = ps.Network()
source = net.create("VecStim", 3, spike_times=[[1.0]] * 3)
model = dataclasses.replace(ps.stdp_synapse, name="own", transmit=transmit)
net.connect(source, net.create("iaf_psc_exp", 4), ps.AllToAll(), model())
ps.Simulation(net, threads=2).run(5.0)
"""


@pytest.mark.parametrize("disabled", ["0", "1"], ids=["compiled", "in-python"])
def test_an_index_outside_of_an_array_is_told(disabled, tmp_path):
    script = tmp_path / "outside.py"
    script.write_text(OUTSIDE)
    given = dict(env=environment() | {"NUMBA_DISABLE_JIT": disabled}, capture_output=True, text=True)
    ended = subprocess.run([sys.executable, str(script)], **given)
    assert ended.returncode == 1
    last = ended.stderr.strip().splitlines()[-1]
    assert (
        last.startswith("parsim.errors.SimulationError: ")
        and "The kernel transmit of own failed: IndexError" in last
    )
    assert last.endswith(f"({script}, line 8).")


def test_a_compiled_kernel_that_looks_at_indices_says_how_to_be_told_more():
    assert "Run with NUMBA_DISABLE_JIT=1" in str(told(IndexError("index is out of bounds")))
    error = ValueError("not of a kernel")
    assert told(error) is error


@pytest.mark.parametrize(
    "new",
    [dict(weight=-1.0), dict(Wmax=-5.0), dict(weight=ps.Uniform(-1.0, 1.0))],
    ids=["weight", "Wmax", "drawn"],
)
def test_new_values_of_rows_do_not_contradict_what_they_have(new):
    sim = connect(ps.stdp_synapse)
    found = sim.connections()
    with pytest.raises(ps.ParsimError, match="They must have the same sign"):
        found.set(**new)
    found[1:3].set(weight=-1.0, Wmax=-5.0)
    assert found.get("weight").tolist() == [1.0, -1.0, -1.0, 1.0, 1.0, 1.0]

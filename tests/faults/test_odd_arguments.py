"""Odd arguments: an error at the call that says what is wrong, and nothing has changed."""

import re
from fractions import Fraction
from functools import partial

import numpy as np
import pytest

import parsim as ps
from parsim.network.digest import digest


def some() -> tuple[ps.Network, ps.Population]:
    net = ps.Network()
    return net, net.create("iaf_psc_exp", 4, name="cells")


# ---- members -------------------------------------------------------------------------------------


def name(thing) -> str:
    """The same in every process, where a repr may hold an address."""
    return re.sub(r" at 0x\w+", "", repr(thing)[:60])


@pytest.mark.parametrize(
    "key",
    [99, -5, 1.0, "a", None, True, b"0", [0, 4], [0.0], [[0]], np.ones(3, bool), np.ma.array([0, 1], mask=[0, 1]), 1j,
     slice("a", None), slice(None, None, 0), np.timedelta64(1), (n for n in [0]), {0}, [None], ps.AllToAll, 10**400],
    ids=name,
)  # fmt: skip
def test_a_member_that_there_is_not_is_an_index_error_and_one_of_parsims(key):
    _, cells = some()
    for chosen in (cells, cells[:3] + cells[3]):
        with pytest.raises(ps.MemberError) as caught:
            chosen[key]
        assert isinstance(caught.value, IndexError) and isinstance(caught.value, ps.DescriptionError)


def test_a_name_that_is_none_is_refused_by_get():
    net = ps.Network()
    cells, events = net.create("iaf_psc_exp", 2), net.create("IntFire1", 2)
    sim = ps.Simulation(net, progress=False)
    for chosen in (cells, events, list(events), cells[:0]):
        for odd in (np.ones(3), np.ma.masked_array([1.0, 2.0, 3.0], [0, 1, 0]), ["V_m"], None, 3, b"V_m", ""):
            with pytest.raises(ps.DescriptionError):
                sim.get(chosen, odd)


@pytest.mark.parametrize(
    "odd", ["a\0b", "x" * 300, "", "no.mod", 3, None, b"hh", ["hh"], "/", "/proc/self/mem"]
)
def test_what_is_no_mechanism_is_refused(odd):
    with pytest.raises(ps.DescriptionError):
        ps.mechanism(odd)


def test_members_are_found_by_all_that_counts():
    _, cells = some()
    for key in (
        np.int8(2),
        np.array(2),
        range(2, 3),
        np.array([2], np.uint64),
        [False, False, True, False],
        slice(2, -1),
    ):
        assert cells[key].gids.tolist() == [2]
    assert [int(cell.gids[0]) for cell in cells] == [0, 1, 2, 3]
    assert sum([cells[:1], cells[2]]).gids.tolist() == [0, 2]
    for other in (5, "a", None, [cells]):
        with pytest.raises(ps.DescriptionError):
            other + cells
        with pytest.raises(ps.DescriptionError):
            cells + other


# ---- rules ---------------------------------------------------------------------------------------


def test_a_rule_is_the_same_however_its_numbers_are_written():
    for few, more in (
        (ps.FixedIndegree(5), ps.FixedIndegree(np.int64(5), allow_autapses=np.True_)),
        (ps.FixedOutdegree(5), ps.FixedOutdegree(np.uint8(5))),
        (ps.FixedTotalNumber(5), ps.FixedTotalNumber(np.array(5))),
        (ps.PairwiseBernoulli(1), ps.PairwiseBernoulli(np.float64(1.0))),
        (ps.PairwiseBernoulli(0.5), ps.PairwiseBernoulli(Fraction(1, 2))),
        (ps.SymmetricPairwiseBernoulli(1), ps.SymmetricPairwiseBernoulli(1.0)),
        (ps.PairwisePoisson(2), ps.PairwisePoisson(np.float32(2.0))),
    ):
        assert few == more and repr(few) == repr(more) and digest(0, few) == digest(0, more)


@pytest.mark.parametrize(
    "flag", [1, 0, "no", None, np.ones(3), np.ones(1, bool), [], 1.0, object()], ids=name
)
def test_flags_are_true_or_false_and_nothing_else(flag):
    net, cells = some()
    sim = ps.Simulation(net, progress=False)
    for call in (
        lambda: ps.AllToAll(allow_autapses=flag),
        lambda: ps.OneToOne(allow_autapses=flag),
        lambda: ps.FixedIndegree(2, allow_multapses=flag),
        lambda: ps.FixedOutdegree(2, allow_autapses=flag),
        lambda: ps.FixedTotalNumber(2, allow_multapses=flag),
        lambda: ps.PairwiseBernoulli(0.5, allow_autapses=flag),
        lambda: ps.PairwisePoisson(0.5, allow_autapses=flag),
        lambda: ps.Relaxation(strict=flag),
        lambda: net.record_spikes(cells, everywhere=flag),
        lambda: net.record(cells, "V_m", everywhere=flag),
        lambda: sim.connections().get("weight", everywhere=flag),
        lambda: sim.junctions(everywhere=flag),
        lambda: ps.Simulation(net, progress=flag),
    ):
        with pytest.raises(ps.DescriptionError, match="use True or False"):
            call()
    assert net.recordings == []


@pytest.mark.parametrize(
    "n", [True, 2.0, "2", None, np.timedelta64(3, "ms"), [2], -1, Fraction(2), 2j, object()], ids=name
)
def test_counts_are_whole_numbers(n):
    net, _ = some()
    for call in (
        lambda: net.create("iaf_psc_exp", n),
        lambda: ps.FixedIndegree(n),
        lambda: ps.FixedOutdegree(n),
        lambda: ps.FixedTotalNumber(n),
        lambda: ps.Network(seed=n),
        lambda: ps.Simulation(net, threads=n),
        lambda: ps.Relaxation(iterations=n),
    ):
        with pytest.raises(ps.DescriptionError):
            call()


# ---- statements ----------------------------------------------------------------------------------


def test_a_refused_statement_changes_nothing():
    net, cells = some()
    events, gap = net.create("IntFire2", 2), net.create("hh_psc_alpha_gap", 2)
    before = net.digest, net.n_cells, len(net.populations), len(net.recordings)
    for call in (
        lambda: net.couple(events, gap, ps.AllToAll()),
        lambda: net.couple(gap, events, ps.AllToAll()),
        lambda: net.couple(gap, gap, ps.AllToAll(), junction=lambda dv: 1 / 0),
        lambda: net.couple(gap, gap, ps.AllToAll(), junction=lambda dv: b"1"),
        lambda: net.couple(gap, gap, ps.AllToAll(), junction=lambda: 1.0),
        lambda: net.couple(gap, gap, ps.AllToAll(), junction=np.cos),
        lambda: net.couple(gap, gap, ps.AllToAll(), junction=partial(max, 0.5)),
        lambda: net.create(cells[:2], 3),
        lambda: net.create(cells, 3),
        lambda: net.create(ps.CellModel, 3),
        lambda: net.create("VecStim", 1, spike_times=cells[:2]),
        lambda: net.create("VecStim", 1, spike_times=[-1.0, 2.0]),
        lambda: net.create("iaf_psc_exp", 4, I_e=np.ones(4, bool)),
        lambda: net.create("iaf_psc_exp", 4, I_e=10**400),
        lambda: net.create("iaf_psc_delta", 4, refractory_input="yes"),
        lambda: net.create("iaf_psc_exp", 4, name=""),
        lambda: net.connect(cells, cells, ps.AllToAll(), ps.static_synapse(weight=np.ones((4, 4), bool))),
        lambda: net.connect(cells, cells, ps.OneToOne(), ps.static_synapse(delay=[1.0, 2.0, 3.0, None])),
        lambda: net.record(cells, ["V_m"]),
        lambda: net.record(cells, "V_m", interval=[1.0]),
        lambda: net.record_spikes(cells, to=b"spikes.h5"),
        lambda: net.record_spikes(cells, to="a" * 300),
        lambda: net.record_spikes(cells, to="a\0b"),
        lambda: net.record_spikes(cells, to=""),
    ):
        with pytest.raises(ps.DescriptionError):
            call()
    assert (net.digest, net.n_cells, len(net.populations), len(net.recordings)) == before
    assert net.create("iaf_psc_exp").serial == 3


def test_what_a_synapse_was_given_may_be_changed_afterwards():
    net, cells = some()
    weights, delays = np.arange(16.0).reshape(4, 4), [[1.0] * 4 for _ in range(4)]
    synapse = ps.static_synapse(weight=weights, delay=delays)
    weights[:] = 0.0
    delays[0][0] = 99.0
    net.connect(cells, cells, ps.AllToAll(), synapse)
    found = ps.Simulation(net, progress=False).connections()
    assert sorted(found.weights.tolist()) == list(range(16)) and set(found.delays) == {1.0}


def test_what_a_function_writes_into_its_arguments_stays_its_own():
    def rude(gids):
        gids[:] = 0
        return gids + 1.0

    net = ps.Network()
    cells = net.create("iaf_psc_exp", 4, I_e=rude)
    net.connect(cells, cells, ps.OneToOne(), ps.static_synapse(weight=lambda s, t: rude(s) + rude(t)))
    found = ps.Simulation(net, progress=False).connections()
    assert found.sources.tolist() == found.targets.tolist() == [0, 1, 2, 3]


# ---- defaults ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("V_m", "-65 mV", [-65.0, -65.0]),
        ("V_m", "-0.065 V", [-65.0, -65.0]),
        ("V_m", [-70.0, -60.0], [-70.0, -60.0]),
        ("V_m", lambda gids: -60.0 - gids, [-60.0, -61.0]),
        ("V_m", "V_reset", [-70.0, -70.0]),
        ("tau_m", "0.02 s", [20.0, 20.0]),
        ("tau_m", np.array([10.0, 20.0]), [10.0, 20.0]),
    ],
)
def test_defaults_of_states_and_parameters_are_read_as_in_create(name, value, found):
    net = ps.Network()
    cells = net.create(ps.iaf_psc_exp.with_defaults(**{name: value}), 2)
    assert ps.Simulation(net, progress=False).get(cells, name).tolist() == found


def test_random_defaults_are_drawn_as_if_they_were_said():
    said, by_default = (ps.Network(seed=3) for _ in range(2))
    a = said.create("iaf_psc_exp", 5, V_m=ps.Uniform("-70 mV", -60.0), tau_m=ps.Normal(10.0, 0.1))
    model = ps.iaf_psc_exp.with_defaults(V_m=ps.Uniform(-70.0, "-60 mV"), tau_m=ps.Normal("10 ms", 0.1))
    b = by_default.create(model, 5)
    for name in ("V_m", "tau_m"):
        x, y = (ps.Simulation(net, progress=False).get(c, name) for net, c in ((said, a), (by_default, b)))
        assert np.array_equal(x, y)


@pytest.mark.parametrize(
    ("name", "value"),
    [("V_m", np.nan), ("V_m", None), ("V_m", "-65 ms"), ("V_m", True), ("V_m", np.inf), ("V_m", ps.Normal("1 ms", 1.0)),
     ("tau_m", "20 mV"), ("tau_m", -1.0), ("tau_m", [1.0, -1.0]), ("tau_m", b"1"), ("no_name", 1.0)],
)  # fmt: skip
def test_wrong_defaults_are_refused_when_they_are_said(name, value):
    with pytest.raises(ps.DescriptionError, match=name):
        ps.iaf_psc_exp.with_defaults(**{name: value})


def test_synapses_and_stimuli_have_defaults():
    net, cells = some()
    strong = ps.static_synapse.with_defaults(weight="1 nA", delay=2.0)
    net.connect(cells, cells, ps.OneToOne(), strong)
    net.connect(cells, cells, ps.OneToOne(), strong(delay=3.0))
    found = ps.Simulation(net, progress=False).connections()
    assert set(found.weights) == {1000.0} and found.delays.tolist() == [2.0] * 4 + [3.0] * 4
    assert ps.static_synapse.params[0].default == 1.0
    with pytest.raises(ps.DescriptionError, match="has no parameter 'wieght'"):
        ps.static_synapse.with_defaults(wieght=1.0)

    times = np.array([1.0, 2.0])
    twice = ps.spike_generator.with_defaults(spike_times=times, precise_times=True)
    times[:] = 9.0
    assert ps.Simulation(net, progress=False).get(net.create(twice, 2), "spike_times")[1].tolist() == [
        1.0,
        2.0,
    ]


# ---- times ---------------------------------------------------------------------------------------


def test_many_equal_times_of_a_vecstim_are_sent():
    net = ps.Network()
    source = net.create("VecStim", spike_times=[1.0] * 20_000 + [1.5])
    far, near = net.create("parrot_neuron_ps"), net.create("IntFire1")
    net.connect(source, far, ps.AllToAll(), ps.static_synapse(delay=1.0))
    net.connect(source, near, ps.AllToAll(), ps.static_synapse(delay=0.0, weight=1e-9))
    spikes = net.record_spikes(source + far)
    ps.Simulation(net, progress=False).run(3.0)
    assert len(spikes) == 40_002 and (spikes.times[spikes.gids == 0] == [1.0] * 20_000 + [1.5]).all()
    with pytest.raises(ps.DescriptionError, match="more than 400,000 times"):
        net.create("VecStim", spike_times=np.full(400_001, 5.0))


def test_a_column_of_a_table_can_be_played_again():
    pd = pytest.importorskip("pandas")
    table = pd.DataFrame({"time": [1.0, 2.0, 3.0], "gid": [1, 2, 1]})
    net = ps.Network()
    found = [net.create("spike_generator", spike_times=table[table.gid == gid].time) for gid in (1, 2)]
    both = net.create("spike_generator", 2, spike_times=pd.Series([[1.0], [2.0, 3.0]], index=[5, 6]))
    sim = ps.Simulation(net, progress=False)
    assert [sim.get(g, "spike_times")[0].tolist() for g in found] == [[1.0, 3.0], [2.0]]
    assert [t.tolist() for t in sim.get(both, "spike_times")] == [[1.0], [2.0, 3.0]]

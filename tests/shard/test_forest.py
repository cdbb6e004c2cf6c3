"""Forests: unequal cells, each of a model of its own, are moved together and have the bits that they have alone."""

import numpy as np
import pytest

import parsim as ps
from parsim.shard.cable import forest

SECTIONS = (3, 9, 4, 14, 1, 6, 11)


def cell(k: int) -> ps.CableModel:
    """A tree of its own, hh here and there, and a current that makes most of them fire."""
    rng = np.random.default_rng(k)
    sections = [ps.Section("soma", L=20.0, diam=20.0, Ra=100.0)]
    for b in range(SECTIONS[k]):
        parent = "soma" if b == 0 else f"b{rng.integers(b)}"
        length = rng.uniform(30.0, 80.0)
        sections.append(ps.Section(f"b{b}", L=length, diam=1.0, nseg=1 + b % 3, Ra=100.0, parent=parent))
    branches = [s.name for s in sections[1:]]
    return ps.CableModel(
        f"tree{k}",
        sections,
        insert=[ps.insert("hh", on=["soma", *branches[::2]]), ps.insert("pas", on=branches, g=1e-4, e=-65.0)],
        place=[ps.place("clamp", "IClamp", at="soma", delay=1.0, dur=30.0, amp=0.5 + 0.1 * k)],
        detector=ps.detector("soma"),
        v=-60.0 - k,
    )


MODELS = [cell(k) for k in range(len(SECTIONS))]
AGAIN = [cell(k) for k in range(len(SECTIONS))]


def simulated(models, **how):
    """A simulation, its cells, and recordings of their spikes."""
    net = ps.Network()
    cells = [net.create(model, 1) for model in models]
    spikes = [net.record_spikes(one) for one in cells]
    return ps.Simulation(net, dt=0.025, progress=False, **how), cells, spikes


def run(models, cuts=(12.0,), change=None):
    """All states of each cell at the end, by name, and its spikes; `change` is made at the first cut."""
    sim, cells, spikes = simulated(models)
    for k, t in enumerate(cuts):
        sim.run(t)
        if k == 0 and change is not None:
            change(sim, cells)
    return outcome(sim, cells, spikes)


def outcome(sim, cells, spikes):
    states = [{v.name: float(sim.get(one, v.name)[0]) for v in one.model.recordables} for one in cells]
    return states, [np.array(s.times) for s in spikes]


def same(some, others):
    assert some[0] == others[0]
    for a, b in zip(some[1], others[1], strict=True):
        np.testing.assert_array_equal(a, b)


def heat(sim, cells):
    """A voltage, a gate and a parameter are set."""
    sim.set(cells[1], v=-50.0)
    sim.set(cells[3], **{"soma.hh.gnabar": 0.2})


@pytest.mark.parametrize("cuts", [(12.0,), (3.3, 0.025, 8.675)], ids=["whole", "cut"])
def test_cells_of_a_forest_have_the_bits_that_they_have_alone(planted, cuts):
    together = run(MODELS, cuts)
    assert planted == [len(MODELS)]
    assert all(times.size for times in together[1])
    alone = [run([model]) for model in MODELS]
    assert planted == [len(MODELS)]
    same(together, ([states[0] for states, _ in alone], [times[0] for _, times in alone]))


def test_what_is_set_reaches_a_forest(planted, monkeypatch):
    changed = run(MODELS, (3.0, 9.0), heat)
    assert changed[0] != run(MODELS, (3.0, 9.0))[0] and planted == [7, 7]
    monkeypatch.setattr(forest, "FEWEST", 8)
    same(changed, run(MODELS, (3.0, 9.0), heat))
    assert planted == [7, 7]


def test_a_forest_is_saved_and_restored_on_other_ranks(planted, tmp_path):
    first, *_ = simulated([*MODELS, *AGAIN], threads=2)
    first.run(0.5)
    first.save(tmp_path / "half.h5")
    assert sum(planted) == 14 and len(planted) == 2
    second, cells, spikes = simulated([*MODELS, *AGAIN], restore=tmp_path / "half.h5")
    second.run(11.5)
    same(outcome(second, cells[:7], spikes[:7]), run(MODELS))


def test_several_forests_are_made_of_many_compartments(planted, monkeypatch):
    whole = run(MODELS)
    monkeypatch.setattr(forest, "COMPARTMENTS", 60)
    monkeypatch.setattr(forest, "FEWEST", 2)
    same(whole, run(MODELS))
    assert planted[0] == 7 and len(planted[1:]) > 1 and sum(planted[1:]) == 7


def test_a_voltage_that_is_no_number_is_that_of_its_cell(planted):
    def spoil(sim, cells):
        sim.set(cells[2], **{"soma.hh.m": 1e200})

    with pytest.raises(ps.SimulationError, match=r"gid 2 \(tree2\) became .*soma"):
        run(MODELS, (3.0, 3.0), spoil)
    assert planted == [7]


def ill(text, **how):
    """Four unequal cells, on the soma of which there is a point process that hears."""
    net, wrong = ps.Network(), ps.mechanism(text)
    for k in range(4):
        sections = [ps.Section("soma", 20.0, 20.0), ps.Section("b", 90.0 + k, 1.0, nseg=1 + k, parent="soma")]
        place = [ps.place("p", wrong, at="soma")]
        cell = net.create(ps.CableModel(f"ill{k}", sections, insert=[ps.insert("pas")], place=place), 1)
        source = net.create("VecStim", spike_times=[2.0 - 0.5 * k])
        net.connect(source, cell.at("p"), ps.OneToOne(), ps.static_synapse(weight=1.0, delay=1.0))
    return ps.Simulation(net, dt=0.025, progress=False)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("NEURON { POINT_PROCESS Back } NET_RECEIVE(w) { net_send(-1, 2) }", "ill3"),
        (
            "NEURON { POINT_PROCESS Grows RANGE y } STATE { y } INITIAL { y = 0 } NET_RECEIVE(w) { y = 1e308 }\n"
            "BREAKPOINT { SOLVE d METHOD euler } DERIVATIVE d { y' = 1e9*y }",
            "y.*gid 6 .ill3. became inf",
        ),
    ],
    ids=["sends-back", "state"],
)
def test_what_goes_wrong_in_a_forest_is_told_of_its_cell(planted, text, said):
    with pytest.raises(ps.SimulationError, match=said):
        ill(text).run(5.0)
    assert planted == [4]

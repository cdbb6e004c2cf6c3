"""Reversal potentials follow concentrations where NEURON's do, or are held: numbers of NEURON 9.0.2, at 34 degC."""

import pytest

import parsim as ps

READS_E = ps.mechanism("""
NEURON { SUFFIX rd USEION ca READ eca WRITE ica RANGE g }
PARAMETER { g = 1e-5 (S/cm2) }
ASSIGNED { v (mV) ica (mA/cm2) eca (mV) }
BREAKPOINT { ica = g*(v - eca) }
""")
READS_INSIDE = ps.mechanism("""
NEURON { SUFFIX rc USEION ca READ cai USEION k READ ek WRITE ik RANGE g }
PARAMETER { g = 1e-5 (S/cm2) }
ASSIGNED { v (mV) ik (mA/cm2) ek (mV) cai (mM) }
BREAKPOINT { ik = g*cai/(cai + 0.001)*(v - ek) }
""")
WRITES = ps.mechanism("""
NEURON { SUFFIX wc USEION ca READ ica WRITE cai RANGE tau }
PARAMETER { tau = 50 (ms) }
ASSIGNED { ica (mA/cm2) }
STATE { cai (mM) }
INITIAL { cai = 1e-4 }
BREAKPOINT { SOLVE s METHOD cnexp }
DERIVATIVE s { cai' = -10*ica + (1e-4 - cai)/tau }
""")
SOMA = ps.Section("soma", L=20.0, diam=20.0)
PARAMETER, STARTS = 132.4579341637009, 140.23660113151266


def values(mechanisms, names, ions=None, sections=(SOMA,), on=None):
    """Numbers after ten steps."""
    inserted = [ps.insert(m, on=(on or {}).get(m)) for m in mechanisms]
    model = ps.CableModel("a", sections, insert=inserted, celsius=34.0, ions=ions or {})
    net = ps.Network()
    cell = net.create(model)
    sim = ps.Simulation(net, dt=0.025, progress=False)
    sim.run(0.25)
    return [sim.get(cell, name) for name in names]


@pytest.mark.parametrize(
    ("mechanisms", "ions", "eca", "cai"),
    [
        ([READS_E], {}, PARAMETER, 5e-5),
        ([READS_E], {"eca": 120.0}, 120.0, 5e-5),
        ([READS_E, READS_INSIDE], {}, STARTS, 5e-5),
        ([READS_INSIDE, READS_E], {"eca": 120.0}, STARTS, 5e-5),
        ([READS_E, READS_INSIDE], {"eca": ps.held(120.0)}, 120.0, 5e-5),
        ([READS_E, WRITES], {}, 83.13518388937459, 0.0041071801726901575),
        ([READS_E, WRITES], {"eca": ps.held(120.0)}, 120.0, 0.004708266610307469),
        ([READS_E, WRITES], {"eca": ps.held(140.0)}, 140.0, 0.0052064575952055735),
    ],
    ids=["read", "given", "inside", "given inside", "held inside", "written", "held 120", "held 140"],
)
def test_potentials_are_those_of_neuron(mechanisms, ions, eca, cai):
    assert values(mechanisms, ["eca", "cai"], ions) == pytest.approx([eca, cai], rel=1e-12)


def test_it_follows_in_sections_in_which_a_concentration_is_written_alone():
    two = (SOMA, ps.Section("dend", L=100.0, diam=2.0, nseg=3, parent="soma"))
    said = values([READS_E, WRITES], ["dend.eca", "soma.eca"], {"eca": 120.0}, two, {WRITES: "soma"})
    assert said[0] == 120.0 and said[1] < 100.0


def test_a_point_process_that_reads_a_concentration_concerns_its_section():
    text = READS_INSIDE_AT_A_POINT
    two = (SOMA, ps.Section("dend", L=100.0, diam=2.0, nseg=3, parent="soma"))
    model = ps.CableModel(
        "a",
        two,
        insert=[ps.insert(READS_E)],
        place=[ps.place("p", ps.mechanism(text), at="dend(0.1)")],
        celsius=34.0,
    )
    net = ps.Network()
    cell = net.create(model)
    sim = ps.Simulation(net, dt=0.025, progress=False)
    found = [sim.get(cell, name) for name in ("dend(0.9).eca", "soma.eca")]
    assert found == pytest.approx([STARTS, PARAMETER], rel=1e-12)


READS_INSIDE_AT_A_POINT = """
NEURON { POINT_PROCESS Look USEION ca READ cai NONSPECIFIC_CURRENT i }
ASSIGNED { cai (mM) i (nA) }
BREAKPOINT { i = 0.001*cai }
"""


@pytest.mark.parametrize(
    ("ions", "text"),
    [
        ({"eca": 120.0}, "eca is given, and follows from concentrations, for wc writes them. Hold it by "
         'ions={"eca": ps.held(120)}'),
        ({"cao": ps.held(2.0)}, "cao is held at 2; only reversal potentials can be, such as eca."),
        ({"eba": ps.held(2.0)}, "ions gives 'eba', which no mechanism of the cell has. Did you mean 'eca'?"),
    ],
    ids=["follows", "concentration", "no ion"],
)  # fmt: skip
def test_what_cannot_be_given_is_told(ions, text):
    with pytest.raises(ps.DescriptionError) as error:
        ps.CableModel("a", [SOMA], insert=[ps.insert(READS_E), ps.insert(WRITES)], ions=ions)
    assert text in str(error.value)


def test_what_is_written_at_a_point_follows_in_its_section():
    """So a number for the whole of a section has no effect."""
    dend = ps.Section("dend", L=100.0, diam=2.0, nseg=3)
    pump = ps.mechanism(
        "NEURON { POINT_PROCESS Pump USEION ca READ ica WRITE cai } ASSIGNED { ica (mA/cm2) } STATE { cai (mM) } "
        "BREAKPOINT { SOLVE s METHOD cnexp } DERIVATIVE s { cai' = -10*ica - cai/50 }"
    )
    with pytest.raises(
        ps.DescriptionError, match="eca is given, and follows from concentrations, for Pump writes them"
    ):
        ps.CableModel(
            "a", [dend], [ps.insert(READS_E)], [ps.place("pump", pump, at="dend(0.1)")], ions={"eca": 100.0}
        )


def test_what_is_held_is_a_number():
    with pytest.raises(ps.DescriptionError, match="a held reversal potential"):
        ps.held("high")


def two_sections(**more):
    """Calcium follows its current in the dendrite alone, and both have its potential."""
    sections = (SOMA, ps.Section("dend", L=100.0, diam=2.0, nseg=3, parent="soma"))
    insert = [ps.insert(READS_E), ps.insert(WRITES, on="dend")]
    return ps.CableModel("two", sections, insert=insert, celsius=34.0, **more)


@pytest.mark.parametrize("name", ["dend.eca", "dend(0.9).eca"])
def test_what_the_next_step_would_overwrite_cannot_be_set(name):
    net = ps.Network()
    with pytest.raises(ps.DescriptionError) as error:
        net.create(two_sections(), **{name: 100.0})
    cell = net.create(two_sections())
    with pytest.raises(ps.DescriptionError) as later:
        ps.Simulation(net, dt=0.025, progress=False).set(cell, **{name: 100.0})
    said = f"{name} of two follows from the concentrations of ca in section dend, for wc writes them"
    for found in (error, later):
        assert said in str(found.value) and 'ions={"eca": ps.held(...)}' in str(found.value)


@pytest.mark.parametrize(
    ("name", "more"),
    [("soma.eca", {}), ("eca", {}), ("dend.eca", {"ions": {"eca": ps.held(120.0)}})],
    ids=["elsewhere", "elsewhere too", "held"],
)
def test_a_potential_that_stays_is_set(name, more):
    net = ps.Network()
    cell = net.create(two_sections(**more))
    sim = ps.Simulation(net, dt=0.025, progress=False)
    sim.set(cell, **{name: 100.0})
    sim.run(0.1)
    assert sim.get(cell, name) == 100.0

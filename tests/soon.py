"""Networks in which cells reach each other over delays of less than a step."""

import parsim as ps

MODEL = ps.CableModel(
    "cell", [ps.Section("s", 20.0, 20.0)], insert=[ps.insert("hh")],
    place=[
        ps.place("syn", "ExpSyn", at="s", tau=2.0), ps.place("sat", "AMPA_S", at="s"),
        ps.place("clamp", "IClamp", at="s", delay=1.0, dur=1e9, amp=0.1),
    ],
    detector=ps.detector("s", threshold=-20.0), params={"amp": "clamp.amp"},
)  # fmt: skip


def joined(net):
    """Cells of all kinds reach those of sections and event-driven ones at once, or nearly: a step is an interval."""
    cells = net.create(MODEL, 17, amp=ps.Uniform(0.05, 0.3), v=ps.Uniform(-70.0, -60.0))
    points = [
        net.create(model, 4, I_e=ps.Uniform(380.0, 500.0)) for model in ("iaf_psc_exp", "iaf_psc_exp_ps")
    ]
    events = net.create("IntFire2", 4, ib=1.2)
    weak = ps.Uniform(1e-4, 1e-3)
    for source in (cells, *points):
        soon, at_once = (ps.static_synapse(weight=weak, delay=ps.Uniform(0.0, most)) for most in (0.3, 0.03))
        net.connect(source, cells.at("syn"), ps.FixedIndegree(3), soon)
        net.connect(source, cells.at("sat"), ps.FixedIndegree(2), at_once)
        late = ps.static_synapse(weight=0.05, delay=ps.Uniform(0.0, 0.3))
        net.connect(source, events, ps.FixedIndegree(2), late)
    net.connect(
        events, events, ps.FixedIndegree(1), ps.static_synapse(weight=-0.1, delay=ps.Uniform(0.0, 0.2))
    )
    some = ps.static_synapse(weight=1e-3, delay=ps.Uniform(0.0, 0.2))
    net.connect(events, cells.at("sat"), ps.FixedIndegree(2), some)
    net.couple(cells, cells, ps.Lists([0, 1], [5, 7]), weight=2.0)
    for model in ("poisson_generator", "poisson_generator_ps"):  # to each connection a state of its own
        noise = net.create(model, rate=150.0)
        net.connect(noise, cells.at("sat"), ps.AllToAll(), ps.static_synapse(weight=weak, delay=0.37))
    return cells, points[0] + points[1] + events


def apart(net):
    """Only event-driven cells, some in islands, reach others so soon, and an interval is many steps."""
    cells = net.create(MODEL, 17, amp=ps.Uniform(0.05, 0.3), v=ps.Uniform(-70.0, -60.0))
    drives = net.create("NetStim", 9, start=ps.Uniform(0.0, 1.0), interval=2.0, number=30, noise=0.7)
    firing = net.create("IntFire1", 6)
    weight = ps.Uniform(1e-4, 3e-3)
    at_once, soon = (ps.static_synapse(weight=weight, delay=ps.Uniform(0.0, most)) for most in (1e-9, 0.15))
    net.connect(drives + firing, cells.at("syn"), ps.FixedIndegree(3), soon)
    net.connect(drives, cells.at("sat"), ps.FixedIndegree(2), at_once)
    net.connect(drives, firing, ps.FixedIndegree(2), ps.static_synapse(weight=0.6, delay=0.02))
    net.connect(cells, firing, ps.FixedIndegree(2), ps.static_synapse(weight=0.6, delay=1.7))
    net.connect(cells, cells.at("syn"), ps.FixedIndegree(3), ps.static_synapse(weight=weight, delay=2.0))
    noise, regular = (
        net.create("poisson_generator", rate=300.0),
        net.create("gamma_sup_generator", rate=200.0),
    )
    net.connect(noise, cells.at("syn"), ps.AllToAll(), ps.static_synapse(weight=1e-3, delay=0.13))
    net.connect(regular, cells.at("syn"), ps.AllToAll(), ps.static_synapse(weight=1e-3, delay=0.0))
    net.connect(
        noise + regular, cells.at("sat"), ps.FixedIndegree(3), ps.static_synapse(weight=1e-3, delay=0.5)
    )
    net.connect(regular, firing, ps.AllToAll(), ps.static_synapse(weight=0.3, delay=0.27))
    return cells, drives + firing

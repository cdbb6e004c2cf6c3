"""What ranks send each other for cells that follow each other within an interval: python bound.py

A ring of 256 cells, each with one half of a junction to the cell before and one to the cell after: by POINTERs, or
solved. Messages and bytes that a rank sends in a step of 0.025 ms, on 1 to 4 ranks, and in pairs in place of a ring.
"""

import numpy as np

import parsim as ps

CELLS, TIME, DT = 256, 10.0, 0.025


def model(halves: int) -> ps.CableModel:
    """A cable of ten compartments."""
    places = [ps.place(f"gap{k}", "Gap", at=f"c({0.05 + 0.9 * k})", r=300.0) for k in range(halves)]
    section = ps.Section("c", L=300.0, diam=3.0, nseg=10)
    return ps.CableModel("cable", [section], insert=[ps.insert("hh")], place=places)


def partners(pairs: bool) -> np.ndarray:
    """Whom each cell is joined to."""
    cells = np.arange(CELLS)
    return cells ^ 1 if pairs else (cells + 1) % CELLS


def run(kind: str, pairs: bool, ranks: int) -> tuple[float, float]:
    """Messages and bytes a step, of the rank that sends most."""
    net, cells, other = ps.Network(), np.arange(CELLS), partners(pairs)
    if kind == "links":
        made = net.create(model(1 if pairs else 2), CELLS, v=ps.Uniform(-70.0, -60.0))
        net.link(made, "c(0.05).v", made.at("gap0"), "vgap", ps.Lists(other, cells))
        if not pairs:
            net.link(made, "c(0.95).v", made.at("gap1"), "vgap", ps.Lists(cells, other))
    else:
        made = net.create(model(0), CELLS, v=ps.Uniform(-70.0, -60.0))
        keep = cells < other if pairs else cells >= 0
        rule = ps.Lists(cells[keep], other[keep])
        net.couple(made.at("c(0.95)"), made.at("c(0.05)"), rule, weight=3.0)
    sim = ps.Simulation(net, dt=DT, progress=False, threads=ranks)
    sim.run(TIME)
    report = sim.report()
    sent = report.followed if kind == "links" else report.waveforms
    return tuple(sent.max(axis=0) / round(TIME / DT))


def main() -> None:
    """A line for each case."""
    for kind in ("links", "junctions"):
        for pairs in (False, True):
            for ranks in (1, 2, 3, 4):
                messages, size = run(kind, pairs, ranks)
                shape = "pairs" if pairs else "ring"
                print(
                    f"{kind:10s} {shape:6s} {ranks} ranks: {messages:5.2f} messages, {size:8.0f} bytes a step"
                )


if __name__ == "__main__":
    main()

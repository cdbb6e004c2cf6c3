"""Cells of sections that laws are tested over."""

from dataclasses import replace
from pathlib import Path

import parsim as ps

# A cell of three sections, with channels, calcium that follows their current, and what differs from cell to cell.
CABLE = ps.CableModel(
    "cable",
    [
        ps.Section("soma", L=20.0, diam=20.0, Ra=100.0),
        ps.Section("dend", L=200.0, diam=(3.0, 1.0), nseg=3, Ra=100.0, parent="soma"),
        ps.Section("twig", L=90.0, diam=0.8, nseg=2, Ra=120.0, parent="dend(0.5)"),
    ],
    insert=[
        ps.insert("hh", on="soma"),
        ps.insert("pas", on=["dend", "twig"], g=lambda site: 1e-4 + 1e-7 * site.distance, e=-65.0),
        ps.insert("cachan", on="twig", pcabar=1e-7),
    ],
    place=[
        ps.place("clamp", "IClamp", at="twig(0.7)", delay=1.0, dur=1e9, amp=0.1),
        ps.place("exc", "ExpSyn", at=["dend(0.5)", "twig(0.9)"], tau=2.0),
        ps.place("sat", "AMPA_S", at="twig(0.3)"),
    ],
    detector=ps.detector("soma", threshold=-20.0),
    params={"g_na": "soma.hh.gnabar", "amp": "clamp.amp"},
)
# The same with pointers: to a concentration, and to a voltage that states follow within a step.
LINKED = replace(
    CABLE, name="linked", params={"g_na": "soma.hh.gnabar", "amp": "clamp.amp"},
    place=[
        *CABLE.place, ps.place("graded", "GradSyn", at="dend(0.9)", k=1e9),
        ps.place("slow", ps.mechanism(Path(__file__).parent / "nmodl" / "mod" / "slowgrad.mod"), at="dend(0.2)"),
    ],
)  # fmt: skip
# And with events received at their time, within steps.
EXACT = replace(LINKED, name="exact", params={"g_na": "soma.hh.gnabar", "amp": "clamp.amp"}, delivery="exact")
# With calcium that its currents bring and that diffuses along dendrites.
SPREADING = replace(
    CABLE, name="spreading", params={"g_na": "soma.hh.gnabar", "amp": "clamp.amp"},
    insert=[
        *CABLE.insert,
        ps.insert(ps.mechanism(Path(__file__).parent / "nmodl" / "mod" / "spread.mod"), on=["dend", "twig"]),
    ],
)  # fmt: skip
CABLES = (CABLE, LINKED, EXACT, SPREADING)

"""Traces of one compartment from NEURON, for tests/nmodl: python neuron_mechanisms.py MECHANISMS OUT.npz

MECHANISMS is the library that `nrnivmodl` makes of parsim/models/mechanisms (but hh, pas, IClamp, SEClamp, ExpSyn,
Exp2Syn and AlphaSynapse, which are NEURON's own) and tests/nmodl/mod. `CASES` says each case as data, and is read by
the tests.
"""

import json
import sys
from typing import Any

SOMA = {"L": 20.0, "diam": 20.0}
CLAMP = ("IClamp", {"delay": 2.0, "dur": 20.0, "amp": 0.1})
LEAK = ("pas", {"g": 1e-4, "e": -65.0})
TRAINS = [(0.001, [5.0, 25.0, 27.5]), (0.002, [15.0, 15.51, 30.013])]
# density mechanisms, point processes with their trains (weight, times), what is recorded, dt, how long, the scheme.
CASES: dict[str, dict[str, Any]] = {
    "hh": {"insert": [("hh", {})], "points": [CLAMP], "record": ["v", "m_hh", "h_hh", "n_hh"]},
    "hh_tables": {"insert": [("hh", {})], "points": [CLAMP], "record": ["v", "m_hh"], "tables": 1},
    "hh_trapezoid": {"insert": [("hh", {})], "points": [CLAMP], "record": ["v", "n_hh"], "secondorder": 1},
    "calcium": {
        "insert": [("cad", {}), LEAK, ("cat", {"pmax": 1e-4}), ("kca", {})],
        "points": [CLAMP], "record": ["v", "cai", "eca", "m_cat", "n_kca"],
    },
    "kinetic_sodium": {"insert": [LEAK, ("namk", {"gbar": 0.05})], "points": [CLAMP], "record": ["v", "o_namk"]},
    "kinetic_buffer": {
        "insert": [("cabuf", {}), ("hh", {}), ("cat", {"pmax": 1e-4})], "points": [CLAMP],
        "record": ["v", "cai", "cabound_cabuf"],
    },
    "derivimplicit": {"insert": [("hh", {}), ("kdi", {})], "points": [CLAMP], "record": ["v", "p_kdi", "r_kdi"]},
    "derivimplicit_trapezoid": {
        "insert": [("hh", {}), ("kdi", {})], "points": [CLAMP], "record": ["v", "p_kdi"], "secondorder": 1,
    },
    "excitable": {
        "insert": [LEAK, ("excitable", {})], "points": [CLAMP], "record": ["v", "u_excitable", "w_excitable"],
    },
    "excitable_trapezoid": {
        "insert": [LEAK, ("excitable", {})], "points": [CLAMP], "record": ["v", "u_excitable"], "secondorder": 1,
    },
    "store": {
        "insert": [("store", {}), ("hh", {}), ("cat", {"pmax": 1e-4})], "points": [CLAMP],
        "record": ["v", "cai", "b_store", "p_store"],
    },
    "binding": {
        "insert": [("binding", {}), LEAK, ("cat", {"pmax": 1e-4})], "points": [CLAMP],
        "record": ["v", "cai", "eca", "b_binding", "open_binding"],
    },
    "chain": {"insert": [LEAK, ("chain", {})], "points": [CLAMP], "record": ["v", "open_chain"]},
    "balance": {"insert": [("hh", {}), ("balance", {})], "points": [CLAMP], "record": ["v", "a_balance", "b_balance"]},
    "warm": {"insert": [("hh", {}), ("warm", {})], "points": [CLAMP], "record": ["v", "n_warm"]},
    "warm_tables": {"insert": [("hh", {}), ("warm", {})], "points": [CLAMP], "record": ["v", "n_warm"], "tables": 1},
    "bouton": {
        "L": 0.5, "diam": 1.0, "insert": [("cdp", {}), ("cachan", {}), ("pas", {"e": -70.0})], "v": -70.0,
        "points": [("SEClamp", {"rs": 1.0, "dur1": 5.0, "amp1": -70.0, "dur2": 20.0, "amp2": -30.0, "dur3": 15.0,
        "amp3": -60.0})],
        "record": ["v", "cai", "oca_cachan"],
    },
    "expsyn": {"insert": [LEAK], "points": [("ExpSyn", {"tau": 2.0})], "trains": TRAINS, "record": ["v", "g"]},
    "exp2syn": {"insert": [LEAK], "points": [("Exp2Syn", {"tau1": 0.5, "tau2": 4.0})], "trains": TRAINS,
    "record": ["v", "A"]},
    "alphakin": {"insert": [LEAK], "points": [("AlphaKin", {"tau": 1.5})], "trains": TRAINS, "record": ["v", "g"]},
    "gsyn": {"insert": [LEAK], "points": [("GSyn", {})], "trains": [(5e-5, [5.0, 12.0, 20.0, 25.0])], "record": ["v",
    "B"]},
    "ampa": {"insert": [LEAK], "points": [("AMPA_S", {})], "trains": [(0.001, [5.0, 5.5, 6.0, 20.0, 21.5])],
    "record": ["v", "Ron"]},
    "alphasynapse": {"insert": [LEAK], "points": [("AlphaSynapse", {"onset": 3.0, "tau": 1.0, "gmax": 0.002})],
    "record": ["v"]},
}  # fmt: skip


def run(h: Any, case: dict[str, Any]) -> list[list[float]]:
    """A case in NEURON: rows as recorded, at every step."""
    h.celsius, h.dt, h.secondorder = 6.3, 0.025, case.get("secondorder", 0)
    h.usetable_hh = h.usetable_warm = case.get("tables", 0)
    soma = h.Section(name="soma")
    soma.L, soma.diam, soma.cm, soma.Ra = case.get("L", 20.0), case.get("diam", 20.0), 1.0, 100.0
    for name, values in case["insert"]:
        soma.insert(name)
        for key, value in values.items():
            setattr(getattr(soma(0.5), name), key, value)
    points, kept = [], []
    for name, values in case["points"]:
        points.append(getattr(h, name)(soma(0.5)))
        for key, value in values.items():
            setattr(points[-1], key, value)
    for weight, times in case.get("trains", []):
        connection = h.NetCon(None, points[0])
        connection.weight[0] = weight
        handler = h.FInitializeHandler(lambda c=connection, times=times: [c.event(t) for t in times])
        kept += [connection, handler]
    owner = [soma(0.5) if hasattr(soma(0.5), f"_ref_{name}") else points[0] for name in case["record"]]
    rows = [
        h.Vector().record(getattr(x, f"_ref_{name}")) for x, name in zip(owner, case["record"], strict=True)
    ]
    h.finitialize(case.get("v", -65.0))
    while h.t < 40.0 - 1e-9:
        h.fadvance()
    return [list(row) for row in rows]


def main(library: str, out: str) -> None:
    """All cases into one file."""
    import numpy as np
    from neuron import h

    h.nrn_load_dll(library)
    traces = {name: np.array(run(h, case)) for name, case in CASES.items()}
    np.savez_compressed(out, **{name: rows[:, ::4] for name, rows in traces.items()})
    print(json.dumps({name: rows[:, -1].tolist() for name, rows in traces.items()}, indent=1))


if __name__ == "__main__":
    main(*sys.argv[1:])

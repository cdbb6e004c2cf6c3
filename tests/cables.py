"""Cable cells that are said as data, as the stored results of NEURON are: `NAME_case` of `neuron_cables.npz`."""

import json
from pathlib import Path
from typing import Any

import numpy as np

import parsim as ps
from parsim.models.mechanisms import NAMES

DATA = np.load(Path(__file__).parent / "data" / "neuron_cables.npz")
CASES = {n.removesuffix("_case"): json.loads(str(DATA[n])) for n in DATA.files if n.endswith("_case")}
MOD = Path(__file__).parent / "nmodl" / "mod"


def find(name: str, tables: bool = False) -> Any:
    """A built-in mechanism, or one of the tests' own."""
    return ps.mechanism(name if name in NAMES else MOD / f"{name}.mod", tables=tables)


def at(point: list) -> str:
    return f"{point[0]}({point[1]})"


def model_of(case: dict[str, Any], **more: Any) -> ps.CableModel:
    """The cell of a case."""
    tables = bool(case.get("tables", 0))
    sections = [
        ps.Section(
            *(s[key] for key in ("name", "L", "diam", "nseg", "Ra", "cm")),
            parent=at(s["parent"]) if s.get("parent") else None,
        )
        for s in case["sections"]
    ]
    inserted = [
        ps.insert(find(i["mechanism"], tables), on=i["sections"], **i.get("values", {}))
        for i in case.get("insert", [])
    ]
    placed = [
        ps.place(p["id"], find(p["mechanism"]), at=at(p["at"]), **p.get("values", {}))
        for p in case.get("points", [])
    ]
    placed += [
        ps.place(f"clamp{k}", "IClamp", at=at(c["at"]), **{key: c[key] for key in ("delay", "dur", "amp")})
        for k, c in enumerate(case.get("clamps", []))
    ]
    said: dict[str, Any] = dict(
        v=case.get("v_init", -65.0),
        celsius=case.get("celsius", 6.3),
        scheme="trapezoid" if case.get("secondorder") else "backward_euler",
    )
    return ps.CableModel("cell", sections, insert=inserted, place=placed, **(said | more))


def row_name(row: list) -> str:
    """The name of a row of `record`."""
    return f"{at(row)}.{row[2]}" if len(row) == 3 else ".".join(row)

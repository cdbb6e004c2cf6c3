"""Membrane potentials over time: `nest.voltage_trace.from_device(voltmeter)`."""

from typing import Any

import numpy as np

from parsim.arrays import Floats
from parsim.nest.figures import pyplot
from parsim.nest.kernel import kernel
from parsim.nest.nodes import NodeCollection
from parsim.nest.tables import rows_of

_UNITS = {"ms": 1.0, "s": 1e-3}


def from_device(
    detec: NodeCollection, neurons: Any = None, title: str | None = None, grayscale: bool = False,
    timeunit: str = "ms",
) -> Any:  # fmt: skip
    """The V_m that a voltmeter or multimeter holds, one line a neuron, into the present figure; the lines come back."""
    if len(detec) > 1:
        raise ValueError("a trace is made of one voltmeter or multimeter.")
    said = detec.get()
    if "record_from" not in said:
        raise TypeError("a trace is made of a voltmeter or multimeter.")
    if "V_m" not in said["record_from"]:
        raise ValueError("the multimeter does not record V_m.")
    if said["record_to"] == "ascii":
        rows = np.concatenate([rows_of(name) for name in said["filenames"]])[:, :3]
    else:
        events = said["events"]
        if not events["times"].size:
            raise ValueError("there are no events to plot.")
        times = events["times"] * (kernel.settings["resolution"] if said["time_in_steps"] else 1.0)
        rows = np.column_stack([events["senders"], times, events["V_m"]])
    chosen = None if neurons is None else np.array(neurons, np.int64).ravel()
    return _drawn(rows, chosen, title, grayscale, timeunit)


def from_file(fname: Any, title: str | None = None, grayscale: bool = False) -> Any:
    """Files of V_m, of time and V_m, or of id, time and V_m."""
    names = [fname] if isinstance(fname, str) else list(fname)
    lines = []
    for name in names:
        rows = rows_of(name)
        if rows.shape[1] == 1:
            rows = np.column_stack([np.zeros(len(rows)), np.arange(len(rows)), rows[:, 0]])
        elif rows.shape[1] == 2:
            rows = np.column_stack([np.zeros(len(rows)), rows])
        lines += _drawn(rows[:, :3], None, title or f"Membrane potential from file {name}", grayscale, "ms")
    return lines


def _drawn(rows: Floats, chosen: Any, title: str | None, grayscale: bool, timeunit: str) -> list[Any]:
    plt = pyplot()
    if timeunit not in _UNITS:
        raise ValueError(f"timeunit is {timeunit!r:.40}; there are ms and s.")
    ids = np.unique(rows[:, 0]) if chosen is None else chosen
    lines = []
    for node in ids.tolist():
        mine = rows[rows[:, 0] == node]
        style = "k" if grayscale else ""
        lines.append(plt.plot(mine[:, 1] * _UNITS[timeunit], mine[:, 2], style, label=f"Neuron {int(node)}"))
    plt.title("Membrane potential" if title is None else title)
    plt.ylabel("Membrane potential (mV)")
    plt.xlabel(f"Time ({timeunit})")
    plt.legend(loc="best")
    return lines

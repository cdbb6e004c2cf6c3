"""Rasters of spikes: `nest.raster_plot.from_device(recorder, hist=True)`."""

from typing import Any

import numpy as np

from parsim.arrays import Floats
from parsim.nest.figures import pyplot
from parsim.nest.nodes import NodeCollection
from parsim.nest.tables import rows_of

_KEPT = 5.0  # ms


def from_device(rec: NodeCollection, **kwargs: Any) -> Any:
    """The spikes of a recorder; what `from_data` takes besides."""
    if len(rec) != 1 or rec.get("element_type") != "recorder" or "record_from" in rec.get():
        raise TypeError("a raster is made of one spike_recorder.")
    if rec.get("record_to") == "ascii":
        return from_file(rec.get("filenames"), **kwargs)
    events = rec.get("events")
    if not events["times"].size:
        raise ValueError("there are no events to plot.")
    times = events["times"] * (_step() if rec.get("time_in_steps") else 1.0)
    kwargs.setdefault("title", f"Raster plot from device '{rec.global_id}'")
    return from_data(np.column_stack([events["senders"], times]), **kwargs)


def _step() -> float:
    from parsim.nest.kernel import kernel

    return float(kernel.settings["resolution"])


def from_data(data: Any, sel: Any = None, **kwargs: Any) -> Any:
    """Rows of id and time, [spike, 2]; of those ids alone that are in `sel`.

    hist, hist_binwidth (ms), grayscale, title and xlabel are as in `from_device`. The lines of the raster come back.
    """
    data = np.asarray(data, np.float64)
    if len(data) == 0:
        raise ValueError("there are no events to plot.")
    return _drawn(extract_events(data, sel=sel) if sel is not None else data, **kwargs)


def from_file(fname: Any, **kwargs: Any) -> Any:
    """A file that a recorder has written, or several of them."""
    names = [fname] if isinstance(fname, str) else list(fname)
    return from_data(np.concatenate([rows_of(name) for name in names])[:, :2], **kwargs)


from_file_numpy = from_file_pandas = from_file


def extract_events(data: Any, time: Any = None, sel: Any = None) -> Floats:
    """The rows of an array of ids and times with t_min <= t < t_max, and with ids of `sel`.

    `time` is a pair, or t_max alone.
    """
    data = np.asarray(data, np.float64)
    keep = np.ones(len(data), bool)
    if time is not None:
        edges = np.ravel(np.asarray(time, np.float64))
        low, high = (edges[0] if edges.size > 1 else 0.0), edges[-1]
        if low >= high:
            raise ValueError("t_max must be greater than t_min.")
        keep &= (data[:, 1] >= low) & (data[:, 1] < high)
    if sel is not None:
        keep &= np.isin(data[:, 0], np.array(sel))
    found: Floats = data[keep]
    return found


def _drawn(
    data: Floats, hist: bool = True, hist_binwidth: float = _KEPT, grayscale: bool = False, title: str | None = None,
    xlabel: str | None = None,
) -> Any:  # fmt: skip
    plt = pyplot()
    plt.figure()
    colour, bars = (".k", "gray") if grayscale else (".", None)
    ids, times = data[:, 0], data[:, 1]
    xlabel = "Time (ms)" if xlabel is None else xlabel
    if not hist:
        lines = plt.plot(times, ids, colour)
        plt.ylabel("Neuron ID")
        plt.xlabel(xlabel)
        if title is not None:
            plt.title(title)
        return lines
    above = plt.axes([0.1, 0.3, 0.85, 0.6])
    lines = plt.plot(times, ids, colour)
    plt.ylabel("Neuron ID")
    if title is not None:
        plt.title(title)
    plt.axes([0.1, 0.1, 0.85, 0.17], sharex=above)
    edges = np.arange(times.min(), times.max() + 2 * hist_binwidth, hist_binwidth)
    counts, edges = np.histogram(times, edges)
    rate = 1000.0 * counts / (hist_binwidth * np.unique(ids).size)
    plt.bar(edges[:-1], rate, width=hist_binwidth, align="edge", color=bars, edgecolor="black")
    plt.ylabel("Rate (Hz)")
    plt.xlabel(xlabel)
    plt.axes(above)
    return lines

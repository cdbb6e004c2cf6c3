"""`parsim plot raster|trace|path|shape FILE -o out.png`, and the same pictures for scripts."""

import argparse
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from parsim.arrays import Floats, Gids
from parsim.cli.populations import Cells, populations_of
from parsim.errors import DescriptionError, ParsimError
from parsim.given.plain import as_count

if TYPE_CHECKING:  # which imports h5py
    from parsim.io.reading import Traces

COLOURS = ("#2d6a9f", "#c8502f", "#4f8f4a", "#8764a8", "#b58a1b", "#2f8f8f", "#a8476f", "#6b6b6b")
DOTS = 8_000  # a raster with more than these becomes a haze; it then shows fewer cells
OF_TRACES = ("trace", "path", "shape")
PANELS = 5  # traces shown when no number is asked for

Source = str | os.PathLike[str] | tuple[Floats, Gids]


def add(subparsers: Any) -> None:
    """Declare the subcommand."""
    parser = subparsers.add_parser("plot", help="draw the spikes or traces of a result file")
    parser.add_argument("what", choices=("raster", *OF_TRACES))
    parser.add_argument("file", metavar="FILE")
    parser.add_argument(
        "-o", "--output", metavar="OUT.png", help="default: FILE.png, of cells FILE-path.png, FILE-shape.png"
    )
    parser.add_argument("--from", dest="start", type=float, metavar="MS", help="first time shown")
    parser.add_argument("--to", dest="stop", type=float, metavar="MS", help="last time shown")
    parser.add_argument("--cells", type=int, metavar="N", help="show so many cells")
    parser.add_argument("--title", help="default: what the file holds")
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    """Draw one file, and say where the picture is."""
    from parsim.io.reading import kind_of

    wanted = {"spikes": ("raster",), "traces": OF_TRACES}[kind_of(args.file)]
    if args.what not in wanted:
        raise DescriptionError(
            f"'{args.file}' holds {kind_of(args.file)}. Use: parsim plot {wanted[0]} {args.file}"
        )
    kind = "" if args.what in ("raster", "trace") else f"-{args.what}"  # one report has several pictures
    file = Path(args.file)
    out = args.output or str(file.with_name(f"{file.stem}{kind}.png"))
    draw = {"raster": plot_raster, "trace": plot_trace, "path": plot_path, "shape": plot_shape}[args.what]
    draw(args.file, out, start=args.start, stop=args.stop, cells=args.cells, title=args.title)
    print(out)
    return 0


# For scripts


def plot_raster(
    spikes: Source,
    out: str | os.PathLike[str],
    populations: Iterable[Any] = (),
    start: float | None = None,
    stop: float | None = None,
    cells: int | None = None,
    title: str | None = None,
) -> None:
    """Save a raster over population rates; `spikes` is a file or (times, gids).

    `populations`, as `Network.create` gives them, name and colour the cells; a file knows its own.
    """
    record: Mapping[str, Any] | Iterable[Any] = list(populations)
    recorded = None
    if isinstance(spikes, tuple):
        times, gids = spikes
    else:
        from parsim.io.reading import read_spike_file

        times, gids, span, recorded, said = read_spike_file(spikes)
        record = record or said
        start = span[0] if start is None else start
        stop = span[1] if stop is None else stop
    groups = populations_of(record, gids, recorded)
    save(raster_figure(times, gids, groups, start, stop, cells, title), out)


def plot_trace(
    traces: str | os.PathLike[str],
    out: str | os.PathLike[str],
    populations: Iterable[Any] = (),
    start: float | None = None,
    stop: float | None = None,
    cells: int | None = None,
    title: str | None = None,
) -> None:
    """Save the traces of a file, a panel a cell."""
    from parsim.io.reading import read_provenance, read_traces

    record = list(populations) or read_provenance(traces)
    save(trace_figure(read_traces(traces), record, start, stop, cells, title), out)


def plot_path(
    report: str | os.PathLike[str], out: str | os.PathLike[str], populations: Iterable[Any] = (),
    start: float | None = None, stop: float | None = None, cells: int | None = None, title: str | None = None,
) -> None:  # fmt: skip
    """Save what a compartment report holds along cells, at some times from `start` to `stop`."""
    from parsim.cli.compartments import path_figure

    _plot_compartments(path_figure, report, out, start, stop, cells, title)


def plot_shape(
    report: str | os.PathLike[str], out: str | os.PathLike[str], populations: Iterable[Any] = (),
    start: float | None = None, stop: float | None = None, cells: int | None = None, title: str | None = None,
) -> None:  # fmt: skip
    """Save pictures of cells, coloured by what a compartment report holds at some times from `start` to `stop`."""
    from parsim.cli.compartments import shape_figure

    _plot_compartments(shape_figure, report, out, start, stop, cells, title)


def _plot_compartments(
    draw: Any, report: Any, out: Any, start: float | None, stop: float | None, cells: int | None, title: str | None
) -> None:  # fmt: skip
    from parsim.io.reading import read_elements, read_traces

    save(draw(read_traces(report), read_elements(report), start, stop, cells, title), out)


def save(figure: Any, path: str | os.PathLike[str]) -> None:
    """Write a figure; the ending of the name says in which format."""
    out = Path(path)
    formats = figure.canvas.get_supported_filetypes()
    if out.suffix[1:].lower() not in formats:
        raise DescriptionError(
            f"Cannot make a picture called '{path}'. Its name must end in one of: "
            f"{', '.join('.' + ending for ending in sorted(formats))}."
        )
    if not out.parent.is_dir():
        raise DescriptionError(
            f"Cannot write '{path}': the folder '{out.parent}' does not exist. "
            f"Make it with: mkdir -p '{out.parent}'"
        )
    try:
        figure.savefig(out, dpi=150)
    except OSError as error:
        raise ParsimError(f"Cannot write '{path}': {error.strerror or error}.") from None


# Rasters


def raster_figure(
    times: Floats,
    gids: Gids,
    populations: Iterable[Any] = (),
    start: float | None = None,
    stop: float | None = None,
    cells: int | None = None,
    title: str | None = None,
) -> Any:
    """Dots for spikes by population, over the populations' rates; times in ms.

    `cells` limits how many cells are shown, evenly chosen; rates are always those of all cells.
    """
    start, stop = window(start, stop, 0.0, float(times.max(initial=0.0)))
    inside = (times >= start) & (times <= stop)
    times, gids = times[inside], gids[inside]
    groups = populations_of(populations, gids)
    total = sum(group.gids.size for group in groups)
    shown = _chosen(groups, _how_many(cells, total, times.size))

    figure = blank_figure(9.0, 6.0)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    rows = sum(chosen.size for chosen in shown)
    size = float(np.clip(0.9 * 280.0 / max(rows, 1), 2.2, 4.5))
    width = _bin_width(stop - start, times.size)
    base, labels = 0, []
    for group, chosen, colour in zip(groups, shown, _colours(len(groups)), strict=True):
        mine = group.among(gids)
        row, seen = _rows(chosen, gids[mine])
        upper.plot(
            times[mine][seen], base + row, ".", color=colour, markersize=size, markeredgewidth=0, rasterized=True
        )  # fmt: skip
        rate = mine.sum() / group.gids.size / max(stop - start, 1e-9) * 1000.0
        labels.append(f"{group.name}: {rate:.3g} Hz, {_count(group)}")
        base += chosen.size
        edges, rates = _rates(times[mine], group.gids.size, start, stop, width)
        lower.stairs(rates, edges, color=colour, linewidth=1.1)
        if len(groups) == 1:  # areas of several would hide one another
            lower.stairs(rates, edges, fill=True, color=colour, alpha=0.2, linewidth=0)

    _legend(upper, labels)
    upper.set_ylim(-0.5, max(rows, 1) - 0.5)
    upper.set_ylabel("cell" if rows == total else f"{rows:,} of {total:,} cells")
    upper.set_title(title or f"{times.size:,} spikes of {total:,} cells", loc="left", fontsize=11)
    lower.set_xlabel("time (ms)")
    lower.set_ylabel("rate (Hz per cell)")
    lower.set_xlim(start, stop)
    lower.set_ylim(bottom=0.0)
    return figure


def _how_many(cells: int | None, total: int, spikes: int) -> int:
    if cells is not None:
        return min(as_count(cells, "the number of cells to show", 1), total)
    return total if spikes <= DOTS else max(20, total * DOTS // spikes)


def _chosen(groups: list[Cells], wanted: int) -> list[Gids]:
    """Evenly chosen cells of each population, in proportion to its size, one at least."""
    total = sum(group.gids.size for group in groups)
    chosen = []
    for group in groups:
        n = min(group.gids.size, max(1, round(group.gids.size * wanted / total)))
        chosen.append(group.gids[np.linspace(0, group.gids.size - 1, n).round().astype(np.int64)])
    return chosen


def _rows(chosen: Gids, gids: Gids) -> tuple[Gids, Any]:
    """The rows of spikes among the chosen cells, and which spikes those are."""
    at = np.minimum(np.searchsorted(chosen, gids), chosen.size - 1)
    seen = chosen[at] == gids
    return at[seen], seen


def _rates(times: Floats, cells: int, start: float, stop: float, width: float) -> tuple[Floats, Floats]:
    """Edges of bins of `width` ms and the mean rate of the cells in each bin, in Hz."""
    bins = max(1, round((stop - start) / width))
    # A step's spikes carry the time of its end, so bins are open on the left; the millionth is rounding.
    index = np.ceil((times - start) / width - 1e-6).astype(np.int64) - 1
    counts = np.bincount(np.clip(index, 0, bins - 1), minlength=bins)
    edges: Floats = np.asarray(start + width * np.arange(bins + 1), dtype=np.float64)
    return edges, counts / cells / width * 1000.0


def _bin_width(duration: float, spikes: int) -> float:
    """A round number of ms: up to 500 bins with some 20 spikes in each, and 20 bins at least."""
    least = max(duration / np.clip(spikes / 20, 50, 500), 1e-6)
    power = 10.0 ** np.floor(np.log10(least))
    return float(next(step * power for step in (1.0, 2.0, 5.0, 10.0) if step * power >= least * 0.999))


def _count(group: Cells) -> str:
    return f"{group.gids.size:,} cell{'s' if group.gids.size != 1 else ''}"


def _legend(axes: Any, labels: list[str]) -> None:
    """Names above the axes, on the right; dots of readable size whatever they are in the raster."""
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=colour, marker="o", markersize=5, linestyle="", label=label)
        for label, colour in zip(labels, _colours(len(labels)), strict=True)
    ]
    if handles:
        axes.legend(
            handles=handles, loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=min(3, len(handles)),
            frameon=False, fontsize=9, handletextpad=0.2, borderaxespad=0.2,
        )  # fmt: skip


# Traces


def trace_figure(
    traces: "Traces",
    populations: Mapping[str, Any] | Iterable[Any] = (),
    start: float | None = None,
    stop: float | None = None,
    cells: int | None = None,
    title: str | None = None,
) -> Any:
    """A panel for each of the first `cells` cells."""
    times, gids, values, variable, unit = traces
    if times.size == 0 or gids.size == 0:
        raise DescriptionError("There are no samples to draw. Run the simulation before plotting.")
    start, stop = window(start, stop, float(times[0]), float(times[-1]))
    inside = (times >= start) & (times <= stop)
    shown = min(gids.size, PANELS if cells is None else as_count(cells, "the number of cells to show", 1))
    groups = populations_of(populations, gids)
    label = f"{variable or 'value'}{f' ({unit})' if unit else ''}"

    figure = blank_figure(9.0, max(3.2, 1.2 + 1.35 * shown))
    panels = figure.subplots(shown, 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    for column, axes in enumerate(panels):
        place = next(k for k, group in enumerate(groups) if (group.gids == gids[column]).any())
        colour = _colours(len(groups))[place]
        axes.plot(times[inside], values[inside, column], color=colour, linewidth=0.9)
        axes.set_title(
            _cell_name(int(gids[column]), groups[place]), loc="right", fontsize=9, pad=2, color=colour
        )
    panels[0].set_xlim(start, stop)
    panels[-1].set_xlabel("time (ms)")
    figure.supylabel(label, fontsize="medium")
    of_all = f" of {gids.size:,}" if shown < gids.size else ""
    plural = "s" if gids.size > 1 else ""
    panels[0].set_title(
        title or f"{variable or 'traces'} of {shown}{of_all} cell{plural}", loc="left", fontsize=11
    )
    return figure


def _cell_name(gid: int, group: Cells) -> str:
    if not group.model:
        return f"cell {gid}"
    named = group.name if group.name.startswith(group.model) else f"{group.name}, {group.model}"
    return f"cell {gid} ({named})"


# Shared


def window(start: float | None, stop: float | None, first: float, last: float) -> tuple[float, float]:
    start = first if start is None else float(start)
    stop = last if stop is None else float(stop)
    if not start < stop:
        if stop == start == first:
            return start, start + 1.0
        raise DescriptionError(
            f"Nothing lies between {start:g} ms and {stop:g} ms; let `to` be after `from`."
        )
    return start, stop


def _colours(count: int) -> list[str]:
    return [COLOURS[k % len(COLOURS)] for k in range(count)]


def blank_figure(width: float, height: float) -> Any:
    """An empty figure that needs no display and leaves pyplot alone."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "matplotlib":
            raise
        raise ParsimError(
            'Plots need matplotlib, which is not installed. Install it with: pip install "parsim-snn[plot]"'
        ) from None
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure

"""Pictures of compartment reports: what stands along a cell, and on its shape, at some times."""

from typing import TYPE_CHECKING, Any

import numpy as np

from parsim.arrays import Floats, Ints
from parsim.cli.plot import blank_figure, window
from parsim.errors import DescriptionError
from parsim.given.plain import as_count

if TYPE_CHECKING:  # which imports h5py
    from parsim.io.elements import Elements
    from parsim.io.reading import Traces

SHADES = ("#440154", "#3b528b", "#21918c", "#5ec962", "#d9b500", "#d95f02")  # of times along a path
SNAPSHOTS = 4  # times beside each other on a shape
FINE = 24  # dots between two elements
THICK = (1.5, 9.0)  # points: the thinnest and the thickest dot


def path_figure(
    traces: "Traces", elements: "Elements", start: float | None = None, stop: float | None = None,
    cells: int | None = None, title: str | None = None,
) -> Any:  # fmt: skip
    """A panel for each of the first `cells` cells (one by default): values over the distance from the first section.

    A line goes from each element to the one that comes before it; its colour is the time.
    """
    gids, samples = _shown(traces, start, stop, cells, len(SHADES))
    figure = blank_figure(7.0, 1.2 + 2.6 * gids.size)
    panels = figure.subplots(gids.size, 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    for gid, axes in zip(gids.tolist(), panels, strict=True):
        mine = np.flatnonzero(traces.gids == gid)
        for k, sample in enumerate(samples.tolist()):
            x, y = _lines(elements.before, mine, elements.distance, traces.values[sample])
            axes.plot(
                x, y, color=SHADES[k], marker=".", markersize=3, label=f"{traces.times[sample]:g} ms", linewidth=1.2
            )  # fmt: skip
        axes.set_title(f"cell {gid}", loc="right", fontsize=9, pad=2)
    panels[0].set_title(title or f"{_named(traces)} along the cell", loc="left", fontsize=11)
    panels[0].legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    panels[-1].set_xlabel("distance from the middle of the first section (um)")
    figure.supylabel(_named(traces, unit=True), fontsize="medium")
    return figure


def shape_figure(
    traces: "Traces", elements: "Elements", start: float | None = None, stop: float | None = None,
    cells: int | None = None, title: str | None = None,
) -> Any:  # fmt: skip
    """A row for each of the first `cells` cells (one by default): its elements in space, at some times.

    Between elements diameters and values go in straight lines; colours are alike in all panels. The thickest place is
    drawn as thick in all cells.
    """
    gids, samples = _shown(traces, start, stop, cells, SNAPSHOTS)
    (left, right), (low, top) = (_extent(column) for column in (elements.x, elements.y))
    wide, high = right - left, top - low
    tall = 2.8 * float(np.clip(high / wide, 0.3, 2.0)) + 0.6  # inches
    figure = blank_figure(2.8 * samples.size + 1.0, 0.6 + tall * gids.size)
    panels = figure.subplots(gids.size, samples.size, sharex=True, sharey=True, squeeze=False)
    drawn = traces.values[np.ix_(samples, np.isin(traces.gids, gids))]
    least, most = float(np.nanmin(drawn)), float(np.nanmax(drawn))
    for gid, row in zip(gids.tolist(), panels, strict=True):
        mine = np.flatnonzero(traces.gids == gid)
        x, y, diam = (_between(elements.before, mine, c) for c in (elements.x, elements.y, elements.diam))
        size = np.clip(THICK[1] * diam / diam.max(), *THICK) ** 2
        for axes, sample in zip(row, samples.tolist(), strict=True):
            dots = axes.scatter(
                x, y, s=size, c=_between(elements.before, mine, traces.values[sample]), cmap="viridis",
                vmin=least, vmax=most, linewidths=0,
            )  # fmt: skip
            axes.set(aspect="equal", xlim=(left, right), ylim=(low, top))
            axes.tick_params(labelsize=7)
            axes.locator_params(
                nbins=4, steps=[1, 2, 5, 10]
            )  # so that numbers of panels side by side stay apart
            axes.set_title(f"{traces.times[sample]:g} ms", loc="right", fontsize=9, pad=2)
        row[0].set_ylabel(f"cell {gid}: y (um)")
    for axes in panels[-1]:
        axes.set_xlabel("x (um)")
    figure.colorbar(dots, ax=panels, label=_named(traces, unit=True), shrink=0.8, pad=0.02)
    if title:
        figure.suptitle(title, fontsize=11)
    return figure


def _extent(column: Floats) -> tuple[float, float]:
    """From where to where an axis goes: with a margin about all elements, also where they are in line."""
    least, most = float(column.min()), float(column.max())
    margin = max(0.08 * (most - least), 20.0)
    return least - margin, most + margin


def _shown(
    traces: "Traces", start: float | None, stop: float | None, cells: int | None, n: int
) -> tuple[Ints, Ints]:
    """The cells that are drawn, and which samples: up to `n`, evenly from the first to the last."""
    if traces.times.size == 0 or traces.gids.size == 0:
        raise DescriptionError("There are no samples to draw. Run the simulation before plotting.")
    start, stop = window(start, stop, float(traces.times[0]), float(traces.times[-1]))
    inside = np.flatnonzero((traces.times >= start) & (traces.times <= stop))
    if inside.size == 0:
        raise DescriptionError(
            f"No sample lies between {start:g} ms and {stop:g} ms; they go from {traces.times[0]:g} to "
            f"{traces.times[-1]:g} ms."
        )
    samples = inside[np.unique(np.linspace(0, inside.size - 1, n).round().astype(np.int64))]
    many = 1 if cells is None else as_count(cells, "the number of cells to show", 1)
    return np.unique(traces.gids)[:many], samples


def _lines(before: Ints, mine: Ints, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """From each element of a cell to the one before it, with a gap after each; alone where there is none."""
    ends = np.where(before[mine] < 0, mine, before[mine])
    gap = np.full(mine.size, np.nan)
    return tuple(np.stack([column[ends], column[mine], gap], axis=1).ravel() for column in (x, y))  # type: ignore[return-value]


def _between(before: Ints, mine: Ints, column: Floats) -> Floats:
    """What elements of a cell have, and what is between each and the one before it."""
    part = np.arange(1, FINE + 1) / FINE
    ends = np.where(before[mine] < 0, mine, before[mine])
    return (column[ends, None] + part * (column[mine] - column[ends])[:, None]).ravel()


def _named(traces: "Traces", unit: bool = False) -> str:
    name = traces.variable or "value"
    return f"{name} ({traces.unit})" if unit and traces.unit else name

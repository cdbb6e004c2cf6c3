"""Pictures: what is drawn, of which cells, and what is said when it cannot be."""

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from parsim.cli.main import main

matplotlib = pytest.importorskip("matplotlib")

from parsim.cli import plot  # noqa: E402
from parsim.errors import DescriptionError  # noqa: E402
from parsim.io.reading import Traces  # noqa: E402

TIMES = np.array([1.0, 2.0, 2.0, 5.0, 10.0])
GIDS = np.array([0, 0, 4, 1, 5])
POPULATIONS = [
    {"name": "exc", "model": "leaky", "first": 0, "size": 4},
    SimpleNamespace(name="inh", model=SimpleNamespace(name="leaky", kind="cell"), first=4, size=2),
    {"name": "drive", "model": "noise", "kind": "stimulus", "first": 0, "size": 1},
]
PNG = b"\x89PNG"


def dots(figure):
    return [line.get_xydata().tolist() for line in figure.axes[0].lines]


def legend(figure):
    return [text.get_text() for text in figure.axes[0].get_legend().get_texts()]


def test_a_raster_shows_each_spike_at_its_time_and_cell_by_population():
    figure = plot.raster_figure(TIMES, GIDS, POPULATIONS)
    assert dots(figure) == [[[1, 0], [2, 0], [5, 1]], [[2, 4], [10, 5]]]
    colours = [line.get_color() for line in figure.axes[0].lines]
    assert len(set(colours)) == 2
    # 3 spikes of 4 cells, and 2 of 2, in 10 ms
    assert legend(figure) == ["exc: 75 Hz, 4 cells", "inh: 100 Hz, 2 cells"]
    assert figure.axes[0].get_ylabel() == "cell"
    assert [axes.get_xlabel() for axes in figure.axes] == ["", "time (ms)"]


def test_rates_below_a_raster_count_all_spikes():
    times = np.arange(1, 1001) / 10
    gids = np.arange(1000) % 50
    edges, rates = plot._rates(times, 50, 0.0, 100.0, 2.0)
    assert edges[0] == 0.0 and edges[-1] == pytest.approx(100.0)
    np.testing.assert_allclose(rates, 200.0)  # 1000 spikes of 50 cells in 0.1 s
    assert plot.raster_figure(times, gids, cells=7).axes[0].get_ylabel() == "7 of 50 cells"


@pytest.mark.parametrize("duration", [0.3, 1.0, 7.0, 50.0, 123.4, 1000.0, 3e5])
@pytest.mark.parametrize(("spikes", "most"), [(0, 50), (2_000, 100), (10**6, 500)])
def test_bins_are_round_and_neither_few_nor_many(duration, spikes, most):
    width = plot._bin_width(duration, spikes)
    assert most / 2.6 <= duration / width <= most + 1
    assert f"{width:e}"[0] in "125"


def test_a_dense_raster_shows_fewer_cells_of_every_population():
    rng = np.random.default_rng(1)
    times, gids = np.sort(rng.random(50_000) * 100), rng.integers(0, 1000, 50_000)
    populations = [
        {"name": "many", "model": "leaky", "first": 0, "size": 999},
        {"name": "one", "model": "leaky", "first": 999, "size": 1},
    ]
    figure = plot.raster_figure(times, gids, populations)
    assert 4_000 < sum(map(len, dots(figure))) < 12_000
    assert all(map(len, dots(figure)))
    assert legend(figure)[0] == f"many: {(gids < 999).sum() / 999 / 0.1:.3g} Hz, 999 cells"


def test_only_the_window_is_shown():
    figure = plot.raster_figure(TIMES, GIDS, POPULATIONS, start=2.0, stop=6.0)
    assert dots(figure) == [[[2, 0], [5, 1]], [[2, 4]]]
    assert figure.axes[0].get_xlim() == (2.0, 6.0)


def test_without_populations_all_cells_are_of_one_kind():
    assert legend(plot.raster_figure(TIMES, GIDS))[0].endswith("4 cells")


def test_no_spikes_make_an_empty_picture(tmp_path):
    nothing = np.empty(0), np.empty(0, np.int64)
    plot.plot_raster(nothing, tmp_path / "empty.png")
    plot.plot_raster(nothing, tmp_path / "silent.png", POPULATIONS, stop=100.0)
    assert (tmp_path / "silent.png").read_bytes().startswith(PNG)


def test_a_trace_has_a_panel_for_each_cell_with_its_name_and_unit():
    times = np.arange(1, 11) / 10
    values = np.arange(30.0).reshape(10, 3)
    figure = plot.trace_figure(Traces(times, np.array([5, 0, 9]), values, "V_m", "mV"), POPULATIONS)
    assert [axes.get_title(loc="right") for axes in figure.axes] == [
        "cell 5 (inh, leaky)",
        "cell 0 (exc, leaky)",
        "cell 9",
    ]
    np.testing.assert_array_equal(figure.axes[1].lines[0].get_ydata(), values[:, 1])
    assert figure.get_supylabel() == "V_m (mV)"


def test_a_trace_shows_the_first_cells_and_the_window():
    times = np.arange(1, 101) / 10
    gids, values = np.arange(20), np.zeros((100, 20))
    traces = Traces(times, gids, values, "V_m", "mV")
    assert len(plot.trace_figure(traces).axes) == plot.PANELS
    figure = plot.trace_figure(traces, cells=2, start=1.0, stop=2.0)
    assert [line.get_xdata().size for axes in figure.axes for line in axes.lines] == [11, 11]


def test_no_samples_are_an_error():
    with pytest.raises(DescriptionError, match="There are no samples to draw"):
        plot.trace_figure(Traces(np.empty(0), np.array([1]), np.empty((0, 1)), "V_m", "mV"))


@pytest.mark.parametrize("what", ["raster", "trace"])
def test_the_command_draws_a_file_and_says_where(spikes, traces, capsys, tmp_path, what):
    file = spikes if what == "raster" else traces
    out = str(tmp_path / "picture.png")
    assert main(["plot", what, file, "-o", out, "--from", "10", "--to", "40", "--cells", "3"]) == 0
    assert capsys.readouterr().out == f"{out}\n"
    assert Path(out).read_bytes().startswith(PNG)


def test_the_picture_lies_beside_the_file_unless_told_otherwise(spikes):
    assert main(["plot", "raster", spikes]) == 0
    assert Path(spikes).with_suffix(".png").exists()


def refused(capsys, *arguments):
    assert main(["plot", *arguments]) == 1
    return capsys.readouterr().err


def test_the_other_kind_of_file_is_told_with_the_command_for_it(spikes, capsys):
    assert (
        refused(capsys, "trace", spikes)
        == f"parsim plot: '{spikes}' holds spikes. Use: parsim plot raster {spikes}\n"
    )


def test_an_empty_window_is_refused(spikes, capsys):
    assert "Nothing lies between 50 ms and 20 ms" in refused(
        capsys, "raster", spikes, "--from", "50", "--to", "20"
    )


def test_no_cells_are_refused(spikes, capsys):
    assert "number of cells to show is 0; it must be at least 1" in refused(
        capsys, "raster", spikes, "--cells", "0"
    )


def test_an_unknown_ending_is_refused_with_the_known_ones(spikes, capsys):
    assert "must end in one of: " in refused(capsys, "raster", spikes, "-o", "picture.bmpp")


def test_a_missing_folder_is_refused(spikes, capsys, tmp_path):
    assert "Make it with: mkdir -p" in refused(capsys, "raster", spikes, "-o", str(tmp_path / "no" / "p.png"))


def test_without_matplotlib_the_cure_is_one_line(spikes, capsys, monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [NoMatplotlib(), *sys.meta_path])
    message = refused(capsys, "raster", spikes)
    assert message.endswith('not installed. Install it with: pip install "parsim-snn[plot]"\n')
    assert message.count("\n") == 1


class NoMatplotlib:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "matplotlib":
            raise ModuleNotFoundError(f"No module named '{name}'", name=name)

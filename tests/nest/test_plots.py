"""Plots of scripts: rasters and traces of what recorders hold, in memory and in files."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest

import parsim.nest as nest


@pytest.fixture(autouse=True)
def no_figures():
    yield
    plt.close("all")


def recorded(**settings):
    cells = nest.Create("iaf_psc_alpha", 3, {"I_e": [500.0, 600.0, 700.0]})
    spikes, meter = nest.Create("spike_recorder", params=settings), nest.Create("voltmeter", params=settings)
    nest.Connect(cells, spikes)
    nest.Connect(meter, cells)
    nest.Simulate(50.0)
    return spikes, meter


@pytest.mark.parametrize("hist", [False, True])
def test_a_raster_shows_every_spike(hist):
    spikes, _ = recorded()
    (line,) = nest.raster_plot.from_device(spikes, hist=hist)
    events = spikes.events
    assert np.array_equal(line.get_xdata(), events["times"]) and np.array_equal(
        line.get_ydata(), events["senders"]
    )
    assert line.axes.get_title() == "Raster plot from device '4'"
    if hist:
        bars = plt.gcf().axes[1].patches
        counted = (
            sum(bar.get_height() for bar in bars) * 5.0 * 3 / 1000.0
        )  # of Hz in bins of 5 ms for 3 cells
        assert counted == pytest.approx(events["times"].size)


def test_a_trace_shows_each_cell():
    _, meter = recorded()
    lines = nest.voltage_trace.from_device(meter)
    assert [line.get_label() for (line,) in lines] == ["Neuron 1", "Neuron 2", "Neuron 3"]
    events = meter.events
    assert np.array_equal(lines[1][0].get_ydata(), events["V_m"][events["senders"] == 2])


def test_files_are_plotted_as_well(tmp_path):
    nest.data_path = str(tmp_path)
    spikes, meter = recorded(record_to="ascii")
    (line,) = nest.raster_plot.from_device(spikes, hist=False)
    assert len(line.get_xdata()) == spikes.n_events > 0
    lines = nest.voltage_trace.from_file(meter.filenames)
    assert [len(line.get_xdata()) for (line,) in lines] == [
        49,
        49,
        49,
    ]  # the last one comes with the next run


def test_what_cannot_be_plotted_says_so():
    spikes, meter = nest.Create("spike_recorder"), nest.Create("multimeter")
    with pytest.raises(ValueError, match="no events"):
        nest.raster_plot.from_device(spikes)
    with pytest.raises(TypeError):
        nest.raster_plot.from_device(meter)
    with pytest.raises(TypeError):
        nest.voltage_trace.from_device(spikes)
    with pytest.raises(ValueError, match="V_m"):
        nest.voltage_trace.from_device(meter)


def test_events_within_a_time_and_of_some_cells():
    data = [[1, 5.0], [2, 7.0], [1, 9.0]]
    assert nest.raster_plot.extract_events(data, time=(6.0, 9.0)).tolist() == [[2.0, 7.0]]
    assert nest.raster_plot.extract_events(data, time=8.0, sel=[1]).tolist() == [[1.0, 5.0]]


def test_a_layer_and_targets_are_shown_where_they_are():
    layer = nest.Create("iaf_psc_alpha", positions=nest.spatial.grid([5, 4], extent=[2.0, 2.0]))
    spec = {"rule": "pairwise_bernoulli", "p": 1.0, "mask": {"circular": {"radius": 0.45}}}
    nest.Connect(layer, layer, spec)
    figure = nest.PlotLayer(layer)
    assert np.array_equal(figure.axes[0].collections[0].get_offsets(), nest.GetPosition(layer))

    middle, probable = (
        nest.FindCenterElement(layer),
        nest.spatial_distributions.gaussian(nest.spatial.distance),
    )
    shown = (
        nest.PlotTargets(middle, layer, mask=spec["mask"], probability_parameter=probable).axes[0].collections
    )
    assert np.array_equal(shown[1].get_offsets(), [nest.GetPosition(middle)])
    assert sorted(shown[0].get_offsets().tolist()) == sorted(
        map(list, nest.GetTargetPositions(middle, layer)[0])
    )
    image = shown[1].axes.images[0]
    assert image.get_extent() == [-0.8, 0.8, -0.75, 0.75]  # as far as there are nodes
    values = image.get_array()
    rows, columns = np.linspace(-0.75, 0.75, 100), np.linspace(-0.8, 0.8, 100)
    x, y = nest.GetPosition(middle)
    assert values[3, 90] == pytest.approx(np.exp(-((columns[90] - x) ** 2 + (rows[3] - y) ** 2) / 2.0))
    outline = shown[2].get_paths()[0].vertices - nest.GetPosition(middle)
    assert np.allclose(np.hypot(*outline.T), 0.45, atol=0.02)  # it is looked for among points 0.01 apart

    sources = nest.PlotSources(layer, middle).axes[0].collections[0].get_offsets()
    assert len(sources) == len(nest.GetSourceNodes(layer, middle)[0])
    with pytest.raises(TypeError, match="one node"):
        nest.PlotTargets(layer, layer)

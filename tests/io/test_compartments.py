"""Compartment reports: several elements of each cell in one file, as SONATA says."""

import re

import h5py
import numpy as np
import pytest

import parsim as ps
from parsim.cli.main import main
from parsim.io.reading import read_elements, read_traces

MODEL = ps.CableModel(
    "cell",
    [ps.Section("soma", 20.0, 20.0), ps.Section("dend", 200.0, 2.0, 5, parent="soma")],
    insert=[ps.insert("pas")],
)


PLACES = ["dend(0.7).v", "soma.v", "dend(0.1).v", "branch.v"]


def recorded(names, n=3, model=MODEL):
    net = ps.Network()
    cells = net.create(model, n, v=ps.Uniform(-75.0, -65.0))
    found = [net.record(cells, name, interval=0.5) for name in names]
    ps.Simulation(net, dt=0.1, progress=False).run(5.0)
    return found


def test_elements_stand_side_by_side_for_each_cell(tmp_path, capsys):
    traces = recorded(["dend(0.7).v", "soma.v", "dend(0.1).v"])
    ps.save_compartments(tmp_path / "report.h5", traces)
    with h5py.File(tmp_path / "report.h5") as file:
        mapping = file["report/cells/mapping"]
        assert mapping["node_ids"][:].tolist() == [0, 1, 2]
        assert mapping["index_pointers"][:].tolist() == [0, 3, 6, 9]
        assert mapping["element_ids"][:].tolist() == [0, 1, 1] * 3
        assert mapping["element_pos"][:] == pytest.approx([0.5, 0.1, 0.7] * 3)
    found = read_traces(tmp_path / "report.h5")
    values = np.stack([traces[k].values for k in (1, 2, 0)], axis=2).reshape(10, 9)
    assert np.array_equal(found.values, values.astype(np.float32))
    assert found.times == pytest.approx(traces[0].times)
    assert main(["info", str(tmp_path / "report.h5")]) in (0, None)
    said = capsys.readouterr().out
    assert "3 (gids 0 to 2)" in said and re.search(r"elements +9\n", said)


def test_libsonata_reads_the_same_elements(tmp_path):
    libsonata = pytest.importorskip("libsonata")
    traces = recorded(["dend(0.7).v", "soma.v", "dend(0.1).v"])
    ps.save_compartments(tmp_path / "report.h5", traces)
    found = libsonata.ElementReportReader(str(tmp_path / "report.h5"))["cells"].get()
    assert np.array(found.ids).tolist() == [[node, element] for node in range(3) for element in (0, 1, 1)]
    values = np.stack([traces[k].values for k in (1, 2, 0)], axis=2).reshape(10, 9)
    assert np.array_equal(found.data, values.astype(np.float32))
    assert found.times == pytest.approx(traces[0].times)


def test_what_makes_no_report_is_told(tmp_path):
    v, g = recorded(["soma.v", "soma.pas.g"])
    for given, text in (
        ([], r"recordings is \[\]; a list of what Network.record has returned is needed."),
        ([v, 3], "3 is no recording; give what Network.record has returned, without to=."),
        ([v, g], r"soma.pas.g \(S/cm2\) has 10 samples, one each 0.5 ms, and soma.v \(mV\) 10"),
        ([g], "soma.pas.g is at no point of a section."),
    ):
        with pytest.raises(ps.DescriptionError, match=text):
            ps.save_compartments(tmp_path / "report.h5", given)


def test_a_report_says_where_in_a_cell_its_elements_are(tmp_path):
    """Of sections 20 and 200 um long that go on in one line, and one of 100 um that stands off where it grows."""
    branch = ps.Section("branch", 100.0, (2.0, 1.0), parent="dend(0.5)")
    model = ps.CableModel("cell", [*MODEL.sections, branch], insert=[ps.insert("pas")])
    ps.save_compartments(tmp_path / "report.h5", recorded(PLACES, 2, model))
    found = read_elements(tmp_path / "report.h5")
    assert found.section.tolist() == [0, 1, 1, 2] * 2
    assert found.x == pytest.approx([0.0, 30.0, 150.0, 110.0] * 2)
    assert found.y == pytest.approx([0.0, 0.0, 0.0, 50.0] * 2)
    assert found.distance == pytest.approx([0.0, 30.0, 150.0, 160.0] * 2)
    assert found.diam == pytest.approx([20.0, 2.0, 2.0, 1.5] * 2)
    assert found.before.tolist() == [-1, 0, 1, 1, -1, 4, 5, 5]


@pytest.mark.parametrize("what", ["path", "shape"])
def test_reports_are_drawn(tmp_path, what):
    pytest.importorskip("matplotlib")
    from parsim.cli import compartments

    ps.save_compartments(tmp_path / "report.h5", recorded(PLACES[:3], 2))
    given = read_traces(tmp_path / "report.h5"), read_elements(tmp_path / "report.h5")
    figure = getattr(compartments, f"{what}_figure")(*given, start=1.0, stop=3.0, cells=2)
    titles = [axes.get_title(loc="right") for axes in figure.axes]
    if (
        what == "path"
    ):  # a line a time for each cell, of three pieces: the first element, and from each to the next
        assert titles == ["cell 0", "cell 1"]
        lines = figure.axes[1].lines
        assert [line.get_label() for line in lines] == ["1 ms", "1.5 ms", "2 ms", "2.5 ms", "3 ms"]
        x, y = lines[4].get_data()
        v = given[0].values[5, 3:]
        np.testing.assert_array_equal(x, [0, 0, np.nan, 0, 30, np.nan, 30, 150, np.nan])
        np.testing.assert_array_equal(y, [v[0], v[0], np.nan, v[0], v[1], np.nan, v[1], v[2], np.nan])
    else:
        assert titles[:8] == ["1 ms", "1.5 ms", "2.5 ms", "3 ms"] * 2
        dots = figure.axes[7].collections[0]
        assert dots.get_offsets()[-1].tolist() == [150.0, 0.0]
        assert dots.get_array()[-1] == given[0].values[5, 5]
        assert figure.axes[7].get_ylim() == (-20.0, 20.0)  # there is room for dots of a cell that is a line
    assert main(["plot", what, str(tmp_path / "report.h5")]) == 0
    assert (tmp_path / f"report-{what}.png").read_bytes().startswith(b"\x89PNG")


def test_a_file_that_does_not_say_where_its_elements_are_cannot_be_drawn(tmp_path, capsys):
    net = ps.Network()
    net.record(net.create(MODEL), "soma.v", to=tmp_path / "v.h5")
    ps.Simulation(net, dt=0.1, progress=False).run(2.0)
    assert main(["plot", "shape", str(tmp_path / "v.h5")]) != 0
    assert "does not say where in its cells it was recorded" in capsys.readouterr().err

"""Compartment reports: several elements of each cell in one file, as SONATA says."""

import re

import h5py
import numpy as np
import pytest

import parsim as ps
from parsim.cli.main import main
from parsim.io.reading import read_traces

MODEL = ps.CableModel(
    "cell",
    [ps.Section("soma", 20.0, 20.0), ps.Section("dend", 200.0, 2.0, 5, parent="soma")],
    insert=[ps.insert("pas")],
)


def recorded(names, n=3):
    net = ps.Network()
    cells = net.create(MODEL, n, v=ps.Uniform(-75.0, -65.0))
    found = [net.record(cells, name, interval=0.5) for name in names]
    ps.Simulation(net, dt=0.1, progress=False).run(5.0)
    return found


def test_elements_stand_side_by_side_for_each_cell(tmp_path, capsys):
    """`libsonata.ElementReportReader` 0.2.2 reads such a file: node 1 has the elements [1 0], [1 1], [1 1]."""
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

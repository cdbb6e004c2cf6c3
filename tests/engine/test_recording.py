"""What is recorded: the right values at the right times, once, wherever it was asked for."""

import numpy as np
import pytest

import parsim as ps
import parsim.engine.keeping.recording
from parsim.io import reading


def static(weight=1.0, delay=1.0):
    return ps.static_synapse(weight=weight, delay=delay)


def busy(seed: int = 1, delay: float = 1.5) -> tuple[ps.Network, ps.Selection]:
    """Two models whose cells fire now and then."""
    net = ps.Network(seed=seed)
    cells = net.create("iaf_psc_exp", 5, V_m=ps.Uniform(-70.0, -56.0), I_e=400.0) + net.create(
        "iaf_psc_delta", 4, V_m=ps.Uniform(-70.0, -56.0), I_e=390.0
    )
    net.connect(cells, cells, ps.FixedIndegree(2), static(3.0, delay))
    return net, cells


# ---- states -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [1, 2])
def test_samples_are_what_get_gives_at_their_time(threads):
    net, cells = busy()
    reference = ps.Simulation(net, threads=threads)
    expected = []
    for _ in range(125):
        reference.run(0.1)
        expected.append(reference.get(cells, "V_m"))
    expected = np.array(expected)

    net, cells = busy()
    every = net.record(cells, "V_m", interval=0.1)
    some = net.record(cells[[8, 0, 3]], "V_m", interval=0.7)
    odd = net.record(cells, "V_m", interval=2.5)
    sim = ps.Simulation(net, threads=threads)
    for duration in (0.1, 0.3, 6.6, 0.0, 2.5, 3.0):
        sim.run(duration)
    assert np.array_equal(every.times, np.arange(1, 126) / 10) and np.array_equal(every.values, expected)
    assert every.gids.tolist() == list(range(9))
    assert np.array_equal(some.times, np.arange(7, 126, 7) / 10) and some.gids.tolist() == [0, 3, 8]
    assert np.array_equal(some.values, expected[6::7][:, [0, 3, 8]])
    assert odd.times.tolist() == [2.5, 5.0, 7.5, 10.0, 12.5]
    assert np.array_equal(odd.values, expected[24::25])


def test_every_recordable_can_be_recorded():
    for model in (ps.iaf_psc_alpha, ps.iaf_psc_exp, ps.iaf_psc_delta):
        net = ps.Network()
        cells = net.create(model, 3, V_m=[-70.0, -60.0, -50.0])
        source = net.create("spike_generator", spike_times=[0.5, 0.7])
        net.connect(source, cells, ps.AllToAll(), static(10.0, 0.2))
        net.connect(source, cells, ps.AllToAll(), static(-7.0, 0.3))
        recordings = {v.name: net.record(cells, v.name, interval=0.3) for v in model.recordables}
        sim = ps.Simulation(net)
        for name, recording in recordings.items():
            assert recording.variable == name and recording.unit == model.recordable(name).unit
        for i in range(5):
            sim.run(0.3)
            for name, recording in recordings.items():
                assert np.array_equal(recording.values[i], sim.get(cells, name)), name
                assert len(recording) == i + 1


def test_samples_of_blocks_of_cells_are_those_of_all_cells():
    """Only blocks with recorded cells are cut at samples: cells of the first, the third, of both."""

    def run(*which):
        net = ps.Network(seed=2)
        cells = net.create("iaf_psc_delta", 300, V_m=ps.Uniform(-70.0, -56.0), I_e=400.0)
        net.connect(cells, cells, ps.FixedIndegree(2), static(1.0, 1.1))
        recordings = [
            net.record(cells[where], "V_m", interval=0.1 * (i + 1)) for i, where in enumerate(which)
        ]
        spikes = net.record_spikes(cells)
        ps.Simulation(net).run(20.0)
        return [r.values for r in recordings], spikes.times

    (everyone,), spikes = run(slice(None))
    for where in ([[0, 3]], [[299]], [[1, 299]], [[140]], [[0, 140], [280, 290]], [[140], [150]]):
        values, times = run(*where)
        assert np.array_equal(times, spikes)
        for i, (cells, found) in enumerate(zip(where, values, strict=True)):
            assert np.array_equal(found, everyone[i :: i + 1][:, cells])


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("everywhere", [False, True])
def test_samples_are_gathered_when_the_buffer_is_full(threads, everywhere, monkeypatch):
    def run():
        net, cells = busy(delay=0.4)
        recordings = [net.record(cells, "V_m", interval=0.1, everywhere=everywhere)]
        recordings.append(net.record(cells[6:], "V_m", interval=0.9, everywhere=everywhere))
        sim = ps.Simulation(net, threads=threads)
        sim.run(7.3)
        sim.run(4.0)
        return recordings

    expected = run()
    monkeypatch.setattr(parsim.engine.keeping.recording, "BUFFER", 8 * 9 * 7)
    for a, b in zip(run(), expected, strict=True):
        assert np.array_equal(a.values, b.values) and np.array_equal(a.times, b.times)


def test_a_buffer_holds_all_samples_of_the_longest_interval(monkeypatch):
    monkeypatch.setattr(parsim.engine.keeping.recording, "BUFFER", 8)
    net = ps.Network()
    cells = net.create("iaf_psc_exp", 2, I_e=300.0)
    voltage = net.record(cells, "V_m", interval=0.1)
    net.connect(cells, cells, ps.AllToAll(), static(1.0, 30.0))
    sim = ps.Simulation(net)
    sim.run(70.3)
    assert np.array_equal(voltage.times, np.arange(1, 704) / 10) and (np.diff(voltage.values[:, 0]) > 0).all()


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("now", [3.0, 4.1])
def test_what_is_recorded_after_a_run_begins_then(threads, now):
    net, cells = busy()
    all_spikes, all_values = net.record_spikes(cells), net.record(cells, "V_m", interval=0.1)
    sim = ps.Simulation(net, threads=threads)
    sim.run(now)
    spikes, values = net.record_spikes(cells[2:7]), net.record(cells[2:7], "V_m", interval=0.7)
    assert len(spikes) == len(values) == 0
    more = net.create("iaf_psc_exp", 2, I_e=900.0)
    fresh, late = net.record(more + cells[:1], "V_m", interval=1.0), net.record_spikes(more)
    sim.run(30.0)
    assert np.array_equal(all_values.times, np.arange(1, round(10 * now) + 301) / 10)
    new = (all_spikes.times > now) & (all_spikes.gids >= 2) & (all_spikes.gids < 7)
    assert new.sum() > 3
    assert np.array_equal(spikes.times, all_spikes.times[new])
    assert np.array_equal(spikes.gids, all_spikes.gids[new])
    steps = np.arange(7, round(10 * now) + 301, 7)
    steps = steps[steps > round(10 * now)]
    assert np.array_equal(values.times, steps / 10)
    assert np.array_equal(values.values, all_values.values[steps - 1][:, 2:7])
    assert fresh.gids.tolist() == [0, 9, 10] and late.times.size > 2 and set(late.gids.tolist()) == {9, 10}
    at = np.rint(fresh.times * 10).astype(int) - 1
    assert np.array_equal(fresh.values[:, 0], all_values.values[at, 0])


# ---- spikes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_spikes_are_there_when_a_run_ends_inside_an_interval_and_only_once(threads):
    net, cells = busy(delay=7.7)
    spikes, some = net.record_spikes(cells), net.record_spikes(cells[::2])
    whole = ps.Simulation(net, threads=threads)
    whole.run(60.0)
    times, gids = spikes.times, spikes.gids
    assert times.size > 15
    order = np.lexsort((gids, times))
    assert np.array_equal(order, np.arange(times.size))

    cut = ps.Simulation(net, threads=threads)
    assert len(spikes) == len(some) == 0
    for now in np.arange(1, 121) / 2:
        cut.run(0.5)
        seen = times <= now
        assert np.array_equal(spikes.times, times[seen]) and np.array_equal(spikes.gids, gids[seen])
        seen &= np.isin(gids, cells[::2].gids)
        assert np.array_equal(some.times, times[seen]) and np.array_equal(some.gids, gids[seen])
        assert cut.report().spikes == len(spikes)


def test_spikes_of_some_cells_are_those_of_all_cells_that_are_theirs():
    net, cells = busy()
    recordings = [
        (part, net.record_spikes(part)) for part in (cells, cells[:5], cells[[8]], cells[::-1], cells[[]])
    ]
    ps.Simulation(net).run(50.0)
    _, everything = recordings[0]
    for part, spikes in recordings:
        mine = np.isin(everything.gids, part.gids)
        assert np.array_equal(spikes.times, everything.times[mine])
        assert np.array_equal(spikes.gids, everything.gids[mine])


def test_nobody_can_be_recorded():
    net, cells = busy()
    nobody = net.create("iaf_psc_exp", 0)
    for where in (nobody, cells[:0], cells[[]]):
        spikes, values = net.record_spikes(where), net.record(where, "V_m")
        ps.Simulation(net, threads=2).run(5.0)
        assert len(spikes) == spikes.times.size == spikes.gids.size == 0
        assert values.gids.size == 0 and values.values.shape[1] == 0
        assert values.to_pandas().shape[1] == 0 and spikes.to_pandas().empty


# ---- where it goes ----------------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [1, 2])
def test_everywhere_gives_the_same_to_a_rank_that_has_it_anyway(threads):
    net, cells = busy()
    spikes = [net.record_spikes(cells, everywhere=e) for e in (False, True)]
    values = [net.record(cells[3:], "V_m", interval=0.3, everywhere=e) for e in (False, True)]
    sim = ps.Simulation(net, threads=threads)
    sim.run(10.1)
    sim.run(9.9)
    assert np.array_equal(spikes[0].times, spikes[1].times) and np.array_equal(spikes[0].gids, spikes[1].gids)
    assert len(spikes[0]) > 3 and values[0].values.shape == (66, 6)
    assert np.array_equal(values[0].values, values[1].values)
    assert np.array_equal(values[0].times, values[1].times) and np.array_equal(values[0].gids, values[1].gids)


@pytest.mark.parametrize("threads", [1, 2])
def test_files_hold_what_memory_holds(tmp_path, threads):
    net, cells = busy()
    spikes, in_file = net.record_spikes(cells[1:]), net.record_spikes(cells[1:], to=tmp_path / "spikes.h5")
    values = net.record(cells[::-2], "V_m", interval=0.3)
    traces = net.record(cells[::-2], "V_m", interval=0.3, to=tmp_path / "traces.h5")
    sim = ps.Simulation(net, threads=threads)
    for duration in (0.1, 10.1, 0.0, 9.8, 20.0):
        sim.run(duration)
        times, gids = reading.read_spikes(tmp_path / "spikes.h5")
        assert np.array_equal(times, spikes.times) and np.array_equal(gids, spikes.gids)
        assert reading.read_window(tmp_path / "spikes.h5") == (0.0, sim.now)
        if sim.now < 0.3:
            continue
        when, who, what, name, unit = reading.read_traces(tmp_path / "traces.h5")
        assert np.array_equal(when, values.times) and np.array_equal(who, values.gids)
        assert (name, unit) == ("V_m", "mV")
        assert np.array_equal(what, values.values.astype(np.float32))
    assert len(spikes) > 5 and values.gids.tolist() == [0, 2, 4, 6, 8]
    assert len(in_file) == len(traces) == in_file.times.size == traces.values.size == 0


def test_a_file_begun_after_a_run_begins_then(tmp_path):
    net, cells = busy()
    values, spikes = net.record(cells, "V_m", interval=0.4), net.record_spikes(cells)
    sim = ps.Simulation(net)
    sim.run(5.1)
    net.record(cells, "V_m", interval=0.4, to=tmp_path / "traces.h5")
    net.record_spikes(cells, to=tmp_path / "spikes.h5")
    sim.run(20.0)
    when, _, what, *_ = reading.read_traces(tmp_path / "traces.h5")
    new = values.times > 5.1
    assert np.array_equal(when, values.times[new]) and when[0] == 5.2
    assert np.array_equal(what, values.values[new].astype(np.float32))
    assert np.array_equal(reading.read_spikes(tmp_path / "spikes.h5")[0], spikes.times[spikes.times > 5.1])
    assert reading.read_window(tmp_path / "spikes.h5") == (5.1, 25.1)


def test_a_new_simulation_writes_its_files_anew(tmp_path):
    net, cells = busy()
    net.record_spikes(cells, to=tmp_path / "spikes.h5")
    for duration in (40.0, 20.0):
        ps.Simulation(net).run(duration)
        assert reading.read_window(tmp_path / "spikes.h5") == (0.0, duration)
        times, _ = reading.read_spikes(tmp_path / "spikes.h5")
        assert 0 < times.size and times.max() <= duration


def test_a_file_of_nobody_is_a_file(tmp_path):
    net, cells = busy()
    net.record_spikes(cells[:0], to=tmp_path / "spikes.h5")
    net.record(cells[:0], "V_m", to=tmp_path / "traces.h5")
    ps.Simulation(net).run(5.0)
    assert reading.read_spikes(tmp_path / "spikes.h5")[0].size == 0
    assert reading.read_traces(tmp_path / "traces.h5")[1].size == 0


def test_a_file_says_how_it_came_about(tmp_path):
    net, cells = busy(seed=77)
    net.record_spikes(cells, to=tmp_path / "spikes.h5")
    ps.Simulation(net, dt=0.05, threads=2).run(2.0)
    about = reading.read_provenance(tmp_path / "spikes.h5")
    assert (about["seed"], about["dt"], about["ranks"], about["threads"], about["interval"]) == (
        77,
        0.05,
        2,
        2,
        1.5,
    )
    assert [p["model"] for p in about["populations"]] == ["iaf_psc_exp", "iaf_psc_delta"]
    assert about["populations"][0]["parameters"]["V_m"] == "Uniform(-70.0, -56.0)"
    assert about["projections"][0]["rule"].startswith("FixedIndegree(indegree=2")


def test_two_recordings_cannot_share_a_file(tmp_path):
    net, cells = busy()
    net.record_spikes(cells, to=tmp_path / "a.h5")
    with pytest.raises(ps.DescriptionError, match=r"a\.h5 is written by another recording"):
        net.record(cells, "V_m", to=tmp_path / "a.h5")
    with pytest.raises(ps.DescriptionError, match=r"the folder .*none does not exist"):
        net.record_spikes(cells, to=tmp_path / "none" / "b.h5")


# ---- what it turns into -----------------------------------------------------------------------------


def test_recordings_become_data_frames():
    pytest.importorskip("pandas")
    net, cells = busy()
    spikes, values = net.record_spikes(cells), net.record(cells[[7, 2]], "V_m", interval=0.5)
    ps.Simulation(net).run(30.0)
    frame = spikes.to_pandas()
    assert list(frame.columns) == ["time", "gid"] and np.array_equal(frame.time, spikes.times)
    assert np.array_equal(frame.gid, spikes.gids)
    frame = values.to_pandas()
    assert frame.columns.tolist() == [2, 7] and frame.index.name == "time"
    assert np.array_equal(frame.index, values.times) and np.array_equal(frame.to_numpy(), values.values)


def test_recordings_become_neo_segments():
    neo = pytest.importorskip("neo")
    net, cells = busy()
    silent = net.create("iaf_psc_exp", name="silent")
    spikes, values = net.record_spikes(cells + silent), net.record(cells[[7, 2]], "V_m", interval=0.5)
    ps.Simulation(net).run(30.0)
    segment = spikes.to_neo()
    assert isinstance(segment, neo.Segment) and len(segment.spiketrains) == 10
    for gid, train in enumerate(segment.spiketrains):
        assert np.array_equal(train.rescale("ms").magnitude, spikes.times[spikes.gids == gid])
        assert float(train.t_stop) == 30.0 and train.annotations["source_id"] == gid
    assert segment.spiketrains[9].annotations["source_population"] == "silent"
    assert segment.spiketrains[9].size == 0

    (signal,) = values.to_neo().analogsignals
    assert signal.name == "V_m" and str(signal.units.dimensionality) == "mV"
    assert np.array_equal(signal.magnitude, values.values)
    assert np.allclose(signal.times.rescale("ms").magnitude, values.times)
    assert signal.array_annotations["channel_ids"].tolist() == [2, 7]


def test_late_recordings_become_neo_segments_that_begin_then():
    pytest.importorskip("neo")
    net, cells = busy()
    sim = ps.Simulation(net)
    sim.run(20.3)
    spikes, values = net.record_spikes(cells), net.record(cells, "V_m", interval=0.5)
    sim.run(0.0)
    assert [float(train.t_start) for train in spikes.to_neo().spiketrains] == [20.3] * 9
    assert float(values.to_neo().analogsignals[0].t_start) == 20.3
    sim.run(30.0)
    for gid, train in enumerate(spikes.to_neo().spiketrains):
        assert (float(train.t_start), float(train.t_stop)) == (20.3, 50.3)
        assert np.array_equal(train.magnitude, spikes.times[spikes.gids == gid])
    assert float(values.to_neo().analogsignals[0].t_start) == 20.5
    ps.Simulation(net).run(10.0)
    assert float(spikes.to_neo().spiketrains[0].t_start) == 0.0


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (False, set()),
        ([], set()),
        (["seed", "versions"], {"seed", "versions"}),
        (("dt", "script"), {"dt", "script"}),
    ],
)
def test_files_say_only_what_they_may(tmp_path, given, kept):
    net, cells = busy()
    net.record_spikes(cells, to=tmp_path / "spikes.h5")
    net.record(cells, "V_m", to=tmp_path / "traces.h5")
    ps.Simulation(net, provenance=given).run(20.0)
    for name in ("spikes.h5", "traces.h5"):
        assert set(reading.read_provenance(tmp_path / name)) == kept
        if "script" not in kept:
            assert b"import" not in (tmp_path / name).read_bytes()
    assert reading.read_recorded(tmp_path / "spikes.h5").tolist() == list(range(9))


@pytest.mark.parametrize("given", ["script", 3, None, ["scripts"], [3]])
def test_a_part_that_provenance_does_not_have_is_told(given):
    net, _ = busy()
    with pytest.raises(ps.DescriptionError, match=r"provenance (is|has no part) .*versions, platform"):
        ps.Simulation(net, provenance=given)


def test_nothing_recorded_becomes_an_empty_neo_segment():
    pytest.importorskip("neo")
    net, cells = busy()
    spikes, values = net.record_spikes(cells), net.record(cells, "V_m")
    ps.Simulation(net)
    assert len(spikes.to_neo().spiketrains) == 9 and spikes.to_neo().spiketrains[0].size == 0
    assert values.to_neo().analogsignals[0].shape == (0, 9)

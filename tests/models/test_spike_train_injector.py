"""spike_train_injector and spike_generator: what the documentation promises, and all outcomes of NEST 3.10."""

import json
from pathlib import Path

import numpy as np
import pytest

import parsim as ps

CASES = json.loads((Path(__file__).parents[1] / "data" / "spike_times.json").read_text())


def run(model, said, pre_sim=0.0, sims=(12.0,), later=(), dt=0.1, delay=1.0, threads=1):
    """What the sources and a listener on the grid and one between steps fired, and the times that get gives."""
    net = ps.Network()
    listeners = net.create("parrot_neuron") + net.create("parrot_neuron_ps")
    simulation = ps.Simulation(net, dt=dt, threads=threads)
    simulation.run(pre_sim)
    sources = net.create(model, **said)
    net.connect(sources, listeners, ps.AllToAll(), ps.static_synapse(delay=delay))
    heard = [net.record_spikes(listener) for listener in listeners]
    fired = net.record_spikes(sources) if model == "spike_train_injector" else None
    for i, duration in enumerate(sims):
        if i and later:
            simulation.set(sources, **later[i - 1])
        simulation.run(duration)
    return (
        None if fired is None else fired.times,
        [spikes.times for spikes in heard],
        simulation.get(sources, "spike_times"),
    )


# ---- the documented examples ------------------------------------------------------------------------

DOCUMENTED = [  # spike_times, flags, simulated before, fired or an error, heard on the grid 1 ms later
    ([1.0, 2.0, 3.0], {}, 0.0, [1.0, 2.0, 3.0], [2.0, 3.0, 4.0]),
    ([1.0, 1.9999, 3.0001], {}, 0.0, [1.0, 2.0, 3.0], [2.0, 3.0, 4.0]),
    (
        [1.0, 1.05, 3.0001],
        {},
        0.0,
        r"spike_times\[1\] is 1.05 ms, which is not within 0.0005 ms of a step",
        None,
    ),
    ([1.0, 1.05, 3.0001], {"allow_offgrid_times": True}, 0.0, [1.0, 1.1, 3.0], [2.0, 2.1, 4.0]),
    ([1.0, 1.05, 3.0001], {"precise_times": True}, 0.0, [1.0, 1.05, 3.0001], [2.0, 2.1, 4.1]),
    ([10.0001], {}, 10.0, r"spike_times\[0\] is 10.0001 ms, which is rounded to 10 ms .* not be sent", None),
    ([10.0001], {"precise_times": True}, 10.0, [10.0001], [11.1]),
    ([10.0001, 11.0001], {"shift_now_spikes": True}, 10.0, [10.1, 11.0], [11.1, 12.0]),
    ([0.0, 1.0], {}, 0.0, r"spike_times\[0\] is 0 ms, which is not in the future \(now 0 ms\)", None),
    ([0.0, 1.0], {"shift_now_spikes": True}, 0.0, [0.1, 1.0], [1.1, 2.0]),
    ([10.0], {}, 10.0, r"spike_times\[0\] is 10 ms, which is not in the future \(now 10 ms\)", None),
    ([4.0, 12.0], {}, 10.0, r"spike_times\[0\] is 4 ms, which is not in the future \(now 10 ms\)", None),
    ([2.0, 1.0], {}, 0.0, r"spike_times go back from 2 to 1 ms; sort them", None),
    ([1.0, 1.0, 2.0], {}, 0.0, [1.0, 1.0, 2.0], [2.0, 2.0, 3.0]),
    ([1.0, 2.0], {"spike_multiplicities": [2, 0]}, 0.0, [1.0, 1.0], [2.0, 2.0]),
    (
        [1.0, 2.0],
        {"spike_multiplicities": [2]},
        0.0,
        r"spike_multiplicities has 1 values for 2 spike_times",
        None,
    ),
    (
        [1.05],
        {"precise_times": True, "allow_offgrid_times": True, "shift_now_spikes": True},
        0.0,
        [1.05],
        [2.1],
    ),
    (np.arange(1, 9), {"origin": 1.0, "start": 2.0, "stop": 5.0}, 0.0, [4.0, 5.0, 6.0], [5.0, 6.0, 7.0]),
]


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize(("times", "flags", "before", "fired", "heard"), DOCUMENTED)
def test_a_documented_example(times, flags, before, fired, heard, threads):
    said = {"spike_times": times, **flags}
    for model in ("spike_train_injector", "spike_generator"):
        for sims in ((12.0,), (0.1, 0.0, 1.4, 10.5)):
            if isinstance(fired, str):
                with pytest.raises(ps.DescriptionError, match=f"^{model}: .*{fired}"):
                    run(model, said, before, sims, threads=threads)
            else:
                found = run(model, said, before, sims, threads=threads)
                if model == "spike_train_injector":
                    assert found[0] == pytest.approx(fired, rel=1e-15, abs=0.0)
                    assert found[1][1] == pytest.approx(np.array(fired) + 1.0, rel=1e-15)
                assert found[1][0].tolist() == heard


# ---- the outcomes of NEST -----------------------------------------------------------------------------

# Where NEST's documentation promises something else, or NEST forgets what it was given.
OTHERWISE = {
    "doc_now_ignored": "not in the future",  # NEST keeps times that have passed, reports them, and sends nothing
    "past_time_after_sim": "not in the future",
    "set_new_times_midway": "not in the future",
    "precise_and_offgrid_error": [[2.05], [1.05]],  # the other flags are ignored, as documented
    "precise_and_shift_error": [[2.1], [1.05]],
    "flag_change_after_times_error": [[2.0, 3.0], [1.0, 2.0]],  # the times said are still known
    "multiplicities_empty": [[2.0, 3.0], [1.0, 2.0]],  # an empty list is no error
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_an_outcome_is_that_of_nest_or_of_its_documentation(case):
    expected = OTHERWISE.get(case["name"])
    arguments = case["model"], case["params"], case["pre_sim"], case["sim"], case["later"]
    options = {"dt": case["resolution"], "delay": case["delay"]}
    if isinstance(expected, str) or (expected is None and "error" in case):
        with pytest.raises(ps.DescriptionError, match=expected or "."):
            run(*arguments, **options)
        return
    fired, (on_grid, exact), used = run(*arguments, **options)
    precise = case["model"] == "spike_train_injector"
    if expected is not None:
        heard, reported = expected
    else:
        heard, reported = case["parrot"], case["used"]
        if fired is not None:
            times = np.array(case["steps"]) * case["resolution"] - case["offsets"]
            assert fired == pytest.approx(times, abs=1e-12)
    assert (exact if precise else on_grid) == pytest.approx(np.array(heard), abs=1e-12)
    assert used[0] == pytest.approx(np.array(reported), abs=1e-12)


# ---- set during a simulation --------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_trains_are_set_one_by_one_during_a_simulation(threads):
    net = ps.Network()
    cells = net.create("spike_train_injector", 5, spike_times=[[1.0], [2.0], [3.0], [4.0], [5.0, 9.0]])
    fired = net.record_spikes(cells)
    sim = ps.Simulation(net, threads=threads)
    sim.run(2.5)
    sim.set(cells[2:4] + cells[:1], spike_times=[[3.5], [2.6, 2.7], [6.0]])
    sim.set(cells[4:], precise_times=True, spike_times=[[5.05]])
    got = [train.tolist() for train in sim.get(cells, "spike_times")]
    assert got == [[6.0], [2.0], [3.5], [2.6, 2.7], [pytest.approx(5.05, rel=1e-15)]]
    assert sim.get(cells, "precise_times").tolist() == [0.0, 0.0, 0.0, 0.0, 1.0]
    sim.run(5.0)
    assert fired.times == pytest.approx([1.0, 2.0, 2.6, 2.7, 3.5, 5.05, 6.0], rel=1e-15)
    assert fired.gids.tolist() == [0, 1, 3, 3, 2, 4, 0]


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_a_wrong_train_that_is_set_changes_nothing_and_is_named(threads):
    net = ps.Network()
    cells = net.create("spike_train_injector", 4, spike_times=[5.0, 6.0])
    fired = net.record_spikes(cells)
    sim = ps.Simulation(net, threads=threads)
    sim.run(2.0)
    with pytest.raises(
        ps.DescriptionError, match=r"spike_train_injector: spike_times\[2\]\[0\] is 1 ms, which is not"
    ):
        sim.set(cells, start=3.0, spike_times=[[3.0], [4.0], [1.0, 5.0], [3.0]])
    with pytest.raises(ps.DescriptionError, match=r"is 3\.05 ms, which is not within"):
        sim.set(cells, spike_times=[3.05])
    assert [train.tolist() for train in sim.get(cells, "spike_times")] == [[5.0, 6.0]] * 4
    assert sim.get(cells, "start").tolist() == [0.0] * 4
    sim.run(5.0)
    assert fired.times.tolist() == [5.0] * 4 + [6.0] * 4


def test_a_new_origin_moves_the_train_and_sends_again_what_lies_ahead():
    net = ps.Network()
    cell = net.create("spike_train_injector", spike_times=[1.0, 2.0])
    fired = net.record_spikes(cell)
    sim = ps.Simulation(net)
    sim.run(5.0)
    sim.set(cell, origin=3.5)
    sim.run(5.0)
    assert fired.times.tolist() == [1.0, 2.0, 5.5]


def test_nothing_can_be_connected_to_it():
    net = ps.Network()
    injector, cell = net.create("spike_train_injector", 2), net.create("iaf_psc_alpha")
    for source in (cell, injector, net.create("poisson_generator"), net.create("dc_generator")):
        with pytest.raises(
            ps.DescriptionError, match="takes no input: spike_train_injector cannot be the target"
        ):
            net.connect(source, injector, ps.AllToAll())
    with pytest.raises(ps.DescriptionError, match="has no parameter 'spike_weights'"):
        net.create("spike_train_injector", spike_times=[1.0], spike_weights=[2.0])

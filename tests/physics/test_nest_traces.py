"""Traces against NEST 3.10; data in tests/data."""

import json
from pathlib import Path

import numpy as np
import pytest

import parsim as ps

DATA = Path(__file__).parents[1] / "data"


def driven_as_in_nest(name):
    """A cell driven as one in NEST was: NEST's arrays, ours of the same names, and the spike times of both."""
    data = np.load(DATA / f"neuron_{name}.npz")
    meta = json.loads(str(data["meta"]))

    net = ps.Network()
    cell = net.create(meta["model"], 1, **meta["params"])
    for kind in ("ex", "in"):
        train = net.create("spike_generator", spike_times=meta[f"{kind}_times"])
        net.connect(
            train, cell, ps.OneToOne(), ps.static_synapse(weight=meta[f"w_{kind}"], delay=meta[f"d_{kind}"])
        )
    if meta["dc"]:
        current = {name: meta["dc"][name] for name in ("amplitude", "start", "stop")}
        dc = net.create("dc_generator", **current)
        net.connect(dc, cell, ps.OneToOne(), ps.static_synapse(delay=meta["dc"]["delay"]))
    spikes = net.record_spikes(cell)
    traces = {name: net.record(cell, name, interval=0.1) for name in meta["recordables"]}
    ps.Simulation(net, dt=meta["resolution"]).run(meta["T"])

    n = meta["n"]
    for trace in traces.values():
        assert trace.times[0] == meta["t_first"] and trace.times[n - 1] == meta["t_last"]
    ours = {name: trace.values[:n, 0] for name, trace in traces.items()}
    return data, ours, data["spike_times"].round(6), spikes.times


# Both integrate exactly, or in the same Euler steps, so they differ by rounding: some ulp (1.4e-14 mV at 70 mV) a
# step, damped by the membrane, stay far below 1e-10.
@pytest.mark.parametrize(
    "name",
    [
        "iaf_psc_alpha",
        "iaf_psc_exp",
        "iaf_psc_delta",
        "izhikevich",
        "izhikevich_published",
        "mat2_psc_exp",
        "amat2_psc_exp",
        "iaf_psc_exp_htum",
        "gif_psc_exp",
        "pp_psc_delta",
        "pp_psc_delta_free",
        "iaf_chs_2007",
    ],
)
def test_a_driven_cell_has_the_trace_and_spikes_of_nest(name):
    theirs, ours, *spikes = driven_as_in_nest(name)
    assert np.array_equal(*spikes)
    rest = {("iaf_psc_exp_htum", "V_m"): -70.0}  # there NEST records V_m - E_L
    for variable, values in ours.items():
        assert np.abs(values - rest.get((name, variable), 0.0) - theirs[variable]).max() < 1e-10


# Integrated exactly by both where there are currents: rounding alone, as above. NEST solved for conductances to 1e-10;
# below -46 mV ours is wrong by 2e-5 mV at dt 0.1 ms, and by a 16th at half of it. w follows V.
@pytest.mark.parametrize(
    ("name", "near", "near_w"),
    [
        ("iaf_psc_exp_multisynapse", 1e-10, 0.0),
        ("iaf_psc_alpha_multisynapse", 1e-10, 0.0),
        ("aeif_cond_alpha_multisynapse", 5e-5, 1e-5),
        ("aeif_cond_beta_multisynapse", 5e-6, 1e-6),
    ],
)
def test_a_cell_with_three_receptors_has_the_trace_and_spikes_of_nest(name, near, near_w):
    data = np.load(DATA / f"neuron_{name}.npz")
    meta = json.loads(str(data["meta"]))
    lists = meta.get("receptors") or {"tau_syn": meta["tau_syn"]}
    receptors = {f"r{i + 1}": {key: of[i] for key, of in lists.items()} for i in range(len(meta["trains"]))}
    net = ps.Network()
    cell = net.create(getattr(ps, name).with_receptors(**receptors), 1, **meta["params"])
    for receptor, times, weight, delay in zip(
        receptors, meta["trains"], meta["weights"], meta["delays"], strict=True
    ):
        train = net.create("spike_generator", spike_times=times)
        net.connect(train, cell.at(receptor), ps.OneToOne(), ps.static_synapse(weight=weight, delay=delay))
    delay = meta["dc"].pop("delay")
    net.connect(net.create("dc_generator", **meta["dc"]), cell, ps.OneToOne(), ps.static_synapse(delay=delay))
    spikes, voltage = net.record_spikes(cell), net.record(cell, "V_m", interval=0.1)
    what = "g" if near_w else "I_syn"
    brought = [net.record(cell.at(receptor), what, interval=0.1) for receptor in receptors]
    adapting = net.record(cell, "w", interval=0.1) if near_w else None
    ps.Simulation(net, dt=0.1).run(meta["T"])

    n, smooth = data["times"].size, data["V_m"] < (-46.0 if near_w else np.inf)
    assert spikes.times.tolist() == data["spike_times"].round(6).tolist() and len(spikes) > 2
    assert np.abs(voltage.values[:n, 0] - data["V_m"])[smooth].max() < near and smooth.mean() > 0.9
    for i, one in enumerate(brought):
        assert np.abs(one.values[:n, 0] - data[f"{what}_{i + 1}"]).max() < 1e-10
    if adapting is not None:
        assert np.abs(adapting.values[:n, 0] - data["w"]).max() < near_w


# NEST's solver may be wrong by 1e-3 (mV or nS) in each of its steps. In these traces it is by 1.4e-5 mV and 3e-4 nS
# against a solution to 1e-11; ours is by 3e-7 mV, and by rounding in conductances.
@pytest.mark.parametrize("name", ["iaf_cond_exp", "iaf_cond_alpha", "iaf_cond_beta"])
def test_a_driven_cell_with_conductances_is_as_near_to_nest_as_nest_to_the_truth(name):
    theirs, ours, *spikes = driven_as_in_nest(name)
    assert np.array_equal(*spikes)
    assert np.abs(ours["V_m"] - theirs["V_m"]).max() < 3e-5
    assert np.abs(ours["g_ex"] - theirs["g_ex"]).max() < 1e-3
    assert np.abs(ours["g_in"] - theirs["g_in"]).max() < 1e-3


# NEST's solver is wrong by 2.2e-4 mV just after a spike, when 3,000 nS push V back, and ours by 1.2e-6 (against a
# solution to 1e-12); for the generalized cell NEST solved to 1e-10. Of the cell with channels V rises by 300 mV/ms in
# a spike: with a tolerance of 1e-5 in place of 0.03 mV ours differs by 0.040 mV from NEST's, which is NEST's own error.
@pytest.mark.parametrize(
    ("name", "near", "near_others"),
    [
        ("iaf_cond_exp_sfa_rr", 2.5e-4, 1e-6),
        ("gif_cond_exp", 1e-8, 1e-10),
        ("hh_cond_beta_gap_traub", 0.05, 3e-4),
    ],
)
def test_a_cell_under_conductances_has_the_trace_and_spikes_of_nest(name, near, near_others):
    theirs, ours, *spikes = driven_as_in_nest(name)
    assert np.array_equal(*spikes) and len(spikes[0]) > 2
    for variable, values in ours.items():
        assert np.abs(values - theirs[variable]).max() < (near if variable == "V_m" else near_others)


# NEST is wrong by up to 3e-5 mV below -44 mV, where V is not yet in its upstroke (in which 1 ns is 1e-4 mV and more),
# and what both are wrong by adds up over the 27 spikes of a burst.
@pytest.mark.parametrize("name", ["aeif_cond_exp", "aeif_cond_alpha", "aeif_cond_exp_burst"])
def test_a_driven_adaptive_cell_has_the_trace_and_spikes_of_nest(name):
    theirs, ours, *spikes = driven_as_in_nest(name)
    assert np.array_equal(*spikes)
    smooth = theirs["V_m"] < -44.0
    assert smooth.mean() > 0.85
    assert np.abs(ours["V_m"] - theirs["V_m"])[smooth].max() < 2e-4
    assert np.abs(ours["w"] - theirs["w"]).max() < 5e-4


# NEST solved to 1e-10; below -46 mV, where V is not in its upstroke, ours is wrong by 1e-6 mV. w follows V.
# Jumps, solved to 1e-6, come while NEST takes whole steps, at whose ends it adds them, as here.
@pytest.mark.parametrize("name", ["aeif_psc_exp", "aeif_psc_alpha", "aeif_psc_delta"])
def test_an_adaptive_cell_under_currents_or_jumps_has_the_trace_and_spikes_of_nest(name):
    theirs, ours, *spikes = driven_as_in_nest(name)
    assert np.array_equal(*spikes) and len(spikes[0]) > 3
    smooth = theirs["V_m"] < -46.0
    assert smooth.mean() > 0.9
    errors = {v: np.abs(ours[v] - theirs[v])[smooth].max() for v in ours}
    assert errors["V_m"] < 5e-6
    assert errors["w"] < 5e-6
    assert all(error < 1e-9 for v, error in errors.items() if v.startswith("I_syn"))


def test_a_sharp_threshold_is_nest_s_but_for_where_in_the_step_it_is_found():
    """NEST sees a crossing at the end of its own step, of up to 0.1 ms, and V is held from there to the next of ours.

    So w, which follows V with a = 4 nS and decays from its jump b, may be off by (a (V_th - V_reset) + b) 0.1 ms/tau_w
    = 0.083 pA a spike, 0.33 pA after the four spikes, and V by that over g_L: 1.1e-2 mV.
    """
    theirs, ours, *spikes = driven_as_in_nest("aeif_cond_exp_sharp")
    assert np.array_equal(*spikes)
    assert np.abs(ours["V_m"] - theirs["V_m"]).max() < 1.1e-2
    assert np.abs(ours["w"] - theirs["w"]).max() < 0.33


@pytest.mark.parametrize("name", ["iaf_psc_delta_ps", "iaf_psc_exp_ps_lossless"])
def test_a_cell_at_exact_times_has_the_trace_and_spikes_of_nest(name):
    """Both integrate exactly; the file's times are rounded to 1e-6 ms."""
    theirs, ours, *spikes = driven_as_in_nest(name)
    assert len(spikes[0]) == len(spikes[1]) > 3 and np.abs(spikes[0] - spikes[1]).max() < 6e-7
    assert np.abs(ours["V_m"] - theirs["V_m"]).max() < 1e-10


def test_a_cell_that_is_not_reset_crosses_its_threshold_when_it_does_in_nest():
    """NEST's solver is wrong by 1e-5 (nS, mV) or so; where V rises by 4 mV/ms, that is 2.5e-6 ms of a crossing."""
    theirs, ours, *spikes = driven_as_in_nest("iaf_chxk_2008")
    assert len(spikes[0]) == len(spikes[1]) > 3 and np.abs(spikes[0] - spikes[1]).max() < 2.5e-6
    assert np.abs(ours["V_m"] - theirs["V_m"]).max() < 1e-5
    assert np.abs(ours["g_ahp"] - theirs["g_ahp"]).max() < 1e-3


def test_a_parrot_repeats_duplicates_and_multiplicities_as_in_nest():
    case = json.loads((DATA / "parrot.json").read_text())
    net = ps.Network()
    parrot = net.create("parrot_neuron")
    train = net.create(
        "spike_generator", spike_times=case["spike_times"], spike_multiplicities=case["multiplicities"]
    )
    net.connect(train, parrot, ps.OneToOne(), ps.static_synapse(weight=-3.0, delay=case["delay"]))
    spikes = net.record_spikes(parrot)
    ps.Simulation(net, dt=0.1).run(5.0)
    assert spikes.times.tolist() == case["parrot_out"]

"""The Brunel network of order 500 against NEST's mean and spread over seeds; data in tests/data."""

import json
from pathlib import Path

import numpy as np
import pytest

import parsim as ps

DATA = Path(__file__).parents[1] / "data" / "brunel_order500_alpha.json"


def brunel(seed, params, time):
    cell = dict(
        C_m=250.0,
        tau_m=20.0,
        tau_syn_ex=0.5,
        tau_syn_in=0.5,
        t_ref=2.0,
        E_L=0.0,
        V_reset=0.0,
        V_m=0.0,
        V_th=20.0,
    )
    net = ps.Network(seed=seed)
    exc = net.create("iaf_psc_alpha", params["NE"], **cell)
    inh = net.create("iaf_psc_alpha", params["NI"], **cell)
    drive = net.create("poisson_generator", rate=params["p_rate"])
    excite = ps.static_synapse(weight=params["J"], delay=params["delay"])
    inhibit = ps.static_synapse(weight=-params["g"] * params["J"], delay=params["delay"])
    net.connect(drive, exc + inh, ps.AllToAll(), excite)
    net.connect(exc, exc + inh, ps.FixedIndegree(params["CE"]), excite)
    net.connect(inh, exc + inh, ps.FixedIndegree(params["CI"]), inhibit)
    spikes = net.record_spikes(exc + inh)
    ps.Simulation(net, dt=params["h"]).run(time)
    return spikes.times, spikes.gids


def statistics(times, gids, params, time):
    """Rates in Hz, mean CV of intervals of excitatory cells, mean correlation of 200 of them in 5 ms bins."""
    start, n_exc = params["t_transient"], params["NE"]
    times, gids = times[times > start], gids[times > start]
    seconds = (time - start) * 1e-3
    counts = np.bincount(gids, minlength=n_exc + params["NI"])
    order = np.lexsort((times, gids))
    cv = []
    for train in np.split(times[order], np.cumsum(counts)[:-1])[:n_exc]:
        if train.size > 10:
            gaps = np.diff(train)
            cv.append(gaps.std() / gaps.mean())
    edges = np.arange(start, time + 1e-9, 5.0)
    bins = np.array([np.histogram(times[gids == g], edges)[0] for g in range(200)])
    correlation = np.corrcoef(bins)[np.triu_indices(200, 1)].mean()
    return {
        "rate_E": counts[:n_exc].mean() / seconds,
        "rate_I": counts[n_exc:].mean() / seconds,
        "cv_isi_mean": np.mean(cv),
        "corr_mean_5ms": correlation,
    }


@pytest.mark.slow
def test_rates_irregularity_and_correlation_are_those_of_nest():
    case = json.loads(DATA.read_text())["iaf_psc_alpha"]
    params, time = case["params"], case["params"]["T"]
    ours = [statistics(*brunel(seed, params, time), params, time) for seed in range(1, 6)]
    for name in ours[0]:
        values = np.array([found[name] for found in ours])
        theirs, spread = case["mean"][name], case["std_over_seeds"][name]
        # The standard error of the difference of two means over 5 seeds each.
        error = np.sqrt((values.var(ddof=1) + spread**2) / 5)
        assert abs(values.mean() - theirs) < 3 * error, (name, values, theirs, spread)

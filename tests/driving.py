"""A stimulus of each kind, as it drives the cells of small networks."""

from typing import Any

import numpy as np

import parsim as ps
from parsim.models.ports import sorts_by_sign


def at_receptor(cells: Any, nth: int) -> Any:
    """The cells at their nth receptor, where the sign of a weight does not choose it."""
    ports = cells.models[0].ports
    return cells if len(ports) == 1 or sorts_by_sign(cells.models[0]) else cells.at(ports[nth])


# Two of each whose trains hang on what was sent before.
RENEWED: dict[str, dict[str, Any]] = {
    "gamma_sup_generator": dict(rate=[60.0, 500.0], gamma_shape=[3, 1], n_proc=[50, 4], stop=60.0),
    "ppd_sup_generator": dict(
        rate=[60.0, 500.0], dead_time=[8.0, 0.03], n_proc=[50, 4], relative_amplitude=[0.5, 0.0],
        frequency=40.0, start=1.0,
    ),
    "sinusoidal_gamma_generator": dict(
        rate=[900.0, 600.0], amplitude=[700.0, 600.0], frequency=60.0, phase=[0.0, 90.0], order=[1.0, 2.5],
        individual_spike_trains=[True, False], start=2.0,
    ),
}  # fmt: skip


def drive_with(net: ps.Network, stimulus: Any, cells: Any, weight: float) -> Any:
    """A stimulus of each kind that does something to the cells."""
    if getattr(stimulus, "into", "spikes") == "spikes":
        cells = at_receptor(cells, 0)
    if stimulus.name in ("poisson_generator", "poisson_generator_ps"):
        dead = {"dead_time": [0.0, 0.3]} if stimulus.name == "poisson_generator_ps" else {}
        source = net.create(stimulus, 2, rate=[3_000.0, 1_500.0], **dead)
        net.connect(source, cells, ps.AllToAll(), ps.static_synapse(weight=weight, delay=1.0))
    elif stimulus.name == "spike_generator":
        source = net.create(stimulus, spike_times=np.arange(1, 200) * 0.5)
        net.connect(source, cells, ps.PairwiseBernoulli(0.7), ps.static_synapse(weight=2 * weight, delay=0.7))
    elif stimulus.name == "inhomogeneous_poisson_generator":
        rates = dict(rate_times=[[0.3, 20.0, 40.05], [5.0]], rate_values=[[2_000.0, 4_000.0, 0.0], [3_000.0]])
        source = net.create(stimulus, 2, allow_offgrid_times=True, **rates)
        net.connect(source, cells, ps.AllToAll(), ps.static_synapse(weight=weight, delay=1.3))
    elif stimulus.name == "sinusoidal_poisson_generator":
        both = dict(amplitude=[2_000.0, 900.0], frequency=60.0, phase=[0.0, 90.0])
        source = net.create(
            stimulus, 2, rate=[3_000.0, 900.0], individual_spike_trains=[True, False], start=2.0, **both
        )
        net.connect(source, cells, ps.AllToAll(), ps.static_synapse(weight=weight, delay=1.3))
    elif stimulus.name in RENEWED:
        source = net.create(stimulus, 2, **RENEWED[stimulus.name])
        net.connect(
            source, cells, ps.AllToAll(), ps.static_synapse(weight=weight, delay=ps.Uniform(0.5, 3.0))
        )
    elif stimulus.name == "mip_generator":
        source = net.create(stimulus, 2, rate=[8_000.0, 1_500.0], p_copy=[0.3, 1.0], stop=60.0)
        delay = ps.Uniform(0.5, 3.0)
        net.connect(source, cells, ps.AllToAll(), ps.static_synapse(weight=weight, delay=delay))
    elif stimulus.name == "pulsepacket_generator":
        source = net.create(
            stimulus, 2, pulse_times=[[5.0, 25.0, 45.0], [30.0]], activity=40, sdev=[2.0, 5.0]
        )
        delay = ps.Uniform(0.5, 3.0)
        net.connect(source, cells, ps.PairwiseBernoulli(0.7), ps.static_synapse(weight=weight, delay=delay))
    elif stimulus.into == "current":
        values: dict[str, Any] = {
            "ac_generator": dict(amplitude=300.0, offset=420.0, frequency=30.0, phase=90.0),
            "dc_generator": dict(amplitude=420.0, start=3.0, stop=60.0),
            "noise_generator": dict(mean=420.0, std=500.0, std_mod=200.0, frequency=40.0, dt=0.7, start=1.2),
            "step_current_generator": dict(
                amplitude_times=[0.1, 12.3, 40.0], amplitude_values=[450.0, 600.0, 500.0]
            ),
        }
        source = net.create(stimulus, **values[stimulus.name])
        if cells.models[0].takes_current:
            net.connect(source, cells, ps.AllToAll(), ps.static_synapse(delay=0.3))
        return source
    else:
        raise AssertionError(f"say how {stimulus.name} drives cells")
    return source

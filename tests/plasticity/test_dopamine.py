"""Connections that feel volume transmitters: which they feel, and when, in closed form."""

from math import exp

import numpy as np
import pytest

import parsim as ps

FELT = dict(c=0.2, Wmax=100.0, tau_c=40.0, tau_n=25.0, b=0.01, delay=1.0)


def fed(times):
    """A network with cells that fire at given times, and a source and a target of connections."""
    net = ps.Network()
    cells = net.create("VecStim", len(times), spike_times=times)
    return net, cells, net.create("VecStim", spike_times=[[60.0]]), net.create("parrot_neuron", 2)


def weight_at(t, doses, w, c, tau_c, tau_n, b, **_):
    """dw/dt = c (n - b), where each dose leaves an exponential in n."""
    both = 1.0 / tau_c + 1.0 / tau_n
    w -= b * c * tau_c * (1.0 - exp(-t / tau_c))
    return w + sum(c * exp(-d / tau_c) / tau_n / both * (1.0 - exp(-(t - d) * both)) for d in doses)


def test_each_connection_feels_the_spikes_of_its_own_transmitter_a_delay_later():
    net, (one, other), source, targets = fed([[10.0, 10.0, 31.3], [5.25, 59.0]])
    first, second = ps.VolumeTransmitter(one, delay=2.0), ps.VolumeTransmitter(one + other, delay=0.0)
    for target, vt in zip(targets, (first, second), strict=True):
        net.connect(source, target, ps.AllToAll(), ps.stdp_dopamine_synapse(weight=50.0, vt=vt, **FELT))
    sim = ps.Simulation(net, dt=0.1, progress=False)
    sim.run(61.0)  # before the target is back
    wanted = [
        weight_at(60.0, doses, 50.0, **FELT) for doses in ([12.0, 12.0, 33.3], [5.25, 10.0, 10.0, 31.3, 59.0])
    ]
    # A dozen exponentials, each within a unit in the last place of numbers below 100.
    assert sim.connections(source, targets).get("weight") == pytest.approx(wanted, rel=1e-14)


def test_what_was_felt_before_a_connection_was_there_is_not_felt():
    net, cells, source, targets = fed([[10.0, 30.0]])
    sim = ps.Simulation(net, dt=0.1, progress=False)
    sim.run(20.0)
    vt = ps.VolumeTransmitter(cells)
    net.connect(source, targets, ps.AllToAll(), ps.stdp_dopamine_synapse(weight=50.0, vt=vt, **FELT))
    sim.run(41.0)
    wanted = weight_at(40.0, [11.0], 50.0, **FELT)
    assert sim.connections(source, targets).get("weight") == pytest.approx(np.full(2, wanted), rel=1e-14)


def test_a_copy_of_the_model_has_its_own_transmitter():
    net, (one, other), source, targets = fed([[10.0], [20.0]])
    copy = ps.stdp_dopamine_synapse.with_defaults(vt=ps.VolumeTransmitter(one, delay=0.0), **FELT)
    net.connect(source, targets[:1], ps.AllToAll(), copy(weight=50.0))
    net.connect(
        source, targets[1:], ps.AllToAll(), copy(weight=50.0, vt=ps.VolumeTransmitter(other, delay=0.0))
    )
    sim = ps.Simulation(net, dt=0.1, progress=False)
    sim.run(61.0)  # before the target is back
    wanted = [weight_at(60.0, [dose], 50.0, **FELT) for dose in (10.0, 20.0)]
    assert sim.connections(source, targets).get("weight") == pytest.approx(wanted, rel=1e-14)


def test_what_such_connections_bring_is_recorded_and_stays_the_same():
    net, cells, source, targets = fed([[10.0, 31.3]])
    vt = ps.VolumeTransmitter(cells, delay=0.0)
    sent = net.connect(source, targets, ps.AllToAll(), ps.stdp_dopamine_synapse(weight=50.0, vt=vt, **FELT))
    recorded = net.record_transmissions(sent)
    ps.Simulation(net, dt=0.1, progress=False).run(61.0)
    wanted = weight_at(60.0, [10.0, 31.3], 50.0, **FELT)
    assert recorded.weights == pytest.approx(np.full(2, wanted), rel=1e-14)


def elsewhere():
    return ps.VolumeTransmitter(ps.Network().create("parrot_neuron"))


@pytest.mark.parametrize(
    ("act", "text"),
    [
        (lambda net, cells: ps.stdp_dopamine_synapse(), "but no volume transmitter is named. Write"),
        (lambda net, cells: ps.stdp_dopamine_synapse(vt=cells), "but vt is <"),
        (lambda net, cells: ps.stdp_dopamine_synapse(vt=elsewhere()), "vt of stdp_dopamine_synapse is of another"),
        (lambda net, cells: ps.stdp_synapse(vt=ps.VolumeTransmitter(cells)), "stdp_synapse feels no volume"),
        (lambda net, cells: ps.VolumeTransmitter(cells[:0]), "would let out nothing. Give it one cell at least."),
        (lambda net, cells: ps.VolumeTransmitter(3), "cells is 3 (int); a population or a part of one is needed"),
        (lambda net, cells: ps.VolumeTransmitter(net.create("poisson_generator")), "are stimuli, whose spikes"),
        (lambda net, cells: ps.VolumeTransmitter(cells, delay=-1.0), "delay of a VolumeTransmitter is -1 ms"),
        (lambda net, cells: ps.VolumeTransmitter(cells, delay=[1.0]), "one number in ms is needed"),
        (lambda net, cells: ps.stdp_dopamine_synapse(vt=ps.VolumeTransmitter(cells), weight=-1.0),
         "weight is -1, Wmin 0 and Wmax 200. The weight must be between these two"),
        (lambda net, cells: ps.stdp_dopamine_synapse(vt=ps.VolumeTransmitter(cells), Wmin=-5.0), "on one side of 0"),
        (lambda net, cells: ps.stdp_dopamine_synapse(vt=ps.VolumeTransmitter(cells), tau_n=0.0), "tau_n of"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(act, text):
    net = ps.Network()
    cells = net.create("parrot_neuron", 2)
    with pytest.raises(ps.DescriptionError) as error:
        net.connect(cells, cells, ps.AllToAll(), act(net, cells))
    assert text in str(error.value)

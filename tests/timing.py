"""Cells whose membranes tell when a spike has come, and cells that fire when they are told."""

import numpy as np

import parsim as ps

# A membrane that forgets nothing: it jumps by the weight, and 250 pA move it by 0.1 mV a step of 0.1 ms.
INTEGRATOR = dict(tau_m=1e15, C_m=250.0, E_L=0.0, V_m=0.0, V_th=1e9, V_reset=0.0)


def static(weight=1.0, delay=1.0):
    return ps.static_synapse(weight=weight, delay=delay)


def parrots(net: ps.Network, times, n: int = 1, delay: float = 0.1) -> ps.Population:
    """Parrots that fire at these times (ms), all alike."""
    cells = net.create("parrot_neuron", n)
    source = net.create("spike_generator", spike_times=np.round(np.asarray(times, float) - delay, 6))
    net.connect(source, cells, ps.AllToAll(), static(delay=delay))
    return cells


def jumps(voltage: ps.Recording, cell: int = 0) -> dict[float, float]:
    """By how much a recorded membrane changed, at which sample."""
    steps = np.diff(np.concatenate([[0.0], voltage.values[:, cell]]))
    return {
        float(t): round(float(step), 9)
        for t, step in zip(voltage.times, steps, strict=True)
        if abs(step) > 1e-9
    }


def relay(net: ps.Network, times) -> tuple[ps.Population, ps.Population]:
    """Parrots that fire at these times, and others that repeat them after 5 ms."""
    birds, later = parrots(net, times), net.create("parrot_neuron", 2)
    net.connect(birds, later, ps.AllToAll(), static(delay=5.0))
    return birds, later

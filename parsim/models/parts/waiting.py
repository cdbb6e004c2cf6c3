"""Trains whose next spike waits until a clock of their own has reached what was drawn: what such stimuli share."""

import numpy as np

from parsim.jit import inlined, kernel
from parsim.kernels.draws import THINNED, THINNING
from parsim.rng import exponential, log, normal, uniforms

MOST_DRAWS = 1 << (THINNED - 1)  # of one kind in a step; those of another kind come behind them
SHORTEST = 1e-300  # ms or the like: a wait is above 0


@inlined
def two_draws(key, serial, gid, lane, step, k):
    """The k-th two uniforms that a train draws in a step."""
    return uniforms(key.seed, serial, gid, THINNING + (step << THINNED) + k, lane)


@inlined
def a_wait(u):
    """An exponential wait of mean 1."""
    return max(exponential(u), SHORTEST)


@kernel
def stages_wait(stages, key, serial, gid, lane, step, k):
    """The sum of so many exponential waits of mean 1, drawn from number k on."""
    total = 0.0
    for stage in range(stages):
        total += a_wait(two_draws(key, serial, gid, lane, step, k + stage)[0])
    return total


@kernel
def gamma_wait(order, key, serial, gid, lane, step, k):
    """A wait of a gamma distribution of scale 1 and an order of at least 1, drawn from number k on.

    Marsaglia and Tsang 2000, ACM Trans Math Softw 26:363.
    """
    d = order - 1.0 / 3.0
    c = 1.0 / np.sqrt(9.0 * d)
    while True:
        u, w = two_draws(key, serial, gid, lane, step, k)
        k += 1
        x = normal(u)
        v = 1.0 + c * x
        v = v * v * v
        if v > 0.0 and log(1.0 - w) < 0.5 * x * x + d - d * v + d * log(v):
            return d * v

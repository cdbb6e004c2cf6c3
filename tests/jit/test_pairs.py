"""A formula worked out for two numbers at a time has the bits that it has for each."""

import numpy as np

from parsim.jit import for_two, kernel


@kernel
def formula(x: float) -> float:
    return 0.1 + x * (x + 1.0 / 3.0) * (0.7 * x + x * x)


pair = for_two(formula)


@kernel
def pairs_of(x, y, fx, fy):
    for k in range(x.size):
        fx[k], fy[k] = pair(x[k], y[k])


def test_two_at_a_time_are_each_what_one_is():
    x, y = np.random.default_rng(1).normal(size=(2, 100))
    fx, fy = np.empty_like(x), np.empty_like(y)
    pairs_of(x, y, fx, fy)
    assert np.array_equal(fx, [formula(one) for one in x]) and np.array_equal(fy, [formula(one) for one in y])

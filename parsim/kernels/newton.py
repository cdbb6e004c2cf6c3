"""Newton's iteration with derivatives by differences, as NEURON takes implicit steps of what is not linear.

Unknowns are tried 2 % to both sides, one after another. What equations then are stands for their derivatives until an
unknown moves by more than 5 % of itself. So it ends where NEURON's ends, with what that leaves.

`work` [2 n + 3, n] holds the unknowns, what equations come to, the same above, derivatives, and a copy of them.
"""

from parsim.jit import kernel
from parsim.kernels.dense import solve_dense

TURNS = 50  # at most
MOVES = 0.05  # beyond which derivatives are taken anew
NEAR = 1e-6  # of themselves, what unknowns may still move by
LEFT = 1e-8  # of equations, in their own unit
_ASIDE, _LEAST = 0.02, 1e-6
_NOTHING = 1e-8  # unknowns that are smaller do not count


@kernel
def probed(work, part, k):
    """Unknown `k`, which parts 2 k and 2 k + 1 try a little above and below."""
    x = work[0, k]
    if part >> 1 != k:
        return x
    return x - _aside(x) if part & 1 else x + _aside(x)


@kernel
def compare(work, part):
    """Keep what equations are in a part: the derivatives by an unknown are known after two. The last tries nothing."""
    n = work.shape[1]
    k = part >> 1
    if k == n:
        return
    for i in range(n):
        if part & 1:
            work[3 + i, k] = (work[2, i] - work[1, i]) / (2.0 * _aside(work[0, k]))
        else:
            work[2, i] = work[1, i]


@kernel
def is_settled(work, moved):
    """Is it enough, after unknowns moved by at most this part of themselves?"""
    if not moved <= NEAR:
        return False
    for i in range(work.shape[1]):
        if not abs(work[1, i]) <= LEFT:
            return False
    return True


@kernel
def improve(work):
    """Move unknowns to where the equations would be 0 if they were linear, and give the largest part of itself that one
    moves by."""
    n = work.shape[1]
    for i in range(n):
        for k in range(n):
            work[3 + n + i, k] = work[3 + i, k]
        work[1, i] = -work[1, i]
    solve_dense(work[3 + n :], work[1])
    moved = 0.0
    for k in range(n):
        x, change = work[0, k], work[1, k]
        if abs(x) > _NOTHING and abs(change / x) > moved:
            moved = abs(change / x)
        work[0, k] = x + change
    return moved


@kernel
def _aside(x):
    return max(abs(_ASIDE * x), _LEAST)

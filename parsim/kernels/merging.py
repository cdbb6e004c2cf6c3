"""Ascending numbers that are spread over ranks, as they would stand in one row."""

from parsim.jit import kernel


@kernel
def add_those_before(own, other, place):
    """Add to each place how many of `other` are less than the number there; both ascend."""
    at = 0
    for j in range(own.size):
        while at < other.size and other[at] < own[j]:
            at += 1
        place[j] += at

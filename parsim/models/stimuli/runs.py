"""Adding what a stimulus sends to the rows of a run, which stand one after another in a page's row."""

import numpy as np

from parsim.jit import inlined

# Indices are unsigned, so that they are known not to be negative and the loops vectorize; slices would do that, too,
# but cost 40 ns, which is much for runs of one row.


@inlined
def add_same(rows, j, value, page, k):
    """The same, times its weight, to each row of run j, in row k of a page; by the other port if it is negative."""
    begin, n = np.uint64(rows.run[j]), np.uint64(rows.run[j + 1] - rows.run[j])
    at, across = np.uint64(rows.slot[begin]), np.uint64(rows.across)
    if value < 0.0:
        at = at + across if at < across else at - across
    for i in range(n):
        page[k, at + i] += rows.weight[begin + i] * value


@inlined
def add_each(rows, begin, end, values, first, page, k):
    """To each of some rows of one run its own value, times its weight, in row k of a page; `values[first]` is the
    first row's. Values of spikes must not be negative.
    """
    row, n = np.uint64(begin), np.uint64(end - begin)
    at, since = np.uint64(rows.slot[row]), np.uint64(first)
    for i in range(n):
        page[k, at + i] += rows.weight[row + i] * values[since + i]


@inlined
def current_steps(span, delay, since, until, first, stop):
    """The steps T, from the first to before the last, in which a current generator sends what is used in the span.

    As in NEST, what is sent in step T over a delay D is used in step T + D + 1, and the generator is on when
    first < T + 2 <= stop, and `since` <= T < `until`. So it acts during (start + delay, stop + delay]; with
    first = 0 the step T = -1, before the generator was made, is missing.
    """
    return max(span.first - 1 - delay, since, first - 1), min(span.stop - 1 - delay, until, stop - 1)


@inlined
def spike_steps(span, delay, since, until, first, stop):
    """The steps of the span, from the first to before the last, in which spikes arrive that a generator has sent.

    As in NEST, it sends in step T when first < T <= stop, and `since` <= T < `until`.
    """
    return max(span.first, since + delay, first + 1 + delay), min(span.stop, until + delay, stop + 1 + delay)

"""Adding what a stimulus sends to the rows of a run, which stand one after another in a page's row."""

from parsim.jit import kernel


@kernel
def add_same(rows, j, value, into):  # type: ignore[no-untyped-def]
    """The same, times its weight, to each row of run j."""
    begin, end = rows.run[j], rows.run[j + 1]
    at = rows.slot[begin]
    slots, weight = into[at : at + end - begin], rows.weight[begin:end]
    for i in range(end - begin):
        slots[i] += weight[i] * value


@kernel
def add_each(rows, j, values, into):  # type: ignore[no-untyped-def]
    """Its own value, times its weight, to each row of run j: `values[i]` is that of the run's i-th row."""
    begin, end = rows.run[j], rows.run[j + 1]
    at = rows.slot[begin]
    slots, weight = into[at : at + end - begin], rows.weight[begin:end]
    for i in range(end - begin):
        slots[i] += weight[i] * values[i]


@kernel
def sends_current(p, key, g, sent):  # type: ignore[no-untyped-def]
    """Is current generator g on in step T = `sent`? As in NEST: when first < T + 2 <= stop.

    What is sent in step T over a delay D is used in step T + D + 1. So a generator acts during (start +
    delay, stop + delay]; with first = 0 the step T = -1, before the generator was made, is missing.
    """
    return key.since <= sent < key.until and p.first[g] < sent + 2 <= p.stop[g]

"""Where a function passes 0."""

from parsim.jit import shared

MOST_TRIES = 100  # a dozen are enough for functions as smooth as those of membranes


@shared
def illinois(f, c, low, at_low, high, at_high, near, small):
    """Where f(c, x) is 0 between `low` and `high`, where it is `at_low` and `at_high`, of different signs.

    Regula falsi in the Illinois variant: the value at an end that stays twice is halved. It ends when |f| is at most
    `small`, or at the upper end once that is no more than `near` above the lower one, or nothing lies between them.
    """
    side = 0
    for _ in range(MOST_TRIES):
        if not high - low > near or at_high == at_low:
            break
        x = high - at_high * (high - low) / (at_high - at_low)
        if not low < x < high:
            break
        at_x = f(c, x)
        if abs(at_x) <= small:
            return x
        if (at_x > 0.0) == (at_low > 0.0):
            low, at_low = x, at_x
            at_high = 0.5 * at_high if side == 1 else at_high
            side = 1
        else:
            high, at_high = x, at_x
            at_low = 0.5 * at_low if side == -1 else at_low
            side = -1
    return high

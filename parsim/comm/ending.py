"""What is said when ranks do not end together."""

from typing import NamedTuple


class Stop(NamedTuple):
    """Where a rank stands when ranks meet: at a call, or, without one, at the end of its process.

    last: the call before. code: the exit code of a rank at its end.
    """

    rank: int
    where: str | None
    last: str
    code: int | None


def parting_words(stops: list[Stop]) -> str:
    """One message for a job that ends because ranks have ended while others wait for them."""
    ended = [stop for stop in stops if stop.where is None]
    waits = next(stop for stop in stops if stop.where is not None)
    first = ended[0]
    names = ", ".join(str(stop.rank) for stop in ended[:5]) + (", ..." if ended[5:] else "")
    who = f"rank {names} of {len(stops)} has" if len(ended) == 1 else f"ranks {names} of {len(stops)} have"
    code = f" with exit code {first.code}" if first.code else ""
    last = f"after {first.last}" if first.last else "without a simulation of all ranks"
    return (
        f"parsim: {who} ended{code} {last}, while rank {waits.rank} is at {waits.where}. Every rank must make every "
        "call of a simulation, so all ranks end here.\n"
    )

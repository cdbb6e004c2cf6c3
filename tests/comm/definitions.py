"""Each collective compared with its definition, for any kind of ranks; one function per collective.

A check is called by every rank, with its communicator. What any rank contributes is a function of
its number, so that each rank can work out what all together must give.
"""

from collections.abc import Callable

import numpy as np

from parsim.comm.base import AbstractComm

Check = Callable[[AbstractComm], None]

# Lengths by rank and round: nobody has anything, only some, everybody; none first, none last.
ROUNDS: list[Callable[[int], int]] = [
    lambda rank: 0,
    lambda rank: rank,
    lambda rank: 3 if rank == 0 else 0,
    lambda rank: 2 + rank % 2,
    lambda rank: 4_000 + rank,
]


def part(rank: int, length: int, dtype: type) -> np.ndarray:
    """What a rank contributes: told apart by rank and place."""
    return (np.arange(length) + 7 * rank).astype(dtype)


def check_allgather(comm: AbstractComm) -> None:
    for dtype in (np.int64, np.float64, np.uint8):
        for length in ROUNDS:
            data, notes = comm.allgather(part(comm.rank, length(comm.rank), dtype), 100 - comm.rank)
            expected = np.concatenate([part(r, length(r), dtype) for r in range(comm.size)])
            assert data.dtype == dtype and np.array_equal(data, expected)
            assert notes.dtype == np.int64 and notes.tolist() == [100 - r for r in range(comm.size)]


def check_allgather_of_several_notes(comm: AbstractComm) -> None:
    for count in (1, 3, 2):
        notes = comm.allgather(np.empty(comm.rank), comm.rank * 10 + np.arange(count))[1]
        assert notes.tolist() == [r * 10 + i for r in range(comm.size) for i in range(count)]


def check_allgather_of_a_strided_array(comm: AbstractComm) -> None:
    data, _ = comm.allgather(np.arange(10)[:: 2 + comm.rank])
    assert data.tolist() == [i for r in range(comm.size) for i in range(0, 10, 2 + r)]


def check_meet(comm: AbstractComm) -> None:
    given: list[Callable[[int], list[int]]] = [
        lambda rank: [0, 0],
        lambda rank: [rank, 7],
        lambda rank: [-5, -rank],
        lambda rank: [rank % 2, 2 * rank],
    ]
    for numbers in given:
        everyone = [numbers(rank) for rank in range(comm.size)]
        expected = [len(set(of_all)) > 1 for of_all in zip(*everyone, strict=True)]
        assert comm.meet(numbers(comm.rank), "run(20)") == expected


def check_gather(comm: AbstractComm) -> None:
    for length in ROUNDS:
        for shape in ((-1,), (-1, 3), (-1, 1)):
            width = abs(int(np.prod(shape)))
            rows = part(comm.rank, width * length(comm.rank), np.float64).reshape(shape)
            found = comm.gather(rows)
            if comm.rank > 0:
                assert found.shape == (0, *shape[1:]) and found.dtype == np.float64
                continue
            parts = [part(r, width * length(r), np.float64).reshape(shape) for r in range(comm.size)]
            assert np.array_equal(found, np.concatenate(parts))


def check_gather_of_rows_of_nothing(comm: AbstractComm) -> None:
    assert comm.gather(np.empty((0, 3), dtype=np.int64)).shape == (0, 3)


def check_objects(comm: AbstractComm) -> None:
    mine = {"rank": comm.rank, "text": "x" * comm.rank}
    everyone = [{"rank": r, "text": "x" * r} for r in range(comm.size)]
    assert comm.allgather_objects(mine) == everyone
    assert comm.bcast(mine if comm.rank == 0 else "ignored") == everyone[0]
    assert comm.allgather_objects([comm.rank]) == [[r] for r in range(comm.size)]


def check_reductions(comm: AbstractComm) -> None:
    last = comm.size - 1
    found = comm.maximum(np.array([comm.rank, -comm.rank, 5], dtype=np.float64))
    assert found.dtype == np.float64 and found.tolist() == [last, 0.0, 5.0]
    found = comm.maximum(np.array([[-comm.rank], [2**60 + comm.rank]]))
    assert found.dtype == np.int64 and found.tolist() == [[0], [2**60 + last]]
    found = comm.total(np.array([1, comm.rank, 2**60 // comm.size]))
    assert found.dtype == np.int64
    assert found.tolist() == [comm.size, comm.size * last // 2, 2**60 // comm.size * comm.size]
    assert comm.maximum(np.empty(0)).shape == comm.total(np.empty(0, dtype=np.int64)).shape == (0,)


def check_any(comm: AbstractComm) -> None:
    assert comm.any(False) is False
    for rank in range(comm.size):
        assert comm.any(comm.rank == rank) is True
    assert comm.any(np.bool_(False)) is False
    comm.barrier()


def check_results_do_not_change_with_the_input(comm: AbstractComm) -> None:
    given = np.full(2, comm.rank)
    first = [comm.allgather(given, comm.rank), comm.allgather_objects(comm.rank)]
    results = [*first[0], comm.gather(given), comm.maximum(given), comm.total(given)]
    before = [result.copy() for result in results]
    given[:] = -1
    comm.barrier()
    comm.allgather(given, -1)
    assert all(np.array_equal(a, b) for a, b in zip(results, before, strict=True))


def check_counters(comm: AbstractComm) -> None:
    sent, waited = comm.bytes_sent, comm.wait_seconds
    comm.allgather(np.zeros(comm.rank + 1))
    comm.gather(np.zeros((2, 2)))
    assert comm.bytes_sent - sent == (8 * (comm.rank + 1) + 32 if comm.size > 1 else comm.bytes_sent - sent)
    assert comm.wait_seconds >= waited


def check_send_objects(comm: AbstractComm) -> None:
    """To all, to some, to nobody, and to one that is no neighbour: one call behind the other."""
    ranks, rank = range(comm.size), comm.rank
    found = comm.send_objects({r: (rank, r) for r in reversed(ranks)})
    assert list(found.items()) == [(r, (r, rank)) for r in ranks]
    for turn in range(5):
        found = comm.send_objects({r: [turn, rank] for r in ranks if numbers(rank, r, comm.size)})
        assert list(found.items()) == [(r, [turn, r]) for r in ranks if numbers(r, rank, comm.size)]
        assert comm.send_objects({}) == {}
    found = comm.send_objects({0: "to the first"} if rank == comm.size - 1 else {})
    assert found == ({comm.size - 1: "to the first"} if rank == 0 else {})


def numbers(a: int, b: int, size: int) -> int:
    """How many numbers rank a sends to rank b: none to most in larger worlds, and some to itself."""
    return 1 + (a + b) % 3 if (b - a) % size in (0, 1, 2) else 0


def check_plans(comm: AbstractComm) -> None:
    """Two at once, called again and again, with other numbers each time."""
    everyone = range(comm.size)
    sends = {r: n for r in everyone if (n := numbers(comm.rank, r, comm.size))}
    receives = {r: numbers(r, comm.rank, comm.size) for r in reversed(everyone)}
    plans = [
        comm.plan({r: width * n for r, n in sends.items()}, {r: width * n for r, n in receives.items()})
        for width in (1, 2)
    ]
    for turn in range(5):
        for width, plan in zip((1, 2), plans, strict=True):
            parts = [np.full(width * n, 100.0 * comm.rank + turn + width) + r for r, n in sends.items()]
            plan.out[:] = np.concatenate(parts)
            expected = [np.full(width * receives[r], 100.0 * r + turn + width) + comm.rank for r in everyone]
            assert np.array_equal(plan.exchange(), np.concatenate(expected))
    others = [n for r, n in sends.items() if r != comm.rank]
    assert plans[0].bytes == 8 * sum(others) and plans[0].messages == len(others)


def check_a_plan_without_numbers(comm: AbstractComm) -> None:
    plan = comm.plan({}, {0: 0})
    for _ in range(3):
        assert plan.out.size == 0 and plan.exchange().size == 0


CHECKS: list[Check] = [check for name, check in list(globals().items()) if name.startswith("check_")]

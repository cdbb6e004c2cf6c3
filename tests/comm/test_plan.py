"""What a plan says of itself, and where its parts begin."""

import pytest

from parsim.comm.plan import in_order, parts_of
from parsim.comm.serial import SerialComm
from parsim.comm.threads import ThreadTeam


def test_parts_begin_where_those_before_them_end():
    assert parts_of(in_order({7: 3, 4: 2, 5: 0})) == {4: slice(0, 2), 7: slice(2, 5)}
    assert parts_of({}) == {}


def test_what_stays_on_the_rank_is_no_message():
    plan = SerialComm().plan({0: 3}, {0: 3})
    assert (plan.messages, plan.bytes) == (0, 0)
    plan.out[:] = [1.0, 2.0, 3.0]
    assert plan.exchange().tolist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize("ranks", [2, 3, 5])
def test_parts_come_from_those_alone_that_send_some(ranks):
    """Rank r sends r numbers to its neighbour and one to itself; to the others nothing."""

    def act(comm):
        after, before = (comm.rank + 1) % ranks, (comm.rank - 1) % ranks
        sends, receives = {comm.rank: 1, after: comm.rank}, {comm.rank: 1, before: before}
        plan = comm.plan(sends, receives)
        found = []
        for turn in range(3):
            parts = parts_of(plan.sends)
            plan.out[parts[comm.rank]] = -1.0 - comm.rank
            if comm.rank:
                plan.out[parts[after]] = 10.0 * comm.rank + turn
            found.append(plan.exchange().tolist())
        return plan.messages, plan.bytes, found

    team = ThreadTeam(SerialComm(), ranks)
    results = team.run(lambda thread: act(team.comms[thread]))
    for rank, (messages, size, found) in enumerate(results):
        assert (messages, size) == (int(rank > 0), 8 * rank)
        before = (rank - 1) % ranks
        for turn, parts in enumerate(found):
            from_before = [10.0 * before + turn] * before
            own = [-1.0 - rank]
            assert parts == (own + from_before if rank < before else from_before + own)

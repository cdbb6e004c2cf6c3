"""Events: what they do to an instance, what it sends, what it waits for."""

import pytest

from parsim.nmodl.compiled import mechanism
from parsim.shard.events.queue import Event
from tests.nmodl.moving import kept, moved

POINT = "NEURON { POINT_PROCESS a RANGE x, y } PARAMETER { p = 2 } ASSIGNED { v x y z[2] }\n"
TRAIN = [(0.5, [0.03, 0.1])]


def test_an_event_adds_its_weight_and_procedures_may_be_called():
    text = POINT + (
        "NET_RECEIVE(w, n) { LOCAL k k = w n = n + 1 add(k*n) } "
        "PROCEDURE add(k) { FROM j = 0 TO 1 { z[j] = z[j] + k } x = z[0] + z[1] }"
    )
    assert kept(text, "x", 10, trains=TRAIN) == 2 * (0.5 + 1.0)
    assert moved(text, 10, trains=TRAIN)[1].rows.tolist() == [[0.5, 2.0]]


def test_events_that_one_sends_to_itself_come_when_they_should():
    text = POINT + "NET_RECEIVE(w) { if (flag == 0) { net_send(0.05, 3) } else { x = x + w y = t } }"
    assert kept(text, "x", 10, trains=TRAIN) == 1.0
    assert kept(text, "y", 10, trains=TRAIN) == pytest.approx(0.15)


def test_an_event_of_a_connection_is_moved_by_that_connection():
    text = POINT + (
        "NET_RECEIVE(w, on) { if (flag == 1) { on = 0 x = x + 1 y = t } else { if (on) { net_move(t + "
        "0.2) } else "
        "{ net_send(0.2, 1) on = 1 } } }"
    )
    both = [(1.0, [0.03, 0.1]), (1.0, [0.05])]
    # The first connection's event comes at 0.23 and is put off to 0.3, the second's comes at 0.25. NEURON puts off the
    # event of the instance that was sent last, which is the second connection's.
    assert (
        "connection_move" in mechanism(text).text
        and "connection_move" not in mechanism(text, neuron=True).text
    )
    assert [kept(text, "x", n, trains=both) for n in (10, 11, 13)] == [0.0, 1.0, 2.0]
    assert [kept(text, "x", n, trains=both, neuron=True) for n in (10, 11, 13)] == [1.0, 1.0, 2.0]


def test_initial_may_send_events_and_net_receive_may_begin_connections():
    text = POINT + (
        "INITIAL { x = 1 if (p > 1) { net_send(0.05, 2) } } NET_RECEIVE(w, a) "
        "{ INITIAL { a = 7 } if (flag == 2) { x = x + 10 y = t } }"
    )
    m = mechanism(text)
    assert m.sends_at_start and "connect" in m.kernels
    assert kept(text, "x", 3) == 11.0 and kept(text, "y", 3) == pytest.approx(0.05)
    cell, placed = moved(text, 0, trains=TRAIN)
    cell.call(placed, "connect", 0, 0, placed.rows, Event(0, 0, 0.5, 0.0, 0, 0), placed.q)
    assert placed.rows.tolist() == [[0.5, 7.0]]


def test_watch_tells_when_something_comes_to_hold_once():
    text = POINT + (
        "INITIAL { net_send(0, 1) } "
        "NET_RECEIVE(w) { if (flag == 1) { WATCH (v > -40) 2 } else if (flag == 2) { x = x + 1 y = t } }"
    )
    cell, placed = moved(text, 2)
    for v, seen in ((-50.0, 0.0), (-30.0, 1.0), (-20.0, 1.0), (-50.0, 1.0), (-30.0, 2.0)):
        for _ in range(2):
            cell.volts[:] = v
            cell.advance()
        assert placed.kept.x[0] == seen


def test_all_connections_of_an_instance_can_be_gone_through():
    text = POINT + "NET_RECEIVE(w, n) { n = n + 1 FOR_NETCONS(other, m) { other = other + 1 x = x + m } }"
    placed = moved(text, 3, trains=[(1.0, [0.02]), (2.0, [])])[1]
    assert placed.rows.tolist() == [[2.0, 1.0], [3.0, 0.0]]
    assert placed.kept.x[0] == 1.0


def test_an_event_may_set_the_voltage():
    text = POINT + "NET_RECEIVE(w) { v = -70 }"
    assert mechanism(text).sets_voltage
    cell, _ = moved(text, 0, trains=[(1.0, [0.0])])
    cell.receive(0.0)
    assert cell.volts[0] == -70.0

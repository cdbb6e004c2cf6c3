"""One rank alone: every collective is the identity, and nothing it returns aliases its input."""

import numpy as np
import pytest

from parsim.comm.serial import SerialComm


def test_a_serial_rank_is_the_only_one():
    comm = SerialComm()
    assert (comm.rank, comm.size) == (0, 1)


@pytest.mark.parametrize("values", [[], [3], [3, 1, 2]])
def test_allgather_returns_what_was_given_and_the_note(values):
    data, notes = SerialComm().allgather(np.array(values, dtype=np.int64), 7)
    assert data.tolist() == values and data.dtype == np.int64
    assert notes.tolist() == [7] and notes.dtype == np.int64


def test_several_notes_come_back_in_order():
    notes = SerialComm().allgather(np.empty(0), np.array([4, 5]))[1]
    assert notes.tolist() == [4, 5]


def test_gather_keeps_the_shape_of_rows():
    comm = SerialComm()
    rows = np.arange(6.0).reshape(2, 3)
    assert np.array_equal(comm.gather(rows), rows)
    assert comm.gather(rows[:0]).shape == (0, 3)


def test_objects_pass_through():
    comm = SerialComm()
    assert comm.allgather_objects("x") == ["x"]
    assert comm.bcast(("y", 2)) == ("y", 2)


def test_reductions_are_the_values_themselves():
    comm = SerialComm()
    assert comm.maximum(np.array([1.5, -2.0])).tolist() == [1.5, -2.0]
    assert comm.total(np.array([3, 4])).tolist() == [3, 4]
    assert comm.any(True) is True and comm.any(False) is False
    comm.barrier()


def test_sums_of_floats_are_refused():
    with pytest.raises(TypeError, match=r"total adds integers only; it was given float64\."):
        SerialComm().total(np.array([0.5]))


def test_results_do_not_change_with_the_input():
    comm = SerialComm()
    given = np.arange(3)
    results = [comm.allgather(given)[0], comm.gather(given), comm.maximum(given), comm.total(given)]
    given[:] = 9
    assert all(result.tolist() == [0, 1, 2] for result in results)


def test_one_rank_sends_nothing_and_waits_for_nobody():
    comm = SerialComm()
    comm.allgather(np.arange(10))
    assert (comm.bytes_sent, comm.wait_seconds) == (0, 0.0)

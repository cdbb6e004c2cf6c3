"""Columns of cells come out of a block as they went in, lists of trains among them."""

import numpy as np

from parsim.engine.keeping.gathered import packed, unpacked_cells


def test_cells_find_their_trains_among_other_columns():
    trains = [np.array([1.0, 2.0]), np.empty(0), np.array([1.0, 2.0]), np.array([3.0])]
    block = {f"spike_times/{part}": values for part, values in packed(trains).items()}
    block["V_m"] = np.array([10.0, 11.0, 12.0, 13.0])
    # A receptor may be called like the parts of a train, and so its currents.
    block["I_syn_fast/which"] = np.array([20.0, 21.0, 22.0, 23.0])

    found = unpacked_cells(block, np.array([3, 1, 2]))
    assert found.keys() == {"spike_times", "V_m", "I_syn_fast/which"}
    assert [train.tolist() for train in found["spike_times"]] == [[3.0], [], [1.0, 2.0]]
    assert found["V_m"].tolist() == [13.0, 11.0, 12.0]
    assert found["I_syn_fast/which"].tolist() == [23.0, 21.0, 22.0]

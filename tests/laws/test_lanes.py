"""Law "lanes": a cable cell has the same bits wherever it stands, in whichever block."""

import numpy as np
import pytest

import parsim as ps
from tests.cable_models import CABLE, CABLES, EXACT, LINKED
from tests.helpers import link

AMPS = np.linspace(0.05, 0.4, 41)


def states(model, sizes, amps):
    """States of cells that were made by statements of these sizes, [name, cell]; each hears a train of its own.

    Pointers of linked ones follow others, as said of all cells together.
    """
    net = ps.Network(seed=7)
    made, begin = [], 0
    for n in sizes:
        made.append(
            net.create(model, n, amp=amps[begin : begin + n], v=-70.0 + 20.0 * amps[begin : begin + n])
        )
        begin += n
    for cells in made:
        source = net.create("VecStim", len(cells), spike_times=[2.03, 5.55, 9.0])
        net.connect(source, cells.at("sat"), ps.OneToOne(), ps.static_synapse(weight=1e-3, delay=1.0))
    if model in (LINKED, EXACT):
        link(net, sum(made[1:], made[0][:]))
    sim = ps.Simulation(net, dt=0.1, progress=False)
    sim.run(20.0)
    names = [variable.name for variable in model.recordables]
    return np.array([np.concatenate([sim.get(cells, name) for cells in made]) for name in names])


@pytest.fixture(scope="module")
def together():
    return {model: states(model, [41], AMPS) for model in CABLES}


@pytest.mark.parametrize("sizes", [[32, 9], [1, 39, 1], [5, 0, 36]])
@pytest.mark.parametrize("model", CABLES, ids=str)
def test_statements_that_fill_blocks_otherwise_change_nothing(together, model, sizes):
    np.testing.assert_array_equal(states(model, sizes, AMPS), together[model])


@pytest.mark.parametrize("k", [7, 32, 40])
def test_a_cell_alone_is_as_in_any_lane(together, k):
    np.testing.assert_array_equal(states(CABLE, [1], AMPS[k : k + 1])[:, 0], together[CABLE][:, k])

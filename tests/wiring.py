"""What a rule draws, as arrays and tables."""

import numpy as np
import scipy.sparse
import scipy.stats

import parsim as ps
from parsim.engine.rows.connections import ConnectionColumns

CELLS = "iaf_psc_exp"


def wired(
    rule, n_sources=40, n_targets=60, synapse=None, seed=1, threads=1, same=False, stimuli=False
) -> ConnectionColumns:
    """Connections of one statement; sources are gids from 0, targets come after them unless `same`."""
    net = ps.Network(seed=seed)
    source = net.create("poisson_generator" if stimuli else CELLS, n_sources)
    target = source if same else net.create(CELLS, n_targets)
    net.connect(source, target, rule, synapse)
    return ps.Simulation(net, threads=threads).connections(source).columns()


def matrix(links: ConnectionColumns, n_sources: int, n_targets: int, first: int) -> np.ndarray:
    """How many connections each pair has, [source, target]; targets begin at gid `first`."""
    counts = np.zeros((n_sources, n_targets), np.int64)
    np.add.at(counts, (links.sources, links.targets - first), 1)
    return counts


def is_uniform(counts: np.ndarray, variance: float = 1.0) -> bool:
    """Do cells of a table have the same expected count? `variance`: of a count, over its mean."""
    mean = counts.mean()
    square = ((counts - mean) ** 2).sum() / (mean * variance)
    return bool(scipy.stats.chi2.sf(square, counts.size - 1) > 1e-3)

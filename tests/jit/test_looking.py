"""Compiled kernels of users look whether indices lie inside of their arrays, and say where one does not."""

from typing import NamedTuple

import numpy as np
import pytest

import parsim as ps


class State(NamedTuple):
    V_m: ps.Floats


class Params(NamedTuple):
    a: ps.Floats


@ps.kernel
def another_port(s, p, inputs, span, out):
    for k in range(span.first, span.stop):
        for i in range(span.begin, span.end):
            s.V_m[i] += inputs.spikes[k - span.origin, 1, i]  # wrong: there is but one


@ps.kernel
def another_step(s, p, inputs, span, out):
    for k in range(span.first, span.stop):
        for i in range(span.begin, span.end):
            s.V_m[i] += inputs.spikes[k, 0, i]  # wrong: steps of a page count from its first


@ps.kernel
def beyond_a_row(s, p, inputs, span, out):
    for i in range(span.begin, span.end):
        s.V_m[i] += ps.at_row(p.a, i + 1_000)  # wrong


@ps.kernel
def until_some_is_above(s, p, inputs, span, out):
    j = 0
    while s.V_m[j] == 0.0:  # wrong: none is
        j += 1


@ps.kernel
def neighbour(p, i):
    return p.a[i + 7]  # wrong: there are fewer


@ps.kernel
def calls_another(s, p, inputs, span, out):
    for i in range(span.begin, span.end):
        s.V_m[i] = neighbour(p, i)


@ps.kernel
def emits_for_another(s, p, inputs, span, out):
    for k in range(span.first, span.stop):
        ps.emit(out, 6, k + 1)


@ps.kernel
def as_in_python(s, p, inputs, span, out):
    for k in range(span.first, span.stop):
        for i in range(span.begin, span.end):
            s.V_m[i] += p.a[-1] + inputs.spikes[(k - span.origin) % 2, -1, i]
        for j in list(range(2)):
            s.V_m[j - 1] += p.a[2 - j] - p.a[2 - j]


def cells(advance):
    return ps.CellModel(
        "mine",
        params=(ps.Param("a", 1.0),),
        state=State,
        recordables=(ps.Variable("V_m"),),
        prepare=lambda p, clock: Params(p.a),
        advance=advance,
        ports=("in",),
    )


WRONG = (another_port, another_step, beyond_a_row, until_some_is_above, calls_another)


@pytest.mark.parametrize("advance", WRONG, ids=lambda kernel: kernel.__name__)
def test_an_index_outside_of_an_array_names_model_kernel_and_line_on_all_ranks(advance):
    with open(__file__) as file:
        lines = file.read().splitlines()
    kernel = neighbour if advance is calls_another else advance
    begin = lines.index(
        f"def {kernel.__name__}({'p, i' if kernel is neighbour else 's, p, inputs, span, out'}):"
    )
    line = next(k for k, text in enumerate(lines, 1) if k > begin and "# wrong" in text)
    for threads in (1, 2):
        net = ps.Network()
        net.create(cells(advance), 6)
        sim = ps.Simulation(net, threads=threads, progress=False)
        with pytest.raises(ps.SimulationError) as error:
            sim.run(5.0)
        said = f"The kernel {kernel.__name__} of mine failed: IndexError: index is out of bounds"
        assert str(error.value) == f"{said} ({__file__}, line {line})."


def test_a_spike_of_a_cell_that_is_none_is_told():
    for threads, here in ((1, 6), (2, 3)):
        net = ps.Network()
        net.create(cells(emits_for_another), 6)
        text = rf"mine emitted a spike of cell 6 \(step 1\), but there are {here} on rank"
        with pytest.raises(ps.SimulationError, match=text):
            ps.Simulation(net, threads=threads, progress=False).run(5.0)


def test_an_index_below_0_counts_from_the_end_as_in_python():
    net = ps.Network()
    mine = net.create(cells(as_in_python), 6, a=np.arange(6.0))
    sim = ps.Simulation(net, progress=False)
    sim.run(1.0)
    assert sim.get(mine, "V_m").tolist() == [50.0] * 6

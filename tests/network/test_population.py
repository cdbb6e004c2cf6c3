"""Slices, sums and masks of populations, compared with the same ones of numpy arrays of gids."""

import itertools

import numpy as np
import pytest

import parsim as ps


@pytest.fixture
def net() -> ps.Network:
    return ps.Network()


def three_parts(net: ps.Network) -> tuple[ps.Selection, np.ndarray]:
    """A selection of several parts, not in the order of the gids, and its gids."""
    a, b, c = net.create("iaf_psc_exp", 5), net.create("parrot_neuron", 1), net.create("iaf_psc_exp", 7)
    return c + a + b, np.r_[6:13, 0:5, 5]


def test_a_population_has_the_gids_after_those_before_it(net):
    a, empty, b = net.create("iaf_psc_exp", 3), net.create("iaf_psc_exp", 0), net.create("parrot_neuron", 2)
    assert a.gids.tolist() == [0, 1, 2] and empty.gids.tolist() == [] and b.gids.tolist() == [3, 4]
    assert (len(a), len(empty), len(b)) == (3, 0, 2)
    assert a.gids.dtype == empty.gids.dtype == np.int64


def test_stimuli_are_counted_on_their_own(net):
    net.create("iaf_psc_exp", 3)
    assert net.create("poisson_generator", 2).gids.tolist() == [0, 1]
    assert net.create("dc_generator").gids.tolist() == [2]
    assert net.create("iaf_psc_exp").gids.tolist() == [3]


@pytest.mark.parametrize("key", [0, 4, 6, 7, 12, -1, -13, np.int64(3), np.int8(-2)], ids=repr)
def test_a_number_picks_one_member(net, key):
    chosen, gids = three_parts(net)
    assert chosen[key].gids.tolist() == [gids[key]] and len(chosen[key]) == 1


@pytest.mark.parametrize("step", [None, 1, 2, 3, 5, 8, 20, -1, -2, -3, -9])
def test_slices_are_those_of_an_array(net, step):
    chosen, gids = three_parts(net)
    starts, stops = (
        (None, 0, 1, 6, 7, 8, 12, 13, 20, -1, -4, -13, -20),
        (None, 0, 1, 7, 9, 12, 13, 20, -1, -7),
    )
    for start, stop in itertools.product(starts, stops):
        key = slice(start, stop, step)
        assert chosen[key].gids.tolist() == gids[key].tolist()
        assert len(chosen[key]) == gids[key].size


def test_slices_of_slices_are_those_of_an_array(net):
    chosen, gids = three_parts(net)
    keys = [slice(1, None, 2), slice(None, None, 3), slice(None, None, -1), slice(2, -2), slice(-5, None)]
    keys = [*keys, np.array([3, 0, 2]), [1, 2]]
    for first, second in itertools.product(keys, repeat=2):
        if not isinstance(second, slice) and len(chosen[first]) < 4:
            continue
        assert chosen[first][second].gids.tolist() == gids[first][second].tolist()


def test_masks_pick_members(net):
    chosen, gids = three_parts(net)
    for mask in (gids % 2 == 0, gids > 100, gids >= 0, gids == 5):
        assert chosen[mask].gids.tolist() == gids[mask].tolist()
        assert chosen[mask.tolist()].gids.tolist() == gids[mask].tolist()
    population = net.create("iaf_psc_exp", 4)
    assert population[np.array([False, True, False, True])].gids.tolist() == [14, 16]


@pytest.mark.parametrize("keys", [[0], [12, 0, 5], [-1, -13, 3], range(3, 9), (2, 1), []], ids=repr)
def test_lists_pick_members_in_their_order(net, keys):
    chosen, gids = three_parts(net)
    assert chosen[keys].gids.tolist() == gids[list(keys)].tolist()
    if keys:
        assert chosen[np.array(keys, dtype=np.uint8 if min(keys) >= 0 else np.int16)].gids.tolist() == (
            gids[list(keys)].tolist()
        )


def test_an_empty_population_can_be_sliced_and_added(net):
    empty, some = net.create("iaf_psc_exp", 0), net.create("iaf_psc_exp", 2)
    for nothing in (empty, empty[:], empty[::-1], empty[[]], empty[np.zeros(0, bool)], some[2:], some[[]]):
        assert len(nothing) == 0 and nothing.gids.tolist() == [] and list(nothing) == []
        assert (nothing + some).gids.tolist() == (some + nothing).gids.tolist() == [0, 1]
    assert len(some[[]] + empty) == 0


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (13, "no member 13"),
        (-14, "no member -14"),
        ([0, 13], "no member 13"),
        ([-14], "no member -14"),
        ([True, False], "a mask of shape (2,) does not fit"),
        (True, "a mask of shape () does not fit"),
        (1.5, "1.5 is no index"),
        ([0.0, 1.0], "is no index"),
        ([[0, 1], [2, 3]], "is no index"),
        ("V_m", "'V_m' is no index"),
    ],
)
def test_what_is_no_member_is_an_error(net, key, text):
    chosen, _ = three_parts(net)
    with pytest.raises(IndexError) as error:
        chosen[key]
    assert text in str(error.value)


def test_iterating_gives_the_members_one_by_one(net):
    chosen, gids = three_parts(net)
    members = list(chosen)
    assert all(isinstance(member, ps.Selection) and len(member) == 1 for member in members)
    assert [int(member.gids[0]) for member in members] == gids.tolist()
    assert [int(member.gids[0]) for member in net.create("iaf_psc_exp", 3)] == [13, 14, 15]


def test_sums_stand_in_the_order_of_their_terms(net):
    a, b, c = (net.create("iaf_psc_exp", n) for n in (2, 3, 1))
    assert (c + a).gids.tolist() == [5, 0, 1]
    assert (a + b + c).gids.tolist() == (a + (b + c)).gids.tolist() == list(range(6))
    assert (b[1:] + a[::-1] + b[:1]).gids.tolist() == [3, 4, 1, 0, 2]
    assert (a[::2] + a[1::2]).gids.tolist() == [0, 1]


def test_sum_adds_populations_and_selections(net):
    a, b, c = (net.create("iaf_psc_exp", n) for n in (2, 3, 1))
    assert sum([a, b, c]).gids.tolist() == list(range(6))
    assert sum([c[:], b[1:], a]).gids.tolist() == [5, 3, 4, 0, 1]
    assert sum([a]).gids.tolist() == [0, 1]


def test_adding_a_member_twice_is_an_error(net):
    a, b = net.create("iaf_psc_exp", 4), net.create("iaf_psc_exp", 4)
    overlaps = [
        lambda: a + a,
        lambda: a + b + a[3],
        lambda: a[:2] + a[1:],
        lambda: a[::2] + a[::3],
        lambda: b[::-1] + a + b[0],
        lambda: a[[0, 1, 0]],
        lambda: (a + b)[[7, -1]],
    ]
    for overlap, gid in zip(overlaps, (0, 3, 1, 0, 4, 0, 7), strict=True):
        with pytest.raises(
            ps.DescriptionError, match=f"gid {gid} stands more than once in .* name each member once"
        ):
            overlap()


def test_only_members_of_one_kind_and_network_can_be_added(net):
    cells, stimuli = net.create("iaf_psc_exp", 2), net.create("poisson_generator", 2)
    with pytest.raises(ps.DescriptionError, match="cells and stimuli cannot stand in one selection"):
        cells + stimuli
    with pytest.raises(ps.DescriptionError, match="belong to different networks"):
        cells + ps.Network().create("iaf_psc_exp")
    with pytest.raises(ps.DescriptionError, match=r"is 3 \(int\); a population or a part of one is needed"):
        cells + 3
    with pytest.raises(TypeError):
        3 + cells[:1]


def test_a_selection_knows_its_models_and_says_what_it_is(net):
    chosen, _ = three_parts(net)
    assert chosen.models == [ps.iaf_psc_exp, ps.parrot_neuron] and chosen.kind == "cell"
    assert repr(chosen[:8]) == "<8 of iaf_psc_exp + iaf_psc_exp>"
    stimuli = net.create("dc_generator", 3, name="current")
    assert stimuli[1:].kind == "stimulus" and repr(stimuli[1:]) == "<2 of current>"
    assert repr(stimuli) == "<current: 3 dc_generator, stimuli 0 to 2>"
    assert repr(net.create("iaf_psc_exp", 0)) == "<iaf_psc_exp: 0 iaf_psc_exp, no gids>"

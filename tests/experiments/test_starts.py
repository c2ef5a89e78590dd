"""Which starts diverge: where the bound says so, and nowhere with an implicit step."""

import pytest

from ltcbook.experiments.starts import READINGS, look, table

LITERAL, MODE_V, MIDPOINT = READINGS


@pytest.fixture(scope="module")
def found():
    return {(s.reading, s.hidden_size, s.solver): s for s in table()}


def test_what_is_printed_explodes_at_64_neurons_and_the_midpoint_never(found):
    assert found[LITERAL, 64, "euler"].diverged == 5
    assert found[MODE_V, 64, "euler"].diverged == 5
    assert all(found[MIDPOINT, n, "euler"].diverged == 0 for n in (8, 16, 32, 64))


def test_nothing_explodes_while_the_number_is_below_2_and_all_with_it_stay_small(found):
    for start in found.values():
        if start.stability < 2:
            assert start.diverged == 0, start
    assert any(s.stability > 2 and s.diverged for s in found.values())


def test_the_number_grows_with_the_neurons(found):
    for reading in READINGS:
        numbers = [found[reading, n, "semi-implicit-euler"].stability for n in (8, 16, 32, 64)]
        assert numbers == sorted(numbers)


def test_a_linearly_implicit_step_is_bounded_whatever_the_number(found):
    implicit = [s for s in found.values() if s.solver == "semi-implicit-euler"]
    assert all(s.diverged == 0 for s in implicit)
    assert max(s.stability for s in implicit) > 2.5


def test_an_unknown_reading_is_named():
    with pytest.raises(ValueError, match="reading must be one of"):
        look("upside down", 8)

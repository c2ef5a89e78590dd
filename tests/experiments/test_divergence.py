"""Untrained networks under explicit Euler: what is committed, and what it must obey."""

import pytest

from ltcbook.experiments import divergence, load
from ltcbook.experiments.starts import READINGS

DRAWS = [divergence.Draw(*row) for row in load("divergence_start")["rows"]]


def test_all_that_was_asked_for_is_there():
    kinds = {(d.reading, d.hidden_size, d.solver, d.unfolds, d.seed) for d in DRAWS}
    assert len(kinds) == len(DRAWS)
    sizes = len(READINGS) * len(divergence.SIZES) * 2 + len(READINGS) * 3
    assert len(DRAWS) == sizes * len(divergence.SEEDS)


@pytest.mark.parametrize("number", range(0, len(DRAWS), 53))
def test_a_committed_draw_is_drawn_again(number):
    kept = DRAWS[number]
    if kept.hidden_size > 48:
        kept = next(d for d in DRAWS if d.reading == kept.reading and d.hidden_size == 8)
    made = divergence.draw(kept.reading, kept.hidden_size, kept.solver, kept.unfolds, kept.seed)
    assert made.exploded == kept.exploded
    assert (made.first, made.open) == pytest.approx((kept.first, kept.open), abs=2e-4)
    if not kept.exploded:
        assert made.largest == pytest.approx(kept.largest, abs=1e-3)


def test_the_bound_holds_for_every_draw():
    for each in DRAWS:
        assert each.first <= each.open
        if each.solver != "euler" or each.open < 2:
            assert not each.exploded, each


def test_a_start_below_2_is_no_promise():
    assert any(d.exploded and d.first < 2 for d in DRAWS)


def test_the_columns_are_the_fields():
    assert load("divergence_start")["columns"] == list(divergence.Draw._fields)


def test_an_unknown_reading_is_named():
    with pytest.raises(ValueError, match="reading must be one of"):
        divergence.draw("upside down", 8, "euler", 10, 0)

"""Data cards say what the data are, counted again here."""

from dataclasses import replace

import pytest

from ltcbook import data
from ltcbook.data import variants
from ltcbook.experiments.cards import DEFECTS, card
from ltcbook.experiments.evidence import Evidence


@pytest.fixture(scope="module")
def walker():
    return variants.load("walker2d-positions", rollouts=12)


def test_a_card_counts_what_is_there(walker):
    text = card("walker2d-positions", walker)
    for part in ("train", "validation", "test"):
        windows = getattr(walker, part)
        rollouts = len(set(windows.rollouts.tolist()))
        assert f"| {part} | {rollouts} | {len(windows)} | 20 |" in text
    lengths = data.collect("walker2d", 12).lengths
    assert f"{int((lengths == 1000).sum())} of 12 rollouts are truncated" in text
    assert "terminated by a fall" in text
    assert walker.provenance["fingerprint"] in text


def test_the_schema_names_what_is_seen_and_asked_for(walker):
    text = card("walker2d-positions", walker)
    assert "| left foot | rad |" in text and "velocity" not in text.split("Target")[0]
    assert "Target: 8 numbers, the next observation's same channels." in text


def test_noise_and_scores_are_shown_where_they_are_known(walker, record):
    row = record(task="walker2d-positions", purpose="baseline", model="persistence",
                 test_loss=0.125).row  # fmt: skip
    noisy = replace(walker, provenance={**walker.provenance, "floor": 0.01})
    text = card("walker2d-positions", noisy, Evidence([row], {}))
    assert "**Noise floor** 0.0100" in text and "| persistence | 0.1250 |" in text
    plain = card("digits", variants.load("digits"))
    assert "Noise floor" not in plain and "Reference scores" not in plain


def test_the_network_without_memory_is_a_reference_too(walker, record):
    """It is the baseline that tells whether a task needs a memory."""
    of = {"task": "walker2d-positions", "model": "feed-forward", "input_map": "linear"}
    rows = [record(task=of["task"], purpose="baseline", model="persistence", test_loss=0.5).row]
    rows += [
        record(f"{seed}", **of, seed=seed, parameters=321, test_loss=loss).row
        for seed, loss in enumerate((0.3, 0.1, 0.2))
    ]
    text = card("walker2d-positions", walker, Evidence(rows, {}))
    assert "| persistence | 0.5000 |" in text
    assert "| feed-forward network, 321 parameters | 0.2000 |  |" in text


def test_images_have_a_card_too():
    text = card("digits", variants.load("digits"))
    assert "one of 10 classes" in text and "| test | 250 | 250 | 8 |" in text
    assert "truncated" not in text


def test_defects_are_those_of_the_task_and_of_what_it_is_made_from():
    assert set(DEFECTS) <= set(variants.VARIANTS)
    text = card("walker2d-irregular", variants.load("walker2d-irregular", rollouts=12))
    assert "a gap tells nothing" in text and "clipped to ±10" in text
    assert "| time since the frame before | steps |" in text

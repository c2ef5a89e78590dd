"""Data cards say what the data are, counted again here."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ltcbook import data, experiments
from ltcbook.data import variants
from ltcbook.data.images import files
from ltcbook.data.robots.published import published
from ltcbook.data.robots.pushed import CHANCE, STRENGTH, collect_pushed
from ltcbook.data.robots.robot import MAX_STEPS, robot
from ltcbook.experiments import report
from ltcbook.experiments.cards import DEFECTS, card
from ltcbook.experiments.evidence import Evidence
from ltcbook.experiments.grid import Configuration


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
    assert card("digits", variants.load("digits")).count("no handwriting") == 1


def test_every_task_has_known_defects_and_none_that_are_not_its_own(walker):
    for name in variants.VARIANTS:
        inherited = {"halfcheetah-cloning": "halfcheetah"}
        inherited["halfcheetah-pushed-cloning"] = "halfcheetah-pushed"
        assert DEFECTS[inherited.get(name, name)]
    text = card("walker2d-positions", walker)
    assert "the past adds little" not in text and "has no past" in text
    assert "clipped" not in text  # velocities are not seen at all


def pushes(rollout):
    """When the pushes of a rollout come, and by how much, drawn again as the card says."""
    spread, random = (
        np.asarray(published("halfcheetah")["std"])[8:],
        np.random.default_rng((rollout, 2)),
    )
    return {
        step: STRENGTH * spread * random.standard_normal(9)
        for step in range(1, MAX_STEPS)
        if random.random() < CHANCE
    }


def test_the_pushes_are_those_that_the_card_says_can_be_drawn_again():
    pushed, time_step = collect_pushed(1), robot("halfcheetah").time_step
    seen, kicks = pushed.observations.astype(float), pushes(0)
    expected = sum(np.append(np.zeros(8), kick) ** 2 for kick in kicks.values()) / MAX_STEPS
    assert np.allclose(pushed.provenance["unpredictable"], expected, rtol=1e-3, atol=1e-9)
    # Positions move on by the mean velocity of a step, but not where the velocity has jumped.
    slope = np.diff(seen[:, 1]) / time_step  # the torso's pitch, which no joint stops
    off = np.abs(slope - (seen[1:, 10] + seen[:-1, 10]) / 2)
    at = np.array([step - 1 for step, kick in kicks.items() if abs(kick[2]) > 1])
    assert len(at) > 3 and np.median(off[at]) > 3 * np.median(np.delete(off, at))


def test_the_numbers_of_pushes_on_the_card():
    steps = [set(pushes(rollout)) for rollout in range(robot("halfcheetah").rollouts)]
    windows = [{step // 20 for step in found} for found in steps]
    share = sum(map(len, windows)) / (len(steps) * MAX_STEPS / 20)
    sets = experiments.load("data_probes")["sets"]
    speeds = {name: each["speed"] for name, each in sets.items()}
    text = " ".join(DEFECTS["halfcheetah-pushed"]).replace(" %", "%")
    assert f"The {len(steps)} rollouts have {sum(map(len, steps))}, and {share:.0%}" in text
    assert f"{speeds['halfcheetah-pushed']:.1f} m/s here" in text
    assert f"{speeds['halfcheetah']:.1f} undisturbed" in text


@pytest.mark.parametrize(
    "task", ["walker2d-positions", "halfcheetah-positions", "halfcheetah-positions-cloning"]
)
def test_the_first_step_without_a_past_is_as_hard_as_the_card_says(task):
    store = experiments.runs()
    box = report.book_evidence(store).boxes[task, Configuration("LSTM"), 16]
    steps = store.long("steps", task)
    errors = np.mean([[loss for _, loss in steps[run]] for run in box.runs], axis=0)
    first, later = errors[0], errors[5:].mean()
    digits = 4 if first < 0.1 else 3
    said = f"errs there by {first:.{digits}f}, and by {later:.{digits}f} from the sixth step on"
    assert len(errors) == 20 and said in DEFECTS[task][0]


@pytest.mark.skipif(not files("mnist"), reason="MNIST is not on this machine")
def test_the_numbers_of_the_digits_on_the_card():
    images = data.load_images("mnist")
    ink = (images.train_images > 0).any(axis=2)
    blank = np.mean([row[::-1].argmax() for row in ink])
    counts = np.bincount(images.train_labels)
    text = " ".join(DEFECTS["mnist"]).replace(" %", "%")
    assert f"{1 - ink.mean():.0%} of the rows, and on average the last {blank:.1f} of" in text
    assert counts.argmin() == 5 and counts.argmax() == 1
    assert f"{counts.min()} fives and {counts.max()} ones" in text
    assert 15 / len(images.test_labels) == 0.0015


def test_readers_are_told_where_the_cards_are():
    pages = Path(__file__).parents[2] / "chapters"
    assert "ltcbook report --cards" in (pages / "how_to_read.md").read_text(encoding="utf-8")

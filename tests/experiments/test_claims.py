"""Claims are decided on made-up results with a known answer."""

import itertools
import math
import re
from dataclasses import replace

import numpy as np
import pytest

from ltcbook.experiments.claims import (
    COMPARABLE,
    MARGIN,
    RELATIONS,
    Claim,
    Comparison,
    comparisons,
    decide,
)
from ltcbook.experiments.evidence import Evidence, Interval
from ltcbook.experiments.grid import CONFIGURATIONS, SCALED, Configuration, parameters
from ltcbook.experiments.ledger import CLAIMS
from ltcbook.experiments.profiles import BESIDE, BOOK, PAPERS_TASKS
from ltcbook.nn.zoo import count_parameters
from ltcbook.papers.results import TABLE_1
from ltcbook.papers.theorems import theorems

GOOD, BAD = Configuration("good"), Configuration("bad")
ROLLOUTS, SEEDS = 40, 3


def made_up(record, levels, noise=0.05, seeds=SEEDS):
    """Evidence in which each key of ``levels`` has that mean loss; None diverges."""
    random = np.random.default_rng(1)
    difficulty = random.uniform(0.5, 1.5, ROLLOUTS)  # common to all: pairing takes it away
    rows, groups = [], {}
    for (task, configuration, n), level in levels.items():
        for seed in range(seeds):
            run = f"{task}-{configuration}-{n}-{seed}"
            losses = None
            if level is not None:
                losses = level * difficulty * random.normal(1, noise, ROLLOUTS)
                groups[run] = dict(enumerate(losses.tolist()))
            rows.append(record(
                run, task=task, hidden_size=n, seed=seed, **configuration._asdict(),
                test_loss=None if losses is None else float(losses.mean()),
                diverged=losses is None, stability=2.5 if losses is None else None, parameters=n,
            ).row)  # fmt: skip
    return Evidence(rows, groups)


def pairs(tasks="abc"):
    return tuple(Comparison((t, GOOD, 8), (t, BAD, 8), (f"task {t}",)) for t in tasks)


def claim(relation, found=None):
    return Claim("X.C1", "so it is", "nowhere", "It is so.", "Is it?", relation, found or pairs())


def levels(good, bad, tasks="abc"):
    return {(t, c, 8): v for t in tasks for c, v in ((GOOD, good), (BAD, bad))}


@pytest.mark.parametrize(
    ("relation", "good", "bad", "verdict"),
    [
        ("better", 0.8, 1.0, "confirmed"),
        ("better", 1.0, 1.0, "not reproduced"),
        ("better", 1.2, 1.0, "not reproduced"),
        ("not worse", 1.0, 1.0, "confirmed"),
        ("not worse", 1 + 3 * MARGIN, 1.0, "not reproduced"),
        ("not worse", 0.5, 1.0, "confirmed"),
        ("comparable", 1.0, 1.01, "confirmed"),
        ("comparable", 0.5, 1.0, "not reproduced"),
        ("comparable", 1.5, 1.0, "not reproduced"),
        ("not better", 1.2, 1.0, "confirmed"),
        ("not better", 0.8, 1.0, "not reproduced"),
        ("better", 0.8, None, "confirmed"),
        ("better", None, 0.8, "not reproduced"),
    ],
)
def test_the_verdict_follows_from_known_results(record, relation, good, bad, verdict):
    finding = decide(claim(relation), made_up(record, levels(good, bad)))
    assert (finding.verdict, finding.made) == (verdict, 3), finding.evidence


@pytest.mark.parametrize("relation", RELATIONS)
@pytest.mark.parametrize("level", [0.5, 0.97, 1.0, 1.03, 1.5])
def test_a_comparison_holds_says_the_opposite_or_decides_nothing(record, relation, level):
    finding = decide(claim(relation), made_up(record, levels(level, 1.0), noise=0.02))
    shown = {
        "better": (level < 1, level > 1),
        "not worse": (level < 1 + MARGIN, level > 1 + MARGIN),
        "comparable": (abs(level - 1) < COMPARABLE, abs(level - 1) > COMPARABLE),
        "not better": (level >= 1, level < 1),
    }[relation]
    assert (finding.holds, finding.opposed, finding.made) == (3 * shown[0], 3 * shown[1], 3)
    undecided = 3 - finding.holds - finding.opposed
    assert f"{finding.opposed} show the opposite and {undecided} decide nothing" in finding.evidence


def test_four_of_five_are_enough(record):
    tasks = "abcde"
    values = levels(0.8, 1.0, tasks) | {("e", GOOD, 8): 1.2}
    finding = decide(claim("better", pairs(tasks)), made_up(record, values))
    assert (finding.verdict, finding.holds, finding.opposed) == ("confirmed", 4, 1)
    assert "differences from -20% to +20%" in finding.evidence


def test_the_evidence_says_which_side_diverged(record):
    one = decide(claim("better"), made_up(record, levels(None, 1.0)))
    other = decide(claim("better"), made_up(record, levels(1.0, None)))
    assert "differences from it diverged to it diverged" in one.evidence
    assert "differences from the other diverged to the other diverged" in other.evidence


def test_the_rule_of_a_claim_reads_in_words():
    assert claim("better").rule == (
        "better: the interval of the difference lies above zero; in at least 80% of at least 3 "
        "comparisons, paired by test rollout"
    )
    assert replace(claim("better"), untestable="No.").rule == "none"
    assert replace(claim("better"), comparisons=()).rule == "the printed table decides"


def test_a_comparison_knows_its_conditions():
    plain, scaled = Configuration("A", "linear"), Configuration("A", "linear", "scaled")
    (usual,) = comparisons(["walker2d"], [8], [(plain, plain)])
    (other,) = comparisons(["walker2d"], [8], [(plain, scaled)])
    assert usual.conditions == ("walker2d", "linear input", "the papers' start", "n = 8")
    assert other.conditions == ("walker2d", "linear input", "the scaled start", "n = 8")


def test_seeds_that_disagree_decide_nothing(record):
    finding = decide(claim("better"), made_up(record, levels(0.99, 1.0), noise=0.2))
    assert (finding.holds, finding.opposed, finding.made) == (0, 0, 3)


def test_a_condition_is_found_and_named(record):
    tasks = [("a", n) for n in (8, 16, 32)] + [("b", n) for n in (8, 16, 32)]
    found = tuple(Comparison((t, GOOD, n), (t, BAD, n), (f"task {t}",)) for t, n in tasks)
    values = {}
    for t, n in tasks:
        values |= {(t, GOOD, n): 0.8 if t == "a" else 1.2, (t, BAD, n): 1.0}
    finding = decide(claim("better", found), made_up(record, values))
    assert finding.verdict == "confirmed under a condition"
    assert "task a (3 of 3)" in finding.evidence and "task b" not in finding.evidence


def test_with_too_few_rows_a_claim_stays_open(record):
    finding = decide(claim("better"), made_up(record, levels(0.8, 1.0, "ab")))
    assert (finding.verdict, finding.holds, finding.made) == ("open", 2, 2)
    assert decide(claim("better"), Evidence([], {})).verdict == "open"
    both = made_up(record, levels(None, None))
    assert decide(claim("better"), both).verdict == "open"


def test_the_papers_own_table_overrules_our_rows(record):
    against = replace(claim("better"), against_table=lambda: "Table 1 says otherwise.")
    finding = decide(against, made_up(record, levels(0.8, 1.0)))
    assert finding.verdict == "contradicted by the paper's own table"
    assert "3 of 3 comparisons hold, 0 show the opposite" in finding.evidence


def test_what_no_run_can_decide_is_not_testable(record):
    assert decide(replace(claim("better"), untestable="No."), Evidence([], {})) == (
        "not testable", "No.", 0, 0, 0
    )  # fmt: skip


def test_pairing_sees_what_the_spread_of_rollouts_hides(record):
    evidence = made_up(record, levels(0.97, 1.0), noise=0.02)
    one, other = ("a", GOOD, 8), ("a", BAD, 8)
    difference = evidence.compare(one, other)
    assert 0 < difference.low < 0.03 < difference.high < 0.06
    a, b = evidence.interval(evidence.boxes[one]), evidence.interval(evidence.boxes[other])
    assert a.high > b.low  # unpaired intervals overlap widely


def test_seeds_that_disagree_widen_the_interval(record):
    steady = made_up(record, levels(0.9, 1.0), noise=0.01)
    rows, groups = list(steady.rows), dict(steady.groups)
    for run in groups:
        if run.startswith("a-good"):
            factor = {"0": 0.5, "1": 1.0, "2": 1.5}[run[-1]]
            groups[run] = {g: loss * factor for g, loss in groups[run].items()}
    shaky = Evidence(rows, groups)
    key = ("a", GOOD, 8), ("a", BAD, 8)
    assert steady.compare(*key).low > 0 > shaky.compare(*key).low


def test_runs_with_other_test_rollouts_are_not_compared(record):
    evidence = made_up(record, levels(0.9, 1.0))
    evidence.groups = {
        run: ({g + 1: v for g, v in found.items()} if "bad" in run else found)
        for run, found in evidence.groups.items()
    }
    with pytest.raises(ValueError, match="other rollouts"):
        evidence.compare(("a", GOOD, 8), ("a", BAD, 8))


def test_a_median_with_a_diverged_run_counts_it_as_infinite(record):
    evidence = made_up(record, {("a", GOOD, 8): 1.0})
    box = evidence.boxes["a", GOOD, 8]
    assert box._replace(losses=box.losses[:1]).median == math.inf
    assert box._replace(losses=box.losses[:2]).median == max(box.losses[:2])


def test_an_interval_reads_well():
    assert str(Interval(0.05, -0.01, 0.1)) == "+5.0% (-1.0% to +10.0%)"


# -- the ledger ----------------------------------------------------------------------------------


def test_every_claim_of_the_ledger_is_quoted_placed_and_decidable_or_says_why_not():
    assert len({c.id for c in CLAIMS}) == len(CLAIMS) >= 15
    for one in CLAIMS:
        assert one.quote and one.where and one.question.endswith("?")
        decided = one.comparisons, one.experiment, one.against_table()
        assert bool(one.untestable) + sum(map(bool, decided)) >= 1
        if one.untestable:
            assert not (one.comparisons or one.experiment)


def test_the_book_profile_has_the_boxes_that_the_claims_need():
    boxes = {(c.task, c.configuration, c.hidden_size) for c in BOOK.cells()}
    boxes |= {
        (other.beside(cell.task), cell.configuration, cell.hidden_size)
        for other in BESIDE
        for cell in other.cells()
    }
    for one in CLAIMS:
        usable = [c for c in one.comparisons if {c.one, c.other} <= boxes]
        # C12 is about 64 neurons on MNIST, which only the paper's profile has.
        assert not one.comparisons or one.id == "B.C12" or len(usable) >= 3, one.id


def test_the_table_contradicts_what_it_contradicts():
    """Table 1 is of the half-cheetah, so a claim of all instances must have been made of it too."""
    against = {c.id: c for c in CLAIMS if c.against_table()}
    assert set(against) == {"B.C2", "B.C3"}
    assert "Half-Cheetah" in against["B.C3"].where


def test_what_no_run_decides_names_the_theorems_that_do():
    (product,) = [c for c in CLAIMS if "M·N" in c.quote]
    named = re.findall(r"A\.S\d+", product.untestable)
    assert named == ["A.S1", "A.S7"] and set(named) <= set(theorems)


def test_the_best_of_all_is_asked_beside_all(record):
    """The LSTM beats all but the CT-GRU, the NA-CT-RNN beats LTCs and is behind four models."""
    (best,) = [one for one in CLAIMS if "best accuracy" in one.quote]
    models = {"LSTM": 0.5, "CT-GRU": 0.4, "ANODE": 0.6, "SA-CT-RNN-S": 0.7, "NA-CT-RNN-T": 0.8}
    found = decide(best, made_up(record, {
        ("mnist", c, n): models.get(c.model, 1.0)
        for c in (*CONFIGURATIONS, *SCALED) for n in (8, 16, 32)
    }))  # fmt: skip
    assert found.verdict == "confirmed under a condition" and found.made == 2 * 3 * 14
    assert "LSTM (39 of 42), LTCs as the others (24 of 24)." in found.evidence
    assert "NA-CT-RNN" not in found.evidence


def test_ltcs_are_held_against_lstms_at_equal_units_on_all_four_tasks(record):
    """SA-LTCs as good as the LSTM, NA-LTCs behind it."""
    (cells,) = [one for one in CLAIMS if "cells in LSTMs" in one.quote]
    made_of = {"LSTM": 1.0, "SA-LTC": 1.02, "NA-LTC": 1.3}
    configurations = [c for c in CONFIGURATIONS if c.model in made_of]
    found = decide(cells, made_up(record, {
        (task, c, n): made_of[c.model]
        for task in PAPERS_TASKS for c in configurations for n in (8, 16, 32)
    }, noise=0.02))  # fmt: skip
    assert found.verdict == "confirmed under a condition" and found[2:] == (24, 24, 48)
    assert found.evidence.endswith("it holds with SA-LTC (24 of 24).")


def test_an_ltc_with_synaptic_input_packs_as_an_lstm_does():
    """What B.C20's question says of the numbers of parameters."""
    for task, n in itertools.product(PAPERS_TASKS, (8, 16, 32)):
        lstm = parameters(Configuration("LSTM"), n, task)
        of = {
            key: parameters(Configuration(*key), n, task) / lstm
            for key in itertools.product(("SA-LTC", "NA-LTC"), ("synaptic", "linear"))
        }
        assert 0.9 < of.pop(("SA-LTC", "synaptic")) < 1 and max(of.values()) < 0.9


@pytest.mark.parametrize("key", list(TABLE_1))
def test_the_printed_table_has_the_parameters_of_the_models(key):
    model, input_map, n = key
    name = f"{model}-S" if model.endswith("CT-RNN") else model
    count = count_parameters(
        name, input_size=27, hidden_size=n, output_size=27, input_map=input_map
    )
    assert count == TABLE_1[key].parameters


def test_final_runs_at_a_rate_from_before_the_search_was_widened_do_not_count(record):
    def row(purpose, rate, seed, loss):
        name = "validation_loss" if purpose == "search" else "test_loss"
        of = {"task": "walker2d", "model": "LSTM", "input_map": "linear", "init": "midpoint"}
        run = f"{purpose} {rate} {seed}"
        return record(run, **of, hidden_size=16, purpose=purpose, seed=seed, learning_rate=rate,
                      validation_loss=loss if purpose == "search" else 0.1,
                      test_loss=loss if name == "test_loss" else None).row  # fmt: skip

    narrow = [row("search", 0.04, 0, 0.3), row("search", 0.08, 0, 0.2)]
    early = [row("final", 0.08, seed, 0.5) for seed in range(3)]
    (box,) = Evidence([*narrow, *early], {}).boxes.values()
    assert (box.learning_rate, box.losses) == (0.08, (0.5, 0.5, 0.5))
    wide = [*narrow, row("search", 0.16, 0, 0.1)]
    late = [row("final", 0.16, seed, 0.4) for seed in range(3)]
    (box,) = Evidence([*wide, *early, *late], {}).boxes.values()
    assert (box.learning_rate, box.losses) == (0.16, (0.4, 0.4, 0.4))
    assert not Evidence([*wide, *early], {}).boxes  # those at the new rate are still to come

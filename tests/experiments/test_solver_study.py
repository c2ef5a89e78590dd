"""The rules of the study of solvers, on made-up rows with a known answer."""

import math
from collections import defaultdict
from statistics import fmean

import numpy as np
import pytest

from ltcbook import experiments
from ltcbook.experiments import Store, kinematics, report, solver_study
from ltcbook.experiments.evidence import LOST, Evidence, gather, lost
from ltcbook.experiments.profiles import (
    PRACTICE,
    PROFILES,
    READINGS,
    STABILITY,
    TABLE_1_READ,
    find,
)
from ltcbook.experiments.solver_study import Step, Study, fit, fits
from ltcbook.papers.results import TABLE_1

EULER, BOUNDED = "euler", "semi-implicit-euler"


def _fill(store, record, losses, rollouts=40):
    """Final rows of the studies: ``losses[reading, size, step]``, five seeds each."""
    difficulty = np.random.default_rng(1).uniform(0.5, 1.5, rollouts)
    store.add(record("mean", purpose="baseline", task="walker2d", model="mean", input_map="",
                     init="", hidden_size=None, rollouts=40, solver="", test_loss=1.0))  # fmt: skip
    for (reading, size, step), level in losses.items():
        profile = next(p for p in (*STABILITY, *PRACTICE) if (p.solver, p.unfolds) == step)
        plan = profile.plans[0]
        for seed in range(5):
            noise = np.random.default_rng([size, step.unfolds, seed]).normal(1, 0.02, rollouts)
            each = level * difficulty * noise
            run = f"{reading}-{size}-{step}-{seed}".replace(" ", "-")
            store.add(record(
                run, task="walker2d", **READINGS[reading].of("SA")._asdict(), hidden_size=size,
                seed=seed, solver=step.solver, unfolds=step.unfolds, budget=plan.epochs,
                batch_size=plan.batch_size, rollouts=plan.rollouts, parameters=1,
                validation_loss=level, test_loss=float(each.mean()),
                groups=list(enumerate(each.tolist())),
            ))  # fmt: skip


def test_a_loss_is_lost_above_ten_constant_guesses_and_only_then(record):
    assert LOST == 10
    assert lost(record(validation_loss=4e25).row, 10.0)
    assert lost(record(validation_loss=10.1).row, 10.0)
    assert not lost(record(validation_loss=9.9, test_loss=9.9).row, 10.0)
    assert lost(record(validation_loss=0.14, test_loss=1e36).row, 10.0)  # on a test rollout alone
    assert lost(record(validation_loss=None).row, math.inf)
    assert lost(record(validation_loss=0.1, diverged=True).row, math.inf)


def test_a_huge_finite_loss_counts_as_diverged_where_the_constant_guess_is_known(record):
    runs = [record(f"r{seed}", seed=seed, validation_loss=v, test_loss=v).row
            for seed, v in enumerate((0.2, 4e25, 0.3))]  # fmt: skip
    (unknown,) = Evidence(runs, {}).boxes.values()
    assert unknown.diverged == 0
    guess = record("b", purpose="baseline", model="mean", test_loss=1.1).row
    evidence = Evidence([*runs, guess], {})
    (box,) = evidence.boxes.values()
    assert (box.diverged, box.seeds, box.losses) == (1, 3, (0.2, 0.3))
    assert box.median == 0.3  # the lost one is infinitely bad
    assert evidence.lost_above("digits by rk4") == evidence.lost_above("digits") == 11.0


def test_the_studies_evaluate_equally_many_sigmoids_with_five_seeds():
    kernels = [p for p in (*STABILITY, *PRACTICE) if p.solver != "exponential-euler"]
    assert {p.plans[0].epochs * p.unfolds for p in kernels} == {200}
    assert all(len(p.seeds) == 5 for p in kernels)
    assert {(p.solver, p.unfolds) for p in kernels} == {
        (solver, k) for solver in (EULER, BOUNDED) for k in (2, 5, 10, 20)
    }
    assert find("stability-explicit-10").plans[0].sizes == (32, 64, 16)


def test_the_table_is_read_with_the_ltcs_that_it_prints():
    printed = {(m[:2], way, n) for m, way, n in TABLE_1 if m.endswith("LTC")}
    cells = {(c.configuration, c.hidden_size) for c in TABLE_1_READ.cells()}
    wanted = {(r.of(kind, way), n) for kind, way, n in printed for r in READINGS.values()}
    assert cells == wanted and len(cells) == 42


def test_a_study_compares_steps_and_recommends_the_cheapest_that_is_not_worse(record, tmp_path):
    store = Store(tmp_path)
    losses = {
        ("midpoint", 32, Step(EULER, 2)): 0.30,
        ("midpoint", 32, Step(BOUNDED, 2)): 0.205,
        ("midpoint", 32, Step(EULER, 10)): 0.20,
        ("midpoint", 32, Step(BOUNDED, 10)): 0.25,
        ("bias", 32, Step(EULER, 10)): 1e20,
    }
    _fill(store, record, losses)
    study = Study(store)
    assert set(study.boxes) == set(losses)
    lead = study.compare("midpoint", 32, Step(EULER, 10), Step(BOUNDED, 10))
    assert lead.low > 0.1 and lead.high < 0.3
    assert study.compare("midpoint", 32, Step(EULER, 10), Step(EULER, 20)) is None
    assert study.recommended("midpoint") == (Step(EULER, 10), Step(BOUNDED, 2))
    assert study.boxes["bias", 32, Step(EULER, 10)].diverged == 5
    assert study.recommended("bias") is None


def test_the_fit_leaves_one_factor_free_and_counts_what_was_lost():
    entries = {("SA", "synaptic", n): TABLE_1["SA-LTC", "synaptic", n].error for n in (8, 16, 32)}
    perfect = fit({entry: 0.37 * error for entry, error in entries.items()})
    assert perfect.discrepancy.estimate == pytest.approx(0, abs=1e-12) and not perfect.lost
    flat = fit(dict.fromkeys(entries, 1.0))
    assert flat.discrepancy.estimate == pytest.approx(flat.shapeless)
    gone = fit({**dict.fromkeys(entries, 1.0), ("NA", "linear", 64): math.inf})
    assert gone.lost == (("NA", "linear", 64),) and len(gone.entries) == 4
    assert gone.discrepancy == flat.discrepancy
    with pytest.raises(ValueError, match="must have a finite loss"):
        fit({("NA", "linear", 64): math.inf})


def test_the_verdict_on_the_readings_follows_the_rule():
    printed = {(m[:2], way, n): e.error for (m, way, n), e in TABLE_1.items() if "LTC" in m}
    good = fit(printed)
    noisy = fit({k: v * 3 ** (-1) ** i for i, (k, v) in enumerate(printed.items())})
    gone = fit({**printed, ("NA", "synaptic", 64): math.inf})
    flat = fit(dict.fromkeys(printed, 1.0))
    say = solver_study.verdict
    assert say({"bias": gone, "shift": gone, "midpoint": good}) == "midpoint alone loses no entry"
    assert say({"bias": good, "shift": noisy, "midpoint": noisy}) == "bias fits best"
    assert "overlap" in say({"bias": good, "shift": good, "midpoint": gone})
    assert say({"bias": gone, "shift": gone, "midpoint": gone}) == "no reading keeps all entries"
    assert "without shape" in say({"bias": flat, "shift": gone, "midpoint": gone})
    part = fit({("NA", "linear", 8): 1.0})
    assert "no verdict" in say({"bias": good, "shift": good, "midpoint": part})


def test_studies_that_lack_runs_are_named(record, tmp_path):
    store = Store(tmp_path)
    for reading in READINGS:
        for n in (16, 32, 64):
            _fill(store, record, {(reading, n, Step(EULER, 10)): 0.2})
    missing = {profile.name for profile in Study(store).missing()}
    assert "stability-explicit-10" not in missing and "stability-implicit-10" in missing


def test_what_build_advises_is_in_the_rows():
    evidence = report.book_evidence(experiments.runs())
    ltcs = [
        box
        for (task, c, n), box in evidence.boxes.items()
        if (task, n) == ("walker2d", 16) and "LTC" in c.model and "tanh" not in c.model
    ]
    assert len(ltcs) == 4 and {box.learning_rate for box in ltcs} <= {0.02, 0.04, 0.08}
    explicit = [
        row
        for row in evidence.rows
        if row["init"] == "midpoint" and row["solver"] == EULER and row["purpose"] == "final"
    ]
    assert any(lost(row, evidence.lost_above(str(row["task"]))) for row in explicit)
    starts = kinematics.what_the_start_does(evidence, "walker2d", 16)
    assert sum(kinematics.verdict(lead) == "ahead" for lead in starts.values()) >= 6


def test_nothing_is_said_without_rows(tmp_path):
    study = Study(Store(tmp_path / "none"))
    assert study.boxes == {} and study.recommended("midpoint") is None
    assert fits(Store(tmp_path / "none")) == {}
    assert solver_study.MARGIN == 0.05  # that of the ledger


@pytest.mark.parametrize(
    "name",
    [name for name, p in PROFILES.items() if name not in ("paper", "smoke") and len(p.rates) > 1],
)
def test_every_chosen_rate_has_a_worse_one_on_both_sides(name: str) -> None:
    """A best rate on the edge would have widened the search (the rule in ``search.py``)."""
    profile, rows = PROFILES[name], experiments.runs().rows()
    same = (
        "task",
        "data",
        "numerics",
        "model",
        "input_map",
        "init",
        "hidden_size",
        "solver",
        "unfolds",
    )
    for box in gather(experiments.runs(), profile).boxes.values():
        if not box.runs:
            continue  # all seeds are lost at every rate
        final = next(row for row in rows if row["run"] == box.runs[0])
        plan = profile.plan(final["task"])
        found = defaultdict(list)
        for row in rows:
            if (
                row["purpose"] == "search"
                and row["seed"] in profile.searching
                and row["budget"] == plan.search_epochs
                and row["rollouts"] == final["rollouts"]
                and all(row[key] == final[key] for key in same)
            ):
                loss = math.inf if row["diverged"] else row["validation_loss"]
                found[row["learning_rate"]].append(loss)
        tried = {rate: fmean(losses) for rate, losses in found.items()}
        assert min(tried, key=lambda rate: (tried[rate], rate)) == box.learning_rate
        if math.isfinite(tried[box.learning_rate]):
            assert min(tried) < box.learning_rate < max(tried), (final["run"], tried)

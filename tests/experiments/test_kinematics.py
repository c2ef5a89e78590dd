"""The questions about one task, on made-up rows with a known answer."""

import numpy as np
import pytest

from ltcbook.experiments import Store, kinematics
from ltcbook.experiments.evidence import Evidence, Interval
from ltcbook.experiments.grid import CONFIGURATIONS, SCALED, Configuration, parameters
from ltcbook.experiments.grid import two_by_two as cells
from ltcbook.experiments.ledger import CLAIMS

TASK = kinematics.TASK
LSTM = Configuration("LSTM")


def _evidence(record, levels, rollouts=30):
    difficulty = np.random.default_rng(0).uniform(0.5, 1.5, rollouts)
    rows, groups = [], {}
    for (task, configuration, n), level in levels.items():
        for seed in range(3):
            run = f"{task} {configuration} {n} {seed}"
            noise = np.random.default_rng([n, seed]).normal(1, 0.03, rollouts)
            losses = level * difficulty * noise
            groups[run] = dict(enumerate(losses.tolist()))
            made = record(
                run, task=task, **configuration._asdict(), hidden_size=n, seed=seed,
                test_loss=float(losses.mean()), learning_rate=0.08 * level,
                parameters=parameters(configuration, n, task),
            )  # fmt: skip
            rows.append(made.row)
    return Evidence(rows, groups)


def test_memory_is_what_a_recurrent_network_has_over_the_one_that_forgets(record):
    forgets = kinematics.feed_forward(TASK, 16)
    assert forgets == (TASK, Configuration("feed-forward"), 69)
    better, worse = Configuration("SA-LTC", "synaptic"), SCALED[0]
    levels = {forgets: 1.0, (TASK, better, 16): 0.7, (TASK, worse, 16): 1.4, (TASK, LSTM, 16): 1.0}
    leads = kinematics.what_memory_adds(_evidence(record, levels), TASK, 16)
    assert {c: kinematics.verdict(lead) for c, lead in leads.items()} == {
        better: "ahead", worse: "behind", LSTM: "not apart"
    }  # fmt: skip
    assert leads[better].estimate == pytest.approx(0.3, abs=0.03)
    assert kinematics.counted(leads.values()) == "1 ahead, 1 behind, 1 not apart"
    assert kinematics.what_memory_adds(_evidence(record, levels), TASK, 8) == {}
    assert [kinematics.ahead(_evidence(record, levels), TASK, n) for n in (8, 16)] == [0, 1]


def test_at_equal_parameters_the_rival_is_the_largest_that_is_no_larger(record):
    anode, forgets = Configuration("ANODE"), Configuration("feed-forward")
    assert parameters(anode, 16, TASK) == 1383
    levels = {(TASK, forgets, n): level for n, level in ((27, 2.0), (39, 0.8), (69, 0.1))}
    leads = kinematics.at_equal_parameters(
        _evidence(record, {**levels, (TASK, anode, 16): 1.0}), TASK, 16
    )
    assert list(leads) == [anode]  # 39 units have 1382 parameters, 69 have more than allowed
    assert leads[anode].estimate == pytest.approx(-0.25, abs=0.05)
    del levels[TASK, forgets, 27], levels[TASK, forgets, 39]
    assert not kinematics.at_equal_parameters(
        _evidence(record, {**levels, (TASK, anode, 16): 1.0}), TASK, 16
    )


def test_the_start_is_compared_within_one_model(record):
    papers = Configuration("NA-CT-RNN-T", "linear")
    levels = {(TASK, papers, 16): 1.0, (TASK, papers._replace(init="scaled"), 16): 0.6}
    leads = kinematics.what_the_start_does(_evidence(record, levels), TASK, 16)
    assert list(leads) == [papers] and leads[papers].low > 0.3


def test_the_two_by_two_changes_one_thing_at_a_time(record):
    names = [(c.configuration, c.hidden_size) for c in cells(TASK, 16)]
    levels = {(TASK, c, n): level for (c, n), level in zip(names, (1, 0.9, 0.8, 0.4), strict=True)}
    leads = kinematics.two_by_two(_evidence(record, levels), TASK, 16)
    wanted = {("gate", "NA"): 0.2, ("gate", "SA"): 1 - 0.4 / 0.9,
              ("synaptic", "ungated"): 0.1, ("synaptic", "gated"): 0.5}  # fmt: skip
    assert {name: lead.estimate for name, lead in leads.items()} == pytest.approx(wanted, abs=0.05)


def test_errors_by_step_are_the_mean_of_the_seeds(record, tmp_path):
    store = Store(tmp_path)
    for seed, error in enumerate((1.0, 3.0)):
        steps = [(1, error), (2, 2 * error)]
        store.add(record(f"r{seed}", task=TASK, seed=seed, test_loss=1.0, steps=steps))
    (box,) = Evidence(store.rows(), {}).boxes.values()
    assert kinematics.by_step(store, box).tolist() == [2.0, 4.0]
    lost = box._replace(runs=())
    assert kinematics.by_step(store, lost).size == 0


def test_boxes_at_the_bound_of_the_search_are_named(record):
    levels = {(TASK, LSTM, 16): 1.0, (TASK, LSTM, 8): 0.5}
    evidence = _evidence(record, levels)
    assert kinematics.on_the_edge(evidence, TASK, 0.08) == [(TASK, LSTM, 16)]
    assert kinematics.on_the_edge(evidence, "mnist", 0.08) == []


def test_a_claim_can_be_looked_at_on_one_task(record):
    levels = {(TASK, c, 16): (0.5 if "LTC" in c.model else 1.0) for c in (*CONFIGURATIONS, *SCALED)}
    claim = next(claim for claim in CLAIMS if claim.id == "B.C3")
    finding = kinematics.on_one_task(claim, _evidence(record, levels), TASK)
    assert (finding.verdict, finding.holds) == ("confirmed", finding.made) and finding.made == 16


def test_a_verdict_needs_the_whole_interval():
    assert kinematics.verdict(Interval(0.1, 0.0, 0.2)) == "not apart"
    assert kinematics.verdict(Interval(-0.1, -0.2, -0.01)) == "behind"

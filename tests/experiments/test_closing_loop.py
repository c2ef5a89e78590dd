"""Cloned networks at the controls: the loop, its disturbances, and the committed rows."""

import numpy as np
import pytest

from ltcbook import training
from ltcbook.data import robot
from ltcbook.experiments import closing_loop, driving, load, returns, runs
from ltcbook.experiments.again import network_of
from ltcbook.experiments.grid import REFERENCE, parameters
from ltcbook.experiments.profiles import BOOK, LESSON_TASKS, LESSONS
from ltcbook.experiments.scores import outputs_of, score
from ltcbook.experiments.trials import Trial

CALM = driving.DISTURBANCES["undisturbed"]


@pytest.fixture
def environment():
    made = robot("halfcheetah").make()
    yield made
    made.close()


def test_a_seed_fixes_the_run_and_its_pushes(environment):
    pushed = driving.DISTURBANCES["pushed hard"]
    first, again = (driving.drive(environment, driving.teacher(), 7, pushed, 120) for _ in range(2))
    assert first.total == again.total and first.pushes == again.pushes
    np.testing.assert_array_equal(first.observations, again.observations)
    calm = driving.drive(environment, driving.teacher(), 7, CALM, 120)
    assert first.pushes and not calm.pushes
    before = first.pushes[0]
    np.testing.assert_array_equal(first.observations[:before], calm.observations[:before])
    assert not np.allclose(first.observations[before], calm.observations[before])


def test_noise_is_seen_and_not_felt(environment):
    """The sensors are noisy; what is recorded is where the robot was."""
    heard = []

    def act(observation):
        heard.append(observation)
        return np.zeros(6)

    noisy = driving.drive(environment, act, 3, driving.DISTURBANCES["noise 0.3"], 20)
    calm = driving.drive(environment, lambda seen: np.zeros(6), 3, CALM, 20)
    np.testing.assert_array_equal(noisy.observations, calm.observations)
    assert not np.allclose(np.asarray(heard), noisy.observations)


def test_a_driver_that_is_not_finite_is_switched_off(environment):
    calls = iter(range(100))
    run = driving.drive(
        environment, lambda seen: np.full(6, np.nan if next(calls) == 4 else 0.0), 3, CALM, 20
    )
    assert len(run.actions) == len(run.observations) == 4
    short = driving.drive(environment, lambda seen: np.zeros(6), 3, CALM, 4)
    assert run.total == short.total


def test_a_driver_forgets_and_clips():
    driver = closing_loop.cloned("pushed")
    observation = np.linspace(-3, 3, 17)
    first = driver(observation)
    driver(10 * observation)
    assert not np.allclose(driver(observation), first)
    driver.reset()
    np.testing.assert_array_equal(driver(observation), first)
    assert np.abs(driver(1e3 * observation)).max() <= 1


def test_a_share_is_one_for_the_teacher_itself_and_pairs_by_start():
    theirs = [100.0, 3000.0, 2000.0, 900.0]
    assert returns.share([theirs, theirs], theirs) == pytest.approx((1, 1, 1))
    halves = returns.share([[0.5 * r for r in theirs]] * 3, theirs)
    assert halves == pytest.approx((0.5, 0.5, 0.5))
    with pytest.raises(ValueError, match="4 runs each"):
        returns.share([theirs[:3]], theirs)


def test_a_difference_pairs_the_starts_and_not_the_networks():
    theirs = np.array([100.0, 3000.0, 2000.0, 900.0])
    ahead = returns.difference([0.6 * theirs], [0.5 * theirs], theirs)
    assert ahead == pytest.approx((0.1, 0.1, 0.1))  # the starts differ widely, and cancel
    wide = returns.difference([0.9 * theirs, 0.1 * theirs], [0.5 * theirs] * 2, theirs)
    assert wide.estimate == pytest.approx(0) and wide.low < -0.3 and wide.high > 0.3
    with pytest.raises(ValueError, match="4 runs each"):
        returns.difference([theirs], [theirs[:3]], theirs)


def test_relations_are_found_where_they_are():
    draw = np.random.default_rng(1)
    errors = draw.random((20, 5))
    found = returns.relation_between(errors.mean(1), -(errors.mean(1) ** 3))
    assert found.estimate == pytest.approx(-1) and found.high < 0
    none = returns.relation_between(errors.mean(1), draw.random(20))
    assert none.low < 0 < none.high
    within = returns.relation_within(list(errors), list(-errors + 0.1 * draw.random((20, 5))))
    assert within.estimate < -0.8 and within.high < 0
    between_alone = []  # errors and returns of models go together, those of their networks do not
    for _ in range(40):
        earned = list(draw.random((20, 5)) - errors.mean(1)[:, None])
        between_alone.append(returns.relation_within(list(errors), earned))
    assert sum(each.low < 0 < each.high for each in between_alone) >= 34  # 38 are expected
    ties = returns.relation_between([1.0, 1.0, 2.0], [5.0, 5.0, 5.0])
    assert ties == (0, 0, 0)


def test_contenders_have_the_parameters_of_twelve_liquid_neurons():
    for task in LESSON_TASKS:
        sizes = [cell.parameters for cell in LESSONS.extra if cell.task == task]
        wanted = parameters(REFERENCE, 12, task)
        assert wanted in sizes and len(sizes) == 4
        assert all(abs(size - wanted) < 0.1 * wanted for size in sizes), sizes


@pytest.mark.parametrize(
    ("profile", "neurons", "boxes"),
    [(LESSONS, 16, 12), (BOOK, 16, 81), (BOOK, 8, 24), (BOOK, 32, 24)],
)
def test_every_network_of_the_rows_has_driven(profile, neurons, boxes):
    of_teacher = load("closing_loop")["teacher"]
    assert set(of_teacher) == set(driving.DISTURBANCES)
    found = closing_loop.driven(profile, neurons)
    assert len(found) == boxes
    for each in found:
        expected = len(each.box.losses), closing_loop.RUNS
        assert each.box.seeds == len(profile.seeds)
        assert {earned.shape for earned in each.returns.values()} == {expected}


def test_a_row_gives_its_network_again():
    row = min(
        (r for r in runs().rows() if r["task"] == "halfcheetah-cloning" and r["test_loss"]),
        key=lambda r: (r["purpose"] != "final", r["rollouts"] is None, r["seconds"]),
    )
    task = Trial.of(row).load()
    network = network_of(row, task)
    earned, _ = closing_loop.put_to_the_test(network, task)
    kept = load("closing_loop")["returns"][row["run"]]
    # Runs are chaotic, and other processors round otherwise: the mean over runs is what stays.
    assert np.mean(earned["undisturbed"]) == pytest.approx(np.mean(kept["undisturbed"]), rel=0.3)
    with pytest.raises(ValueError, match=f"run {row['run']}: trained again, its test loss is"):
        network_of({**row, "test_loss": 2 * row["test_loss"]}, task)
    with pytest.raises(ValueError, match=f"must hold the data of run {row['run']}"):
        network_of(row, Trial.of({**row, "rollouts": 20}).load())


def test_the_kept_network_is_that_of_its_row():
    for lesson in closing_loop.NAMES.values():
        kept = training.load(closing_loop.CLONED / f"{lesson}.safetensors")
        row = next(row for row in runs().rows() if row["run"] == kept.scores["run"])
        assert kept.scores["test_loss"] == row["test_loss"] and row["seed"] == 0
        task = Trial.of(row).load()
        assert score(outputs_of(kept.model, task.test), task.test).loss == pytest.approx(
            row["test_loss"], rel=1e-3
        )


def test_the_kept_network_runs_as_its_row_says():
    """Returns may differ in chaotic runs from machine to machine; the first steps may not."""
    kept = training.load(closing_loop.CLONED / f"{closing_loop.SHOWN}.safetensors")
    said = load("closing_loop")["returns"][kept.scores["run"]]["undisturbed"]
    totals = driving.returns(closing_loop.cloned(closing_loop.SHOWN), CALM, 2)
    assert totals[1] == pytest.approx(said[1], rel=0.2)


def test_an_unknown_lesson_is_named():
    with pytest.raises(ValueError, match="unknown lesson 'calm'"):
        closing_loop.cloned("calm")

"""Cloned networks at the controls: the loop, its disturbances, and the committed rows."""

import numpy as np
import pytest

from ltcbook.data import robot
from ltcbook.experiments import closing_loop, driving, load
from ltcbook.experiments.grid import SIZES

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
    assert driving.share([theirs, theirs], theirs) == pytest.approx((1, 1, 1))
    halves = driving.share([[0.5 * r for r in theirs]] * 3, theirs)
    assert halves == pytest.approx((0.5, 0.5, 0.5))
    with pytest.raises(ValueError, match="4 runs each"):
        driving.share([theirs[:3]], theirs)


def test_contenders_have_the_parameters_of_twelve_liquid_neurons():
    for task in closing_loop.LESSONS.values():
        sizes = {}
        for each in closing_loop.CONTENDERS:
            made = closing_loop.recipe(each, task, 1e-2, (0,), 1)
            sizes[each] = sum(p.numel() for p in made.build(*SIZES[task], 0).parameters())
        wanted = sizes[closing_loop.REFERENCE]
        assert all(abs(size - wanted) < 0.1 * wanted for size in sizes.values()), sizes


def test_the_committed_rows_follow_the_rule():
    found = load("closing_loop")
    assert set(found["teacher"]) == set(driving.DISTURBANCES)
    for row in found["rows"]:
        tried = {float(rate): loss for rate, loss in row["search"].items()}
        assert row["learning_rate"] == min(tried, key=tried.get)
        assert {len(runs) for runs in row["returns"].values()} == {len(closing_loop.SEEDS)}
        assert {len(r) for runs in row["returns"].values() for r in runs} == {closing_loop.RUNS}


def test_the_kept_network_runs_as_its_row_says():
    """Returns may differ in chaotic runs from machine to machine; the first steps may not."""
    row = next(
        row
        for row in load("closing_loop")["rows"]
        if (row["lesson"], row["model"]) == (closing_loop.SHOWN, "SA-LTC")
    )
    totals = driving.returns(closing_loop.cloned(closing_loop.SHOWN), CALM, 2)
    assert totals[1] == pytest.approx(row["returns"]["undisturbed"][0][1], rel=0.2)


def test_an_unknown_lesson_is_named():
    with pytest.raises(ValueError, match="unknown lesson 'calm'"):
        closing_loop.cloned("calm")

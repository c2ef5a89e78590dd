"""Reading a study: whose rows count, and how long a run took to a loss."""

from dataclasses import replace

import numpy as np
import pytest

from ltcbook import experiments
from ltcbook.experiments import studies
from ltcbook.experiments.evidence import gather
from ltcbook.experiments.small import losses_by_pass, passes_until, studied
from ltcbook.experiments.store import Store


def test_the_first_pass_below_a_loss_counts_from_one():
    losses = np.array([[0.5, 0.1, 0.2], [0.1, 0.4, 0.3], [0.5, 0.4, 0.3]])
    assert passes_until(losses, below=0.2).tolist() == [2, 1, np.inf]
    assert passes_until(losses, below=0.1).tolist() == [np.inf] * 3  # below, and not at


@pytest.mark.parametrize("profile", studies.STUDIES, ids=lambda profile: profile.name)
def test_every_study_is_complete_and_chose_its_rate_inside_its_search(profile):
    for one in studied(profile):
        assert len(one.runs) == len(profile.seeds)
        assert one.test.shape == one.validation.shape == (len(profile.seeds),)
        if profile.fixed_rate is not None:
            assert one.learning_rate == profile.fixed_rate and not one.search
            continue
        ends = profile.lowest_rate * 2, profile.highest_rate / 2
        beyond = not ends[0] <= one.learning_rate <= ends[1]  # the search could not go on
        assert one.searched_beyond or beyond, one.cell
        assert one.search[one.learning_rate] == min(one.search.values())


def test_curves_end_in_the_loss_that_the_row_has():
    (one,) = studied(studies.FROZEN)
    losses = losses_by_pass(one)
    for row, epoch, best in zip(losses, one.epochs, one.validation, strict=True):
        assert row[epoch - 1] == pytest.approx(best, rel=1e-5) == np.nanmin(row)


def test_a_study_at_one_rate_takes_no_row_of_another_that_has_searched(tmp_path):
    rows = [row for row in experiments.runs().rows() if row["task"] == "digits-whole"]
    assert {row["purpose"] for row in rows} == {"baseline", "search", "final"}
    for rate, haste in studies.HASTE.items():
        found = gather(experiments.runs(), haste)
        finals = [row for row in found.rows if row["purpose"] != "baseline"]
        assert {(row["purpose"], row["learning_rate"]) for row in finals} == {("final", rate)}
    with pytest.raises(ValueError, match="profile none lacks runs of DNN, 2 layers"):
        studied(replace(studies.DEPTH, name="none"), Store(tmp_path))

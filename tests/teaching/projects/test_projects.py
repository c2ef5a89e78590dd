"""The sample solutions of the projects: each against something that is known without it."""

import numpy as np
import pytest
import torch

from ltcbook.analysis.motifs import mutual_exclusion
from ltcbook.analysis.trained import trained
from ltcbook.teaching.projects import holding, recording, solver_or_equation


def test_without_noise_a_decision_is_held_for_ever():
    held = holding.hold_times(3.0, 0.0, trials=3, duration=50.0, seed=0)
    assert np.isinf(held).all()


def test_the_start_of_a_run_is_a_state_of_rest():
    x = holding.decided(mutual_exclusion(4.0))
    assert np.abs(mutual_exclusion(4.0).rate(x, holding.DRIVE)).max() < 1e-3
    assert x[0] > x[1] + 30


def test_stronger_rivals_hold_for_longer_and_more_noise_for_less():
    def median(conductance, noise):
        held = holding.hold_times(conductance, noise, trials=40, duration=100.0, seed=1)
        return holding.half_life(held)[0]

    assert median(2.0, 6.0) < median(2.5, 6.0) < median(3.0, 6.0)
    assert median(2.0, 6.0) < median(2.0, 3.0)


def test_half_of_the_step_gives_the_same_half_life():
    """Within the intervals: the step is short enough."""
    coarse, fine = (
        holding.half_life(holding.hold_times(2.5, 6.0, 100, 150.0, seed=2, step=step))
        for step in (0.1, 0.05)
    )
    assert max(coarse[1], fine[1]) <= min(coarse[2], fine[2])


def test_a_median_of_trials_that_hold_is_a_bound():
    held = np.array([5.0, np.inf, np.inf])
    median, _, high = holding.half_life(held)
    assert np.isinf(median) and np.isinf(high)
    assert holding.half_life(np.full(9, 4.0)) == (4.0, 4.0, 4.0)


def test_the_membrane_settles_where_its_conductances_say():
    u = np.full((400, 2), [2.0, -1.0])  # the first synapse is open, the second is shut
    leak, w1, *_ = recording.TRUE
    end = recording.membrane(recording.TRUE[None], u)[-1, 0]
    assert end == pytest.approx(w1 / (leak + w1), rel=1e-3)


def test_a_recording_without_noise_gives_the_parameters_back(monkeypatch):
    monkeypatch.setattr(recording, "NOISE", 0.0)
    u, seen = recording.record(3, 0.0, 1.2)
    assert recording.fit(u, seen, 3) == pytest.approx(recording.TRUE, rel=1e-3)


def test_a_narrow_recording_predicts_and_does_not_identify():
    wide, narrow = recording.study(1, 0.0, 1.2), recording.study(1, -0.2, 0.3)
    for found in (wide, narrow):
        assert found.error < 1.3 * recording.NOISE**2 < found.linear_error
    off = [np.abs(f.parameters / recording.TRUE - 1).max() for f in (wide, narrow)]
    assert off[0] < 0.05 and off[1] > 1


@pytest.fixture(scope="module")
def walk():
    generator = torch.Generator().manual_seed(0)
    return torch.randn(2, 5, 17, generator=generator, dtype=torch.float64)


def test_the_solver_a_network_was_trained_with_changes_nothing(walk):
    network, _ = trained("SA-LTC", 0)
    same = solver_or_equation.resolved(network, network.cell.solver.name, network.cell.unfolds)
    assert torch.equal(same(walk)[0], network(walk)[0])
    assert network.cell.unfolds == 6


def test_solvers_meet_at_the_equation(walk):
    network, _ = trained("SA-LTC", 0)
    near = solver_or_equation.distance(network, walk, "rk4", 50)
    far = solver_or_equation.distance(network, walk, "semi-implicit-euler", 6)
    assert near < 1e-9 < far


def test_a_network_without_a_solver_is_refused():
    network, _ = trained("LSTM", 0)
    with pytest.raises(ValueError, match="CT-RNN or LTC"):
        solver_or_equation.resolved(network, "rk4", 10)

"""Losses and scores: what training descends is what scores count, whoever looks and when."""

import dataclasses
import math
import threading

import pytest
import torch

from ltcbook.data.sequences import Sequences
from ltcbook.training import LOSSES, Recipe, Run, run, train
from ltcbook.training.losses import loss_named, scores_of
from tests.training.helpers import recipe, sine_task


def part(classes: bool) -> tuple[torch.Tensor, Sequences]:
    """Outputs (4, 3, 2) and four sequences, two of them from rollout 7."""
    generator = torch.Generator().manual_seed(1)
    outputs = torch.randn(4, 3, 2, generator=generator)
    targets = torch.tensor([0, 1, 1, 0]) if classes else torch.randn(4, 3, 2, generator=generator)
    return outputs, Sequences(torch.zeros(4, 3, 1), targets, None, torch.tensor([7, 2, 7, 9]))


@pytest.mark.parametrize("name", LOSSES)
def test_scores_are_what_training_descends(name) -> None:
    loss = loss_named(name)
    outputs, batch = part(classes=loss.hits is not None)
    hits = loss.hits(outputs, batch) if loss.hits else None
    scores = scores_of(loss, loss.errors(outputs, batch), hits, batch)
    assert scores.loss == pytest.approx(float(loss.mean(outputs, batch)), rel=1e-6)
    for rollout, value in scores.rollouts.items():
        own = batch.rollouts == rollout
        assert value == pytest.approx(float(loss.mean(outputs[own], batch[own])), rel=1e-6)
    assert list(scores.rollouts) == [2, 7, 9]


def test_errors_of_each_time_step() -> None:
    outputs, batch = part(classes=False)
    loss = loss_named("mse")
    steps = scores_of(loss, loss.errors(outputs, batch), None, batch).steps
    by_hand = [float((outputs[:, t] - batch.targets[:, t]).square().mean()) for t in range(3)]
    assert steps == pytest.approx(by_hand, rel=1e-6)
    outputs, batch = part(classes=True)
    loss = loss_named("cross_entropy")
    steps = scores_of(loss, loss.errors(outputs, batch), None, batch).steps
    for t in range(3):
        cut_there = float(loss.mean(outputs[:, : t + 1], batch))
        assert steps[t] == pytest.approx(cut_there, rel=1e-6)


def test_accuracy_counts_the_last_step_alone() -> None:
    outputs, batch = part(classes=True)
    outputs[:, -1] = torch.tensor([[3.0, 1.0], [0.0, 1.0], [2.0, 1.0], [0.1, 0.0]])
    hits = loss_named("cross_entropy").hits(outputs, batch)
    assert hits.tolist() == [True, True, False, True]


def test_an_unknown_loss_is_refused_by_name() -> None:
    task = dataclasses.replace(sine_task(), loss="cross_entropie")
    message = "unknown loss 'cross_entropie'; did you mean 'cross_entropy'?"
    with pytest.raises(ValueError, match=message):
        Run(recipe("LSTM"), task)


def test_evaluation_goes_in_batches_of_512_and_weighs_each_sequence_once(monkeypatch) -> None:
    task = sine_task(1100)
    wanted = Run(recipe("LSTM"), task)
    sizes = []
    plain = wanted.ensemble.outputs

    def watched(batches, *others):
        sizes.append(len(batches[0]))
        return plain(batches, *others)

    monkeypatch.setattr(wanted.ensemble, "outputs", watched)
    assert len(wanted.validation) == 542
    whole = wanted.best_scores(wanted.validation)[0]
    assert sizes == [512, 30]
    monkeypatch.setattr(run, "EVALUATION_BATCH", 100)
    again = wanted.best_scores(wanted.validation)[0]
    assert sizes[2:] == [100] * 5 + [42]
    assert again.loss == pytest.approx(whole.loss, rel=1e-6)
    model = wanted.network(0)
    by_hand = (model(wanted.validation.inputs)[0] - wanted.validation.targets).square().mean()
    assert whole.loss == pytest.approx(by_hand.item(), rel=1e-6)


def test_who_looks_from_another_thread_sees_the_parameters_that_it_asked_for() -> None:
    """And the training thread its own: the run is to the bit what it is unwatched."""
    task = sine_task()
    watched, alone = (
        Run(recipe("SA-LTC", "synaptic"), task),
        Run(recipe("SA-LTC", "synaptic"), task),
    )
    start = {name: part.clone() for name, part in watched.best.items()}
    expected = watched.evaluate(task.test, start, [0])
    seen, done = [], threading.Event()

    def look() -> None:
        while not done.is_set():
            seen.append(watched.evaluate(task.test, start, [0]) == expected)

    reader = threading.Thread(target=look)
    reader.start()
    for _ in range(3):
        watched.train_epoch()
    done.set()
    reader.join()
    for _ in range(3):
        alone.train_epoch()
    assert seen and all(seen)
    assert watched.curves == alone.curves


def test_an_exception_in_an_evaluation_leaves_the_parameters_in_training(monkeypatch) -> None:
    wanted = Run(recipe("LSTM"), sine_task())
    zeros = {name: torch.zeros_like(part) for name, part in wanted.best.items()}
    before = {name: part.detach().clone() for name, part in wanted.ensemble.parameters.items()}
    broken = Sequences(torch.zeros(1, 2, 5), torch.zeros(1, 2, 2), None, torch.zeros(1).long())
    with pytest.raises((ValueError, RuntimeError)):
        wanted.evaluate(broken, zeros, [0])
    assert all(torch.equal(before[k], part) for k, part in wanted.ensemble.parameters.items())
    assert not torch.equal(wanted.ensemble.outputs([wanted.test], [0])[0], torch.zeros(8, 8, 2))


def test_test_scores_are_there_when_asked_for() -> None:
    task = sine_task()
    silent = train(recipe("LSTM"), task, progress=False)
    assert silent.test is None
    assert not any("test" in key for key in silent.summary()[0])
    told = train(recipe("LSTM"), task, test=True, progress=False)
    assert set(told.test[0].rollouts) == set(task.test.rollouts.tolist())
    assert len(told.test[0].steps) == 8
    assert told.summary()[0]["test_loss"] == told.test[0].loss != told.validation[0].loss


def test_accuracy_of_a_task_with_classes() -> None:
    from ltcbook import data

    task = data.load("digits")
    result = train(
        Recipe("LSTM", 16, epochs=8, batch_size=64, learning_rate=2e-2), task, progress=False
    )
    model = result.networks[0]
    chosen = model(task.validation.inputs)[0][:, -1].argmax(1)
    share = (chosen == task.validation.targets).float().mean().item()
    assert result.validation[0].accuracy == pytest.approx(share)
    assert share > 0.5
    assert result.validation[0].steps[-1] == pytest.approx(result.validation[0].loss)
    assert result.validation[0].steps[0] > 0.9 * math.log(10)

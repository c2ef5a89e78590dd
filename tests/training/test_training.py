"""Training: replicas, resumption, early stopping, divergence."""

import dataclasses
import math

import pytest
import torch

import ltcbook
from ltcbook import checks, data
from ltcbook.nn import sequence, stability
from ltcbook.nn.stability import diagnose
from ltcbook.training import Ensemble, Recipe, Run, saved, train
from ltcbook.training.adam import ReplicaAdam
from ltcbook.training.divergence import LastFinite
from tests.training.helpers import MODELS, recipe, sine_task


@pytest.mark.parametrize(("model", "input_map"), MODELS)
def test_a_replica_is_to_the_bit_what_it_is_alone(model, input_map) -> None:
    task = sine_task()
    together = train(recipe(model, input_map, seeds=(4, 0, 7)), task, test=True, progress=False)
    for number, seed in enumerate((4, 0, 7)):
        alone = train(recipe(model, input_map, seeds=(seed,)), task, test=True, progress=False)
        assert alone.curves[0] == together.curves[number]
        assert alone.test[0] == together.test[number]
        mine, theirs = alone.networks[0].state_dict(), together.networks[number].state_dict()
        assert all(torch.equal(mine[name], theirs[name]) for name in mine)


def test_a_replica_is_to_the_bit_a_loop_that_anyone_would_write() -> None:
    task, wanted = sine_task(), recipe("SA-LTC", "synaptic", seeds=(1, 2), epochs=2)
    result = train(wanted, task, progress=False)
    model = ltcbook.build("SA-LTC", 2, 5, 2, input_map="synaptic", unfolds=3, seed=2)
    optimiser = torch.optim.Adam(model.parameters(), lr=wanted.learning_rate)
    order = torch.Generator().manual_seed(2)
    curve = []
    for _ in range(2):
        for batch in task.train.batches(7, order):
            optimiser.zero_grad()
            torch.nn.functional.mse_loss(model(batch.inputs)[0], batch.targets).backward()
            optimiser.step()
        with torch.no_grad():
            away = model(task.validation.inputs)[0] - task.validation.targets
            curve.append(away.square().mean(2).double().mean(1).mean().item())
    assert [validation for _, validation in result.curves[1]] == curve


@pytest.mark.parametrize(("model", "input_map"), MODELS)
@pytest.mark.parametrize("irregular", [False, True])
def test_all_replicas_at_once_agree_within_rounding(model, input_map, irregular) -> None:
    if irregular and model == "LSTM":
        pytest.skip("an LSTM has no clock")
    task = sine_task(irregular=irregular)
    networks = recipe(model, input_map, seeds=(0, 1, 2)).networks(task, torch.device("cpu"), "auto")
    ensemble = Ensemble(networks)
    batches = [task.train[:7], task.train[3:10], task.train[7:14]]
    results = []
    for outputs in (ensemble.outputs, ensemble.outputs_at_once):
        for parameter in ensemble.parameters.values():
            parameter.grad = None
        ys = torch.stack(outputs(batches, [0, 1, 2]))
        ys.square().sum().backward()
        results.append([ys.detach(), *(p.grad for p in ensemble.parameters.values())])
    for one, at_once in zip(*results, strict=True):
        if one is None:
            assert at_once is None or not at_once.any()
        else:
            torch.testing.assert_close(at_once, one, rtol=2e-4, atol=2e-5)


def test_training_learns() -> None:
    result = train(
        recipe("SA-LTC", "synaptic", epochs=40, learning_rate=2e-2),
        sine_task(),
        test=True,
        progress=False,
    )
    first, best = result.curves[0][0][1], result.curves[0][result.best_epochs[0] - 1][1]
    assert best < 0.3 * first
    assert result.test[0].loss < 0.3 * first


@pytest.mark.parametrize("model", ["SA-LTC", "LSTM"])
def test_a_killed_run_goes_on_to_the_bit(model, tmp_path) -> None:
    task, whole = sine_task(), recipe(model, seeds=(0, 3), epochs=5)
    path = tmp_path / "deep" / "checkpoint.safetensors"
    uninterrupted = train(whole, task, progress=False)
    train(dataclasses.replace(whole, epochs=2), task, checkpoint_path=path, progress=False)
    resumed = train(whole, task, checkpoint_path=path, progress=False)
    assert resumed.curves == uninterrupted.curves
    assert resumed.validation == uninterrupted.validation
    assert resumed.test is None
    finished = train(whole, task, checkpoint_path=path, progress=False)
    assert finished.curves == uninterrupted.curves


def test_each_replica_stops_by_itself_and_keeps_its_best() -> None:
    wanted = recipe("LSTM", seeds=(0, 1, 2), epochs=60, patience=2, learning_rate=0.1)
    result = train(wanted, sine_task(), progress=False)
    lengths = [len(curve) for curve in result.curves]
    assert len(set(lengths)) > 1 and max(lengths) < 60, lengths
    for curve, best, reason in zip(result.curves, result.best_epochs, result.stopped, strict=True):
        assert len(curve) == best + 2
        assert reason == "no better validation loss for 2 epochs"
        assert curve[best - 1][1] == min(validation for _, validation in curve)


def test_a_diverging_replica_says_why_and_leaves_the_others_alone() -> None:
    task = sine_task()
    wanted = recipe("SA-LTC", "synaptic", seeds=(0, 1), unfolds=1, hidden_size=8)
    run = Run(wanted, task)
    calm = Run(dataclasses.replace(wanted, seeds=(1,)), task)
    name = "cell.recurrent.w"
    with torch.no_grad():
        run.ensemble.parameters[name][0] *= 1e6
    run.train_epoch()
    calm.train_epoch()
    assert run.stopped[0].startswith("diverged in epoch 1: a state stopped being finite at time")
    assert "the largest dt·(w_l + Σ wσ)/C was" in run.stopped[0]
    assert run.active == [1] and run.best_epoch(0) is None
    assert run.curves[1] == calm.curves[0]


def test_an_epoch_reads_losses_once_however_many_steps_it_has(monkeypatch) -> None:
    """As on a GPU, where nobody looks at values and each read waits for all work before it."""
    reads = []
    for module in (checks, sequence, stability):
        monkeypatch.setattr(module, "can_look_at", lambda value: False)
    for method in ("tolist", "__bool__", "__float__"):
        plain = getattr(torch.Tensor, method)
        monkeypatch.setattr(
            torch.Tensor, method, lambda self, plain=plain: (reads.append(1), plain(self))[1]
        )
    counts = []
    for size in (2, 16):
        run = Run(recipe("SA-LTC", "synaptic", batch_size=size), sine_task())
        reads.clear()
        run.train_epoch()
        counts.append(len(reads))
    assert counts[0] == counts[1] > 0


def test_what_is_remembered_are_the_parameters_of_the_first_lost_loss() -> None:
    now = {"w": torch.zeros(3, 2), "b": torch.zeros(3)}
    watch = LastFinite(now, [0, 2])
    for step, losses in enumerate([[1.0, 1.0], [float("inf"), 1.0], [1.0, float("nan")]]):
        now["w"].fill_(step)
        now["b"].fill_(step)
        watch.look(torch.tensor(losses))
    now["w"].fill_(9)
    for part in watch.parameters.values():
        assert part.reshape(3, -1)[:, 0].tolist() == [1, 2, 2]


def test_the_stability_number_is_that_of_the_equation() -> None:
    model = ltcbook.build("NA-CT-RNN-S", 2, 3, 1, seed=0, unfolds=4)
    found = diagnose(model.cell, torch.zeros(1, 5, 2))
    assert found.time_step is None
    assert found.stability == pytest.approx(float(model.cell.w_l.max()) / 4)
    lstm = ltcbook.build("LSTM", 2, 3, 1, seed=0)
    assert str(diagnose(lstm.cell, torch.zeros(1, 5, 2))) == "the states stayed finite"


def test_classes_are_learned_too() -> None:
    task = data.load("digits")
    result = train(
        Recipe("LSTM", 16, epochs=8, batch_size=64, learning_rate=2e-2), task, progress=False
    )
    assert result.curves[0][-1][1] < 0.7 * math.log(10)


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ({"seeds": ()}, "seeds must be at least one and all different"),
        ({"seeds": (1, 1)}, "seeds must be at least one and all different"),
        ({"seeds": (0, -1)}, "seeds must be an integer of at least 0, got -1"),
        ({"epochs": 0}, "epochs must be an integer of at least 1, got 0"),
        ({"patience": -1}, "patience must be an integer of at least 1, got -1"),
        ({"learning_rate": -1.0}, "learning_rate must be a finite number above 0"),
        ({"learning_rate": (0.1, 0.2)}, "learning_rate must be one, or one for each of 1 seeds"),
        ({"init": ()}, "init must be one, or one for each of 1 seeds, got ()"),
    ],
)
def test_bad_recipes(entries, message) -> None:
    with pytest.raises(ValueError, match=message):
        Recipe("LSTM", **entries)


def test_a_model_is_named_by_a_string() -> None:
    with pytest.raises(ValueError, match=r"type descriptor, got TypeDescriptor\("):
        Recipe(ltcbook.TypeDescriptor.parse("ctrnn_sigm_linear"))


def test_models_that_do_not_read_sequences_are_refused() -> None:
    with pytest.raises(ValueError, match="model must be recurrent to learn sequences, got 'DNN'"):
        train(Recipe("DNN"), sine_task())


@pytest.mark.skipif(torch.cuda.is_available(), reason="Triton may run here")
def test_a_backend_that_cannot_run_is_refused_before_the_bar_starts(monkeypatch, capfd) -> None:
    monkeypatch.setattr("ltcbook.kernels.backend.CompiledBackend._interpreted", lambda self: False)
    with pytest.raises(ValueError, match="backend='triton' cannot run this model"):
        train(recipe("SA-LTC", "synaptic"), sine_task(), backend="triton")
    assert capfd.readouterr().err == ""


def test_replicas_with_rates_and_starts_of_their_own_are_what_they_are_alone() -> None:
    task, kind = sine_task(), ("SA-CT-RNN-S", "synaptic")
    several = {"seeds": (4, 4, 0), "learning_rate": (0.03, 0.01, 0.02)}
    starts = ("midpoint", "scaled", "scaled")
    together = train(recipe(*kind, **several, init=starts), task, progress=False)
    for number, init in enumerate(starts):
        own = {name: values[number] for name, values in several.items()}
        one = recipe(*kind, seeds=(own["seeds"],), learning_rate=own["learning_rate"], init=init)
        alone = train(one, task, progress=False)
        assert alone.curves[0] == together.curves[number]
        assert together.summary()[number]["learning_rate"] == own["learning_rate"]
        assert together.summary()[number]["init"] == init


def test_a_rate_for_each_replica_is_to_the_bit_torchs_adam_with_that_rate() -> None:
    torch.manual_seed(0)
    start, rates = torch.randn(3, 5, 7), (1e-3, 0.02, 0.5)
    stacked = start.clone().requires_grad_()
    apart = [p.clone().requires_grad_() for p in start]
    mine = ReplicaAdam([stacked], rates)
    theirs = [torch.optim.Adam([p], lr=rate) for p, rate in zip(apart, rates, strict=True)]
    for _ in range(25):
        stacked.grad = torch.randn_like(start)
        for p, gradient, adam in zip(apart, stacked.grad, theirs, strict=True):
            p.grad = gradient.clone()
            adam.step()
        mine.step()
    assert torch.equal(stacked, torch.stack(apart))


def test_adam_wants_a_replica_for_each_rate() -> None:
    with pytest.raises(ValueError, match=r"leading axis for 2 replicas, .* got \(3, 5\)"):
        ReplicaAdam([torch.zeros(3, 5)], (0.1, 0.2))


def test_options_of_build_are_part_of_a_recipe_and_of_its_file(tmp_path) -> None:
    wiring = ltcbook.wirings.AutoNCP(9, 2)
    wanted = recipe("SA-LTC", "synaptic", hidden_size=9, options={"wiring": wiring})
    result = train(wanted, sine_task(), progress=False)
    network = result.networks[0]
    assert not network.cell.recurrent.w[~wiring.connect(2, 9).recurrent_mask].any()
    saved.save(network, tmp_path / "wired.safetensors", wanted, 0, sine_task(), {})
    again = ltcbook.load(tmp_path / "wired.safetensors")
    assert again.recipe == wanted
    u = sine_task().test.inputs
    assert torch.equal(again.model(u)[0], network(u)[0])


def test_a_wiring_of_ones_own_can_be_trained_and_not_written() -> None:
    class Own(ltcbook.wirings.RandomWiring):
        pass

    with pytest.raises(ValueError, match=r"wiring must be one of ltcbook.wirings .* got Own"):
        recipe("SA-LTC", "synaptic", options={"wiring": Own(0.5)}).entries()

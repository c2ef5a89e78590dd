"""Training: replicas, checkpoints, early stopping, divergence, the command."""

import argparse
import dataclasses
import json
import math

import pytest
import torch
from safetensors.torch import load_file, save_file

import ltcbook
from ltcbook import data
from ltcbook.data.sequences import Scaler, Sequences
from ltcbook.data.tasks import TaskData
from ltcbook.training import Ensemble, Recipe, Run, train
from ltcbook.training.cli import add_parser
from ltcbook.training.divergence import LastFinite, diagnose

MODELS = [
    ("SA-LTC", "synaptic"),
    ("NA-LTC", "synaptic"),
    ("NA-CT-RNN-T", "preactivation"),
    ("LSTM", None),
    ("CT-GRU", None),
    ("ANODE", None),
]


def sine_task(count: int = 40, irregular: bool = False) -> TaskData:
    """Predict a noisy sine one step ahead: small, real numbers, quick."""
    generator = torch.Generator().manual_seed(3)
    phase = 6.28 * torch.rand(count, 1, 1, generator=generator)
    wave = torch.sin(0.7 * torch.arange(9).reshape(1, -1, 1) + phase)
    wave = torch.cat([wave, wave.roll(1, dims=1)], dim=2)
    wave = wave + 0.05 * torch.randn(wave.shape, generator=generator)
    spans = 0.5 + torch.rand(count, 8, generator=generator) if irregular else None
    whole = Sequences(wave[:, :-1], wave[:, 1:], spans, torch.arange(count))
    parts = whole[: count // 2], whole[count // 2 : -8], whole[-8:]
    scaler = Scaler(torch.zeros(2).double(), torch.ones(2).double())
    return TaskData(*parts, 2, 2, "mse", scaler, scaler, {})


def recipe(model: str, input_map: str | None = None, **changes: object) -> Recipe:
    options = {"hidden_size": 5, "epochs": 3, "batch_size": 7, "unfolds": 3}
    if model in ("LSTM", "CT-GRU"):
        del options["unfolds"]
    return Recipe(model, input_map=input_map, **{**options, **changes})


@pytest.mark.parametrize(("model", "input_map"), MODELS)
def test_a_replica_is_to_the_bit_what_it_is_alone(model, input_map) -> None:
    task = sine_task()
    together = train(recipe(model, input_map, seeds=(4, 0, 7)), task, progress=False)
    for number, seed in enumerate((4, 0, 7)):
        alone = train(recipe(model, input_map, seeds=(seed,)), task, progress=False)
        assert alone.curves[0] == together.curves[number]
        assert alone.test_losses[0] == together.test_losses[number]
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
            y, _ = model(task.validation.inputs)
            curve.append(torch.nn.functional.mse_loss(y, task.validation.targets).item())
    assert [validation for _, validation in result.curves[1]] == pytest.approx(curve, rel=1e-7)


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
        recipe("SA-LTC", "synaptic", epochs=40, learning_rate=2e-2), sine_task(), progress=False
    )
    first, best = result.curves[0][0][1], result.curves[0][result.best_epochs[0] - 1][1]
    assert best < 0.3 * first
    assert result.test_losses[0] < 0.3 * first


@pytest.mark.parametrize("model", ["SA-LTC", "LSTM"])
def test_a_killed_run_goes_on_to_the_bit(model, tmp_path) -> None:
    task, whole = sine_task(), recipe(model, seeds=(0, 3), epochs=5)
    path = tmp_path / "deep" / "checkpoint.safetensors"
    uninterrupted = train(whole, task, progress=False)
    train(dataclasses.replace(whole, epochs=2), task, checkpoint_path=path, progress=False)
    resumed = train(whole, task, checkpoint_path=path, progress=False)
    assert resumed.curves == uninterrupted.curves
    assert resumed.test_losses == uninterrupted.test_losses
    finished = train(whole, task, checkpoint_path=path, progress=False)
    assert finished.curves == uninterrupted.curves


def test_checkpoints_that_do_not_fit_are_refused(tmp_path) -> None:
    task, path = sine_task(), tmp_path / "checkpoint.safetensors"
    train(recipe("LSTM", epochs=1), task, checkpoint_path=path, progress=False)
    with pytest.raises(ValueError, match="hidden_size is 6 here and 5 there"):
        train(recipe("LSTM", hidden_size=6), task, checkpoint_path=path, progress=False)
    save_file({"x": torch.zeros(1)}, path)
    with pytest.raises(ValueError, match="is not a checkpoint of a training run"):
        train(recipe("LSTM"), task, checkpoint_path=path, progress=False)
    path.write_bytes(b"\x00garbage")
    with pytest.raises(ValueError, match="cannot read the checkpoint"):
        train(recipe("LSTM"), task, checkpoint_path=path, progress=False)


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
    name = "cell.recurrent.parametrizations.w.original"
    with torch.no_grad():
        run.ensemble.parameters[name][0] *= 1e6
    run.train_epoch()
    calm.train_epoch()
    assert run.stopped[0].startswith("diverged in epoch 1: a state stopped being finite at time")
    assert "the largest dt·(w_l + Σ wσ)/C was" in run.stopped[0]
    assert run.active == [1] and run.best_epoch(0) is None
    assert run.curves[1] == calm.curves[0]


def test_an_epoch_reads_losses_once_however_many_steps_it_has(monkeypatch) -> None:
    reads = []
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
    found = diagnose(model, torch.zeros(1, 5, 2))
    assert found.time_step is None
    assert found.stability == pytest.approx(float(model.cell.w_l.max()) / 4)
    lstm = ltcbook.build("LSTM", 2, 3, 1, seed=0)
    assert str(diagnose(lstm, torch.zeros(1, 5, 2))) == "the states stayed finite"


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
        ({"epochs": 0}, "epochs must be an integer of at least 1, got 0"),
        ({"patience": -1}, "patience must be an integer of at least 1, got -1"),
        ({"learning_rate": -1.0}, "learning_rate must be a finite number above 0"),
    ],
)
def test_bad_recipes(entries, message) -> None:
    with pytest.raises(ValueError, match=message):
        Recipe("LSTM", **entries)


def test_models_that_do_not_read_sequences_are_refused() -> None:
    with pytest.raises(ValueError, match="model must be recurrent to learn sequences, got 'DNN'"):
        train(Recipe("DNN"), sine_task())


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())
    options = parser.parse_args(arguments)
    return options.run(options)


def test_the_command_trains_writes_and_resumes(tmp_path, capsys) -> None:
    command = [
        "train",
        "LSTM",
        "digits",
        "--hidden-size",
        "4",
        "--seeds",
        "0",
        "1",
        "--batch-size",
        "256",
        "--output",
        str(tmp_path / "run"),
        "--json",
    ]
    assert main([*command, "--epochs", "1"]) == 0
    first = json.loads(capsys.readouterr().out)
    assert [row["epochs"] for row in first["seeds"]] == [1, 1]
    assert main([*command, "--epochs", "2"]) == 0
    printed = capsys.readouterr()
    assert [row["epochs"] for row in json.loads(printed.out)["seeds"]] == [2, 2]
    assert "2/2" in printed.err and "validation" in printed.err
    files = {path.name for path in (tmp_path / "run").iterdir()}
    assert files == {
        "checkpoint.safetensors",
        "seed-0.safetensors",
        "seed-1.safetensors",
        "learning_curve.csv",
        "learning_curve.png",
    }
    network = ltcbook.build("LSTM", 8, 4, 10)
    network.load_state_dict(load_file(tmp_path / "run" / "seed-1.safetensors"))
    assert (tmp_path / "run" / "learning_curve.csv").read_text().count("\n") == 5
    with pytest.raises(ValueError, match="is of another run: hidden_size"):
        main([*command, "--hidden-size", "5"])

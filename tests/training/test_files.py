"""Checkpoints and saved networks: whole, of this data and this recipe, or refused in one line."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

import ltcbook
from ltcbook import data
from ltcbook.training import Recipe, Run, checkpoint, load, saved, train
from tests.training.helpers import recipe, sine_task


@pytest.fixture
def path(tmp_path):
    """A checkpoint after one epoch."""
    file = tmp_path / "checkpoint.safetensors"
    train(recipe("LSTM", epochs=1), sine_task(), checkpoint_path=file, progress=False)
    return file


def header_of(path):
    with safe_open(path, framework="pt") as file:
        return file.metadata()


def rewrite(path, tensors=None, **changes):
    """Write a file again with other tensors or another header."""
    header = {**header_of(path), **changes}
    save_file(load_file(path) if tensors is None else tensors, path, header)


def refusal(path, wanted=None, task=None) -> str:
    with pytest.raises(ValueError) as refused:
        train(wanted or recipe("LSTM"), task or sine_task(), checkpoint_path=path, progress=False)
    message = str(refused.value)
    assert "\n" not in message and str(path) in message
    return message


def test_another_recipe_is_refused(path) -> None:
    assert "hidden_size is 6 here and 5 there" in refusal(path, recipe("LSTM", hidden_size=6))
    assert "seeds is [1] here and [0] there" in refusal(path, recipe("LSTM", seeds=(1,)))


def test_other_rollouts_and_another_split_are_refused(path) -> None:
    """The recipe is the same, and so are all shapes: the numbers alone differ."""
    task = sine_task()
    swapped = dataclasses.replace(task, validation=task.test, test=task.validation[:8])
    assert "is of other data: the numbers themselves differ" in refusal(path, task=swapped)
    nudged = dataclasses.replace(task.train, inputs=task.train.inputs + 1e-6)
    assert "is of other data" in refusal(path, task=dataclasses.replace(task, train=nudged))


def test_the_refusal_says_what_is_different_about_the_data(tmp_path) -> None:
    path, wanted = tmp_path / "c.safetensors", Recipe("LSTM", 4, epochs=1, batch_size=256)
    train(wanted, data.load("digits"), checkpoint_path=path, progress=False)
    message = refusal(path, wanted, data.load("digits", seed=3))
    assert "split_seed is 3 here and 0 there" in message


def test_the_same_data_made_again_are_accepted(path) -> None:
    again = dataclasses.replace(sine_task(), provenance={"made": "elsewhere"})
    train(recipe("LSTM", epochs=2), again, checkpoint_path=path, progress=False)


@pytest.mark.parametrize("change", ["loss", "scaler", "target_scaler", "timespans", "rollouts"])
def test_a_fingerprint_sees_every_part_of_the_data(change) -> None:
    task = sine_task(irregular=True)
    ones = data.Scaler(torch.ones(2).double(), torch.ones(2).double())
    if change == "loss":
        other = dataclasses.replace(task, loss="cross_entropy")
    elif "scaler" in change:
        other = dataclasses.replace(task, **{change: ones})
    else:
        part = dataclasses.replace(task.test, **{change: getattr(task.test, change) + 1})
        other = dataclasses.replace(task, test=part)
    assert other.fingerprint != task.fingerprint == sine_task(irregular=True).fingerprint


def test_fewer_epochs_than_it_has_are_refused(path) -> None:
    train(recipe("LSTM", epochs=3), sine_task(), checkpoint_path=path, progress=False)
    message = refusal(path, recipe("LSTM", epochs=2))
    assert "has trained for 3 epochs already: epochs must be at least 3" in message


@pytest.mark.parametrize("size", [0, 5, 200, -1])
def test_a_truncated_checkpoint_is_refused(path, size) -> None:
    path.write_bytes(path.read_bytes()[:size])
    assert "cannot read" in refusal(path) and "; delete it to begin again" in refusal(path)


def test_other_files_and_schemas_are_refused(path) -> None:
    rewrite(path, schema="3")
    assert "has schema 3" in refusal(path) and "update ltcbook" in refusal(path)
    rewrite(path, schema="1")
    assert "has schema 1" in refusal(path) and "delete it" in refusal(path)
    rewrite(path, schema="two")
    assert "has schema two" in refusal(path)
    save_file({"x": torch.zeros(1)}, path)
    assert "is not a checkpoint of an ltcbook run" in refusal(path)


def test_a_checkpoint_that_lacks_something_is_refused(path) -> None:
    whole, header = load_file(path), header_of(path)
    for name in whole:
        if name.split("/")[0] in ("parameter", "best", "order", "curve"):
            save_file({k: t for k, t in whole.items() if k != name}, path, header)
            assert "is missing" in refusal(path)
    name = "parameter/readout.bias"
    save_file({**whole, name: torch.zeros(3)}, path, header)
    assert f"tensor {name!r} has shape (3,), need shape (1, 2)" in refusal(path)
    for entry in ("recipe", "data", "stopped"):
        save_file(whole, path, {k: v for k, v in header.items() if k != entry})
        assert f"lacks a part of its description: '{entry}'" in refusal(path)
    save_file(whole, path, {**header, "recipe": '{"model": "LSTM"}'})
    assert "no recipe of a run" in refusal(path)


def test_a_resumed_run_keeps_the_best_and_why_each_replica_stopped(tmp_path) -> None:
    task, path = sine_task(), tmp_path / "c.safetensors"
    run = Run(recipe("LSTM", seeds=(0, 1)), task)
    run.train_epoch()
    run.stopped[1] = "no better validation loss for 1 epochs"
    for part in run.best.values():
        part += 1.0
    checkpoint.save(run, path)
    again = Run(recipe("LSTM", seeds=(0, 1)), task)
    checkpoint.load(again, path)
    assert again.active == [0] and again.stopped == run.stopped
    assert all(torch.equal(again.best[name], run.best[name]) for name in run.best)
    assert all(
        torch.equal(a.get_state(), b.get_state())
        for a, b in zip(again.orders, run.orders, strict=True)
    )


@pytest.fixture
def task():
    waves = np.sin(0.4 * np.arange(13) + np.arange(30)[:, None])[..., None]
    return data.from_arrays(3 + 2 * waves[:, :-1], waves[:, 1:], name="waves.npz")


@pytest.mark.parametrize(
    ("model", "input_map"), [("SA-LTC", "synaptic"), ("LSTM", None), ("CT-GRU", None)]
)
def test_a_saved_network_comes_back_with_all_that_it_needs(tmp_path, task, model, input_map):
    wanted = recipe(model, input_map, epochs=1, seeds=(3, 4))
    result = train(wanted, task, progress=False)
    path = tmp_path / "deep" / "seed-4.safetensors"
    saved.save(result.networks[1], path, wanted, 4, task, result.summary()[1])
    found = load(path)
    u = task.test.inputs
    assert torch.equal(found.model(u)[0], result.networks[1](u)[0])
    assert (found.task, found.loss, found.seed) == ("waves.npz", "mse", 4)
    assert found.recipe == wanted and found.data == task.fingerprint
    assert torch.equal(found.scaler.mean, task.scaler.mean)
    assert torch.equal(found.target_scaler.std, task.target_scaler.std)
    assert found.scores["validation_loss"] == result.validation[1].loss
    # A wheel of PyPI does not say in its own metadata which CUDA it is for.
    assert found.versions["torch"].partition("+")[0] == torch.__version__.partition("+")[0]
    assert dict(found.provenance) == json.loads(json.dumps(dict(task.provenance)))
    plain = result.networks[1].state_dict()
    assert set(load_file(path)) == set(plain)  # other programs read plain names


def test_a_network_is_loaded_by_its_first_name(tmp_path) -> None:
    digits = data.load("digits", dtype=torch.float64)
    wanted = Recipe("LSTM", 4)
    network = wanted.build(8, 10, 0, dtype=torch.float64)
    saved.save(network, tmp_path / "n.safetensors", wanted, 0, digits, {})
    found = ltcbook.load(str(tmp_path / "n.safetensors"))
    assert found.task == "digits" and found.target_scaler is None
    assert found.model.readout.weight.dtype == torch.float64


def test_what_is_no_saved_network_is_refused(tmp_path, path, task) -> None:
    for file, message in (
        (tmp_path / "absent.safetensors", "cannot read .*: there is no such file$"),
        (tmp_path, "cannot read .*: there is no such file$"),
        (Path(__file__), "cannot read .*; it is damaged, or no saved network$"),
        (path, "is not a network saved by ltcbook"),
    ):
        with pytest.raises(ValueError, match=message):
            load(file)
    good = tmp_path / "n.safetensors"
    wanted = Recipe("LSTM", 4)
    saved.save(wanted.build(1, 1, 0), good, wanted, 0, task, {})
    content = good.read_bytes()
    changes = (
        ({"schema": "2"}, "has schema 2.*update ltcbook"),
        ({"dtype": '"load"'}, "has a description that cannot be read"),
        ({"sizes": "[1]"}, "has a description that cannot be read"),
        ({"scaler": "[1]"}, "has a description that cannot be read"),
        ({"recipe": '{"model": "os", "seeds": [0]}'}, "unknown model 'os'"),
        ({"sizes": "[1, 7]"}, "tensor 'readout.weight' has shape"),
        ({"provenance": "{"}, "lacks a part of its description"),
    )
    for change, message in changes:
        good.write_bytes(content)
        rewrite(good, **change)
        with pytest.raises(ValueError, match=message):
            load(good)


def test_files_have_the_rights_that_the_user_s_mask_gives(tmp_path, path) -> None:
    (tmp_path / "other").write_text("")
    assert path.stat().st_mode == (tmp_path / "other").stat().st_mode

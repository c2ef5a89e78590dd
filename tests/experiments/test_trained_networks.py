"""The program that trains the chapters' networks, and what the chapters read."""

import json

import pytest
import torch
from safetensors import safe_open

from ltcbook.analysis.trained import trained
from ltcbook.experiments import trained_networks
from ltcbook.training import train
from tests.training.helpers import sine_task


@pytest.mark.parametrize(
    ("model", "seed"), [(m, s) for m, seeds in trained_networks.SEEDS.items() for s in seeds]
)
def test_what_is_kept_is_what_the_program_makes(model, seed):
    """The recipe's network has the tensors of the committed file, name by name."""
    network, card = trained(model, seed)
    made = trained_networks.recipe(model).build(17, 17, seed).state_dict()
    kept = network.state_dict()
    assert {k: p.shape for k, p in made.items()} == {k: p.shape for k, p in kept.items()}
    assert not any("parametrizations" in name for name in kept)
    assert (card["model"], card["seed"]) == (model, str(seed))


def test_the_program_writes_what_chapters_read(tmp_path):
    task = sine_task()
    object.__setattr__(task, "provenance", {"rollouts": 40})
    result = train(trained_networks.recipe("LSTM", epochs=1), task, test=True, progress=False)
    card = trained_networks.card(result, 0, task)
    path = tmp_path / "LSTM-0.safetensors"
    trained_networks.write(result.networks[0], path, card)
    with safe_open(path, framework="pt") as file:
        assert json.loads(file.metadata()["card"]) == card
        names = set(file.keys())
        bias = file.get_tensor("readout.bias")
    assert names == set(result.networks[0].state_dict())
    assert torch.equal(bias, result.networks[0].readout.bias)
    assert card["test_mse"] == f"{result.test[0].loss:.4f}"
    assert "best of 1 epochs, batches of 64" in card["training"]

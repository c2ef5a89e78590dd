"""A small task, and recipes that a test has time for."""

import torch

from ltcbook.data.sequences import Scaler, Sequences
from ltcbook.data.tasks import TaskData
from ltcbook.training import Recipe

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

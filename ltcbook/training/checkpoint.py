"""Checkpoints: all of a run in one safetensors file, written whole or not at all.

Nothing is pickled: a checkpoint from elsewhere can hold wrong numbers, but it cannot run code.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from ltcbook.data.cache import atomic_path
from ltcbook.training.recipe import Recipe
from ltcbook.training.run import Run

FORMAT = "ltcbook training run 1"
_MOMENTS = ("step", "exp_avg", "exp_avg_sq")


def save(run: Run, path: Path) -> None:
    """Write a run, so that :func:`load` goes on to the bit (on the CPU).

    Args:
        run: at the end of an epoch.
        path: of the file; its folder is made.
    """
    tensors: dict[str, Tensor] = {}
    for name, parameter in run.ensemble.parameters.items():
        tensors[f"parameter/{name}"] = parameter.detach()
        tensors[f"best/{name}"] = run.best[name]
        for moment, value in run.optimiser.state.get(parameter, {}).items():
            tensors[f"{moment}/{name}"] = value
    for replica, order in enumerate(run.orders):
        tensors[f"order/{replica}"] = order.get_state()
        curve = torch.tensor(run.curves[replica], dtype=torch.float64)
        tensors[f"curve/{replica}"] = curve.reshape(-1, 2)
    metadata = {
        "format": FORMAT,
        "recipe": run.recipe.to_json(),
        "stopped": json.dumps(run.stopped),
    }
    with atomic_path(path) as temporary:
        save_file({k: t.cpu().contiguous() for k, t in tensors.items()}, temporary, metadata)


def load(run: Run, path: Path) -> None:
    """Put a new run where a checkpoint was.

    Args:
        run: made with the checkpoint's recipe; ``epochs`` may differ.
        path: of the file.

    Raises:
        ValueError: if the file is no checkpoint, or one of another recipe.
    """
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise ValueError(f"cannot read the checkpoint {path}: {error}") from error
    if metadata.get("format") != FORMAT:
        raise ValueError(f"{path} is not a checkpoint of a training run ({FORMAT!r})")
    difference = run.recipe.difference(Recipe.from_json(metadata["recipe"]))
    if difference is not None:
        raise ValueError(f"the checkpoint {path} is of another run: {difference}")
    run.stopped = json.loads(metadata["stopped"])
    for name, parameter in run.ensemble.parameters.items():
        parameter.data.copy_(tensors[f"parameter/{name}"])
        run.best[name].copy_(tensors[f"best/{name}"])
        if f"step/{name}" in tensors:
            moments = {moment: tensors[f"{moment}/{name}"] for moment in _MOMENTS}
            run.optimiser.state[parameter] = {
                moment: value if moment == "step" else value.to(run.device)
                for moment, value in moments.items()
            }
    for replica, order in enumerate(run.orders):
        order.set_state(tensors[f"order/{replica}"])
        curve = tensors[f"curve/{replica}"].tolist()
        run.curves[replica] = [(training, validation) for training, validation in curve]

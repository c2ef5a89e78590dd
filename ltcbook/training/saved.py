"""Trained networks as files that describe themselves: ``ltcbook.load`` gives all of it back.

Chapter: ``making_it_fast``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from ltcbook.data.sequences import Scaler
from ltcbook.data.tasks import TaskData
from ltcbook.nn.sequence import RecurrentNetwork
from ltcbook.training.files import check_shapes, read, versions, write
from ltcbook.training.recipe import Recipe

KIND = "network saved by ltcbook"
SCHEMA = 1
_DTYPES = {"float32": torch.float32, "float64": torch.float64}
_HEADER = (
    *("recipe", "seed", "sizes", "dtype", "task", "loss", "data", "provenance"),
    *("scaler", "target_scaler", "scores", "versions"),
)


@dataclass(frozen=True)
class Saved:
    """A trained network and what it takes to use it.

    Attributes:
        model: the network, ready to run.
        scaler: standardises its inputs; ``scaler.standardise(u)`` comes before ``model(u)``.
        target_scaler: ``target_scaler.invert(y)`` gives outputs in the data's own units; None
            where they are classes or actions.
        task: the name of what it was trained on.
        loss: by which.
        recipe: how it was trained.
        seed: which of the recipe's seeds it grew from.
        data: the fingerprint of the data, :attr:`ltcbook.data.TaskData.fingerprint`.
        provenance: of the data.
        scores: what was known when it was saved, as the best epoch and its validation loss.
        versions: of Python and the packages that trained it.

    >>> from pathlib import Path
    >>> import ltcbook
    >>> folder = Path(ltcbook.__file__).parent / "experiments/cloned"
    >>> saved = ltcbook.load(folder / "undisturbed.safetensors")
    >>> saved.task, saved.recipe.model, saved.scaler.mean.shape
    ('halfcheetah-cloning', 'SA-LTC', torch.Size([17]))
    """

    model: RecurrentNetwork
    scaler: Scaler
    target_scaler: Scaler | None
    task: str
    loss: str
    recipe: Recipe
    seed: int
    data: str
    provenance: Mapping[str, Any]
    scores: Mapping[str, Any]
    versions: Mapping[str, str]


def save(
    network: RecurrentNetwork,
    path: Path,
    recipe: Recipe,
    seed: int,
    task: TaskData,
    scores: Mapping[str, Any],
) -> None:
    """Write a network, with plain names for its tensors.

    Args:
        network: trained.
        path: of the file; its folder is made.
        recipe, seed, task: how, from where and on what.
        scores: what is known of it; values that JSON can write.

    Raises:
        WriteError: if there is no room, or no permission.

    >>> import tempfile
    >>> import ltcbook
    >>> import numpy as np
    >>> from ltcbook import data
    >>> wave = np.sin(0.3 * np.arange(21) + np.arange(40)[:, None])[..., None]
    >>> task = data.from_arrays(wave[:, :-1], wave[:, 1:])
    >>> recipe, path = Recipe("LSTM", 4), Path(tempfile.mkdtemp(), "seed-0.safetensors")
    >>> save(recipe.build(1, 1), path, recipe, seed=0, task=task, scores={})
    >>> ltcbook.load(path).recipe.hidden_size
    4
    """
    header = {
        "recipe": recipe.entries(),
        "seed": seed,
        "sizes": [task.input_size, task.output_size],
        "dtype": str(task.train.inputs.dtype).removeprefix("torch."),
        "task": task.name,
        "loss": task.loss,
        "data": task.fingerprint,
        "provenance": dict(task.provenance),
        "scaler": _scaler_entries(task.scaler),
        "target_scaler": _scaler_entries(task.target_scaler),
        "scores": dict(scores),
        "versions": versions(),
    }
    write(path, KIND, SCHEMA, network.state_dict(), header)


def load(path: str | os.PathLike[str], *, backend: str = "auto") -> Saved:
    """A network that ``ltcbook train`` saved, with its scaler and the name of its task.

    >>> import ltcbook
    >>> saved = ltcbook.load("runs/LSTM-digits-8/seed-0.safetensors")  # doctest: +SKIP
    >>> y, state = saved.model(saved.scaler.standardise(u))  # doctest: +SKIP

    Args:
        path: of the file.
        backend: as of :func:`ltcbook.build`.

    Raises:
        ValueError: if it is not the whole file of a network that this version can read.

    Chapter: ``making_it_fast``.
    """
    path = Path(path)
    tensors, header = read(path, KIND, SCHEMA, _HEADER, "it is damaged, or no saved network")
    try:
        recipe = Recipe.from_entries(header.pop("recipe"))
        input_size, output_size = header.pop("sizes")
        dtype = _DTYPES[header.pop("dtype")]
        scalers = {name: _scaler(header.pop(name)) for name in ("scaler", "target_scaler")}
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} has a description that cannot be read: {error}") from error
    model = recipe.build(input_size, output_size, dtype=dtype, backend=backend)
    wanted = {name: tuple(part.shape) for name, part in model.state_dict().items()}
    check_shapes(path, tensors, wanted)
    model.load_state_dict({name: tensors[name] for name in wanted})
    return Saved(model=model, recipe=recipe, **scalers, **header)


def _scaler_entries(scaler: Scaler | None) -> dict[str, list[float]] | None:
    if scaler is None:
        return None
    return {"mean": scaler.mean.tolist(), "std": scaler.std.tolist()}


def _scaler(entries: Mapping[str, list[float]] | None) -> Any:
    if entries is None:
        return None
    mean, std = (torch.tensor(entries[name], dtype=torch.float64) for name in ("mean", "std"))
    return Scaler(mean, std)

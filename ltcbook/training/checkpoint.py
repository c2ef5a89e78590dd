"""Checkpoints: all of a run in one safetensors file, written whole or not at all.

A checkpoint knows its recipe and its data. It goes on with nothing else.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ltcbook.training.files import check_shapes, read, versions, write
from ltcbook.training.recipe import Recipe, difference
from ltcbook.training.run import Run

KIND = "checkpoint of an ltcbook run"
SCHEMA = 2
_HEADER = ("recipe", "stopped", "task", "data", "provenance", "versions")
_MOMENTS = ("step", "exp_avg", "exp_avg_sq")


def save(run: Run, path: Path) -> None:
    """Write a run, so that :func:`load` goes on to the bit (on the CPU).

    Args:
        run: at the end of an epoch.
        path: of the file; its folder is made.

    Raises:
        WriteError: if there is no room, or no permission; a former checkpoint is kept.

    >>> import tempfile
    >>> import numpy as np
    >>> from ltcbook import data
    >>> wave = np.sin(0.3 * np.arange(21) + np.arange(40)[:, None])[..., None]
    >>> run = Run(Recipe("LSTM", 4), data.from_arrays(wave[:, :-1], wave[:, 1:]))
    >>> path = Path(tempfile.mkdtemp(), "checkpoint.safetensors")
    >>> save(run, path)
    >>> path.is_file()
    True
    """
    tensors: dict[str, Tensor] = {}
    for name, parameter in run.ensemble.parameters.items():
        tensors[f"parameter/{name}"] = parameter
        tensors[f"best/{name}"] = run.best[name]
        for moment, value in run.optimiser.state.get(parameter, {}).items():
            tensors[f"{moment}/{name}"] = value
    for replica, order in enumerate(run.orders):
        tensors[f"order/{replica}"] = order.get_state()
        curve = torch.tensor(run.curves[replica], dtype=torch.float64)
        tensors[f"curve/{replica}"] = curve.reshape(-1, 2)
    header = {
        "recipe": run.recipe.entries(),
        "stopped": run.stopped,
        "task": run.task.name,
        "data": run.task.fingerprint,
        "provenance": dict(run.task.provenance),
        "versions": versions(),
    }
    write(path, KIND, SCHEMA, tensors, header)


def load(run: Run, path: Path) -> None:
    """Put a new run where a checkpoint was.

    Args:
        run: made with the checkpoint's recipe and data; ``epochs`` may be more.
        path: of the file.

    Raises:
        ValueError: if the file is no whole checkpoint, is one of another recipe or of other data,
            or has more epochs than the recipe asks for.

    >>> import tempfile
    >>> import numpy as np
    >>> from ltcbook import data
    >>> wave = np.sin(0.3 * np.arange(21) + np.arange(40)[:, None])[..., None]
    >>> task = data.from_arrays(wave[:, :-1], wave[:, 1:])
    >>> one, two = (Run(Recipe("LSTM", 4), task) for _ in range(2))
    >>> one.train_epoch()
    >>> path = Path(tempfile.mkdtemp(), "checkpoint.safetensors")
    >>> save(one, path)
    >>> load(two, path)
    >>> two.epoch
    1
    """
    tensors, header = read(path, KIND, SCHEMA, _HEADER, "delete it to begin again")
    _check_recipe(run, header, path)
    _check_data(run, header, path)
    shapes = {
        f"{part}/{name}": tuple(parameter.shape)
        for name, parameter in run.ensemble.parameters.items()
        for part in ("parameter", "best", *_MOMENTS)
        if part not in _MOMENTS or f"step/{name}" in tensors
    }
    shapes |= {name: () for name in shapes if name.startswith("step/")}
    shapes |= {f"order/{k}": tuple(o.get_state().shape) for k, o in enumerate(run.orders)}
    check_shapes(path, tensors, shapes)
    curves = [tensors.get(f"curve/{k}", torch.zeros(0)) for k in range(len(run.orders))]
    if any(curve.ndim != 2 or curve.shape[1] != 2 for curve in curves):
        raise ValueError(f"{path}: a learning curve is missing or damaged")
    epochs = max(map(len, curves))
    if epochs > run.recipe.epochs:
        raise ValueError(
            f"{path} has trained for {epochs} epochs already: epochs must be at least {epochs} to "
            f"go on from it, got {run.recipe.epochs}; another folder begins anew"
        )
    _restore(run, tensors, curves)
    run.stopped = header["stopped"]


def _check_recipe(run: Run, header: dict[str, Any], path: Path) -> None:
    try:
        theirs = Recipe.from_entries(header["recipe"])
    except ValueError as error:
        raise ValueError(f"{path} has a description that cannot be read: {error}") from error
    found = run.recipe.difference(theirs)
    if found is not None:
        raise ValueError(f"the checkpoint {path} is of another run: {found}")


def _check_data(run: Run, header: dict[str, Any], path: Path) -> None:
    if header["data"] == run.task.fingerprint:
        return
    mine = json.loads(json.dumps(dict(run.task.provenance)))
    found = difference(
        {"task": run.task.name, **mine}, {"task": header["task"], **header["provenance"]}
    )
    raise ValueError(
        f"the checkpoint {path} is of other data: {found or 'the numbers themselves differ'}"
    )


def _restore(run: Run, tensors: dict[str, Tensor], curves: list[Tensor]) -> None:
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
        run.curves[replica] = [(t, v) for t, v in curves[replica].tolist()]

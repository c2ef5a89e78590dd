"""Own data: arrays, or a file of them, as a task to train on."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any, get_args

import numpy as np
import numpy.typing as npt
import torch
from safetensors import SafetensorError
from safetensors.numpy import load_file

from ltcbook.checks import seed_number, unknown_name
from ltcbook.data.sequences import Scaler, Sequences, scaled, split_rollouts
from ltcbook.data.tasks import LossName, TaskData

SUFFIXES = (".npz", ".safetensors")
"""The files that ``from_file`` reads."""
PARTS = 3  # to train, to choose, to test


def from_arrays(
    inputs: npt.ArrayLike,
    targets: npt.ArrayLike,
    *,
    timespans: npt.ArrayLike | None = None,
    rollouts: npt.ArrayLike | None = None,
    loss: LossName | None = None,
    name: str = "own data",
    seed: int = 0,
    dtype: torch.dtype = torch.float32,
) -> TaskData:
    """Return a task made of sequences of one's own, split 75/10/15 % and standardised.

    Args:
        inputs: Shape (N, T, m): N sequences of T steps.
        targets: Shape (N, T, o), numbers to predict at every step; or (N,), integers from 0: the
            class of each sequence.
        timespans: Shape (N, T): how long each step lasts, above zero; by default one.
        rollouts: Shape (N,), integers: what each sequence was cut from. Sequences of one rollout
            stay together in one part, so that no test window overlaps one that was trained on. By
            default every sequence stands alone.
        loss: ``"mse"`` or ``"cross_entropy"``; by default what the targets are fit for.
        name: Of the task, kept with a saved network.
        seed: Fixes the split.
        dtype: Of the tensors.

    Inputs, and targets that are numbers, are standardised by the training part:

    >>> import numpy as np
    >>> from ltcbook import data
    >>> wave = np.sin(0.3 * np.arange(21) + np.arange(40)[:, None])[..., None]
    >>> task = data.from_arrays(wave[:, :-1], wave[:, 1:])
    >>> len(task.train), len(task.validation), len(task.test), task.loss
    (30, 4, 6, 'mse')

    Raises:
        ValueError: If shapes do not fit, a value is not finite, or there are fewer than three
            sequences or rollouts; names the argument.
    """
    u = _numbers("inputs", inputs, ("N", "T", "m"))
    wanted, classes = _targets(targets, u.shape[:2], loss)
    spans = None
    if timespans is not None:
        spans = _numbers("timespans", timespans, ("N", "T"))
        if spans.shape != u.shape[:2] or spans.min() <= 0:
            raise ValueError(
                f"timespans must be above 0, of shape (N, T) = {u.shape[:2]}, got shape "
                f"{spans.shape} and a smallest value of {spans.min():g}"
            )
    owners = _owners(rollouts, len(u))
    whole = Sequences(
        torch.from_numpy(u),
        torch.from_numpy(wanted),
        None if spans is None else torch.from_numpy(spans),
        torch.from_numpy(owners),
    )
    split = _split(owners, seed_number(seed))
    fit = Scaler.fit(u[split["train"]].reshape(-1, u.shape[-1]))
    fit_targets = (
        Scaler.fit(wanted[split["train"]].reshape(-1, wanted.shape[-1])) if not classes else None
    )
    parts = {
        part: scaled(whole[torch.from_numpy(chosen)], fit, fit_targets, device=None, dtype=dtype)
        for part, chosen in split.items()
    }
    return TaskData(
        **parts,
        input_size=u.shape[-1],
        output_size=classes or wanted.shape[-1],
        loss="cross_entropy" if classes else "mse",
        scaler=fit,
        target_scaler=fit_targets,
        provenance={"source": name, "sequences": len(u), "split_seed": seed},
        name=name,
    )


def from_file(path: Path, *, seed: int = 0) -> TaskData:
    """Return the task in a file of arrays, named as the arguments of :func:`from_arrays`.

    Args:
        path: Of an ``.npz`` or ``.safetensors`` with ``inputs`` and ``targets``, and if there are,
            ``timespans`` and ``rollouts``. Nothing in it is unpickled.
        seed: Fixes the split.

    Raises:
        ValueError: If it is not such a file; says what is wrong with it.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "waves.npz")
    >>> wave = np.sin(0.3 * np.arange(21) + np.arange(40)[:, None])[..., None]
    >>> np.savez(path, inputs=wave[:, :-1], targets=wave[:, 1:])
    >>> len(from_file(path).train)
    30
    """
    if path.suffix not in SUFFIXES:
        raise ValueError(f"{path}: need a file that ends with {' or '.join(SUFFIXES)}")
    if not path.is_file():
        raise ValueError(f"{path}: no such file")
    try:
        arrays = _read(path)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, SafetensorError) as error:
        raise ValueError(f"{path}: cannot be read as plain arrays ({error})") from error
    known = ("inputs", "targets", "timespans", "rollouts")
    if missing := [name for name in known[:2] if name not in arrays]:
        raise ValueError(
            f"{path}: {' and '.join(missing)} missing; it has {', '.join(sorted(arrays)) or 'none'}"
        )
    if unknown := sorted(set(arrays) - set(known)):
        unknown_name(f"array in {path}:", unknown[0], known)
    try:
        return from_arrays(**arrays, name=path.name, seed=seed)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def _read(path: Path) -> dict[str, Any]:
    if path.suffix == ".safetensors":
        return load_file(path)
    if not zipfile.is_zipfile(path):  # NumPy would take it for a pickle, and advise to trust it
        raise ValueError("it is no .npz, which is a zip archive, or it was cut off")
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def _array(name: str, values: npt.ArrayLike) -> npt.NDArray[Any]:
    """Return NumPy's view of what was given, be it a tensor that has a gradient or is on a GPU."""
    if isinstance(values, torch.Tensor):
        plain = values.detach().cpu()
        return (plain.float() if plain.dtype == torch.bfloat16 else plain).numpy()
    try:
        return np.asarray(values)
    except ValueError as error:  # rows of different lengths
        raise ValueError(f"{name} must be one array, with axes of one length each") from error


def _numbers(
    name: str, values: npt.ArrayLike, axes: tuple[str, ...]
) -> npt.NDArray[np.floating[Any]]:
    """Return finite floating-point numbers with these axes, none of them empty."""
    array = _array(name, values)
    if array.dtype.kind not in "fiub" or array.ndim != len(axes) or 0 in array.shape:
        raise ValueError(
            f"{name} must be numbers of shape ({', '.join(axes)}), none of them 0, got "
            f"{array.dtype} of shape {array.shape}"
        )
    floats = array if array.dtype in (np.float32, np.float64) else array.astype(np.float64)
    if not np.isfinite(floats).all():
        place = tuple(int(k) for k in np.argwhere(~np.isfinite(floats))[0])
        raise ValueError(f"{name} must be finite, got {floats[place]} at index {place}")
    return floats


def _targets(
    targets: npt.ArrayLike, steps: tuple[int, ...], loss: str | None
) -> tuple[npt.NDArray[Any], int]:
    """Return numbers (N, T, o) and 0, or classes (N,) and how many there are."""
    if loss not in (None, *get_args(LossName)):
        unknown_name("loss", loss, get_args(LossName))
    array = _array("targets", targets)
    if loss == "cross_entropy" or (loss is None and array.ndim == 1):
        if array.dtype.kind not in "iu" or array.shape != steps[:1] or array.min() < 0:
            whole = array.dtype.kind in "iu" and array.size > 0
            least = f", the least {array.min()}" if whole else ""
            raise ValueError(
                f"targets must be classes, integers from 0, of shape (N,) = {steps[:1]}, got "
                f"{array.dtype} of shape {array.shape}{least}"
            )
        return array.astype(np.int64), max(2, int(array.max()) + 1)
    numbers = _numbers("targets", array, ("N", "T", "o"))
    if numbers.shape[:2] != steps:
        raise ValueError(
            f"targets must have one row for each of the inputs' (N, T) = {steps}, got shape "
            f"{numbers.shape}"
        )
    return numbers, 0


def _owners(rollouts: npt.ArrayLike | None, count: int) -> npt.NDArray[np.int64]:
    owners = np.arange(count) if rollouts is None else _array("rollouts", rollouts)
    if owners.dtype.kind not in "iu" or owners.shape != (count,):
        raise ValueError(
            f"rollouts must be integers of shape (N,) = ({count},), got {owners.dtype} of shape "
            f"{owners.shape}"
        )
    return owners.astype(np.int64)


def _split(owners: npt.NDArray[np.int64], seed: int) -> dict[str, npt.NDArray[np.int64]]:
    """Return the sequences of each part; those of one owner stay together."""
    names = np.unique(owners)
    if len(names) < PARTS:
        raise ValueError(
            f"rollouts must be at least {PARTS}, to train, to choose and to test, got {len(names)}"
        )
    parts = split_rollouts(np.zeros(len(names), dtype=np.int64), seed)
    return {
        part: np.flatnonzero(np.isin(owners, names[members])) for part, members in parts.items()
    }

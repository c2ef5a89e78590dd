"""The command line of training: ``ltcbook train MODEL TASK``."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ltcbook import data
from ltcbook.checks import unknown_name
from ltcbook.data.arrays import SUFFIXES
from ltcbook.data.cache import check_writable
from ltcbook.data.tasks import TaskData
from ltcbook.kernels import BACKENDS
from ltcbook.kernels.cpu.threads import set_kernel_threads
from ltcbook.training import saved
from ltcbook.training.files import versions
from ltcbook.training.losses import loss_named
from ltcbook.training.plot import save_learning_curves
from ltcbook.training.recipe import Recipe
from ltcbook.training.trainer import DEVICES, Result, choose_device, train

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]


def add_parser(subparsers: Subparsers) -> None:
    """Add ``train``; it sets ``run``, which returns the exit code."""
    parser = subparsers.add_parser("train", help="train a model on a task, from one or more seeds")
    parser.add_argument("model", help="a name of 'ltcbook models' or a type descriptor")
    parser.add_argument(
        "task",
        help=f"{', '.join(data.TASKS)}, or a file ({' or '.join(SUFFIXES)}) of your own inputs "
        "(N, T, m) and targets (N, T, o) or classes (N,)",
    )
    _add_recipe(parser)
    _add_data(parser)
    machine = parser.add_argument_group("machine")
    machine.add_argument("--device", choices=DEVICES, default="auto", help="auto: CUDA if there")
    machine.add_argument(
        "--backend", choices=BACKENDS, default="auto", help="who computes the time loop"
    )
    machine.add_argument(
        "--threads", type=int, help="of the CPU kernels; no result depends on it (default: all)"
    )
    result = parser.add_argument_group("result")
    result.add_argument(
        "--output",
        help="folder of networks, curve and checkpoint (default: runs/MODEL-TASK-HIDDEN_SIZE); "
        "a run that was interrupted goes on when called again",
    )
    result.add_argument(
        "--test",
        action="store_true",
        help="also score the test part: leave it until all is chosen (default: validation alone)",
    )
    result.add_argument("--json", action="store_true", help="for a program to read, errors too")
    parser.set_defaults(run=_train)


def _add_recipe(parser: argparse.ArgumentParser) -> None:
    default = {field: entry.default for field, entry in Recipe.__dataclass_fields__.items()}
    group = parser.add_argument_group("recipe")
    group.add_argument(
        "--hidden-size", type=int, default=default["hidden_size"], help="number of neurons, n"
    )
    group.add_argument(
        "--seed",
        "--seeds",
        dest="seeds",
        type=int,
        nargs="+",
        default=[0],
        metavar="SEED",
        help="several train together, and each gives what it gives alone (default: 0)",
    )
    group.add_argument("--epochs", type=int, default=default["epochs"], help="at most so many")
    group.add_argument(
        "--patience",
        type=int,
        default=default["patience"],
        help="stop after so many epochs without a better validation loss; 0: never",
    )
    group.add_argument(
        "--batch-size", type=int, default=default["batch_size"], help="sequences in a batch"
    )
    group.add_argument(
        "--learning-rate", type=float, default=default["learning_rate"], help="of Adam"
    )
    group.add_argument(
        "--input-map",
        choices=("linear", "synaptic", "preactivation"),
        help="how the input enters (default: linear)",
    )
    group.add_argument("--solver", help="of a time step (default: the model's own, euler)")
    group.add_argument(
        "--unfolds", type=int, help="steps of the solver in a time step (default: the model's, 10)"
    )
    group.add_argument("--init", default=default["init"], help="midpoint, as-printed or scaled")


def _add_data(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("data")
    group.add_argument("--rollouts", type=int, help="only the first so many (robots; default: all)")
    group.add_argument(
        "--source",
        choices=("generated", "original"),
        help="original: Lechner and Hasani's files (walker2d; default: generated)",
    )
    group.add_argument("--length", type=int, help="steps of a window (robots; default: 20)")
    group.add_argument(
        "--stride", type=int, help="steps between two windows (robots; default: the length)"
    )
    group.add_argument(
        "--split-seed", type=int, default=0, help="what falls to training, validation and test"
    )


def _train(options: argparse.Namespace) -> int:
    # All that can be refused is, before data are made or downloaded.
    _check_task(options)
    recipe = _recipe(options)
    device = choose_device(options.device)
    recipe.check(device, options.backend)
    if options.threads is not None:
        set_kernel_threads(options.threads)
    own = _own_data(options)  # read before a folder is made for it; robots are simulated after
    folder = _folder(options)
    task = own or data.load(options.task, seed=options.split_seed, **_windows(options))
    try:
        result = train(
            recipe,
            task,
            device=device.type,
            backend=options.backend,
            checkpoint_path=folder / "checkpoint.safetensors",
            test=options.test,
        )
        files = _write(result, task, folder)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"the same command goes on from {folder}") from None
    except data.WriteError as error:
        raise data.WriteError(f"{error}; make room, and the same command goes on") from error
    if options.json:
        report = {
            "model": recipe.model,
            "task": task.name,
            "folder": str(folder),
            "files": files,
            "recipe": recipe.entries(),
            "loss": task.loss,
            "data": {"fingerprint": task.fingerprint, "provenance": dict(task.provenance)},
            "device": str(device),
            "versions": versions(),
            "seconds": round(result.seconds, 3),
            "seeds": result.summary(),
        }
        print(json.dumps(report, indent=2))
        return 0
    for row in result.summary():
        print(_line(row))
    label = loss_named(task.loss).label
    print(f"{label}, {result.seconds:.0f} s; written to {folder}")
    return 0


def _recipe(options: argparse.Namespace) -> Recipe:
    return Recipe(
        options.model,
        options.hidden_size,
        tuple(options.seeds),
        options.epochs,
        options.patience or None,
        options.batch_size,
        options.learning_rate,
        options.input_map,
        options.solver,
        options.unfolds,
        options.init,
    )


def _check_task(options: argparse.Namespace) -> None:
    """Refuse what is neither a task nor a file, and options of robots for a file."""
    if Path(options.task).suffix not in SUFFIXES:
        if options.task not in data.TASKS:
            unknown_name("task", options.task, (*data.TASKS, *(f"FILE{end}" for end in SUFFIXES)))
        return
    if not Path(options.task).is_file():
        raise ValueError(f"{options.task}: no such file")
    if given := list(_windows(options)):
        raise ValueError(f"--{given[0]} does not apply to a file of your own data")


def _windows(options: argparse.Namespace) -> dict[str, Any]:
    """The options of robots that were given."""
    names = ("rollouts", "source", "length", "stride")
    return {name: getattr(options, name) for name in names if getattr(options, name) is not None}


def _folder(options: argparse.Namespace) -> Path:
    """Where the run goes; made, and tried out."""
    if options.output is None:
        name = f"{options.model}-{Path(options.task).stem}-{options.hidden_size}"
        folder = Path("runs") / name
    elif options.output.strip():
        folder = Path(options.output)
    else:
        raise ValueError(f"--output must name a folder, got {options.output!r}")
    check_writable(folder, "--output")
    return folder


def _own_data(options: argparse.Namespace) -> TaskData | None:
    """The data of a file, where the task is one."""
    path = Path(options.task)
    return data.from_file(path, seed=options.split_seed) if path.suffix in SUFFIXES else None


def _line(row: Mapping[str, Any]) -> str:
    """What one seed came to, in words."""
    parts = []
    for part in ("validation", "test"):
        if f"{part}_loss" in row:
            loss, accuracy = row[f"{part}_loss"], row.get(f"{part}_accuracy")
            shown = "not finite" if loss is None else f"{loss:.5f}"
            share = "" if accuracy is None else f" ({accuracy:.1%} right)"
            parts.append(f"{part} {shown}{share}")
    stopped = f"; {row['stopped']}" if row["stopped"] else ""
    best = f"at epoch {row['best_epoch']} of {row['epochs']}"
    return f"seed {row['seed']}: {', '.join(parts)} {best}{stopped}"


def _write(result: Result, task: TaskData, folder: Path) -> list[str]:
    """The networks, the learning curve and its figure; the names of the files."""
    names = []
    for row, network in zip(result.summary(), result.networks, strict=True):
        names.append(f"seed-{row['seed']}.safetensors")
        saved.save(network, folder / names[-1], result.recipe, row["seed"], task, row)
    result.write_curves(folder / "learning_curve.csv")
    save_learning_curves(result, loss_named(task.loss).label, folder / "learning_curve.png")
    return [*names, "learning_curve.csv", "learning_curve.png", "checkpoint.safetensors"]

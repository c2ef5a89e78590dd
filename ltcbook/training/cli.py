"""The command line of training: ``ltcbook train MODEL TASK``."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from safetensors.torch import save_file

from ltcbook import data
from ltcbook.data.cache import atomic_path
from ltcbook.kernels import BACKENDS
from ltcbook.training.plot import save_learning_curves
from ltcbook.training.recipe import Recipe
from ltcbook.training.train import DEVICES, Result, train

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

LOSSES = {"mse": "mean squared error", "cross_entropy": "cross entropy (nats)"}


def add_parser(subparsers: Subparsers) -> None:
    """Add ``train``; it sets ``run``, which returns the exit code."""
    parser = subparsers.add_parser("train", help="train a model on a task, from one or more seeds")
    parser.add_argument("model", help="a name of 'ltcbook models' or a type descriptor")
    parser.add_argument("task", choices=data.TASKS)
    parser.add_argument("--hidden-size", type=int, default=32)
    parser.add_argument(
        "--seed",
        "--seeds",
        dest="seeds",
        type=int,
        nargs="+",
        default=[0],
        metavar="SEED",
        help="several train together, and each gives what it gives alone",
    )
    parser.add_argument("--epochs", type=int, default=200)
    parser.add_argument(
        "--patience",
        type=int,
        default=20,
        help="stop after so many epochs without a better validation loss; 0: never (default: 20)",
    )
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--learning-rate", type=float, default=5e-3)
    parser.add_argument("--input-map", choices=("linear", "synaptic", "preactivation"))
    parser.add_argument("--solver")
    parser.add_argument("--unfolds", type=int)
    parser.add_argument("--init", default="midpoint")
    parser.add_argument("--rollouts", type=int, help="only the first so many (robots)")
    parser.add_argument("--device", choices=DEVICES, default="auto")
    parser.add_argument("--backend", choices=BACKENDS, default="auto")
    parser.add_argument(
        "--output",
        type=Path,
        help="folder of networks, curve and checkpoint (default: runs/MODEL-TASK-HIDDEN_SIZE); "
        "a run that was interrupted goes on when called again",
    )
    parser.add_argument("--json", action="store_true", help="for a program to read")
    parser.set_defaults(run=_train)


def _train(options: argparse.Namespace) -> int:
    recipe = Recipe(
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
    name = f"{options.model}-{options.task}-{options.hidden_size}"
    folder: Path = options.output or Path("runs") / name
    task = data.load(options.task, rollouts=options.rollouts)
    result = train(
        recipe,
        task,
        device=options.device,
        backend=options.backend,
        checkpoint_path=folder / "checkpoint.safetensors",
    )
    _write(result, LOSSES[task.loss], folder)
    rows = result.summary()
    if options.json:
        print(json.dumps({"recipe": json.loads(recipe.to_json()), "seeds": rows}, indent=2))
        return 0
    for row in rows:
        losses = [row[key] for key in ("validation_loss", "test_loss")]
        shown = ["not finite" if loss is None else f"{loss:.5f}" for loss in losses]
        print(
            f"seed {row['seed']}: validation {shown[0]}, test {shown[1]} "
            f"at epoch {row['best_epoch']} of {row['epochs']}"
            + (f"; {row['stopped']}" if row["stopped"] else "")
        )
    print(f"{LOSSES[task.loss]}, {result.seconds:.0f} s; written to {folder}")
    return 0


def _write(result: Result, loss: str, folder: Path) -> None:
    """The networks, the learning curve and its figure."""
    for seed, network in zip(result.recipe.seeds, result.networks, strict=True):
        metadata = {"recipe": result.recipe.to_json(), "seed": str(seed)}
        with atomic_path(folder / f"seed-{seed}.safetensors") as temporary:
            save_file(dict(network.state_dict()), temporary, metadata)
    result.write_curves(folder / "learning_curve.csv")
    save_learning_curves(result, loss, folder / "learning_curve.png")

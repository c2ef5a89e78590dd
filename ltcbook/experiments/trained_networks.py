"""Train the small networks that chapters read, and keep them with the package.

    python -m ltcbook.experiments.trained_networks

Each is kept as it was at its best epoch on the validation rollouts.

Chapters: ``motifs``, ``unrolling``, ``reading_a_network``.
"""

from __future__ import annotations

import json
from pathlib import Path

from safetensors.torch import save

from ltcbook import data
from ltcbook.analysis.trained import FOLDER, OPTIONS, UNITS
from ltcbook.data.cache import write_atomically
from ltcbook.data.tasks import TaskData
from ltcbook.nn.sequence import RecurrentNetwork
from ltcbook.training import Recipe, Result, train
from ltcbook.training.files import versions

ROLLOUTS, EPOCHS = 40, 60
SEEDS = {"SA-LTC": (0, 1, 2), "LSTM": (0, 1, 2)}


def recipe(model: str, epochs: int = EPOCHS) -> Recipe:
    """How a model is trained; all its seeds together."""
    rest = {"batch_size": 64, "learning_rate": 1e-2, **OPTIONS[model]}
    return Recipe(model, UNITS, SEEDS[model], epochs, None, **rest)


def card(result: Result, replica: int, task: TaskData) -> dict[str, str]:
    """Where one network comes from, and how good it is on rollouts that it has not seen."""
    assert result.test is not None
    made = result.recipe
    return {
        "model": made.model,
        "seed": str(made.seeds[replica]),
        "data": f"{task.name}, {task.provenance['rollouts']} rollouts, windows of 20",
        "data_fingerprint": task.fingerprint,
        "training": f"Adam {made.learning_rate}, best of {made.epochs} epochs, "
        f"batches of {made.batch_size}",
        "test_mse": f"{result.test[replica].loss:.4f}",
        "torch": versions()["torch"],
    }


def write(network: RecurrentNetwork, path: Path, card: dict[str, str]) -> None:
    """One network and its card, as :func:`ltcbook.analysis.trained.trained` reads them."""
    tensors = {name: part.detach().contiguous() for name, part in network.state_dict().items()}
    content = save(tensors, {"card": json.dumps(card, sort_keys=True)})
    write_atomically(path, lambda stream: stream.write(content))


def main(epochs: int = EPOCHS, folder: Path = FOLDER) -> None:
    """Train all of them and write them."""
    task = data.load("walker2d", rollouts=ROLLOUTS)
    for model, seeds in SEEDS.items():
        result = train(recipe(model, epochs), task, test=True)
        for replica, seed in enumerate(seeds):
            path = folder / f"{model}-{seed}.safetensors"
            write(result.networks[replica], path, card(result, replica, task))


if __name__ == "__main__":
    main()

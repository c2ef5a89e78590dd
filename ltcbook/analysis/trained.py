"""Small networks trained once on the walker, kept with the package so that chapters can read them.

``python -m ltcbook.analysis.trained`` trains them again and rewrites the files.
Chapters: ``motifs``, ``unrolling``, ``reading_a_network``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import nn
from tqdm import tqdm

from ltcbook import data
from ltcbook.checks import unknown_name
from ltcbook.sequence import RecurrentNetwork
from ltcbook.zoo import build

FOLDER = Path(__file__).parent / "trained"
UNITS, ROLLOUTS, EPOCHS, BATCH, RATE = 12, 40, 60, 64, 1e-2

OPTIONS: dict[str, dict[str, Any]] = {
    "SA-LTC": {"input_map": "synaptic", "solver": "semi-implicit-euler", "unfolds": 6},
    "LSTM": {},
}
"""How each model is built: 12 neurons, 1404 parameters before the readout; and 12 cells, 1488."""


def train(model: str, seed: int) -> tuple[RecurrentNetwork, dict[str, str]]:
    """Train one network by Adam on Walker2d windows (train split); also where it came from."""
    task = data.load("walker2d", rollouts=ROLLOUTS)
    network = build(model, task.input_size, UNITS, task.output_size, seed=seed, **OPTIONS[model])
    assert isinstance(network, RecurrentNetwork)
    optimiser = torch.optim.Adam(network.parameters(), RATE)
    order = torch.Generator().manual_seed(seed)
    for _ in tqdm(range(EPOCHS), desc=f"{model}, seed {seed}"):
        for batch in task.train.batches(BATCH, order):
            optimiser.zero_grad()
            loss = nn.functional.mse_loss(network(batch.inputs)[0], batch.targets)
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
    with torch.no_grad():
        error = nn.functional.mse_loss(network(task.test.inputs)[0], task.test.targets)
    card = {
        "model": model,
        "seed": str(seed),
        "data": f"walker2d, {ROLLOUTS} rollouts, windows of 20",
        "training": f"Adam {RATE}, {EPOCHS} epochs, batches of {BATCH}",
        "test_mse": f"{error.item():.4f}",
        "torch": torch.__version__,
    }
    return network, card


def trained(model: str, seed: int = 0) -> tuple[RecurrentNetwork, dict[str, str]]:
    """A network that was trained before, in float64, and its card.

    Args:
        model: ``"SA-LTC"`` or ``"LSTM"``.
        seed: 0, 1 or 2 for the SA-LTC, 0 for the LSTM.

    Raises:
        ValueError: for a model or seed that is not there.
    """
    there = {path.stem: path for path in sorted(FOLDER.glob("*.safetensors"))}
    name = f"{model}-{seed}"
    if name not in there:
        unknown_name("trained network", name, there)
    with safe_open(there[name], framework="pt") as file:
        card = json.loads(file.metadata()["card"])
    network = build(
        model, 17, UNITS, 17, seed=seed, backend="eager", dtype=torch.float64, **OPTIONS[model]
    )
    network.load_state_dict({k: v.double() for k, v in load_file(there[name]).items()})
    assert isinstance(network, RecurrentNetwork)
    return network, card


def main() -> None:
    """Train all of them and write them."""
    FOLDER.mkdir(exist_ok=True)
    for model, seed in (("SA-LTC", 0), ("SA-LTC", 1), ("SA-LTC", 2), ("LSTM", 0)):
        network, card = train(model, seed)
        tensors = {k: v.detach().contiguous() for k, v in network.state_dict().items()}
        path = FOLDER / f"{model}-{seed}.safetensors"
        save_file(tensors, path, metadata={"card": json.dumps(card, sort_keys=True)})


if __name__ == "__main__":
    main()

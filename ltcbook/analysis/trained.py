"""Small networks trained once on the walker, kept with the package so that chapters can read them.

``python -m ltcbook.experiments.trained_networks`` trains them again and rewrites the files.
Chapters: ``motifs``, ``unrolling``, ``reading_a_network``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file

from ltcbook.checks import unknown_name
from ltcbook.nn.sequence import RecurrentNetwork
from ltcbook.nn.zoo import build

FOLDER = Path(__file__).parent / "trained"
UNITS = 12

OPTIONS: dict[str, dict[str, Any]] = {
    "SA-LTC": {"input_map": "synaptic", "solver": "semi-implicit-euler", "unfolds": 6},
    "LSTM": {},
}
"""How each model is built: 12 neurons, 1404 parameters before the readout; and 12 cells, 1488."""


def trained(model: str, seed: int = 0) -> tuple[RecurrentNetwork, dict[str, str]]:
    """A network that was trained before, in float64, and its card.

    Args:
        model: ``"SA-LTC"`` or ``"LSTM"``.
        seed: 0, 1 or 2.

    Raises:
        ValueError: for a model or seed that is not there.

    >>> network, card = trained("SA-LTC", seed=0)
    >>> network.hidden_size, sorted(card)[:2]
    (12, ['data', 'model'])
    """
    there = {path.stem: path for path in sorted(FOLDER.glob("*.safetensors"))}
    name = f"{model}-{seed}"
    if name not in there:
        unknown_name("trained network", name, there)
    with safe_open(there[name], framework="pt") as file:
        card = json.loads(file.metadata()["card"])
    network: RecurrentNetwork = build(
        model, 17, UNITS, 17, seed=seed, backend="eager", dtype=torch.float64, **OPTIONS[model]
    )
    network.load_state_dict({k: v.double() for k, v in load_file(there[name]).items()})
    return network, card

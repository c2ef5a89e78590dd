"""Explicit Euler at the start, draw by draw: how many untrained LTCs explode, and what tells.

``ltcbook.experiments.starts`` draws the networks. Here each draw is kept, with the stability
number dt·(w_l + Σ wσ)/C of its first solver step, before anything has moved, and with the largest
one that its strengths allow, all synapses open. The second is an upper bound for all that can ever
happen: where it lies below 2, nothing can explode.

    python -m ltcbook.experiments.divergence

writes ``results/divergence_start.json``. Chapter: ``why_it_diverged``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import torch
from tqdm import tqdm

from ltcbook.experiments.provenance import provenance
from ltcbook.experiments.starts import BATCH, INPUTS, READINGS, STEPS
from ltcbook.nn.sequence import RecurrentNetwork
from ltcbook.nn.zoo import build

__all__ = ["Draw", "all_open", "draw"]

RESULTS = Path(__file__).parents[2] / "results" / "divergence_start.json"
SIZES = (8, 16, 24, 32, 48, 64, 96, 128)
SEEDS = range(10)
UNFOLDS = (5, 10, 20, 40)
LOST = 100.0
"""A potential beyond this counts as exploded; reversal potentials are 1 and -1."""


class Draw(NamedTuple):
    """One untrained network on 8 sequences of 20 inputs drawn from a normal distribution.

    Attributes:
        reading: of B's Table 2, see ``ltcbook.experiments.starts.READINGS``.
        hidden_size, solver, unfolds, seed: of the network.
        first: the largest dt·(w_l + Σ wσ)/C of a neuron at the first solver step.
        open: the same with every synapse fully open, σ = 1.
        largest: the largest potential within the sequence; infinite if one was lost.
        exploded: whether a potential left [-100, 100].

    >>> found = draw(next(iter(READINGS)), 8, solver="euler", unfolds=10, seed=0)
    >>> found.exploded, found.first <= found.open
    (False, True)
    """

    reading: str
    hidden_size: int
    solver: str
    unfolds: int
    seed: int
    first: float
    open: float
    largest: float
    exploded: bool


@torch.no_grad()
def draw(reading: str, hidden_size: int, solver: str, unfolds: int, seed: int) -> Draw:
    """Draw a network and its inputs, and run it untrained.

    Raises:
        ValueError: for an unknown reading.

    >>> as_printed, shifted, midpoint = READINGS
    >>> draw(as_printed, 96, "euler", unfolds=10, seed=0).exploded
    True
    >>> draw(midpoint, 96, "euler", unfolds=10, seed=0).exploded
    False
    """
    if reading not in READINGS:
        raise ValueError(f"reading must be one of {', '.join(READINGS)}, got {reading!r}")
    model, init = READINGS[reading]
    network: RecurrentNetwork = build(
        model, INPUTS, hidden_size, 1, solver=solver, unfolds=unfolds, init=init, seed=seed
    )
    cell = network.continuous_cell
    random = torch.Generator().manual_seed(seed)
    u = torch.randn(BATCH, STEPS, INPUTS, generator=random)
    start = cell.initial_state(BATCH)
    decay = cell.linear_form(start, cell.sense(u[:, 0])).decay
    states, _ = cell.run(u, start)
    largest = float(states.abs().max().nan_to_num(torch.inf))
    return Draw(
        reading,
        hidden_size,
        solver,
        unfolds,
        seed,
        round(float(decay.max()) / unfolds, 4),
        round(float(all_open(cell).max()) / unfolds, 4),
        min(round(largest, 4), 1e38),
        not largest < LOST,
    )


def all_open(cell: Any) -> torch.Tensor:
    """(w_l + Σ w)/C of each neuron, recurrent and sensory synapses summed, (n,).

    Without a w-mode the letters change places: ``a`` is the strength, and ``w`` the slope.

    >>> network = build("SA-LTC", 2, 4, 1, input_map="synaptic", seed=0)
    >>> bool((all_open(network.cell) > network.cell.w_l).all())
    True
    """
    total = cell.value("w_l")
    for layer in (cell.recurrent.weights(), cell.sensory.weights()):
        total = total + (layer.a if cell.descriptor.w_mode == "" else layer.w).sum(-1)
    found: torch.Tensor = total / cell.value("C")
    return found


def study(sizes: Iterable[int] = SIZES, seeds: Iterable[int] = SEEDS) -> list[Draw]:
    """All readings and sizes by both Eulers with ten unfolds, and 64 neurons by other unfolds."""
    seeds = list(seeds)
    wanted = [
        (reading, n, solver, 10, seed)
        for reading in READINGS
        for n in sizes
        for solver in ("euler", "semi-implicit-euler")
        for seed in seeds
    ]
    wanted += [
        (reading, 64, "euler", unfolds, seed)
        for reading in READINGS
        for unfolds in UNFOLDS
        if unfolds != 10
        for seed in seeds
    ]
    return [draw(*each) for each in tqdm(wanted, desc="untrained networks", disable=None)]


def main() -> None:
    """Draw all of them and write what came out."""
    torch.set_num_threads(1)
    rows = study()
    found = {
        "provenance": provenance("python -m ltcbook.experiments.divergence", seeds=list(SEEDS)),
        "columns": list(Draw._fields),
        "rows": [list(row) for row in rows],
    }
    text = json.dumps(found, ensure_ascii=False).replace("], [", "],\n[")
    RESULTS.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

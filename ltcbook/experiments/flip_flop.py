"""Remember the last command: an LTC without recurrent synapses against a fixed time constant.

``python -m ltcbook.experiments.flip_flop`` runs the experiment and rewrites its results.
Chapter: ``selective_state_spaces``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import mse_loss

from ltcbook.analysis.linear_scan import InputDriven
from ltcbook.experiments.provenance import provenance
from ltcbook.nn.zoo import build
from ltcbook.training.descent import Replicas, descend

__all__ = ["network", "sequences"]

MODELS: Final = {"time constant set by the input": "SA-LTC", "fixed": "SA-CT-RNN-S"}
"""The same synapses from the input, with the gate and without it."""
NEURONS, LENGTH, LONGER, BATCH = 8, 64, 512, 32
RATES: Final = (0.01, 0.03, 0.1, 0.3)
SEEDS: Final = (0, 1, 2, 3, 4)
TUNING_SEEDS: Final = (100, 101)
EVERY, PATIENCE, MOST = 25, 6, 1000
RESULTS: Final = Path(__file__).parents[2] / "results" / "flip_flop.json"


class Trained(NamedTuple):
    """A network at its best, its validation error there, and after how many steps that was."""

    network: nn.Module
    validation: float
    step: int


def sequences(count: int, length: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Inputs (count, length, 3) and targets (count, length, 1).

    Line 1 is up for one step to command +1, line 2 to command −1, each at one step in ten; line 3
    is noise. The target is the last command, and 0 before the first.

    >>> u, y = sequences(2, 5, torch.Generator().manual_seed(0))
    >>> u.shape, y.shape
    (torch.Size([2, 5, 3]), torch.Size([2, 5, 1]))
    """
    draw = torch.rand(count, length, generator=generator)
    noise = torch.randn(count, length, generator=generator)
    plus, minus = (draw < 0.1).float(), (draw > 0.9).float()
    command, last, target = plus - minus, torch.zeros(count), []
    for now in command.unbind(1):
        last = torch.where(now != 0, now, last)
        target.append(last)
    return torch.stack([plus, minus, noise], -1), torch.stack(target, 1).unsqueeze(-1)


def network(model: str, seed: int) -> InputDriven:
    """One contender, untrained.

    >>> network("SA-LTC", seed=0)(torch.zeros(2, 5, 3)).shape
    torch.Size([2, 5, 1])
    """
    built = build(model, 3, NEURONS, 1, input_map="synaptic", seed=seed, backend="eager")
    return InputDriven(built.cell, built.readout)


@torch.no_grad()
def error(model: nn.Module, length: int, seed: int) -> float:
    """Mean square error on fresh sequences of some length."""
    u, y = sequences(128, length, torch.Generator().manual_seed(seed))
    return float(mse_loss(model(u), y))


def train(model: str, pairs: Sequence[tuple[float, int]]) -> list[Trained]:
    """Train a start at a rate, for each pair, until validation stalls."""
    rates, seeds = zip(*pairs, strict=True)
    replicas = Replicas([network(model, seed) for seed in seeds])
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    u_chosen, y_chosen = sequences(128, LENGTH, torch.Generator().manual_seed(10_000))

    def batches() -> tuple[Tensor, Tensor]:
        u, y = zip(*(sequences(BATCH, LENGTH, each) for each in generators), strict=True)
        return torch.stack(u), torch.stack(y)

    found = descend(
        replicas,
        rates,
        lambda network, u, y: mse_loss(network(u), y),
        lambda network: mse_loss(network(u_chosen), y_chosen),
        **{"most": MOST, "every": EVERY, "patience": PATIENCE},
        batches=batches,
    )
    networks = replicas.networks(found.parameters)
    return list(map(Trained, networks, found.best.tolist(), found.reached.int().tolist()))


def experiment() -> list[dict[str, Any]]:
    """A row for each model: its rate, and its errors at the trained length and at a longer one."""
    rows = []
    for name, model in MODELS.items():
        pairs = [(rate, seed) for rate in RATES for seed in TUNING_SEEDS]
        search = dict.fromkeys(RATES, 0.0)
        for (rate, _), tried in zip(pairs, train(model, pairs), strict=True):
            search[rate] += tried.validation / len(TUNING_SEEDS)
        rate = min(search, key=search.__getitem__)
        runs = train(model, [(rate, seed) for seed in SEEDS])
        rows.append(
            {
                "name": name,
                "model": model,
                "rate": rate,
                "search": {f"{r:g}": round(v, 4) for r, v in search.items()},
                "steps": [run.step for run in runs],
                "test": [round(error(run.network, LENGTH, 20_000), 4) for run in runs],
                "longer": [round(error(run.network, LONGER, 30_000), 4) for run in runs],
            }
        )
    return rows


def main() -> None:
    """Run it and write the results."""
    found: dict[str, Any] = {"rows": experiment()}
    found |= {"provenance": provenance("python -m ltcbook.experiments.flip_flop", seeds=SEEDS)}
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

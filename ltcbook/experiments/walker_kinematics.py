"""Small runs of paper B's first task: predict a walker's next observation.

Four models of 32 neurons, three learning rates, three seeds, on 40 rollouts. The rule was written
before the run: for each model and start, the learning rate with the smallest median validation
error is taken, and the test errors of all three seeds at that rate are reported.

    python -m ltcbook.experiments.walker_kinematics

Chapter: ``walker_kinematics``.
"""

from __future__ import annotations

import itertools
import json
import statistics
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from tqdm import tqdm

from ltcbook import data
from ltcbook.data.sequences import Sequences
from ltcbook.data.tasks import TaskData
from ltcbook.experiments.provenance import provenance
from ltcbook.zoo import build

ROLLOUTS, HIDDEN_SIZE, EPOCHS, BATCH_SIZE = 40, 32, 20, 32
LEARNING_RATES = (5e-3, 1e-2, 2e-2)
SEEDS = (0, 1, 2)


class Configuration(NamedTuple):
    """One line of the table."""

    model: str
    input_map: str
    init: str


CONFIGURATIONS = (
    Configuration("NA-CT-RNN-T", "linear", "midpoint"),
    Configuration("NA-CT-RNN-T", "linear", "scaled"),
    Configuration("NA-CT-RNN-T", "synaptic", "midpoint"),
    Configuration("NA-CT-RNN-T", "synaptic", "scaled"),
    Configuration("SA-LTC", "linear", "midpoint"),
    Configuration("SA-LTC", "synaptic", "midpoint"),
    Configuration("LSTM", "linear", "midpoint"),
)
RESULTS = Path("results/walker_kinematics.json")


def error(model: nn.Module, windows: Sequences) -> float:
    """Mean squared error of the next observation, over all windows and time steps."""
    with torch.no_grad():
        return float((model(windows.inputs)[0] - windows.targets).square().mean())


def train(
    model: nn.Module, task: TaskData, epochs: int, learning_rate: float, seed: int
) -> list[float]:
    """Train by Adam and return the validation error after each epoch."""
    optimiser = torch.optim.Adam(model.parameters(), lr=learning_rate)
    order = torch.Generator().manual_seed(seed)
    curve = []
    for _ in range(epochs):
        for batch in task.train.batches(BATCH_SIZE, order):
            optimiser.zero_grad()
            outputs: Tensor = model(batch.inputs)[0]
            (outputs - batch.targets).square().mean().backward()  # type: ignore[no-untyped-call]
            optimiser.step()
        curve.append(error(model, task.validation))
    return curve


def run(task: TaskData, configuration: Configuration, rate: float, seed: int) -> dict[str, Any]:
    """Train one model from one seed; the row that is kept."""
    model = build(
        configuration.model,
        task.input_size,
        HIDDEN_SIZE,
        task.output_size,
        input_map=configuration.input_map,  # type: ignore[arg-type]
        init=configuration.init,  # type: ignore[arg-type]
        seed=seed,
    )
    curve = train(model, task, EPOCHS, rate, seed)
    return {
        **configuration._asdict(),
        "learning_rate": rate,
        "seed": seed,
        "validation": round(curve[-1], 5),
        "test": round(error(model, task.test), 5),
    }


def chosen(rows: Iterable[dict[str, Any]]) -> dict[Configuration, list[dict[str, Any]]]:
    """The rule: per configuration, the rate with the smallest median validation error."""
    groups: dict[Configuration, dict[float, list[dict[str, Any]]]] = {}
    for row in rows:
        key = Configuration(row["model"], row["input_map"], row["init"])
        groups.setdefault(key, {}).setdefault(row["learning_rate"], []).append(row)
    return {
        key: min(rates.values(), key=lambda r: statistics.median(row["validation"] for row in r))
        for key, rates in groups.items()
    }


def main() -> None:
    """Run what is missing in the results file, and save after every run."""
    torch.set_num_threads(1)
    task = data.load("walker2d", rollouts=ROLLOUTS)
    record = provenance(
        "python -m ltcbook.experiments.walker_kinematics",
        data_fingerprint=task.provenance["fingerprint"],
        rollouts=ROLLOUTS,
        hidden_size=HIDDEN_SIZE,
        epochs=EPOCHS,
        batch_size=BATCH_SIZE,
        persistence=round(float((task.test.inputs - task.test.targets).square().mean()), 5),
    )
    rows = json.loads(RESULTS.read_text())["rows"] if RESULTS.exists() else []
    done = {
        tuple(row[k] for k in (*Configuration._fields, "learning_rate", "seed")) for row in rows
    }
    for configuration, rate, seed in tqdm(
        list(itertools.product(CONFIGURATIONS, LEARNING_RATES, SEEDS))
    ):
        if (*configuration, rate, seed) in done:
            continue
        rows.append(run(task, configuration, rate, seed))
        RESULTS.parent.mkdir(exist_ok=True)
        partial = RESULTS.with_suffix(".partial")
        partial.write_text(json.dumps({"provenance": record, "rows": rows}, indent=1) + "\n")
        partial.replace(RESULTS)


if __name__ == "__main__":
    main()

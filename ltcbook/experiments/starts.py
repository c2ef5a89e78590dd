"""Where explicit Euler fails before any training: which start diverges from how many neurons on.

Explicit Euler is stable only while dt·(w_l + Σ wσ)/C stays below 2. The sum grows with the number
of neurons, so a start that is fit for 8 of them may explode with 64; how fast it grows depends on
how open the synapses are at rest, which is what the readings of Table 2 differ in.

Chapter: ``membrane_equation``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import torch

from ltcbook.nn.initialisation import Start as InitName
from ltcbook.nn.sequence import RecurrentNetwork
from ltcbook.nn.stability import diagnose
from ltcbook.nn.zoo import build

READINGS: dict[str, tuple[str, InitName]] = {
    "σ(ax + b), B.13 as printed": ("ctrnn_sigm+s_synaptic", "as-printed"),
    "σ(a(x + b)), mode v as printed": ("ctrnn_vsigm+s_synaptic", "as-printed"),
    "σ(a(x − b)), midpoint": ("ctrnn_vsigm+s_synaptic", "midpoint"),
}
"""Three readings of B's Table 2: a type descriptor, and where its parameters start."""
INPUTS, STEPS, BATCH = 17, 20, 8


class Start(NamedTuple):
    """What untrained networks of one kind do on inputs drawn from a normal distribution.

    Attributes:
        reading: of Table 2.
        hidden_size, solver: of the network.
        draws: how many were looked at.
        diverged: how many left the finite numbers, or a potential of 100, within the sequence.
        stability: the largest dt·(w_l + Σ wσ)/C over all draws, up to where a state was lost.
    """

    reading: str
    hidden_size: int
    solver: str
    draws: int
    diverged: int
    stability: float


def look(
    reading: str, hidden_size: int, solver: str = "euler", seeds: Iterable[int] = range(5)
) -> Start:
    """Draw networks and run each untrained on 8 sequences of 20 steps with 17 inputs.

    Args:
        reading: one of ``READINGS``.
        hidden_size, solver: of the networks; ten unfolds.
        seeds: one draw each, of the parameters and of the inputs.

    Raises:
        ValueError: for an unknown reading.
    """
    if reading not in READINGS:
        raise ValueError(f"reading must be one of {', '.join(READINGS)}, got {reading!r}")
    model, init = READINGS[reading]
    draws, diverged, largest = 0, 0, 0.0
    for seed in seeds:
        network: RecurrentNetwork = build(
            model,
            INPUTS,
            hidden_size,
            1,
            solver=solver,
            unfolds=10,
            init=init,
            seed=seed,
        )
        random = torch.Generator().manual_seed(seed)
        u = torch.randn(BATCH, STEPS, INPUTS, generator=random)
        found = diagnose(network.cell, u)
        with torch.no_grad():
            states, _ = network.cell.run(u, network.cell.initial_state(BATCH), backend="eager")
        draws += 1
        diverged += not bool((states.abs() < 100).all())
        largest = max(largest, found.stability or 0.0)
    return Start(reading, hidden_size, solver, draws, diverged, largest)


def table(
    sizes: Iterable[int] = (8, 16, 32, 64),
    solvers: Iterable[str] = ("euler", "semi-implicit-euler"),
    seeds: Iterable[int] = range(5),
) -> list[Start]:
    """All readings at all sizes by all solvers."""
    sizes, solvers, seeds = tuple(sizes), tuple(solvers), tuple(seeds)
    return [
        look(reading, n, solver, seeds) for solver in solvers for reading in READINGS for n in sizes
    ]

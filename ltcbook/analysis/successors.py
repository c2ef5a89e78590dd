"""Two cells that came after: closed form, and liquid capacitance; and a sparse wiring.

They keep the protocol of the papers' cells, so that the same time loop and readout run them.
Chapter: ``what_came_after``.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from ltcbook.cells import ContinuousTimeCell, RecurrentCell, Sensed, Step
from ltcbook.data.sequences import Sequences
from ltcbook.exercises import Sealed
from ltcbook.initialisation import Initialiser, dense_layer
from ltcbook.sequence import RecurrentNetwork
from ltcbook.zoo import build


class ClosedFormCell(RecurrentCell):
    """Closed-form continuous-time cell (CfC): no differential equation is solved.

    From z = (u, x) it computes two targets g and h and a rate f, and, after a time span t,
    σ(−f t)·g + (1 − σ(−f t))·h, with one more offset in the gate.

    Source: Hasani et al. 2022, the gated form, without a backbone of hidden layers.
    """

    def __init__(self, input_size: int, hidden_size: int, draw: Initialiser) -> None:
        super().__init__(input_size, hidden_size)
        width = input_size + hidden_size
        self.g, self.h, self.rate, self.offset = (
            dense_layer(width, hidden_size, draw) for _ in range(4)
        )

    def sense(self, u: Tensor) -> Sensed:
        return (u,)

    def bind(self) -> Step:
        def step(state: Tensor, sensed: Sensed, span: Tensor | float) -> Tensor:
            z = torch.cat([sensed[0], state], dim=-1)
            gate = torch.sigmoid(-self.rate(z) * span + self.offset(z))
            return gate * torch.tanh(self.g(z)) + (1 - gate) * torch.tanh(self.h(z))

        return step


class LiquidCapacitanceCell(ContinuousTimeCell):
    """A saturated SA-LTC with a liquid capacitance, advanced by one explicit Euler step.

    ẋ = ε(x, u)·(−σ(q)·x + tanh(p)), where p − q·x is the SA-LTC's linear form and the elastance
    ε, the inverse of a capacitance, is a sigmoid of state and input. σ(q) < 1 and ε < 1, so a
    step of length one never overshoots.

    Source: after Farsang, Neubauer and Grosu 2024; elastance as in Farsang et al. 2025.
    """

    def add_elastance(self, draw: Initialiser) -> LiquidCapacitanceCell:
        """Give the cell its elastance, n(n + m + 1) parameters; returns the cell."""
        self.elastance = dense_layer(self.input_size + self.hidden_size, self.hidden_size, draw)
        return self

    def sense(self, u: Tensor) -> Sensed:
        return (*super().sense(u), u)

    def bind(self) -> Step:
        weights, w_l, rest = self.recurrent.weights(), self.w_l, self.rest

        def step(state: Tensor, sensed: Sensed, span: Tensor | float) -> Tensor:
            drive, decay = self.linear_form(state, sensed[:2], weights, w_l, rest)
            elastance = torch.sigmoid(self.elastance(torch.cat([sensed[2], state], dim=-1)))
            return state + elastance * span * (torch.tanh(drive) - torch.sigmoid(decay) * state)

        return step


def successor(name: str, m: int, n: int, o: int, seed: int) -> RecurrentNetwork:
    """A network with one of the two cells: ``"CfC"`` or ``"LRC"``.

    Raises:
        ValueError: for another name.
    """
    draw = Initialiser(seed=seed)
    if name == "CfC":
        cell: RecurrentCell = ClosedFormCell(m, n, draw)
    elif name == "LRC":
        like = build("SA-LTC", m, n, o, input_map="synaptic", seed=seed).cell
        assert isinstance(like, ContinuousTimeCell)
        cell = LiquidCapacitanceCell(like.descriptor, m, n, draw).add_elastance(draw)
    else:
        raise ValueError(f"name must be 'CfC' or 'LRC', got {name!r}")
    network = RecurrentNetwork(cell, o, draw)
    network.backend = "eager"
    return network


def train(network: nn.Module, sequences: Sequences, epochs: int, rate: float = 1e-2) -> None:
    """Adam on windows, batches of 64, shuffled the same way for every network."""
    optimiser = torch.optim.Adam(network.parameters(), rate)
    order = torch.Generator().manual_seed(0)
    for _ in range(epochs):
        for batch in sequences.batches(64, order):
            optimiser.zero_grad()
            loss = nn.functional.mse_loss(network(batch.inputs)[0], batch.targets)
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()


def circuit_policy(
    m: int, inter: int, command: int, motor: int, seed: int, fan_out: int = 2
) -> Tensor:
    """Which synapses of a neural circuit policy exist, (n, n + m), as [post, (neurons, inputs)].

    Neurons are ordered inter, command, motor. Inputs reach inter neurons, these reach command
    neurons, these each other and motor neurons; every source has ``fan_out`` targets in the next
    layer, and nobody is left without a source.

    Source: Lechner et al. 2020, in its outline.
    """
    rng = torch.Generator().manual_seed(seed)
    n = inter + command + motor
    exists = torch.zeros(n, n + m, dtype=torch.bool)
    first, second, third = range(inter), range(inter, inter + command), range(inter + command, n)

    def connect(sources: range, targets: range) -> None:
        for source in sources:
            chosen = torch.randperm(len(targets), generator=rng)[:fan_out] + targets[0]
            exists[chosen, source] = True
        for target in targets:
            if not exists[target, list(sources)].any():
                lucky = int(torch.randint(len(sources), (), generator=rng))
                exists[target, sources[lucky]] = True

    connect(range(n, n + m), first)
    connect(first, second)
    connect(second, second)
    connect(second, third)
    return exists


def sealed_gate(seed: int) -> tuple[Callable[[float], float], Sealed]:
    """One closed-form neuron with unknown rate and targets.

    Returns:
        ``respond(t)``, its state after a time span t ≥ 0, and the sealed ``rate``, ``g`` and ``h``.
    """
    rng = np.random.default_rng(seed)
    rate, g, h = rng.uniform(0.5, 2.0), rng.uniform(0.3, 0.9), -rng.uniform(0.3, 0.9)

    def respond(t: float) -> float:
        gate = 1 / (1 + np.exp(rate * t))
        return float(gate * g + (1 - gate) * h)

    return respond, Sealed(rate=rate, g=g, h=h)

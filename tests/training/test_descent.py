"""Replicas in training at once: each gets the steps that torch's Adam gives it alone."""

from typing import Any

import pytest
import torch
from torch.nn.functional import mse_loss

from ltcbook.nn.constraints import Constrained
from ltcbook.nn.feedforward import FeedForwardNetwork
from ltcbook.nn.zoo import build
from ltcbook.training.descent import EVERY, PATIENCE, Replicas, descend


def through(network: Any, u: torch.Tensor) -> torch.Tensor:
    """The outputs without the check of the inputs, which looks at numbers."""
    outputs: torch.Tensor = network.readout(network.trunk(network.input_layer(u)))
    return outputs


POINTS = torch.linspace(-1, 1, 12, dtype=torch.float64)[:, None]


def network(seed: int) -> FeedForwardNetwork:
    model = build("SA-DNN", 1, 3, 1, depth=1, seed=seed, dtype=torch.float64)
    return model


def off(network) -> torch.Tensor:  # type: ignore[no-untyped-def]
    return mse_loss(network(POINTS), POINTS.square())


@pytest.mark.parametrize("rate", [0.01, 0.1])
def test_each_replica_is_what_it_is_alone_under_torchs_adam(rate: float) -> None:
    replicas = Replicas([network(0), network(1)], through)
    descend(replicas, [rate, 0.003], off, off, most=30)
    alone = network(0)
    adam = torch.optim.Adam(alone.parameters(), lr=rate)
    for _ in range(31):
        adam.zero_grad()
        off(alone).backward()  # type: ignore[no-untyped-call]
        adam.step()
    for name, p in alone.named_parameters():
        torch.testing.assert_close(replicas.parameters[name][0], p, rtol=1e-9, atol=1e-12)


def test_the_best_moment_is_kept_and_a_stalled_run_ends() -> None:
    replicas = Replicas([network(0), network(1)], through)
    found = descend(replicas, [30.0, 0.01], off, off, most=10_000, enough=1e-3)
    scores = replicas.measure(off, found.parameters)
    torch.testing.assert_close(scores, found.best.to(scores), rtol=1e-6, atol=0.0)
    history = torch.stack(found.history, 1)
    assert found.best[1] <= 1e-3 < found.best[0]
    assert history.shape[1] * EVERY < 10_000
    assert found.reached[0] + PATIENCE * EVERY < history.shape[1] * EVERY


def test_batches_are_each_replicas_own_and_bounds_hold() -> None:
    """Conductances that would have to become negative stay at zero; each learns its own numbers."""

    class Line(Constrained):
        def __init__(self) -> None:
            super().__init__()
            self.slope = torch.nn.Parameter(torch.ones(()))
            self.constrain("slope")
            self.shift = torch.nn.Parameter(torch.zeros(()), requires_grad=False)

        def forward(self, u: torch.Tensor) -> torch.Tensor:
            return self.value("slope") * u + self.shift

    u = torch.linspace(-1, 1, 8)
    given = (torch.stack([u, u]), torch.stack([0.5 * u, -0.5 * u]))

    def loss(network, u, y):  # type: ignore[no-untyped-def]
        return mse_loss(network(u), y)

    replicas = Replicas([Line(), Line()])
    same = torch.ones(())
    found = descend(replicas, [0.05, 0.05], loss, lambda _: same, most=300, batches=lambda: given)
    assert found.reached.tolist() == [0, 0]
    torch.testing.assert_close(replicas.parameters["slope"], torch.tensor([0.5, 0.0]))
    one, other = replicas.networks(replicas.parameters)
    assert one(u)[0].item() == pytest.approx(-0.5) and other(u).abs().max() == 0.0

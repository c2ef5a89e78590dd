"""Networks without memory: DNN, ResNet (neural or synaptic activation) and NeuralODE.

All three have the same shape, dense layer -> trunk of n sums of sigmoids -> dense layer, so that
one step from each to the next changes one thing: the ResNet adds the identity, the NeuralODE uses
the same weights at every depth and lets the step shrink.

Chapters: ``artificial_neurons``, ``residual_networks``, ``neural_odes``.
"""

from __future__ import annotations

from torch import Tensor, nn

from ltcbook.checks import finite, positive_int, positive_number, same_kind, shape_of
from ltcbook.nn.descriptor import TypeDescriptor
from ltcbook.nn.initialisation import Initialiser, dense_layer
from ltcbook.nn.synapses import Synapses, currents
from ltcbook.ode.linear_form import LinearForm
from ltcbook.ode.solvers import get_solver

NEURAL_LAYER = TypeDescriptor(w_mode="r")
"""Σ_j w_ji σ(x_j + b_j): one activation per neuron (B.2)."""

SYNAPTIC_LAYER = TypeDescriptor(w_mode="v", rec_type="s")
"""Σ_j w_ji σ(a_ji (x_j + b_ji)): one activation per synapse (B Fig. 2)."""


class FeedForwardNetwork(nn.Module):
    """What the three share: dense input and output layers around a trunk of n neurons.

    Args:
        input_size, hidden_size, output_size: m, n, o.
        draw: where the parameters start.

    Raises:
        ValueError: for sizes below one.

    >>> import torch, ltcbook
    >>> model = ltcbook.build("SA-DNN", 2, 8, 1, seed=0)
    >>> isinstance(model, FeedForwardNetwork), model(torch.zeros(5, 2)).shape
    (True, torch.Size([5, 1]))
    """

    def __init__(
        self, input_size: int, hidden_size: int, output_size: int, draw: Initialiser
    ) -> None:
        super().__init__()
        self.input_size = positive_int("input_size", input_size)
        self.hidden_size = positive_int("hidden_size", hidden_size)
        self.output_size = positive_int("output_size", output_size)
        self.input_layer = dense_layer(input_size, hidden_size, draw)
        self.readout = dense_layer(hidden_size, output_size, draw)

    def forward(self, u: Tensor) -> Tensor:
        """Map u (..., input) to y (..., output).

        Raises:
            ValueError: for a wrong shape, dtype or device, an empty tensor, or input that is not
                finite.
        """
        if not isinstance(u, Tensor) or u.ndim == 0 or u.shape[-1] != self.input_size:
            raise ValueError(
                f"u must have shape (..., input) with input = {self.input_size}, got {shape_of(u)}"
            )
        finite("u", same_kind("u", u, self.readout.weight))
        outputs: Tensor = self.readout(self.trunk(self.input_layer(u)))
        return outputs

    def trunk(self, x: Tensor) -> Tensor:
        """From the first hidden state (..., n) to the last."""
        raise TypeError(f"{type(self).__name__} has no trunk of its own; build a DNN or a ResNet")


class LayeredNetwork(FeedForwardNetwork):
    """DNN and ResNet, with activation at the neurons or at the synapses.

    The state x is the sum, the sigmoids sit between sums: x ← Σ_j w_ji σ(x_j + b_j), and with
    ``residual`` x ← x + Σ_j w_ji σ(x_j + b_j). In terms of y = σ(x + b) the first is B.1.

    Args:
        depth: number of layers of synapses between hidden states.
        residual: add the identity.
        synaptic: an activation, with slope and shift, for each synapse.

    >>> draw = Initialiser(seed=0)
    >>> model = LayeredNetwork(2, 8, 1, draw, depth=3, residual=True, synaptic=False)
    >>> len(model.layers), sum(p.numel() for p in model.parameters())
    (3, 249)

    Source: B.1, B.2, B.3, B Fig. 2; A.1, A.2, A.3.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        output_size: int,
        draw: Initialiser,
        *,
        depth: int = 4,
        residual: bool,
        synaptic: bool,
    ) -> None:
        super().__init__(input_size, hidden_size, output_size, draw)
        self.residual = residual
        layer = SYNAPTIC_LAYER if synaptic else NEURAL_LAYER
        n = hidden_size
        self.layers = nn.ModuleList(
            Synapses(layer, n, n, draw) for _ in range(positive_int("depth", depth))
        )

    @property
    def synapses(self) -> list[Synapses]:
        """The layers between input layer and readout, first to last."""
        return [layer for layer in self.layers if isinstance(layer, Synapses)]

    def trunk(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            y = layer(x).drive
            x = x + y if self.residual else y
        return x


class NeuralODE(FeedForwardNetwork):
    """ẋ = Wσ(x + b), run over a time span: a ResNet whose layers share their weights.

    With explicit Euler, ``unfolds`` steps and ``span = unfolds`` it is a ResNet of that depth.

    Args:
        solver, unfolds: how the span is integrated.
        span: T = t_N − t_0.

    >>> import torch
    >>> flow = NeuralODE(2, 8, 1, Initialiser(seed=0), unfolds=40)
    >>> coarse = NeuralODE(2, 8, 1, Initialiser(seed=0), unfolds=20)
    >>> bool(torch.allclose(flow(torch.zeros(2)), coarse(torch.zeros(2)), rtol=0.1))
    True

    Source: B.5; A.5. Chapter: ``neural_odes``.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        output_size: int,
        draw: Initialiser,
        *,
        solver: str = "euler",
        unfolds: int = 10,
        span: float = 1.0,
    ) -> None:
        super().__init__(input_size, hidden_size, output_size, draw)
        self.synapses = Synapses(NEURAL_LAYER, hidden_size, hidden_size, draw)
        self.solver = get_solver(solver)
        self.unfolds = positive_int("unfolds", unfolds)
        self.span = positive_number("span", span)

    def trunk(self, x: Tensor) -> Tensor:
        weights = self.synapses.weights()

        def dynamics(x: Tensor) -> LinearForm:
            return currents(NEURAL_LAYER, weights, x)

        return self.solver.integrate(dynamics, x, self.span, self.unfolds)

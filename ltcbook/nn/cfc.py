"""Closed-form continuous-time cells (CfC): no differential equation is solved.

Chapter: ``what_came_after``.
"""

from __future__ import annotations

from typing import Literal, get_args

import torch
from torch import Tensor, nn
from torch.nn import functional

from ltcbook.checks import positive_int, tensor_of_shape, unknown_name
from ltcbook.nn.cell import RecurrentCell, Sensed, Step
from ltcbook.nn.initialisation import Initialiser, dense_layer
from ltcbook.nn.wirings import Connections

Mode = Literal["default", "pure", "no_gate"]


class LeCunTanh(nn.Module):
    """1.7159 tanh(0.666 z), scaled so that unit variance stays unit variance.

    >>> LeCunTanh()(torch.tensor([0.0, 1.0, 10.0]))
    tensor([0.0000, 0.9992, 1.7159])
    """

    def forward(self, z: Tensor) -> Tensor:
        """Elementwise."""
        return 1.7159 * torch.tanh(0.666 * z)


ACTIVATIONS: dict[str, type[nn.Module]] = {
    "lecun_tanh": LeCunTanh,
    "tanh": nn.Tanh,
    "relu": nn.ReLU,
    "silu": nn.SiLU,
    "gelu": nn.GELU,
}
"""Of the backbone."""


class CfCCell(RecurrentCell):
    """A gate in time between two targets, all of them functions of input and state.

    With z = (u, x), or what a backbone of hidden layers makes of it, and a time span t:

    - ``"default"``: x ← σ(t_a t + t_b) g + (1 − σ(t_a t + t_b)) h, with g and h through tanh;
    - ``"no_gate"``: x ← σ(t_a t + t_b) g + h;
    - ``"pure"``: ``x ← A − A h e^(−t(|w_τ| + |h|))``, h linear, the solution for constant input.

    Args:
        input_size: m.
        hidden_size: n.
        draw: where the parameters start.
        mode: which of the three.
        activation: of the backbone: ``"lecun_tanh"``, ``"tanh"``, ``"relu"``, ``"silu"`` or
            ``"gelu"``.
        backbone_units, backbone_layers: its size; without layers z = (u, x).
        backbone_dropout: probability that a unit of the backbone is silent in training.
        mask: (n, m + n), the entries of z that g and h see; only without a backbone.

    Parameters: linear layers ``h`` and, but for ``"pure"``, ``g``, ``t_a``, ``t_b``; for
    ``"pure"`` ``w_tau`` and ``A``, (n,).

    Raises:
        ValueError: for an unknown mode or activation, a size below one, a probability that is
            not in [0, 1), or a mask with a backbone.

    >>> cell = CfCCell(1, 2, Initialiser(seed=0), mode="pure", backbone_layers=0)
    >>> u, x = torch.ones(1, 1, 1), torch.zeros(1, 2)
    >>> _, late = cell.run(u, x, torch.full((1, 1), 1000.0))
    >>> late.detach()  # what "pure" tends to is A
    tensor([[1., 1.]])

    Source: Hasani et al. 2022, as ``ncps`` implements it; dropout follows every layer here, and
    none but the first there. Chapter: ``what_came_after``.
    """

    mask: Tensor | None
    backbone: nn.Module
    g: nn.Linear
    h: nn.Linear
    t_a: nn.Linear
    t_b: nn.Linear

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        draw: Initialiser,
        *,
        mode: Mode = "default",
        activation: str = "lecun_tanh",
        backbone_units: int = 128,
        backbone_layers: int = 1,
        backbone_dropout: float = 0.0,
        mask: Tensor | None = None,
    ) -> None:
        super().__init__(input_size, hidden_size)
        if mode not in get_args(Mode):
            unknown_name("mode", mode, get_args(Mode))
        self.mode: Mode = mode
        self.backbone, width = _backbone(
            *(input_size + hidden_size, activation, backbone_units, backbone_layers),
            *(backbone_dropout, draw),
        )
        names = ("h",) if mode == "pure" else ("g", "h", "t_a", "t_b")
        for name in names:
            self.add_module(name, dense_layer(width, hidden_size, draw))
        if mode == "pure":
            self.w_tau = nn.Parameter(draw.constant(0.0, (hidden_size,)))
            self.A = nn.Parameter(draw.constant(1.0, (hidden_size,)))
        self._add_mask(mask, backbone_layers)

    def _add_mask(self, mask: Tensor | None, backbone_layers: int) -> None:
        if mask is not None:
            if backbone_layers:
                raise ValueError("mask must be None for a cell with a backbone")
            shape = (self.hidden_size, self.input_size + self.hidden_size)
            mask = tensor_of_shape("mask", mask, shape, "(n, m + n)").to(self.h.weight)
            for layer in self.masked_layers:
                layer.weight.data.mul_(mask)
        self.register_buffer("mask", mask)

    @property
    def missing(self) -> int:
        """Weights of g and h that the mask leaves out."""
        if self.mask is None:
            return 0
        return int((self.mask == 0).sum()) * len(self.masked_layers)

    @property
    def masked_layers(self) -> tuple[nn.Linear, ...]:
        """The layers that see of z only what the mask lets through."""
        return (self.h,) if self.mode == "pure" else (self.g, self.h)

    def sense(self, u: Tensor) -> Sensed:
        return (u,)

    def bind(self) -> Step:
        def step(state: Tensor, sensed: Sensed, t: Tensor | float) -> Tensor:
            z = self.backbone(torch.cat([sensed[0], state], dim=-1))
            h = self._masked(self.h, z)
            if self.mode == "pure":
                new = self.A - self.A * h * torch.exp(-t * (self.w_tau.abs() + h.abs()))
                return new.to(state.dtype)
            gate = torch.sigmoid(self.t_a(z) * t + self.t_b(z))
            g, h = torch.tanh(self._masked(self.g, z)), torch.tanh(h)
            new = gate * g + (h if self.mode == "no_gate" else (1 - gate) * h)
            return new.to(state.dtype)  # as it came, also under autocast

        return step

    def _masked(self, layer: nn.Linear, z: Tensor) -> Tensor:
        if self.mask is None:
            outputs: Tensor = layer(z)
            return outputs
        return functional.linear(z, layer.weight * self.mask, layer.bias)


def _backbone(
    in_size: int, activation: str, units: int, layers: int, dropout: float, draw: Initialiser
) -> tuple[nn.Module, int]:
    """Hidden layers before the cell, and how wide what comes out of them is."""
    if activation not in ACTIVATIONS:
        unknown_name("activation", activation, ACTIVATIONS)
    if not 0 <= dropout < 1:
        raise ValueError(f"backbone_dropout must be at least 0 and below 1, got {dropout!r}")
    if isinstance(layers, bool) or not isinstance(layers, int) or layers < 0:
        raise ValueError(f"backbone_layers must be an integer of at least 0, got {layers!r}")
    parts: list[nn.Module] = []
    for _ in range(layers):
        out_size = positive_int("backbone_units", units)
        parts += [dense_layer(in_size, out_size, draw), ACTIVATIONS[activation]()]
        if dropout > 0:
            parts.append(nn.Dropout(dropout))
        in_size = out_size
    return nn.Sequential(*parts), in_size


class WiredCfCCell(RecurrentCell):
    """One CfC cell for each layer of a wiring, each fed by the new state of the one before.

    g and h see only the presynaptic neurons that the wiring gives them, and all neurons of their
    own layer; t_a and t_b see the whole layer before. The state holds the layers in the order in
    which the signal passes them, so the motor neurons come last.

    Args:
        connections: a wiring's synapses.
        draw: where the parameters start.
        mode: as of :class:`CfCCell`.

    Raises:
        ValueError: if the wiring has no motor neurons.

    >>> from ltcbook.nn.wirings import AutoNCP
    >>> cell = WiredCfCCell(AutoNCP(8, 2).connect(3, 8), Initialiser(seed=0))
    >>> [layer.hidden_size for layer in cell.layers], cell.motor
    ([4, 2, 2], range(6, 8))

    Source: ``WiredCfCCell`` of ``ncps``. Chapter: ``what_came_after``.
    """

    def __init__(
        self, connections: Connections, draw: Initialiser, *, mode: Mode = "default"
    ) -> None:
        hidden_size, input_size = connections.sensory.shape
        super().__init__(input_size, hidden_size)
        if connections.motor is None:
            raise ValueError("wiring must have layers for a CfC, as NCP and AutoNCP do")
        self.layers = nn.ModuleList()
        before, seen = range(input_size), connections.sensory_mask
        for neurons in connections.layers.values():
            reaches = seen[list(neurons)][:, list(before)]
            own = reaches.new_ones(len(neurons), len(neurons))
            mask = torch.cat([reaches, own], dim=1)
            self.layers.append(
                CfCCell(len(before), len(neurons), draw, mode=mode, backbone_layers=0, mask=mask)
            )
            before, seen = neurons, connections.recurrent_mask
        self.sizes = [len(neurons) for neurons in connections.layers.values()]
        self.motor = range(hidden_size - self.sizes[-1], hidden_size)

    def sense(self, u: Tensor) -> Sensed:
        return (u,)

    def bind(self) -> Step:
        steps: list[Step] = [layer.bind() for layer in self.layers]  # type: ignore[operator]

        def step(state: Tensor, sensed: Sensed, span: Tensor | float) -> Tensor:
            signal, new = sensed[0], []
            for advance, own in zip(steps, torch.split(state, self.sizes, dim=-1), strict=True):
                signal = advance(own, (signal,), span)
                new.append(signal)
            return torch.cat(new, dim=-1)

        return step

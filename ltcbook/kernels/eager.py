"""The canonical form in plain PyTorch: any solver, any device, derivatives of any order.

Chapter: ``making_it_fast``.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from ltcbook.kernels.recurrence import (
    Inputs,
    Kind,
    LayerWeights,
    Settings,
    Tensors,
    Trajectory,
    Weights,
    pack,
    unpack,
)
from ltcbook.ode.linear_form import LinearForm
from ltcbook.ode.solvers import SOLVERS


def layer_currents(
    kind: Kind, weights: LayerWeights, x: Tensor, inside: Tensor | None = None
) -> tuple[Tensor, Tensor | None]:
    """Drive and decay (R, ..., post) of a layer of synapses at x (R, ..., pre).

    Args:
        kind, weights: of the layer.
        x: presynaptic potentials.
        inside: added inside the activations of the postsynaptic kind, (R, ..., post).
    """
    slope, offset, p, q = (None if part is None else _beside(part, x) for part in weights)
    assert slope is not None and offset is not None and p is not None
    if kind == "synaptic":
        s = torch.tanh(slope * x.unsqueeze(-2) + offset)  # (R, ..., post, pre)
        return (p * s).sum(-1), None if q is None else (q * s).sum(-1)
    if kind == "presynaptic":
        s = torch.tanh(slope.squeeze(-2) * x + offset.squeeze(-2))  # (R, ..., pre)
        return _product(weights.drive_weight, s), (
            None if weights.decay_weight is None else _product(weights.decay_weight, s)
        )
    z = _product(weights.slope, x) + offset.squeeze(-2)
    s = torch.tanh(z if inside is None else z + inside)  # (R, ..., post), or (R, ..., h)
    if kind == "hidden":
        return _product(weights.drive_weight, s), None
    return p.squeeze(-2) * s, None if q is None else q.squeeze(-2) * s


def _beside(part: Tensor, x: Tensor) -> Tensor:
    """(R, a, b) with as many axes of one between as x (R, ..., pre) has."""
    return part.reshape(part.shape[0], *[1] * (x.ndim - 2), *part.shape[1:])


def _product(weight: Tensor, x: Tensor) -> Tensor:
    """weight (R, out, in) times x (R, ..., in)."""
    return (x.flatten(1, -2) @ weight.mT).reshape(*x.shape[:-1], weight.shape[-2])


def integrate(settings: Settings, weights: Weights, inputs: Inputs) -> Tensor:
    """The states after every time step, (R, batch, time, n), by PyTorch's own operations."""
    drive, decay = (part[:, None, None] for part in (weights.drive, weights.decay))
    drive = drive if inputs.drive is None else drive + inputs.drive
    decay = decay if inputs.decay is None else decay + inputs.decay
    if weights.sensory is not None and inputs.u is not None:
        driven, decayed = layer_currents(settings.sensory_kind, weights.sensory, inputs.u)
        drive = drive + driven
        decay = decay if decayed is None else decay + decayed
    time, unfolds = inputs.dt.shape[2], settings.unfolds
    drive, decay = (part.expand(-1, -1, time, -1) for part in (drive, decay))
    solver, x, states = SOLVERS[settings.solver], inputs.state, []
    for t in range(time):
        inside = None if inputs.inside is None else inputs.inside[:, :, t]
        given = drive[:, :, t], decay[:, :, t]

        def dynamics(
            x: Tensor, given: tuple[Tensor, Tensor] = given, inside: Tensor | None = inside
        ) -> LinearForm:
            driven, decayed = layer_currents(settings.kind, weights.recurrent, x, inside)
            return LinearForm(
                given[0] + driven, given[1] if decayed is None else given[1] + decayed
            )

        dt = inputs.dt[:, :, t].unsqueeze(-1)  # (R, batch, 1)
        start = x if inputs.held is None else overwritten(x, inputs.held[:, :, t])
        new = solver.integrate(dynamics, start, dt * unfolds, unfolds)
        x = torch.where(dt == 0, x, new)
        states.append(x)
    return torch.stack(states, dim=2)


def overwritten(x: Tensor, held: Tensor) -> Tensor:
    """The state x (..., n) whose first entries are those of ``held`` (..., m)."""
    return torch.cat([held, x[..., held.shape[-1] :]], dim=-1)


class EagerBackend:
    """The same behind the protocol of the kernels: its backward pass runs the forward pass again.

    Networks with ``backend="eager"`` call :func:`integrate` itself, which autograd differentiates.
    """

    def obstacle(self, solver: str, like: Tensor) -> str | None:
        return None

    def trajectory_shapes(
        self, settings: Settings, gated: bool, sizes: tuple[int, int, int, int]
    ) -> tuple[tuple[int, ...], tuple[int, ...]]:
        return (0,), (0,)

    def forward(
        self, settings: Settings, weights: Weights, inputs: Inputs
    ) -> tuple[Tensor, Trajectory]:
        states = integrate(settings, weights, inputs)
        return states, Trajectory(states.new_empty(0), states.new_empty(0))

    def backward(
        self,
        settings: Settings,
        weights: Weights,
        inputs: Inputs,
        trajectory: Trajectory,
        states_bar: Tensor,
        spans: bool,
    ) -> tuple[Weights, Inputs]:
        back = pull_back(settings, pack(weights, inputs), states_bar)
        return unpack(back)


def pull_back(settings: Settings, tensors: Tensors, states_bar: Tensor) -> Tensors:
    """Gradients of all tensors of a scan, by autograd; differentiable again."""
    places = [place for place, part in enumerate(tensors) if part is not None]

    def run(*given: Tensor) -> Tensor:
        full: list[Tensor | None] = [None] * len(tensors)
        for place, part in zip(places, given, strict=True):
            full[place] = part
        return integrate(settings, *unpack(tuple(full)))

    pulled: Any = torch.func.vjp(run, *(tensors[place] for place in places))
    gradients: list[Tensor | None] = [None] * len(tensors)
    for place, gradient in zip(places, pulled[1](states_bar), strict=True):
        gradients[place] = gradient
    return tuple(gradients)
